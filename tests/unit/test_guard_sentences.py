"""One splitter of sentences for all who judge, trim or quote a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.guard.sentences import sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("可以退。7 天内都行！", ["可以退。", "7 天内都行！"]),
        ("It is ¥8.85 [1]. It ships today.", ["It is ¥8.85 [1]. ", "It ships today."]),
        ("Left at no. 14 on the 3rd. Bye.", ["Left at no. 14 on the 3rd. ", "Bye."]),
        ("1. 退货\n2. 换货", ["1. 退货\n", "2. 换货"]),
        ("他说“可以。”然后走了。", ["他说“可以。”", "然后走了。"]),
    ],
)
def test_a_sentence_ends_with_its_mark_and_what_belongs_to_it(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(alphabet="退货ab1.。！? \n[]”", max_size=60))
def test_together_they_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text
