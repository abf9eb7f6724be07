"""How a question is put: the point asked about, comparison or pairing, and references by place or number.

The expressions are in `questions.yml`; texts are folded (`query.fold`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml

Point = Literal["price", "stock", "sizes", "colours", "options", "haggle", "restock"]
Task = Literal["compare", "pairing", "size", ""]
Order = Literal["cheapest", "dearest", "cheaper", "dearer", ""]
Manner = Literal[
    "compare", "pairing", "size_advice", "refers", "more", "suggests", "asks", "wanted", "refused",
    "cheapest", "dearest", "cheaper", "dearer",
]  # fmt: skip

_FILE = Path(__file__).with_suffix(".yml")
_NUMERALS = {
    **{"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5},
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5},
    **{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5},
}
_COUNT = r"([一二两三四五]|[1-5]|two|three|four|five)"
_FRONT = re.compile(rf"前(?:面)?{_COUNT}[个件条双款]|\bfirst {_COUNT}\b")
_BACK = re.compile(rf"后(?:面)?{_COUNT}[个件条双款]|\blast {_COUNT}\b")
_PLACES = re.compile(
    rf"第\s*([一二两三四五]|[1-5])(?!\d)|\b(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)\b|"
    rf"\b(?:number|no\.?|option|item)\s*{_COUNT}\b"
)
_BARE = re.compile(r"\s*[1-5]\s*(?:(?:和|跟|与|,|、|and|&|vs)\s*[1-5]\s*)*(?:号|吧|呢|please)?[.!?。]*\s*")
_LAST = re.compile(r"最后(?:面)?(?:那|一|1)?(?:个|件|条|双|款)|\bthe last (?:one|item)|\blast one\b")
_HOW_MANY = re.compile(rf"{_COUNT}(?:者|个|款|件|条|双|种|台|只)|(?:这|那|these|those|the|all)\s*{_COUNT}\b")
_BOTH = re.compile(r"俩|\bboth\b")


def points(text: str) -> tuple[Point, ...]:
    """The points of a record that are asked about, in the order of the file."""
    return tuple(point for point, pattern in _points() if pattern.search(text))


def said(manner: Manner, text: str) -> bool:
    """Whether a text is put that way."""
    return bool(_manner(manner).search(text))


def task(text: str, *, measured: bool) -> Task:
    """`measured`: the customer gives his or her measurements, which is a question about sizes."""
    if measured or said("size_advice", text):
        return "size"
    if said("pairing", text):
        return "pairing"
    return "compare" if said("compare", text) else ""


def order(text: str, asked: Sequence[Point]) -> Order:
    """By price, and from which end. Haggling is not looking for cheaper goods."""
    if said("cheapest", text):
        return "cheapest"
    if said("dearest", text):
        return "dearest"
    if said("cheaper", text) and "haggle" not in asked:
        return "cheaper"
    return "dearer" if said("dearer", text) else ""


def ordinals(text: str, count: int) -> tuple[int, ...]:
    """Which of `count` listed things are picked out by place (0-based): 第二个, "the first two", "1和3"."""
    if front := _FRONT.search(text):
        return tuple(range(min(count, _number(front))))
    if back := _BACK.search(text):
        return tuple(range(max(0, count - _number(back)), count))
    found = [_number(match) for match in _PLACES.finditer(text)]
    if _BARE.fullmatch(text):
        found += [int(one) for one in re.findall(r"[1-5]", text)]
    if _LAST.search(text):
        found.append(count)
    return tuple(dict.fromkeys(one - 1 for one in found if 1 <= one <= count))


def how_many(text: str) -> int:
    """两个, 这三款, "these two": how many are spoken of; 0 when it is not said."""
    number = _HOW_MANY.search(text)
    return _number(number) if number else 2 if _BOTH.search(text) else 0


def _number(match: re.Match[str]) -> int:
    word = next(group for group in match.groups() if group)
    return _NUMERALS[word] if word in _NUMERALS else int(word)


@cache
def _file() -> dict[str, list[str] | dict[str, list[str]]]:
    read: dict[str, list[str] | dict[str, list[str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return read


@cache
def _points() -> tuple[tuple[Point, re.Pattern[str]], ...]:
    patterns = _file()["points"]
    assert isinstance(patterns, dict)
    return tuple((point, re.compile("|".join(patterns[point]))) for point in get_args(Point))


@cache
def _manner(manner: Manner) -> re.Pattern[str]:
    return re.compile("|".join(_file()[manner]))
