"""What an answer says plainly and a source, in about the same words, denies."""

from __future__ import annotations

import pytest

from support.guard.denials import denied_by
from support.guard.reading import read

_CARD = "Jade & Tea · Points\nPoints cannot be cashed in, given away or moved to another account."
_MAT = "瑜伽垫说明 · 使用\n表面不防滑汗。不可机洗，不可暴晒。"


def _denied(answer: str, source: str) -> list[str]:
    return [text for text, _ in denied_by(read(answer), [read(source)])]


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("Points can be cashed in.", _CARD),
        ("这款瑜伽垫可以机洗。", _MAT),
        ("The oil is certified organic.", "Olive oil · Facts\nThe oil is not certified organic."),
    ],
)
def test_a_denial_that_was_lost_is_found_without_any_word_for_a_ruling(answer: str, source: str) -> None:
    assert _denied(answer, source)


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("Points cannot be cashed in.", _CARD),
        ("If points can be cashed in, we will tell you.", _CARD),
        ("Points can be cashed in?", _CARD),
        ("You can write a warranty card.", "Warranty · Proof\nYou don't need to write a warranty card."),
        ("Orders can be changed.", "Orders · Changes\nOnly unpaid orders can be changed, others cannot."),
    ],
)
def test_what_is_denied_alike_supposed_asked_or_merely_unnecessary_stands(answer: str, source: str) -> None:
    assert not _denied(answer, source)


def test_a_source_that_says_as_much_plainly_outweighs_the_one_that_denies() -> None:
    both = "Wash · Wool\nThe coat can be washed by hand.\nThe coat cannot be washed at 60 degrees."
    assert not _denied("The coat can be washed by hand.", both)


def test_the_source_that_denies_is_named() -> None:
    sources = [read("Parcels · Times\nWe ship on weekdays."), read(_CARD)]
    assert [number for _, number in denied_by(read("Points can be cashed in."), sources)] == [1]
