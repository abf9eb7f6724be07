"""Sums of money and dates in one line of recognised text. Money is in minor units (fen, cents)."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_BEFORE = {
    "CNY": "CNY", "RMB": "CNY", "¥": "CNY", "羊": "CNY", "US$": "USD", "USD": "USD", "$": "USD",
    "EUR": "EUR", "€": "EUR", "GBP": "GBP", "£": "GBP",
}  # fmt: skip
_AFTER = {"元": "CNY", "CNY": "CNY", "RMB": "CNY", "USD": "USD", "EUR": "EUR", "€": "EUR", "GBP": "GBP"}

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+,\d{2}|\d{1,9}(?:[.,]\d{1,2})?)(?![\d%])"
_MONEY = re.compile(
    r"(?P<sign>-\s*)?(?:"
    r"(?P<before>US\$|[¥$€£羊]|(?<![A-Za-z])(?:CNY|RMB|USD|EUR|GBP|Y(?=\s?\d)))\s*"
    rf"(?P<minus>-\s*)?(?P<one>{_NUMBER})"
    rf"|(?<![\d.,])(?P<two>{_NUMBER})\s*(?P<after>元|CNY|RMB|USD|EUR|GBP|€))"
)
_BARE = re.compile(rf"(?<![\w.,:/-])(?P<sign>-\s*)?(?P<number>{_NUMBER})(?![\w:/-])")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
# OCR drops the space between a date and a time ("2026-05-1914:32"), so nothing is asked of what follows.
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>20\d\d)\s*年\s*(?P<number>\d{1,2})\s*月\s*(?P<day>\d{1,2})",
        r"(?<!\d)(?P<year>20\d\d)\s?[-/.]\s?(?P<number>\d{1,2})\s?[-/.]\s?(?P<day>\d{1,2})",
        rf"{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<year>20\d\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*{_MONTH}\s*,?\s*(?P<year>20\d\d)",
        r"(?<!\d)(?P<first>\d{1,2})\s?[/.-]\s?(?P<second>\d{1,2})\s?[/.-]\s?(?P<year>20\d\d)",
    )
)


@dataclass(frozen=True)
class Money:
    """`minor` is negative for a discount; `currency` is an ISO code, or None where no sign was seen."""

    minor: int
    currency: str | None


def money_in(text: str) -> list[Money]:
    """The sums that carry a currency's sign, from left to right."""
    found = []
    for match in _MONEY.finditer(_repaired(text)):
        before, after = match["before"], match["after"]
        currency = _BEFORE.get(before, "CNY") if before else _AFTER[after]  # a lone Y is a misread ¥
        minor = _minor(match["one"] or match["two"])
        found.append(Money(-minor if match["sign"] or match["minus"] else minor, currency))
    return found


def sum_after_label(text: str) -> Money | None:
    """The first sum in what follows a label such as "Total", with a currency's sign or at least decimals.

    A whole number without a sign counts only when nothing else follows: "Total 64", not "Total of 2 items".
    """
    signed = money_in(text)
    if signed:
        return signed[0]
    numbers = list(_BARE.finditer(_repaired(text)))
    decimals = [match for match in numbers if re.search(r"[.,]\d{2}$", match["number"])]
    alone = [match for match in numbers if not re.search(r"\w", text.replace(match[0], ""))]
    for match in decimals or alone:
        minor = _minor(match["number"])
        return Money(-minor if match["sign"] else minor, None)
    return None


def dates_in(text: str, *, month_first: bool = False) -> list[date]:
    """The full dates in `text`. 05/06/2026 is the fifth of June unless `month_first`."""
    found = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            found += [(match.start(), day) for day in _date(match.groupdict(), month_first)]
    return [day for _, day in sorted(found)]


def _date(parts: dict[str, str], month_first: bool) -> Iterator[date]:
    year = int(parts["year"])
    if "first" in parts:
        one, two = int(parts["first"]), int(parts["second"])
        month, day = (one, two) if two > 12 or (month_first and one <= 12) else (two, one)
    else:
        named = parts.get("number")
        month = int(named) if named else _MONTHS.index(parts["month"].lower()[:3]) + 1
        day = int(parts["day"])
    with suppress(ValueError):  # the 45th of May is a misreading
        yield date(year, month, day)


def _repaired(text: str) -> str:
    """Undoes what OCR does to numbers: O for 0, l for 1, spaces beside a decimal point."""
    text = re.sub(r"(?<=[\d.,])[oO]|(?<![A-Za-z])[oO](?=[\d.,])", "0", text)
    text = re.sub(r"(?<=[\d.,])[lI|]|(?<![A-Za-z])[lI|](?=[\d.])", "1", text)
    return re.sub(r"(?<=\d)\s?([.,])\s?(?=\d{2}(?!\d))", r"\1", text)


def _minor(number: str) -> int:
    cents = re.search(r"[.,](\d{1,2})$", number)
    whole = number[: cents.start()] if cents else number
    return int(Decimal(re.sub(r"[.,]", "", whole) + "." + (cents[1] if cents else "0")) * 100)
