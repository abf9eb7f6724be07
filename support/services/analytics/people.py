"""How long customers wait for a person, and how long people have a conversation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from support.hours import Desk
from support.period import Period
from support.store import Unit
from support.store.analytics import Person

# Upper bounds of the classes that waiting times are put into, in seconds; the last has none.
CLASSES = (60, 300, 900, 3_600, 14_400, None)
_TAIL = 0.9


@dataclass(frozen=True)
class Spread:
    """Seconds by nearest rank: half of the `count` took at most `median`, nine of ten at most `p90`."""

    count: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class Class:
    """First answers that took less than `below` seconds, and no less than the class before."""

    below: int | None
    wall: int
    open_hours: int


@dataclass(frozen=True)
class People:
    """The handovers that were opened in the period.

    `opened` of them in all; `left`: the customer returned to the assistant before anybody came; `waiting`:
    nobody has answered yet. Times run from the handover's opening, when the customer begins to wait:
    `until_taken` to a person's taking it, `first_answer` to a person's first words. `_open` counts only the
    time during which people are there by the shop's hours. `handling` is how long people had it, pauses in
    the queue left out, of those that are over.
    """

    opened: int
    left: int
    waiting: int
    until_taken: Spread
    until_taken_open: Spread
    first_answer: Spread
    first_answer_open: Spread
    handling: Spread
    classes: Sequence[Class]


class OpenHours:
    """Counts the time between two moments during which people are there, many times over."""

    def __init__(self, desk: Desk, zone: ZoneInfo, since: datetime, until: datetime) -> None:
        """For moments from `since` to `until`. Without stated hours people are always there."""
        self._always = not desk.business_hours
        spans = [] if self._always else list(_spans(desk, zone, since, until))
        self._starts = [opens for opens, _ in spans]
        self._lengths = [closes - opens for opens, closes in spans]
        self._before = [0.0, *accumulate(self._lengths)]

    def seconds(self, since: datetime, until: datetime) -> float:
        if self._always:
            return (until - since).total_seconds()
        return self._up_to(until.timestamp()) - self._up_to(since.timestamp())

    def _up_to(self, moment: float) -> float:
        """Open seconds from the beginning to this moment."""
        number = bisect_right(self._starts, moment)
        if not number:
            return 0.0
        return self._before[number - 1] + min(moment - self._starts[number - 1], self._lengths[number - 1])


def _spans(desk: Desk, zone: ZoneInfo, since: datetime, until: datetime) -> list[tuple[float, float]]:
    found = []
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        if hours := desk.hours_on(day):
            opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in hours)
            found.append((opens.timestamp(), closes.timestamp()))
        day += timedelta(days=1)
    return found


async def people_of(unit: Unit, period: Period, desk: Desk, now: datetime) -> People:
    """As things stand `now`."""
    persons = await unit.analytics.persons(period)
    hours = OpenHours(desk, period.zone, period.since, now)
    taken = [(one.opened_at, one.taken_at) for one in persons if one.taken_at]
    answered = [(one.opened_at, one.answered_at) for one in persons if one.answered_at]
    wall, in_hours = _lasted(answered), [hours.seconds(*both) for both in answered]
    handled = [one.handled_s for one in persons if one.closed_at and one.handled_s is not None]
    return People(
        opened=len(persons),
        left=sum(one.closed_why == "left" for one in persons),
        waiting=sum(_is_waiting(one) for one in persons),
        until_taken=_spread(_lasted(taken)),
        until_taken_open=_spread([hours.seconds(*both) for both in taken]),
        first_answer=_spread(wall),
        first_answer_open=_spread(in_hours),
        handling=_spread(handled),
        classes=_classes(wall, in_hours),
    )


def _is_waiting(one: Person) -> bool:
    return one.closed_at is None and one.answered_at is None


def _lasted(pairs: Sequence[tuple[datetime, datetime]]) -> list[float]:
    return [(until - since).total_seconds() for since, until in pairs]


def _spread(seconds: Sequence[float]) -> Spread:
    if not seconds:
        return Spread(0, None, None)
    ordered = sorted(seconds)
    return Spread(len(ordered), _ranked(ordered, 0.5), _ranked(ordered, _TAIL))


def _ranked(ordered: Sequence[float], part: float) -> float:
    """The nearest rank: the smallest that this part of all does not exceed."""
    return ordered[max(0, -int(-len(ordered) * part // 1) - 1)]


def _classes(wall: Sequence[float], in_hours: Sequence[float]) -> list[Class]:
    def count(seconds: Sequence[float], least: float, below: int | None) -> int:
        return sum(least <= one and (below is None or one < below) for one in seconds)

    lowest = (0, *(one for one in CLASSES if one is not None))
    return [
        Class(below, count(wall, least, below), count(in_hours, least, below))
        for least, below in zip(lowest, CLASSES, strict=True)
    ]
