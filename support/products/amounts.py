"""Numbers in a customer's words: budgets, measures of goods, sizes, and the customer's own measurements.

Every reader takes a `normal` text in which numbers are digits (see `digits`) and gives what it found, and
the text in which that is blanked out: 170 is not a height for one reader and a price for the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from support.guard.numerals import spelled_numbers_to_digits

_NUM = r"\d[\d,]*(?:\.\d+)?"
_BEFORE = r"(?:¥|\$|€|£|rmb|cny|usd|eur|gbp)?\s*"
_AFTER = r"(?:元|块钱|块|圆|人民币|rmb|cny|yuan|usd|dollars?|bucks?|eur|euros?|€|£|gbp|pounds?|quid|¥|\$)?"
_UNITS: dict[str, tuple[str, Decimal]] = {
    "ml": ("ml", Decimal(1)), "毫升": ("ml", Decimal(1)),
    "l": ("ml", Decimal(1000)), "升": ("ml", Decimal(1000)), "litre": ("ml", Decimal(1000)),
    "litres": ("ml", Decimal(1000)), "liter": ("ml", Decimal(1000)), "liters": ("ml", Decimal(1000)),
    "mm": ("cm", Decimal("0.1")), "毫米": ("cm", Decimal("0.1")),
    "cm": ("cm", Decimal(1)), "厘米": ("cm", Decimal(1)), "公分": ("cm", Decimal(1)),
    "g": ("g", Decimal(1)), "克": ("g", Decimal(1)),
    "kg": ("g", Decimal(1000)), "千克": ("g", Decimal(1000)), "公斤": ("g", Decimal(1000)),
    "斤": ("g", Decimal(500)),
    "w": ("w", Decimal(1)), "瓦": ("w", Decimal(1)),
    "mah": ("mah", Decimal(1)), "毫安时": ("mah", Decimal(1)), "毫安": ("mah", Decimal(1)),
    "gb": ("gb", Decimal(1)), "tb": ("gb", Decimal(1024)),
    "英寸": ("inch", Decimal(1)), "寸": ("inch", Decimal(1)),
    "inch": ("inch", Decimal(1)), "inches": ("inch", Decimal(1)),
    "流明": ("lm", Decimal(1)), "lumens": ("lm", Decimal(1)),
    "键": ("keys", Decimal(1)), "key": ("keys", Decimal(1)), "keys": ("keys", Decimal(1)),
    "人": ("people", Decimal(1)), "person": ("people", Decimal(1)), "people": ("people", Decimal(1)),
    "件套": ("pieces", Decimal(1)), "piece": ("pieces", Decimal(1)), "pieces": ("pieces", Decimal(1)),
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
# "40升" but not "40lovely": a Latin unit ends where the word ends.
_MEASURE = re.compile(rf"(?<![a-z0-9_.])({_NUM})[\s-]*({_UNIT})(?![a-z])")
_NO_MONEY = (
    rf"(?![\d.,])(?!\s*-?(?:{_UNIT}|码|号|岁|折|天|个月|小时|年|%|hours?|days?|years?|months?)(?![a-z]))"
)
_TO = r"\s*(?:-|~|–|—|到|至|to|and)\s*"


def digits(text: str) -> str:
    """Spelled-out numbers as digits: 两百块, 百元, "two hundred"."""
    text = re.sub(r"(?<![一二两三四五六七八九十几\d])百(?=元|块|来块)", "100", text)
    text = re.sub(r"(?<![一二两三四五六七八九十几\d])千(?=元|块)", "1000", text)
    return spelled_numbers_to_digits(text)


@dataclass(frozen=True)
class Budget:
    """Bounds in whole currency units. `currency` is the sign or word that was used, "" for none.

    `around`: the amount named, when the bounds were made from it.
    """

    low: Decimal | None
    high: Decimal | None
    currency: str = ""
    around: Decimal | None = None


@dataclass(frozen=True)
class Measure:
    """A quantity in the base unit of its kind (ml, cm, g, ...)."""

    value: Decimal
    unit: str

    def fits(self, other: Measure) -> bool:
        # 256G is how people write 256 GB.
        return self.value == other.value and (
            self.unit == other.unit or {self.unit, other.unit} == {"g", "gb"}
        )


@dataclass(frozen=True)
class Body:
    """The customer's measurements, centimetres and kilograms; None where not said."""

    height: Decimal | None = None
    weight: Decimal | None = None
    foot: Decimal | None = None
    waist: Decimal | None = None

    def __bool__(self) -> bool:
        return any((self.height, self.weight, self.foot, self.waist))


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _blank(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " * len(match[0]) + text[match.end() :]


# --- budgets ---------------------------------------------------------------------------------------
_MONEY = rf"{_BEFORE}(?P<high>{_NUM})\s*{_AFTER}{_NO_MONEY}"
_UNDER = (
    r"低于|不超过|不要超过|别超过|不到|少于|小于|最多|最高|最贵不过|预算(?:是|在|大概|就)?|"
    r"<=?|\bunder|\bbelow|\bless than|\bup to|\bmax(?:imum)?(?: of)?|\bno more than|\bat most|\bwithin|"
    r"\bcheaper than|\bnot over|\bbudget(?: is| of|:)?"
)
_BUDGETS = tuple(
    (shape, re.compile(pattern))
    for shape, pattern in (
        (
            "range",
            rf"{_BEFORE}(?P<low>{_NUM})\s*{_AFTER}{_TO}{_BEFORE}(?P<high>{_NUM})\s*{_AFTER}{_NO_MONEY}",
        ),
        ("around", rf"{_MONEY}\s*(?:左右|上下|来块|多块|出头|差不多|or so|ish)"),
        ("around", rf"(?:大概|大约|差不多|\baround|\babout|\broughly|\bapproximately|~)\s*{_MONEY}"),
        ("under", rf"(?:{_UNDER})\s*{_MONEY}"),
        ("under", rf"{_MONEY}\s*(?:以内|以下|之内|内|封顶|or less|or under|or below|and under|max\b|tops\b)"),
        ("over", rf"(?:高于|超过|不低于|至少|\bover|\babove|\bmore than|\bat least|>=?)\s*{_MONEY}"),
        ("over", rf"{_MONEY}\s*(?:以上|起步|or more|and up)"),
    )
)
_CURRENCY = re.compile(r"[¥$€£]|rmb|cny|usd|eur|gbp|人民币|yuan|dollar|buck|quid|pound")
# Around 100 reaches from 70 to 130.
_AROUND = Decimal("0.3")


def budget(text: str) -> tuple[Budget | None, str]:
    """The first budget in the text."""
    for shape, pattern in _BUDGETS:
        for match in pattern.finditer(text):
            found = _bounds(shape, match)
            if found:
                return found, _blank(text, match)
    return None, text


def _bounds(shape: str, match: re.Match[str]) -> Budget | None:
    sign = _CURRENCY.search(match[0])
    currency, high = sign[0] if sign else "", _number(match["high"])
    if shape == "range":
        low = _number(match["low"])
        # 36-40 are sizes, unless money is spoken of.
        said = currency or re.search(r"元|块|价|预算|price|budget|between", match.string)
        return Budget(low, high, currency) if low < high and (said or high >= 60) else None
    if shape == "around":
        return Budget(high * (1 - _AROUND), high * (1 + _AROUND), currency, high)
    return Budget(None, high, currency) if shape == "under" else Budget(high, None, currency)


# --- measures and sizes ----------------------------------------------------------------------------
def measures(text: str) -> tuple[tuple[Measure, ...], str]:
    """Every quantity with a unit."""
    found, rest = [], text
    for match in _MEASURE.finditer(text):
        unit, factor = _UNITS[match[2]]
        found.append(Measure(_number(match[1]) * factor, unit))
        rest = _blank(rest, match)
    return tuple(found), rest


_LETTER_SIZE = re.compile(r"(?<![a-z0-9'’.&-])(xs|s|m|l|x{1,3}l|[2-5]xl)\s*(?:码|号)?(?![a-z0-9'’.&])")
_WORD_SIZE = re.compile(
    r"(小号|中号|大号|加大号?)|(?:\bsize|\bin|\bor|\bthe)\s+(?:an?\s+)?(extra large|small|medium|large)"
    r"(?=\s*(?:size|or\b|in\b|left\b|please\b|available|instead|for\b|[?,.!]|$))|\b(small|medium|large)(?=\s+(?:or\b|size))"
)
_WORDS_OF_SIZE = {
    "小号": "s", "中号": "m", "大号": "l", "加大": "xl", "加大号": "xl",
    "small": "s", "medium": "m", "large": "l", "extra large": "xl",
}  # fmt: skip
_NUMBER_SIZE = re.compile(
    r"(?<![\d./-])(\d{2}(?:\.5)?)\s*(?:码|号(?!线))|(?:\bsizes?|\beu|尺码|码数|穿|拍)\s*(\d{2}(?:\.5)?)(?![\d.]|\s*(?:岁|天|kg|cm|斤|公))"
    r"|(?<![\d./$¥-])(3[4-9]|4[0-7])(?=\s*(?:的|有|还|吗|没|\?|$))"
)
_CUP_SIZE = re.compile(r"(?<!\d)(\d{3}/\d{2,3}[a-d]?|\d{2}[a-d])(?![a-z0-9])")


def sizes(text: str) -> tuple[tuple[str, ...], str]:
    """Sizes of clothes and shoes, in lower case; XXL as 2xl."""
    found, rest = [], text
    for pattern in (_CUP_SIZE, _LETTER_SIZE, _WORD_SIZE, _NUMBER_SIZE):
        for match in pattern.finditer(rest):
            found.append(next(group for group in match.groups() if group))
            rest = _blank(rest, match)
    return tuple(dict.fromkeys(same_size(_WORDS_OF_SIZE.get(one, one)) for one in found)), rest


def same_size(size: str) -> str:
    """One spelling for one size."""
    size = size.strip().lower()
    return {"xxl": "2xl", "xxxl": "3xl"}.get(size, size)


# --- the customer's body ---------------------------------------------------------------------------
_KG = {"公斤": Decimal(1), "kg": Decimal(1), "千克": Decimal(1), "斤": Decimal("0.5")}
_POUND, _INCH, _CHI = Decimal("0.4536"), Decimal("2.54"), Decimal("33.33")
_WEIGHT = r"(\d{2,3})\s*(公斤|kgs?|千克|斤|lbs?|磅|pounds?)(?![a-z])"
_TALL_AND_HEAVY = re.compile(rf"(?<!\d)(1[4-9]\d|20\d)\s*(?:cm|厘米|公分)?[^\d]{{0,8}}{_WEIGHT}")
_HEIGHT = re.compile(
    r"(?:身高|个子|height(?: is)?|\bi'?m)\s*(1[4-9]\d|20\d)|"
    r"(?<!\d)(1[4-9]\d|20\d)\s*(?:cm|厘米|公分)?\s*(?:高|tall)"
)
_METRES = re.compile(r"(?<!\d)(1)(?:\.|米)(\d{1,2})\s*(?:m\b|米|的个子)?")
_FEET = re.compile(r"(?<!\d)([4-6])\s*(?:'|’|ft|feet|foot)\s*(\d{1,2})?(?:\s*(?:\"|''|in\b|inches))?")
_WEIGHT_ALONE = re.compile(rf"(?<![\d.]){_WEIGHT}")
_FOOT = re.compile(r"(?:脚长|foot(?: length| is)*|feet are)\D{0,8}(\d{2,3}(?:\.\d)?)\s*(cm|厘米|mm|毫米)?")
_WAIST = re.compile(r"(?:腰围|waist(?: is| of)*)\D{0,6}(\d{2,3})\s*(cm|厘米|inch(?:es)?|in\b|\")?")
_WAIST_CHI = re.compile(r"腰围?\D{0,4}([2-4二三四两])尺([\d一二三四五六七八九])?")
_HAN_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"两": "2"}
_WEARS = re.compile(r"穿|码|体重|胖|瘦|\bi weigh|\bfits?\b|\bwear|\bsize")


def body(text: str) -> tuple[Body, str]:
    """What the customer says of himself or herself."""
    foot, text = _one(_FOOT, text, _foot)
    waist, text = _one(_WAIST_CHI, text, _waist_chi)
    if waist is None:
        waist, text = _one(_WAIST, text, _waist)
    both = _TALL_AND_HEAVY.search(text)
    if both:
        measured = Body(Decimal(both[1]), _kilograms(both[2], both[3]), foot, waist)
        return measured, _blank(text, both)
    height, text = _height(text)
    weight = None
    if height or _WEARS.search(text):
        weight, text = _one(_WEIGHT_ALONE, text, lambda match: _kilograms(match[1], match[2]))
    return Body(height, weight, foot, waist), text


def _one(
    pattern: re.Pattern[str], text: str, read: Callable[[re.Match[str]], Decimal | None]
) -> tuple[Decimal | None, str]:
    match = pattern.search(text)
    value = read(match) if match else None
    return (value, _blank(text, match)) if match and value is not None else (None, text)


def _height(text: str) -> tuple[Decimal | None, str]:
    for pattern, read in (
        (_HEIGHT, lambda match: Decimal(match[1] or match[2])),
        (_METRES, lambda match: Decimal(100 + int(match[2].ljust(2, "0"))) if _WEARS.search(text) else None),
        (_FEET, lambda match: (int(match[1]) * 12 + int(match[2] or 0)) * _INCH),
    ):
        value, rest = _one(pattern, text, read)
        if value is not None:
            return value, rest
    return None, text


def _kilograms(value: str, unit: str) -> Decimal:
    return Decimal(value) * _KG.get(unit.rstrip("s"), _POUND)


def _foot(match: re.Match[str]) -> Decimal:
    value = Decimal(match[1])
    return value / 10 if value >= 100 else value


def _waist(match: re.Match[str]) -> Decimal:
    value, unit = Decimal(match[1]), match[2] or ""
    return value * _INCH if unit.startswith(("in", '"')) or (not unit and value < 50) else value


def _waist_chi(match: re.Match[str]) -> Decimal:
    whole, part = (_HAN_DIGITS.get(one, one) for one in (match[1], match[2] or "0"))
    return Decimal(f"{whole}.{part}") * _CHI
