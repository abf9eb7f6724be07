"""What a screenshot claims about an order. Pure: lines of text in, an `OrderClaim` out.

A claim is what the picture says, never what is true: the database decides. A value belongs to a label when
it follows on the same line, stands to the right, or stands below (see `_segment`). Numbers without a label
count only when the rest of the picture speaks of an order, because a photo of a product holds
long numbers too (its bar code).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from support.vision.amounts import Money, dates_in, money_in, sum_after_label
from support.vision.layout import TextLine, below, plain, right_of, rows
from support.vision.words import Mark, labels_in, speaks_of_an_order, states_in

_ID = re.compile(r"#?[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_LEADING_NOISE = re.compile(r"^(?:[\s:.,;|·()\[\]*-]|是|为|is\b|复制|copy\b)+", re.IGNORECASE)
_COPY_BUTTON = re.compile(r"(?<=\w)\s*(?:复制|複製|copy|查看|详情|details?).*$", re.IGNORECASE)
_CONTINUED = re.compile(r" (\d{3,})(?![\d:/.年月-])(?!-)")
_LONE_NUMBER = re.compile(r"(?<![\w.,:¥$€£#/-])#?[A-Za-z]{0,6}[-_]?\d[\w-]{6,}(?![\w.:/])", re.ASCII)
_TRACKING = re.compile(
    r"(?<![A-Za-z0-9])(?:SF\d{12,15}|(?:YT|JT|ZT|ST)O?\d{12,16}|JD[A-Z]{0,2}\d{10,}|1Z[0-9A-Z]{16}"
    r"|[A-Z]{2}\d{9}[A-Z]{2})(?![A-Za-z0-9])"
)
_DATE_LIKE = re.compile(r"^(?:20)?\d\d-\d{1,2}-\d{1,2}|^\d{1,2}-\d{1,2}-20\d\d")
_LOOKS_LIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})


@dataclass(frozen=True)
class OrderClaim:
    """Read off a picture. Money is in minor units; `order_numbers` has the most likely first, each in
    the spellings it may have (with and without a leading #, with misread letters put right).

    `status_text` is the line in which the first of `states` was seen. `states` is drawn from unpaid, paid,
    shipped, delivered, completed, cancelled and refunded, in reading order.
    """

    order_numbers: tuple[str, ...]
    total_minor: int | None
    currency: str | None
    amounts_minor: tuple[int, ...]
    dates: tuple[date, ...]
    status_text: str | None
    states: tuple[str, ...]
    tracking_numbers: tuple[str, ...]


def read_order(lines: Sequence[TextLine]) -> OrderClaim | None:
    """The claim, or None when the picture does not look like an order's."""
    lines = _in_reading_order(lines)
    tracking = _tracking(lines)
    named = [number for number in _unique(_labelled(lines, "order")) if number not in tracking]
    total = _total(lines)
    status_text, states = _status(lines)
    about_an_order = any(speaks_of_an_order(line.text) for line in lines)
    lone = [] if named else [number for number in _lone_numbers(lines) if number not in tracking]
    if not (named or (about_an_order and (total or lone)) or (total and states)):
        return None
    amounts = [money for line in lines for money in money_in(line.text)]
    currency = _currency(total, amounts)
    days = [day for line in lines for day in dates_in(line.text, month_first=currency == "USD")]
    return OrderClaim(
        order_numbers=tuple(named or _unique(lone)),
        total_minor=total.minor if total else None,
        currency=currency,
        amounts_minor=tuple(dict.fromkeys(money.minor for money in amounts)),
        dates=tuple(dict.fromkeys(days)),
        status_text=status_text,
        states=states,
        tracking_numbers=tuple(tracking),
    )


def labelled_numbers(lines: Sequence[TextLine]) -> frozenset[str]:
    """The order and parcel numbers that carry a label, as they are spelled in the picture and put right."""
    lines = _in_reading_order(lines)
    return frozenset([*_labelled(lines, "order"), *_tracking(lines)])


def _in_reading_order(lines: Sequence[TextLine]) -> list[TextLine]:
    flat = [TextLine(plain(line.text), line.box, line.score) for line in lines]
    return [flat[i] for row in rows(flat) for i in row]


def _segments(lines: Sequence[TextLine], role: str) -> Iterator[tuple[int, str, bool]]:
    """For each label of `role`: its line, the text that follows it, and whether a label came next."""
    for i, line in enumerate(lines):
        marks = labels_in(line.text)
        for mark, following in zip_longest(marks, marks[1:]):
            if mark.role == role:
                yield i, *_segment(lines, i, mark, following)


def _segment(lines: Sequence[TextLine], index: int, mark: Mark, following: Mark | None) -> tuple[str, bool]:
    """The text after a label up to the next label: first on its own line, then on the lines beside it."""
    if following:
        return lines[index].text[mark.end : following.start], True
    parts = [lines[index].text[mark.end :]]
    for i in right_of(lines, index):
        text = lines[i].text
        labels = labels_in(text)
        parts.append(text[: labels[0].start] if labels else text)
        if labels:
            break
    return " ".join(parts), False


def _labelled(lines: Sequence[TextLine], role: str) -> Iterator[str]:
    for index, text, closed in _segments(lines, role):
        numbers = _numbers_at_start(text)
        if not numbers and not closed:
            under = (_numbers_at_start(lines[i].text) for i in below(lines, index))
            numbers = next((found for found in under if found), [])
        yield from numbers


def _numbers_at_start(text: str) -> list[str]:
    """The spellings of the number with which `text` starts; none if it starts with something else."""
    text = _COPY_BUTTON.sub("", _LEADING_NOISE.sub("", text)).replace("# ", "#")
    match = _ID.match(text)
    if match is None or not re.search(r"\d.*\d", match[0]) or _DATE_LIKE.match(match[0]):
        return []
    if re.match(r"\s?[年月:/]|[.,]\d", text[match.end() :]):  # the start of a date, a time or a sum
        return []
    spellings = [match[0]]
    joined, end = match[0], match.end()
    while match[0].lstrip("#").isdigit() and len(match[0]) >= 4 and (more := _CONTINUED.match(text, end)):
        joined, end = joined + more[1], more.end()
        spellings.insert(0, joined)
    return _unique(other for spelling in spellings for other in _spellings(spelling))


def _spellings(number: str) -> list[str]:
    """`number` with misread letters put right, as it is, and with or without its #."""
    bare = number.lstrip("#")
    repaired = re.sub(r"[A-Za-z0-9]+", _repaired_part, bare)
    found = [repaired, bare]
    if not bare[0].isdigit():  # a leading O or l may be a letter as well as a misread digit
        whole = bare.translate(_LOOKS_LIKE)
        found += [whole] if whole.isdigit() else []
    if number.startswith("#"):
        hashed = [f"#{spelling}" for spelling in found]
        # Shops with a # in their numbers have short ones; before a long one it means "number".
        found = hashed + found if len(bare) <= 7 else found + hashed
    return found


def _repaired_part(match: re.Match[str]) -> str:
    part = match[0]
    prefix = re.match(r"[A-Za-z]*", part)
    body = part[prefix.end() :] if prefix else part
    repaired = body.translate(_LOOKS_LIKE)
    return part[: len(part) - len(body)] + (repaired if repaired.isdigit() else body)


def _tracking(lines: Sequence[TextLine]) -> list[str]:
    """Numbers with a parcel's label, and those whose form only a carrier uses unless labelled otherwise."""
    found = [number for number in _labelled(lines, "tracking") if len(number) >= 8]
    for line in lines:
        if not any(mark.role in ("order", "other") for mark in labels_in(line.text)):
            found += _TRACKING.findall(line.text)
    return _unique(found)


def _lone_numbers(lines: Iterable[TextLine]) -> Iterator[str]:
    for line in lines:
        if any(mark.role in ("other", "tracking") for mark in labels_in(line.text)):
            continue
        for match in _LONE_NUMBER.finditer(line.text):
            enough = len(re.findall(r"\d", match[0])) >= 8
            if enough and not _DATE_LIKE.match(match[0]):
                yield from _spellings(match[0])


def _total(lines: Sequence[TextLine]) -> Money | None:
    for role in ("total1", "total2", "total3"):
        for index, text, closed in _segments(lines, role):
            money = sum_after_label(text)
            if money is None and not closed:
                under = (sum_after_label(lines[i].text) for i in below(lines, index))
                money = next((found for found in under if found), None)
            if money is not None and money.minor >= 0:
                return money
    return None


def _currency(total: Money | None, amounts: Sequence[Money]) -> str | None:
    seen = [money.currency for money in ([total] if total else []) + list(amounts) if money.currency]
    return seen[0] if seen else None


def _status(lines: Sequence[TextLine]) -> tuple[str | None, tuple[str, ...]]:
    """The states named, leaving out rows of tabs and steps, which name them all."""
    seen: dict[str, str] = {}
    for row in rows(lines):
        marks = [(mark.role, lines[i].text) for i in row for mark in states_in(lines[i].text)]
        if len({role for role, _ in marks}) < 3:
            for role, text in marks:
                seen.setdefault(role, text)
    return next(iter(seen.values()), None), tuple(seen)


def _unique(numbers: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(numbers))
