"""The figures of a text as the mutation script sees them: where they stand, of which kind, with which value.

Written apart from `support.guard` on purpose: a script that reads figures as the gate does would share its
blind spots. It may overlook a figure (then it is not mutated); `known_values` may name too many (then a new
value avoids them), so both err on the safe side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Class = Literal["number", "date", "clock", "period", "identifier"]

_ZH_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_ZH_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_ZH_RUN = "[零〇一二两三四五六七八九十百千万]+"
_UP_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES, _TENS = _UP_TO_NINETEEN.split(), _FROM_TWENTY.split()
_EN_VALUES = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_EN_WORD = rf"(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES[1:]))}"
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = rf"(?:{'|'.join(_MONTHS)}|{'|'.join(month[:3] for month in _MONTHS)})"

_ZH_PERIOD = "个工作日|工作日|个小时|小时|分钟|个月|天|周|年"
_EN_PERIOD = "(?:working |business )?days?|hours?|minutes?|weeks?|months?|years?"
_ZH_MEASURE = "[件个张本双条套只瓶斤公千克升元块折倍期米颗杯盒款色码页分人成]|毫升"
# In the order in which they claim their part of the text; what lies in a part that is taken is no figure.
_PATTERNS: tuple[tuple[Class | None, re.Pattern[str]], ...] = (
    (None, re.compile(r"\[\d{1,2}\]|双 ?11|Double 11|618|某一天|[两三四五六七八九十]件套")),
    (None, re.compile(r"\d{4} ?年(?! ?\d{1,2} ?月 ?\d{1,2} ?[日号])")),
    # 一 and these twos count nothing: 每个一张, 哪一件, 两个尺码之间.
    (
        None,
        re.compile(r"(?<![零二三四五六七八九十百千万点])一(?![零二三四五六七八九十百千万年周天])|两[个张]"),
    ),
    ("date", re.compile(r"(?:\d{4} ?年 ?)?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?[日号]")),
    ("date", re.compile(r"\d{4}-(?P<month>\d\d)-(?P<day>\d\d)")),
    ("date", re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>{_MONTH})\b")),
    ("date", re.compile(rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?! \d{{4}}\b)")),
    (
        "identifier",
        re.compile(r"#?(?<![A-Za-z0-9.])(?=[A-Z0-9-]*\d{4})(?:[A-Z]{1,6}[-\d][A-Z0-9-]*|\d{7,}[A-Z]*)\b"),
    ),
    (None, re.compile(r"[A-Za-z][A-Za-z-]*\d[\w.+-]*|\d+(?:-in-\d+|[A-Z]{2,}\b(?!\w))")),
    ("clock", re.compile(r"(?<!\d)(?P<number>\d{1,2}):\d\d(?!\d)|\b(?P<number2>\d{1,2}) ?(?:am|pm)\b")),
    ("clock", re.compile(r"(?P<number>\d{1,2})点(?!\d)")),
    ("period", re.compile(rf"(?P<number>{_DIGITS}|{_ZH_RUN}) ?(?P<unit>{_ZH_PERIOD})(?!级)")),
    ("period", re.compile(rf"\b(?P<number>{_DIGITS}|{_EN_WORD})[ -](?P<unit>{_EN_PERIOD})\b", re.I)),
    ("number", re.compile(rf"(?P<number>{_DIGITS}|{_ZH_RUN}) ?(?P<unit>{_ZH_MEASURE})")),
    ("number", re.compile(rf"(?P<unit>[¥$£€]|CNY ) ?(?P<number>{_DIGITS})")),
    ("number", re.compile(rf"(?P<number>{_DIGITS})(?P<unit>%|p\b| ?°C| ?℃)")),
    ("number", re.compile(rf"\b(?P<number>{_DIGITS}) (?P<unit>[a-z]{{1,12}})\b")),
    (
        "number",
        re.compile(rf"\b(?P<number>{_EN_WORD}) (?P<unit>left|pieces|points|colours|people)\b", re.I),
    ),
    ("number", re.compile(rf"(?<![\d.,/×])(?P<number>{_DIGITS})(?P<unit>)(?![\d/×])")),
)
_RANGE_AFTER = re.compile(r" ?(?:[-–~～至到]|to\b|and\b|×|、|or\b) ?[¥$£€]?\d")
_RANGE_BEFORE = re.compile(
    r"(?:[\d元天点块日号]|[ap]m|\d\w{1,3}) ?(?:[-–~～至到]|\bto|×|、|\bor|\band) ?[¥$£€]?$"
)
_HOURS = {"天": 24, "小时": 1, "个小时": 1, "周": 168, "个月": 720, "年": 8760, "分钟": 0}


@dataclass(frozen=True)
class Found:
    """A figure: `start` and `end` of its number alone (of the whole for an identifier); `unit` as written."""

    kind: Class
    start: int
    end: int
    text: str
    unit: str
    value: Decimal
    month: int = 0
    ranged: Literal["", "low", "high"] = ""


def found(text: str) -> list[Found]:
    """The figures that can be mutated, in the order of the text."""
    taken: list[tuple[int, int]] = []
    figures: list[Found] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            if kind is not None and (figure := _figure(kind, match)) is not None:
                figures.append(figure)
    return sorted(figures, key=lambda figure: figure.start)


def _figure(kind: Class, match: re.Match[str]) -> Found | None:
    groups = match.groupdict()
    if kind == "identifier":
        return Found(kind, *match.span(), match.group(), "", Decimal(0))
    name = next(one for one in ("day", "number", "number2") if groups.get(one))
    month = _month(groups["month"]) if groups.get("month") else 0
    text, value = groups[name], value_of(groups[name])
    if value is None:
        return None
    start, end = match.span(name)
    around = match.string[:start], match.string[end:]
    ranged: Literal["", "low", "high"] = ""
    if _RANGE_AFTER.match(around[1]) or _RANGE_AFTER.match(match.string[match.end() :]):
        ranged = "low"
    elif _RANGE_BEFORE.search(around[0]):
        ranged = "high"
    return Found(kind, start, end, text, (groups.get("unit") or "").strip().lower(), value, month, ranged)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(text))


def value_of(text: str) -> Decimal | None:
    """299, 1,899.00, 两百三十九, twenty-one; None for what is no number after all ("千万")."""
    if text[0].isdigit():
        return Decimal(text.replace(",", ""))
    if text[0].isascii():
        return Decimal(sum(_EN_VALUES[part] for part in text.lower().split("-")))
    return _chinese_value(text)


def _chinese_value(run: str) -> Decimal | None:
    if run[0] in "百千万" or run in ("一十", "零"):
        return None
    total, digit = 0, 0
    for character in run:
        if character in _ZH_DIGITS:
            digit = _ZH_DIGITS[character]
        else:
            total, digit = total + (digit or 1) * _ZH_UNITS[character], 0
    # 一百二 is 120.
    if digit and len(run) > 1 and run[-2] in "百千":
        digit *= _ZH_UNITS[run[-2]] // 10
    return Decimal(total + digit)


def known_values(texts: Iterable[str]) -> set[Decimal]:
    """Every value that stands in any of the texts in any form; identifiers, dates and clocks piecewise."""
    values: set[Decimal] = set()
    for text in texts:
        plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
        values |= {Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?|\d+", plain)}
        runs = [*re.findall(_ZH_RUN, text), *re.findall(rf"\b(?:{_EN_WORD})\b", text, re.I)]
        values |= {value for run in runs if (value := value_of(run)) is not None}
    return values


def hours(figure: Found) -> Decimal | None:
    """A period's length, for telling 48 hours from two days; None for working days."""
    unit = figure.unit
    if unit in _HOURS:
        return figure.value * _HOURS[unit]
    for name, length in (("hour", 1), ("day", 24), ("week", 168), ("month", 720), ("year", 8760)):
        if unit.startswith(name):
            return figure.value * length
    return None


def written_like(model: str, value: Decimal) -> str:
    """The value in the form of `model`: digits with as many decimals, Chinese or English words."""
    if model[0].isdigit():
        decimals = len(model.partition(".")[2])
        return f"{value:,.{decimals}f}" if "," in model else f"{value:.{decimals}f}"
    if model[0].isascii():
        words = _english(int(value))
        return words.capitalize() if model[0].isupper() else words
    return _chinese(int(value))


def _english(value: int) -> str:
    if value < len(_ONES):
        return _ONES[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def _chinese(value: int) -> str:
    if value == 2:
        return "两"
    parts, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            parts += ("零" if zero and parts else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return parts.removeprefix("一") if parts.startswith("一十") else parts
