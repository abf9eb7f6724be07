"""What each kind of figure offers and needs, read from the match of its pattern (see `figures`).

Contract: a reader gives an empty list for what is no figure after all: the next one may take it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from support.guard.figure_words import (
    AFTERNOON,
    CURRENCIES,
    EVERY,
    MONTHS,
    NEXT_DAYS,
    PERIODS,
    WEEKDAYS,
)

Key = tuple[object, ...]
Kind = Literal["link", "identifier", "date", "time", "percentage", "amount", "period", "number"]


@dataclass(frozen=True, slots=True)
class Figure:
    """`text` is how it was written, after normalising; see the module for `offers` and `needs`. `start` is
    its place in the text.
    """

    text: str
    offers: frozenset[Key]
    needs: frozenset[Key]
    start: int
    kind: Kind = "number"


LONG = 8
# 尾号 4190: how many of a number's last figures may stand for it.
_TAILS = range(3, 7)


def same(match: re.Match[str], *keys: Key) -> list[Figure]:
    """A figure that needs what it offers."""
    return [Figure(match[0].strip(), frozenset(keys), frozenset(keys), match.start())]


def _labelled(match: re.Match[str], value: Decimal, *labels: Key) -> Figure:
    """A number with a unit; `labels` name the unit and the value in it."""
    return Figure(
        match[0].strip(),
        frozenset({*labels, ("any", value)}),
        frozenset({*labels, ("bare", value)}),
        match.start(),
    )


def _number(digits: str) -> Decimal:
    return Decimal(digits.replace(",", "")).normalize()


def _values(match: re.Match[str]) -> list[Decimal]:
    """One number, or both ends of a range: both are claims."""
    parts = match.groupdict()
    return [_number(parts[name]) for name in ("first", "second") if parts.get(name)]


def link(match: re.Match[str]) -> list[Figure]:
    address = match[0].rstrip(".,;:!?)]>\"'*/").lower()
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", address)
    offers: set[Key] = {("link", address), ("link", address.partition("/")[0])}
    return [Figure(match[0], frozenset(offers), frozenset({("link", address)}), match.start())]


def day(match: re.Match[str]) -> list[Figure]:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
    return _date_figure(match, [(_year(match), number, int(match["day"]))])


def slashed(match: re.Match[str]) -> list[Figure]:
    first, second, year = int(match["first"]), int(match["second"]), _year(match)
    return _date_figure(match, [(year, first, second), (year, second, first)])


def _year(match: re.Match[str]) -> int | None:
    return int(match["year"]) if match["year"] else None


def _date_figure(match: re.Match[str], readings: list[tuple[int | None, int, int]]) -> list[Figure]:
    valid = [reading for reading in readings if _exists(*reading)]
    offers: set[Key] = set()
    for year, month, day in valid:
        offers |= {("date", None, month, day), ("date", year, month, day), ("day", day), ("month", month)}
        offers |= {("year", year), ("year and month", year, month)} if year else set()
    needs = frozenset(("date", *reading) for reading in valid)
    return [Figure(match[0].strip(), frozenset(offers), needs, match.start())] if valid else []


def _exists(year: int | None, month: int, day: int) -> bool:
    try:
        date(year or 2024, month, day)  # a leap year: 29 February is a date when no year is named
    except ValueError:
        return False
    return True


def year_and_month(match: re.Match[str]) -> list[Figure]:
    year, month = int(match["year"]), int(match["month"])
    offers: set[Key] = {("year and month", year, month), ("month", month), ("year", year)}
    return [Figure(match[0], frozenset(offers), frozenset({("year and month", year, month)}), match.start())]


def month(match: re.Match[str]) -> list[Figure]:
    return same(match, ("month", int(match["month"])))


def clock(match: re.Match[str]) -> list[Figure]:
    parts = match.groupdict()
    marker = (parts.get("half_day") or parts.get("suffix") or "").lower().strip().replace(".", "")
    hour = int(parts["hour"])
    minute = 30 if parts.get("half") else int(parts.get("minute") or 0)
    if hour > 24 or minute > 59:
        return []
    if hour < 12 and marker in AFTERNOON:
        return _at(match, [("time", hour + 12, minute)], [("hour", hour + 12)])
    hours = [hour, hour + 12] if not marker and 0 < hour < 12 else [hour]
    keys: list[Key] = [("time", one, minute) for one in hours]
    return _at(match, keys, [("hour", one) for one in hours])


def _at(match: re.Match[str], times: list[Key], hours: list[Key]) -> list[Figure]:
    """9 点多 needs some time within that hour."""
    needs = {*times, *hours} if match.groupdict().get("about") else set(times)
    return [Figure(match[0].strip(), frozenset({*times, *hours}), frozenset(needs), match.start())]


def from_till(match: re.Match[str]) -> list[Figure]:
    """10 till 8: two hours, of whichever half of the day."""
    return [
        Figure(text, frozenset(keys), frozenset(keys), match.start(name))
        for name in ("first", "second")
        if (text := match[name]) and (keys := {("time", int(text) % 12 + half, 0) for half in (0, 12)})
    ]


def tail(match: re.Match[str]) -> list[Figure]:
    """The last figures of an identifier."""
    name = "tail" if match["tail"] else "end"
    return [Figure(match[name], frozenset(), frozenset({("tail", match[name])}), match.start(name))]


def percent(match: re.Match[str]) -> list[Figure]:
    return [_labelled(match, value, ("percent", value)) for value in _values(match)]


def discount(match: re.Match[str]) -> list[Figure]:
    """9折 and 85折: what remains to be paid, in tenths or hundredths; the same as "10% off" and "15% off"."""
    paid = _number(match["first"])
    off = 100 - (paid * 10 if paid < 10 else paid)
    return [_labelled(match, paid, ("percent", off.normalize()))]


def money(match: re.Match[str]) -> list[Figure]:
    parts = match.groupdict()
    side, label = (0, parts["before"]) if parts.get("before") else (1, parts["after"])
    currency = next(
        name for name, words in CURRENCIES.items() if re.fullmatch(words[side], label, re.IGNORECASE)
    )
    return [_labelled(match, value, (currency, value)) for value in _values(match)]


def period(match: re.Match[str]) -> list[Figure]:
    unit = next(name for name in PERIODS if match[name])
    _, base, factor = PERIODS[unit]
    values = _values(match)
    if match[unit] == "年" and values[0] >= 1900:
        return same(match, ("year", int(values[0])))
    labels: list[list[Key]] = [[(base, (value * factor).normalize())] for value in values]
    if unit == "month" and len(values) == 1 and values[0] <= 1:  # 半个月, 一个月: 15 and 30 days
        labels = [[*labels[0], ("minute", (values[0] * 30 * 1440).normalize())]]
    if match[unit] in ("日", "号"):  # 21日 may be a date whose month was named before
        labels = [[*own, ("day", int(value))] for own, value in zip(labels, values, strict=True)]
    return [_labelled(match, value, *own) for own, value in zip(labels, values, strict=True)]


def every(match: re.Match[str]) -> list[Figure]:
    """每年 bears out "in one year", and claims no period itself."""
    unit = next(name for name, words in EVERY.items() if re.search(words, match[0], re.IGNORECASE))
    _, base, factor = PERIODS[unit]
    return [Figure(match[0], frozenset({(base, Decimal(factor).normalize())}), frozenset(), match.start())]


def age(match: re.Match[str]) -> list[Figure]:
    """Whose: that of somebody spoken of, which is no claim."""
    return [Figure(match[0], frozenset({("any", _number(match["first"]))}), frozenset(), match.start())]


def ordinal(match: re.Match[str]) -> list[Figure]:
    """The 20th: a day, or a place in a row."""
    value = _number(match["first"])
    needs: set[Key] = {("any", value), ("day", int(value))}
    return [Figure(match[0], frozenset({("any", value)}), frozenset(needs), match.start())]


def phone(match: re.Match[str]) -> list[Figure]:
    return same(match, ("id", re.sub(r"^\+86|\D", "", match[0])))


def identifier(match: re.Match[str]) -> list[Figure]:
    """SF1234, #A-1002 and Z9; not size-42 or 2-piece, which are a word and a number."""
    token = match[0].lstrip("#")
    mixed = any(re.search(r"\d", part) and re.search(r"[a-z]", part, re.I) for part in token.split("-"))
    if not mixed and not re.fullmatch(r"[A-Z]+(?:[-_][A-Z0-9]+)+", token):
        return []
    name = re.sub(r"[^A-Z0-9]", "", token.upper())
    return [Figure(match[0].strip(), _named(name), frozenset({("id", name)}), match.start())]


def _named(name: str) -> frozenset[Key]:
    """What an identifier offers: itself, and its end."""
    return frozenset({("id", name), *(("tail", name[-most:]) for most in _TAILS if len(name) > most)})


def bare(match: re.Match[str]) -> list[Figure]:
    value, digits = _number(match["first"]), ("id", match["first"])
    offers: set[Key] = {
        ("bare", value),
        ("any", value),
        *(_named(match["first"]) if len(match[0]) >= LONG else [digits]),
    }
    return [Figure(match[0], frozenset(offers), frozenset({("any", value), digits}), match.start())]


def weekday(match: re.Match[str]) -> list[Figure]:
    name = match[0].lower().rstrip("s")
    number = WEEKDAYS.index(name) if name in WEEKDAYS else min("一二三四五六日天".index(name[-1]), 6)
    return same(match, ("weekday", number))


def next_day(match: re.Match[str]) -> list[Figure]:
    text, at = match.string, match.start()
    days = next(days for words, days in NEXT_DAYS.items() if re.compile(words, re.I).match(text, at))
    return same(match, ("days from now", days))
