"""Makes an answer false by its figures: another value, another unit, two exchanged, a digit of a number.

Each function takes a row and a source of chance, and gives the false answer, or None where it finds nothing
to change. A new value stands in no source in any form, so that nothing can bear it out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from evals.trust.claims.rows import Row
from evals.trust.claims.values import Found, found, hours, known_values, written_like

CLAUSE = re.compile(r"[，。；！？\n]|[,.;!?](?=\s|$)")
_OTHER_UNITS = {
    "天": ("小时", "周"),
    "小时": ("天", "分钟"),
    "个小时": ("天",),
    "分钟": ("小时",),
    "个工作日": ("天", "小时"),
    "工作日": ("天",),
    "周": ("天", "个月"),
    "个月": ("天", "年"),
    "年": ("个月",),
    "working day": ("day", "hour"),
    "working days": ("days", "hours"),
    "business days": ("days", "hours"),
    "days": ("weeks", "hours"),
    "day": ("week", "hour"),
    "hours": ("days", "minutes"),
    "hour": ("day",),
    "minutes": ("hours",),
    "weeks": ("days", "months"),
    "week": ("month",),
    "months": ("days", "years"),
    "month": ("year",),
    "years": ("months",),
    "year": ("month",),
}
# What counts nothing: 哪一天, and the number of an item of a list.
_COUNTS_NOTHING = re.compile(r"(?<=[哪某同])[一两]|^ *\d+(?=[.、)] ?\S)", re.M)
# Up to which value a number may go before these: 19 号, 9 点.
_AT_MOST = ((re.compile(r" ?点"), 23), (re.compile(r" ?[日号]|(?:st|nd|rd|th)\b"), 31))
_CURRENCY = frozenset({"¥", "$", "£", "€", "cny", "元", "块"})


def known(row: Row) -> set[Decimal]:
    """Every value that the answer or anything it stands on holds."""
    amounts = [f"{entry['result'].get('amount_minor', 0) / 100}" for entry in row["ledger"]]
    return known_values([row["answer"], *row["sources"], str(row["ledger"]), *amounts])


def _of_class(row: Row, *kinds: str) -> list[Found]:
    answer = row["answer"]
    nothing = {place for match in _COUNTS_NOTHING.finditer(answer) for place in range(*match.span())}
    return [one for one in found(answer) if one.kind in kinds and one.start not in nothing]


def _with(answer: str, figure: Found, text: str) -> str:
    return answer[: figure.start] + text + answer[figure.end :]


def number(row: Row, chance: random.Random) -> str | None:
    return _new_value(row, [one for one in _of_class(row, "number") if one.ranged != "low"], chance)


def _new_value(row: Row, figures: list[Found], chance: random.Random) -> str | None:
    chance.shuffle(figures)
    taken = known(row)
    for figure in figures:
        after = row["answer"][figure.end :]
        candidates = [value for value in _near(figure) if value not in taken and _fits(value, after)]
        if candidates:
            text = written_like(figure.text, chance.choice(candidates))
            return _with(row["answer"], figure, text)
    return None


def _fits(value: Decimal, after: str) -> bool:
    """Whether there is such a day, such an hour; in English with the ending that stands there."""
    most = next((most for pattern, most in _AT_MOST if pattern.match(after)), None)
    ending = after[:2] if after[:2] in ("st", "nd", "rd", "th") else ""
    return (most is None or value <= most) and (not ending or ending == _ending(int(value)))


def _ending(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _near(figure: Found) -> Iterator[Decimal]:
    """Other values that one might believe in its place; in a range larger ones, so that it stays a range."""
    value = figure.value
    step = Decimal(10) ** max(0, value.adjusted() - 1)
    if value.as_tuple().exponent:
        value, step = value, Decimal(10) ** max(-1, value.adjusted() - 1)
    steps = (1, 2, 3, 4, 5, 10, 20) if figure.ranged else (1, 2, 3, 5, 10, 20, -1, -2, -3, -5)
    least, most = (1, 98) if not figure.text[0].isdigit() and figure.text[0].isascii() else (0, 9999999)
    if figure.unit == "%":
        most = 100
    for times in steps:
        if least < value + times * step < most:
            yield value + times * step


def date(row: Row, chance: random.Random) -> str | None:
    """Another day of the month, or another hour."""
    days = {int(value) for value in known(row) if value == int(value)}
    figures = [one for one in _of_class(row, "date", "clock") if one.ranged != "low"]
    chance.shuffle(figures)
    for figure in figures:
        least, most = (1, 28) if figure.kind == "date" else (1, 12 if figure.value <= 12 else 23)
        candidates = [one for one in range(least, most + 1) if one not in days]
        if figure.ranged:
            candidates = [one for one in candidates if one > figure.value]
        near = sorted(candidates, key=lambda one: abs(one - figure.value))[:4]
        if near:
            text = str(chance.choice(near)).zfill(len(figure.text) if figure.text[0] == "0" else 1)
            return _with(row["answer"], figure, text)
    return None


def period(row: Row, chance: random.Random) -> str | None:
    """Another length, or another unit; a unit only where no source knows that period."""
    if chance.random() < 0.5 and (answer := _other_unit(row, chance)):
        return answer
    return _new_value(row, [one for one in _of_class(row, "period") if _may_be_longer(one)], chance)


def _may_be_longer(figure: Found) -> bool:
    """Not the lower end of a range, nor "1 day", which would need another ending."""
    return figure.ranged != "low" and not (figure.value == 1 and figure.unit.isascii())


def _other_unit(row: Row, chance: random.Random) -> str | None:
    answer, figures = row["answer"], [one for one in _of_class(row, "period") if not one.ranged]
    chance.shuffle(figures)
    lengths = {length for text in row["sources"] for one in found(text) if (length := hours(one)) is not None}
    written = {(one.value, one.unit) for text in row["sources"] for one in found(text)}
    for figure in figures:
        others = list(_OTHER_UNITS.get(figure.unit, ()))
        chance.shuffle(others)
        for other in others:
            changed = replace(figure, unit=other)
            if hours(changed) not in lengths and (figure.value, other) not in written:
                after = re.match(rf"[ -]?{figure.unit}", answer[figure.end :], re.I)
                if after:
                    gap = after.group()[: len(after.group()) - len(figure.unit)]
                    return answer[: figure.end] + gap + other + answer[figure.end + after.end() :]
    return None


def swap(row: Row, chance: random.Random) -> str | None:
    """Two figures of one unit, from two clauses, each in the other's place."""
    answer = row["answer"]
    figures = [one for one in _of_class(row, "number", "period") if one.unit and not one.ranged]
    pairs = [
        (one, other)
        for place, one in enumerate(figures)
        for other in figures[place + 1 :]
        if _same_unit(one, other)
        and one.value != other.value
        and _apart(answer[one.end : other.start])
        and one.text[0].isdigit() == other.text[0].isdigit()
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    return _with(_with(answer, other, one.text), one, other.text)


def _same_unit(one: Found, other: Found) -> bool:
    return one.kind == other.kind and (one.unit == other.unit or {one.unit, other.unit} <= _CURRENCY)


def _apart(between: str) -> bool:
    """Two clauses, each of which says something of its own."""
    parts = CLAUSE.split(between)
    return len(parts) > 1 and len(between) >= 6


def identifier(row: Row, chance: random.Random) -> str | None:
    """One digit of an order's, parcel's or refund's number."""
    answer, figures = row["answer"], _of_class(row, "identifier")
    if not figures:
        return None
    figure = chance.choice(figures)
    places = [place for place, one in enumerate(figure.text) if one.isdigit()][2:]
    place = chance.choice(places)
    digit = chance.choice([one for one in "0123456789" if one != figure.text[place]])
    text = figure.text[:place] + digit + figure.text[place + 1 :]
    return None if any(text in source for source in row["sources"]) else _with(answer, figure, text)
