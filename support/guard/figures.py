"""Finds the checkable figures in a text: amounts, counts, percentages, durations, dates, times, ids, links.

Contract: `figures(text)` gives each `Figure` with the words it was read from, the keys that it `offers` as
a source, and the keys of which it `needs` one when it is a claim. So ¥239.20 meets 239.2元, 七天 meets "a
week", 九折 meets "10% off", and 5月19日 meets 2024-05-19; but 7天 does not meet 7个工作日, nor $239 ¥239. A
number without a unit (as records give them) supports any unit; a claim without a unit is supported by any.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from support.guard.figure_words import (
    AFTER,
    AFTERNOON,
    BEFORE,
    CURRENCIES,
    EVERY,
    MONTH,
    MONTHS,
    NEXT_DAYS,
    NUMBER,
    PERIODS,
    START,
    TO,
    UNIT,
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


# Gives an empty list for what is no figure after all: the next reader may take it.
_Reader = Callable[[re.Match[str]], list[Figure]]

_LONG = 8


def figures(text: str) -> list[Figure]:
    """Every figure of a text put through `normalising.normalise`; each character is read at most once."""
    found: list[Figure] = []
    for kind, pattern, read in _READERS:

        def take(match: re.Match[str], kind: Kind = kind, read: _Reader = read) -> str:
            figures = read(match)
            found.extend(replace(figure, kind=_kind(kind, figure)) for figure in figures)
            # The filler keeps neighbours apart and cannot be read again.
            return "\x00" * len(match[0]) if figures else match[0]

        text = pattern.sub(take, text)
    return found


def _kind(kind: Kind, figure: Figure) -> Kind:
    """So many digits count nothing."""
    is_name = kind == "number" and len(figure.text) >= _LONG and figure.text.isdigit()
    return "identifier" if is_name else kind


def _same(match: re.Match[str], *keys: Key) -> list[Figure]:
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


def _link(match: re.Match[str]) -> list[Figure]:
    address = match[0].rstrip(".,;:!?)]>\"'*/").lower()
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", address)
    offers: set[Key] = {("link", address), ("link", address.partition("/")[0])}
    return [Figure(match[0], frozenset(offers), frozenset({("link", address)}), match.start())]


def _date(match: re.Match[str]) -> list[Figure]:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
    return _date_figure(match, [(_year(match), number, int(match["day"]))])


def _slashed(match: re.Match[str]) -> list[Figure]:
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


def _year_and_month(match: re.Match[str]) -> list[Figure]:
    year, month = int(match["year"]), int(match["month"])
    offers: set[Key] = {("year and month", year, month), ("month", month), ("year", year)}
    return [Figure(match[0], frozenset(offers), frozenset({("year and month", year, month)}), match.start())]


def _month(match: re.Match[str]) -> list[Figure]:
    return _same(match, ("month", int(match["month"])))


def _clock(match: re.Match[str]) -> list[Figure]:
    parts = match.groupdict()
    marker = (parts.get("half_day") or parts.get("suffix") or "").lower().strip()
    hour = int(parts["hour"])
    minute = 30 if parts.get("half") else int(parts.get("minute") or 0)
    if hour > 24 or minute > 59:
        return []
    if hour < 12 and marker in AFTERNOON:
        return _same(match, ("time", hour + 12, minute))
    keys: list[Key] = [("time", hour, minute)]
    if not marker and 0 < hour < 12:
        keys.append(("time", hour + 12, minute))
    return _same(match, *keys)


def _percent(match: re.Match[str]) -> list[Figure]:
    return [_labelled(match, value, ("percent", value)) for value in _values(match)]


def _discount(match: re.Match[str]) -> list[Figure]:
    """9折 and 85折: what remains to be paid, in tenths or hundredths; the same as "10% off" and "15% off"."""
    paid = _number(match["first"])
    off = 100 - (paid * 10 if paid < 10 else paid)
    return [_labelled(match, paid, ("percent", off.normalize()))]


def _money(match: re.Match[str]) -> list[Figure]:
    parts = match.groupdict()
    side, label = (0, parts["before"]) if parts.get("before") else (1, parts["after"])
    currency = next(
        name for name, words in CURRENCIES.items() if re.fullmatch(words[side], label, re.IGNORECASE)
    )
    return [_labelled(match, value, (currency, value)) for value in _values(match)]


def _period(match: re.Match[str]) -> list[Figure]:
    unit = next(name for name in PERIODS if match[name])
    _, base, factor = PERIODS[unit]
    values = _values(match)
    if match[unit] == "年" and values[0] >= 1900:
        return _same(match, ("year", int(values[0])))
    labels: list[list[Key]] = [[(base, (value * factor).normalize())] for value in values]
    if match[unit] in ("日", "号"):  # 21日 may be a date whose month was named before
        labels = [[*own, ("day", int(value))] for own, value in zip(labels, values, strict=True)]
    return [_labelled(match, value, *own) for own, value in zip(labels, values, strict=True)]


def _every(match: re.Match[str]) -> list[Figure]:
    """每年 bears out "in one year", and claims no period itself."""
    unit = next(name for name, words in EVERY.items() if re.search(words, match[0], re.IGNORECASE))
    _, base, factor = PERIODS[unit]
    return [Figure(match[0], frozenset({(base, Decimal(factor).normalize())}), frozenset(), match.start())]


def _ordinal(match: re.Match[str]) -> list[Figure]:
    """The 20th: a day, or a place in a row."""
    value = _number(match["first"])
    needs: set[Key] = {("any", value), ("day", int(value))}
    return [Figure(match[0], frozenset({("any", value)}), frozenset(needs), match.start())]


def _phone(match: re.Match[str]) -> list[Figure]:
    return _same(match, ("id", re.sub(r"^\+86|\D", "", match[0])))


def _identifier(match: re.Match[str]) -> list[Figure]:
    """SF1234, #A-1002 and Z9; not size-42 or 2-piece, which are a word and a number."""
    token = match[0].lstrip("#")
    mixed = any(re.search(r"\d", part) and re.search(r"[a-z]", part, re.I) for part in token.split("-"))
    if not mixed and not re.fullmatch(r"[A-Z]+(?:[-_][A-Z0-9]+)+", token):
        return []
    return _same(match, ("id", re.sub(r"[^A-Z0-9]", "", token.upper())))


def _bare(match: re.Match[str]) -> list[Figure]:
    value, digits = _number(match["first"]), ("id", match["first"])
    offers: set[Key] = {("bare", value), ("any", value), digits}
    return [Figure(match[0], frozenset(offers), frozenset({("any", value), digits}), match.start())]


def _weekday(match: re.Match[str]) -> list[Figure]:
    name = match[0].lower().rstrip("s")
    number = WEEKDAYS.index(name) if name in WEEKDAYS else min("一二三四五六日天".index(name[-1]), 6)
    return _same(match, ("weekday", number))


def _next_day(match: re.Match[str]) -> list[Figure]:
    days = next(days for words, days in NEXT_DAYS.items() if re.fullmatch(words, match[0], re.IGNORECASE))
    return _same(match, ("days from now", days))


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FIRST = rf"{START}(?P<first>{NUMBER})"
_SECOND = rf"(?P<second>{NUMBER})"
_HALF_DAY = r"(?P<half_day>凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*(?<!\d)"
_AM_PM = r"(?P<suffix>\s*[ap]\.?m\b\.?)"
_YMD = r"(?<!\d)(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?"
_MD = r"(?<!\d)(?P<year>)(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?"
_SUFFIXED = r"(?:st|nd|rd|th)"

# In this order: what an earlier reader takes, a later one does not see.
_READERS: list[tuple[Kind, re.Pattern[str], _Reader]] = [
    ("link", _pattern(r"(?:https?://|www\.)[!-~]+|[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"), _link),
    (
        "link",
        _pattern(r"(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|shop|store|io|co|uk)\b(?:/[!-~]*)?"),
        _link,
    ),
    ("time", _pattern(r"\b24/7\b|\b7 x 24(?:小时)?|\b24 x 7\b"), lambda match: _same(match, ("always",))),
    ("date", _pattern("|".join(NEXT_DAYS)), _next_day),
    ("date", _pattern(_YMD), _date),
    ("date", _pattern(_MD), _date),
    ("date", _pattern(rf"\b{MONTH}\s+(?P<day>\d{{1,2}}){_SUFFIXED}?\b(?:,?\s*(?P<year>\d{{4}})\b)?"), _date),
    (
        "date",
        _pattern(rf"\b(?P<day>\d{{1,2}}){_SUFFIXED}?\s+(?:of\s+)?{MONTH}(?:,?\s+(?P<year>\d{{4}}))?\b"),
        _date,
    ),
    ("date", _pattern(r"(?<!\d)(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月"), _year_and_month),
    ("date", _pattern(r"(?<!\d)(?P<month>\d{1,2})\s*月份?(?!\d)"), _month),
    (
        "date",
        _pattern(rf"{START}(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})(?:/(?P<year>\d{{4}}))?(?![\d/])"),
        _slashed,
    ),
    (
        "time",
        _pattern(rf"{_HALF_DAY}(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?(?!\d){_AM_PM}?"),
        _clock,
    ),
    ("time", _pattern(rf"{START}(?P<hour>\d{{1,2}}){_AM_PM}"), _clock),
    (
        "time",
        _pattern(
            rf"{_HALF_DAY}(?P<hour>\d{{1,2}})\s*点(?:钟|整|(?P<half>半)|\s*(?P<minute>\d{{1,2}})\s*分)?"
        ),
        _clock,
    ),
    (
        "date",
        _pattern(r"(?:周|星期|礼拜)[一二三四五六日天]|\b(?:" + "|".join(WEEKDAYS) + r")s?\b"),
        _weekday,
    ),
    ("percentage", _pattern(rf"{_FIRST}(?:%?{TO}{_SECOND})?\s*(?:%|percent\b|per cent\b)"), _percent),
    ("percentage", _pattern(rf"{_FIRST}\s*折"), _discount),
    (
        "amount",
        _pattern(rf"(?P<before>{BEFORE})\s*(?P<first>{NUMBER})(?:{TO}(?:{BEFORE})?\s*{_SECOND})?(?:\s*元)?"),
        _money,
    ),
    ("amount", _pattern(rf"{_FIRST}(?:{TO}{_SECOND})?\s*(?P<after>{AFTER})"), _money),
    (
        "period",
        _pattern(r"每个?(?:年|天|日|周|月|星期)|\b(?:per|a|each|every) (?:year|day|week|month)\b"),
        _every,
    ),
    ("period", _pattern(rf"{_FIRST}(?:\s*(?:天|日|days?)?{TO}{_SECOND})?[\s-]*(?:{UNIT})"), _period),
    (
        "identifier",
        _pattern(r"(?<![\d.])\+?\d{2,4}(?:[ -]\d{3,4}){2,3}(?![\d.])|(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"),
        _phone,
    ),
    ("date", _pattern(rf"{START}(?P<first>\d{{1,2}}){_SUFFIXED}\b"), _ordinal),
    ("number", _pattern(rf"{_FIRST}\s*(?:kg|g|cm|mm|m[23]?|ml|l|gb|tb|mb|w|v|mah|oz|lb)\b"), _bare),
    (
        "identifier",
        _pattern(r"(?<![a-z0-9_])#?(?=[a-z0-9_-]*\d)(?=[a-z0-9_-]*[a-z_])[a-z0-9][a-z0-9_-]*"),
        _identifier,
    ),
    ("number", _pattern(_FIRST), _bare),
]
