"""Which language a message is in: `assistant/detection.py`."""

from __future__ import annotations

import pytest

from assistant.detection import language_of


@pytest.mark.parametrize(
    "text",
    [
        "我的快递到哪了",
        "tracking一直没update",
        "转real person",
        "SC-88213到了吗",
        "我要XL码的T恤",
        "查order 6203847501926",
    ],
)
def test_chinese_characters_that_carry_the_sentence_make_it_chinese(text: str) -> None:
    assert language_of(text) == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel",
        "do you have 旗袍 in stock",
        "what does 退款中 mean please",
        "hello",
        "refund SC-88213",
    ],
)
def test_latin_words_make_it_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    "text", ["", "4417", "XL", "ok", "OK!", "😀👍", "SC-88213", "#A1029", "?!", "https://a.example/x"]
)
def test_a_text_that_tells_nothing_follows_the_page(text: str) -> None:
    assert language_of(text) is None
    assert language_of(text, "en") == "en"
    assert language_of(text, "zh") == "zh"


@pytest.mark.parametrize("text", ["ni hao", "tuikuan dao le ma", "hi", "bye"])
def test_pinyin_and_borrowed_words_follow_the_page_and_else_are_english(text: str) -> None:
    assert language_of(text, "zh") == "zh"
    assert language_of(text) == "en"


def test_what_was_written_counts_more_than_the_page() -> None:
    assert language_of("where is my parcel", "zh") == "en"
    assert language_of("我的快递到哪了", "en") == "zh"
