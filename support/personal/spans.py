"""Finds personal data in a text: by what the records know, by shape, by label, and names by their cues.

    [one.kind for one in find("李雷 13812345678 寄到文三路12号")]      # ["name", "mobile", "address"]

Cheap enough for every line of a log (see docs/decisions/0025-personal-data.md). Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from support.personal import names, shapes
from support.personal.known import Known, patterns
from support.personal.numbers import AFTER_NUMBER
from support.personal.shapes import Kind, Shape, value_span

# So far behind its label a value may stand.
_GAP = re.compile(r"[^\d\n+(A-Z]{0,12}(?:is |no\.? |number )?")


@dataclass(frozen=True, order=True)
class Finding:
    """Where it stands in the text, what it is, and how sure that is (0 to 1); `known`: from the records."""

    start: int
    end: int
    kind: Kind
    score: float
    known: bool = False


def find(text: str, known: Known | None = None, kinds: Collection[Kind] = ()) -> list[Finding]:
    """What is personal in a text, in its order, without overlaps; all kinds unless some are named."""
    ordinary = text if text.isascii() else text.translate(shapes.ORDINARY)
    taken: list[Finding] = []
    for one in _candidates(ordinary, text, known):
        if not any(one.start < other.end and other.start < one.end for other in taken):
            taken.append(one)
    taken += _after_numbers(ordinary, taken)
    return sorted(one for one in taken if not kinds or one.kind in kinds)


def _candidates(text: str, original: str, known: Known | None) -> Iterator[Finding]:
    """The likeliest first: a later one gives way to it."""
    if known is not None:
        yield from _of_records(original, known)
    for shape in shapes.SHAPES:
        yield from of_shape(shape, text)
    yield from _names(text)
    for shape in shapes.LATE_SHAPES:
        yield from of_shape(shape, text)


def _of_records(text: str, known: Known) -> Iterator[Finding]:
    for kind, pattern in _compiled(known):
        for match in pattern.finditer(text):
            yield Finding(match.start(), match.end(), kind, 1.0, known=True)


@lru_cache(maxsize=256)
def _compiled(known: Known) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in patterns(known))


def of_shape(shape: Shape, text: str) -> Iterator[Finding]:
    """What a shape's form or its label finds."""
    if not shape.needs.search(text):
        return
    for match in shape.pattern.finditer(text):
        start, end = value_span(match)
        if shape.cut and (before := shape.cut.match(text[start:end])):
            start += before.end()
        if start < end and shape.check(text[start:end]):
            yield Finding(start, end, shape.kind, shape.score)
    yield from _labelled(shape, text)


def _labelled(shape: Shape, text: str) -> Iterator[Finding]:
    if shape.label is None or shape.labelled is None:
        return
    for label in shape.label.finditer(text):
        gap = _GAP.match(text, label.end())
        found = shape.labelled.match(text, gap.end() if gap else label.end())
        if found:
            yield Finding(found.start(), found.end(), shape.kind, 0.9)


def _names(text: str) -> Iterator[Finding]:
    for needs, pattern, score in names.RULES:
        if needs.search(text):
            for match in pattern.finditer(text):
                if name := names.cut(match["v"]):
                    yield Finding(match.start("v"), match.start("v") + len(name), "name", score)


def _after_numbers(text: str, taken: Iterable[Finding]) -> list[Finding]:
    """Four digits right after an order number."""
    found = []
    for one in taken:
        after = AFTER_NUMBER.match(text, one.end) if one.kind == "number" else None
        if after and not any(other.start < after.end() and after.start("v") < other.end for other in taken):
            found.append(Finding(*after.span("v"), "last_digits", 0.8))
    return found
