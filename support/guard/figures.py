"""Finds the checkable figures in a text: amounts, counts, percentages, durations, dates, times, ids, links.

Contract: `figures(text)` gives each `Figure` with the words it was read from, the keys that it `offers` as
a source, and the keys of which it `needs` one when it is a claim. So ¥239.20 meets 239.2元, 七天 meets "a
week", 九折 meets "10% off", and 5月19日 meets 2024-05-19; but 7天 does not meet 7个工作日, nor $239 ¥239. A
number without a unit (as records give them) supports any unit; a claim without a unit is supported by any.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from support.guard.figure_readers import (
    LONG,
    Figure,
    Key,
    Kind,
    age,
    bare,
    clock,
    day,
    discount,
    every,
    from_till,
    identifier,
    link,
    money,
    month,
    next_day,
    ordinal,
    percent,
    period,
    phone,
    same,
    slashed,
    tail,
    weekday,
    year_and_month,
)
from support.guard.figure_words import (
    AFTER,
    BEFORE,
    MONTH,
    NEXT_DAYS,
    NUMBER,
    START,
    TO,
    UNIT,
    WEEKDAYS,
)

__all__ = ["Figure", "Key", "Kind", "figures"]

_Reader = Callable[[re.Match[str]], list[Figure]]


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
    is_name = kind == "number" and len(figure.text) >= LONG and figure.text.isdigit()
    return "identifier" if is_name else kind


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FIRST = rf"{START}(?P<first>{NUMBER})"
_SECOND = rf"(?P<second>{NUMBER})"
_HALF_DAY = r"(?P<half_day>凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*(?<!\d)"
_ABOUT = r"(?P<about>\b(?:after|around|about|before) )?"
_AM_PM = r"(?P<suffix>\s*[ap]\.?m\b\.?)"
_YMD = r"(?<!\d)(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?"
_MD = r"(?<!\d)(?P<year>)(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?"
_SUFFIXED = r"(?:st|nd|rd|th)"

# In this order: what an earlier reader takes, a later one does not see.
_READERS: list[tuple[Kind, re.Pattern[str], _Reader]] = [
    ("link", _pattern(r"(?:https?://|www\.)[!-~]+|[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"), link),
    (
        "link",
        _pattern(r"(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|shop|store|io|co|uk)\b(?:/[!-~]*)?"),
        link,
    ),
    (
        "identifier",
        _pattern(
            r"(?:尾号|末\d位|后\d位)\D{0,3}(?P<tail>\d{3,6})(?!\d)|"
            r"\bend(?:s|ing) (?:in|with) (?P<end>\d{3,6})\b"
        ),
        tail,
    ),
    ("time", _pattern(r"\b24/7\b|\b7 x 24(?:小时)?|\b24 x 7\b"), lambda match: same(match, ("always",))),
    ("date", _pattern("|".join(NEXT_DAYS)), next_day),
    ("date", _pattern(_YMD), day),
    ("date", _pattern(_MD), day),
    ("date", _pattern(rf"\b{MONTH}\s+(?P<day>\d{{1,2}}){_SUFFIXED}?\b(?:,?\s*(?P<year>\d{{4}})\b)?"), day),
    (
        "date",
        _pattern(rf"\b(?P<day>\d{{1,2}}){_SUFFIXED}?\s+(?:of\s+)?{MONTH}(?:,?\s+(?P<year>\d{{4}}))?\b"),
        day,
    ),
    ("date", _pattern(r"(?<!\d)(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月"), year_and_month),
    ("date", _pattern(r"(?<!\d)(?P<month>\d{1,2})\s*月份?(?!\d)"), month),
    (
        "date",
        _pattern(rf"{START}(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})(?:/(?P<year>\d{{4}}))?(?![\d/])"),
        slashed,
    ),
    (
        "time",
        _pattern(rf"{_HALF_DAY}(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?(?!\d){_AM_PM}?"),
        clock,
    ),
    ("time", _pattern(rf"{_ABOUT}{START}(?P<hour>\d{{1,2}}){_AM_PM}"), clock),
    (
        "time",
        _pattern(
            rf"{_ABOUT}{START}(?P<hour>\d{{1,2}})(?: o'clock)? (?:in the|at) "
            r"(?P<suffix>evening|afternoon|morning|night)\b"
        ),
        clock,
    ),
    (
        "time",
        _pattern(
            rf"{_HALF_DAY}(?P<hour>\d{{1,2}})\s*点(?:钟|整|(?P<half>半)|\s*(?P<minute>\d{{1,2}})\s*分)?"
            r"(?P<about>\s*(?:多|左右|前后|出头))?"
        ),
        clock,
    ),
    (
        "time",
        _pattern(
            rf"{START}(?P<first>\d{{1,2}}) (?:till?|(?<=from \d )to|(?<=from \d\d )to) "
            r"(?P<second>\d{1,2})\b"
            r"(?=\s*(?:[,.;)]|$|on\b|at\b|every\b|daily\b))"
        ),
        from_till,
    ),
    (
        "date",
        _pattern(r"(?:周|星期|礼拜)[一二三四五六日天]|\b(?:" + "|".join(WEEKDAYS) + r")s?\b"),
        weekday,
    ),
    ("percentage", _pattern(rf"{_FIRST}(?:%?{TO}{_SECOND})?\s*(?:%|percent\b|per cent\b)"), percent),
    ("percentage", _pattern(rf"{_FIRST}\s*折"), discount),
    (
        "amount",
        _pattern(rf"(?P<before>{BEFORE})\s*(?P<first>{NUMBER})(?:{TO}(?:{BEFORE})?\s*{_SECOND})?(?:\s*元)?"),
        money,
    ),
    ("amount", _pattern(rf"{_FIRST}(?:{TO}{_SECOND})?\s*(?P<after>{AFTER})"), money),
    (
        "period",
        _pattern(r"每个?(?:年|天|日|周|月|星期)|\b(?:per|a|each|every) (?:year|day|week|month)\b"),
        every,
    ),
    ("number", _pattern(rf"{_FIRST}(?:-year-olds?\b|\s*岁(?=的?(?:宝宝|孩子|小孩|小朋友|娃)))"), age),
    ("period", _pattern(rf"{_FIRST}(?:\s*(?:天|日|days?)?{TO}{_SECOND})?[\s-]*(?:{UNIT})"), period),
    (
        "identifier",
        _pattern(r"(?<![\d.])\+?\d{2,4}(?:[ -]\d{3,4}){2,3}(?![\d.])|(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"),
        phone,
    ),
    ("date", _pattern(rf"{START}(?P<first>\d{{1,2}}){_SUFFIXED}\b"), ordinal),
    ("number", _pattern(rf"{_FIRST}\s*(?:kg|g|cm|mm|m[23]?|ml|l|gb|tb|mb|w|v|mah|oz|lb)\b"), bare),
    (
        "identifier",
        _pattern(r"(?<![a-z0-9_])#?(?=[a-z0-9_-]*\d)(?=[a-z0-9_-]*[a-z_])[a-z0-9][a-z0-9_-]*"),
        identifier,
    ),
    ("number", _pattern(_FIRST), bare),
]
