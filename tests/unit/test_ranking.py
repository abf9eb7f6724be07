"""Passages in the order of their relevance, and what that may not change."""

from __future__ import annotations

from support.knowledge import Passage, is_answer
from support.knowledge.ranking import reordered


def passages(*scores: float) -> list[Passage]:
    return [
        Passage(f"p{number}", f"a{number}", "", "", "", "zh", "", score)
        for number, score in enumerate(scores)
    ]


def ids(found: list[Passage]) -> list[str]:
    return [passage.id for passage in found]


def test_relevance_orders_what_is_certain() -> None:
    assert ids(reordered(passages(0.9, 0.8, 0.7), [0.1, 0.3, 0.2])) == ["p1", "p2", "p0"]


def test_equal_relevance_leaves_the_order() -> None:
    assert ids(reordered(passages(0.9, 0.8, 0.7), [0.5, 0.5, 0.5])) == ["p0", "p1", "p2"]


def test_what_is_too_little_for_an_answer_stays_behind_what_is_enough() -> None:
    found = reordered(passages(0.9, 0.1, 0.8), [0.1, 0.9, 0.2])
    assert ids(found) == ["p2", "p0", "p1"]
    assert is_answer("?", found)


def test_where_the_first_was_no_answer_none_becomes_one() -> None:
    before = passages(0.2, 0.9, 0.1)
    after = reordered(before, [0.1, 0.9, 0.5])
    assert ids(after) == ["p2", "p0", "p1"]
    assert is_answer("?", after) is is_answer("?", before) is False
