"""What the shop's records say of the state of each thing: the truths that a stated state is held against.

    truths("Order 62...: shipped, on its way\n...\n  20 November, 05:48  Nanjing sorting centre: arrived")
    ->  [Truth("order", {in transit}, ...)]

Contract: a line of a record gives the stages that all of its words leave open. Of an order the heading and
the newest line of its tracking count; an order in several parcels has one truth a parcel. A passage
("Returns · Cancelling") has none: it tells of cases. What was true of a thing before is `past`: a clause that
names a day or an hour may tell of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from support.guard.reading import Reading, Unit
from support.guard.state_words import Thing
from support.guard.states import State, states

_ORDER = re.compile(r"\s*(?:订单|order)\s[^:\n]{1,60}:", re.IGNORECASE)
_SCANNED = re.compile(r"\d{1,2}:\d{2}")
# Stages of which a record says so, if they are meant.
_TOLD_IF_SO = frozenset("FXR")
_CARRIER = re.compile(r"[A-Z]{0,6}\d{8,}[A-Z]{0,2}\s*$")


@dataclass(frozen=True, slots=True)
class Truth:
    """`words` are those of the lines that tell it, by which one article or parcel is known from another."""

    thing: Thing
    stages: frozenset[str]
    words: frozenset[str]
    past: frozenset[frozenset[str]] = frozenset()


def _lines(text: str) -> tuple[tuple[str, tuple[State, ...]], ...]:
    return tuple((line, tuple(states(line))) for line in text.split("\n"))


@lru_cache(maxsize=2_048)
def truths(source: Reading) -> list[Truth]:
    """All that a source tells of its things' states."""
    if source.is_passage:
        return []
    lines = _lines(source.text)
    is_order = bool(_ORDER.match(source.text))
    told = _order(source, lines) if is_order else []
    for line, said in lines:
        for thing in dict.fromkeys(thing for thing, _ in said):
            if not (is_order and thing == "order"):
                stages = _plainly(_all_of(stages for other, stages in said if other == thing))
                told.append(Truth(thing, stages, _words(source, line) | source.heading))
    return told


def _order(source: Reading, lines: Iterable[tuple[str, tuple[State, ...]]]) -> list[Truth]:
    """The first line is the heading; a line with a carrier's number begins a parcel."""
    (_, said), *rest = lines
    whole = _words(source, source.text)
    parcels: list[list[tuple[str, tuple[State, ...]]]] = []
    carriers: list[str] = []
    for line, told in rest:
        if _CARRIER.search(line) and not _SCANNED.search(line):
            parcels.append([])
            carriers.append(line)
        elif parcels and _SCANNED.search(line):
            parcels[-1].append((line, told))
    head = _plainly(_all_of(stages for thing, stages in said if thing == "order"))
    if not head and any(thing == "refund" for thing, _ in said):
        head = frozenset("R")
    past = frozenset(
        stages for parcel in parcels for _, told in parcel for thing, stages in told if thing == "order"
    )
    if len(parcels) < 2:
        newest = _newest(parcels[0]) if parcels else frozenset[str]()
        stages = (head & newest) or newest or head
        return [Truth("order", stages, whole, past)] if stages else []
    told_of = [
        frozenset[str]().union(*(_words(source, line) for line in (carrier, *(line for line, _ in parcel))))
        for carrier, parcel in zip(carriers, parcels, strict=True)
    ]
    each = zip((_newest(parcel) or head for parcel in parcels), told_of, strict=True)
    return [Truth("order", stages, words, past) for stages, words in each if stages]


def _newest(scans: Iterable[tuple[str, tuple[State, ...]]]) -> frozenset[str]:
    """What the newest line says; an older one was true before it."""
    _, told = next(iter(scans), ("", ()))
    return _all_of(stages for thing, stages in told if thing == "order")


def _all_of(each: Iterable[frozenset[str]]) -> frozenset[str]:
    """What all leave open; where they exclude each other, what any does."""
    sets = list(each)
    if not sets:
        return frozenset()
    return frozenset.intersection(*sets) or frozenset.union(*sets)


def _plainly(stages: frozenset[str]) -> frozenset[str]:
    """A record says what is usual in few words: "in stock" if not few are left, "shipped" if nothing
    went wrong, "paid" if it was not shipped."""
    if {"P", "T"} <= stages and "U" not in stages:
        return frozenset("P")
    if stages == {"T", "O"}:
        return frozenset("T")
    return stages - _TOLD_IF_SO or stages - frozenset("R") or stages


def _words(source: Reading, text: str) -> frozenset[str]:
    return frozenset(word for unit in source.sentences if _within(unit, text) for word in unit.near)


def _within(unit: Unit, text: str) -> bool:
    return unit.text.strip() in text
