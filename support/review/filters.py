"""What the list of conversations can be narrowed by, and how that is written in an address.

    filters = Filters.parse({"intent": "refund", "since": "2026-11-01"}, zone)
    filters.as_query(zone)          # {"intent": "refund", "since": "2026-11-01"}

Days are the shop's, and `until` includes its day. A value that cannot be used is a `BadFilter` that names the
field and says why, in both languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, get_args

from support.model import HandoffReason, Holder
from support.review import tokens
from support.review.summary import Outcome, ReviewState

_LONGEST_TEXT = 200
_LONGEST_COUNT = 100_000
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class Problem:
    """A field that cannot be used, and why."""

    field: str
    zh: str
    en: str


class BadFilter(ValueError):
    """One or more values that no list can be made with."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.en}" for one in problems))
        self.problems = problems


class _Bad(Exception):
    """Why one value cannot be used."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Filters:
    """All of them hold together. Empty means "any"; times are those of a conversation's last message."""

    text: str = ""  # words, all of which were said
    regex: str = ""  # over each line that was said; looked at when it is used (`support.review.regex`)
    since: datetime | None = None
    until: datetime | None = None  # not included
    channel: str = ""
    shortest: int | None = None  # customer's messages
    longest: int | None = None
    intent: str = ""
    action: str = ""
    slot: str = ""  # a name, or name=value
    confidence_below: float | None = None  # of the least certain message
    confidence_above: float | None = None
    language: str = ""
    holder: str = ""
    outcome: str = ""
    reason: str = ""  # of the handover
    rating: int | None = None
    state: str = ""
    label: str = ""
    flagged: bool | None = None
    test: bool | None = None
    customer: str = ""
    model: str = ""

    @classmethod
    def parse(cls, flat: Mapping[str, str], zone: tzinfo) -> Filters:
        """Read what `as_query` writes, or what a form sends; unknown names are left alone."""
        values: dict[str, Any] = {}
        problems = []
        for field in fields(cls):
            given = flat.get(field.name, "").strip()
            if not given:
                continue
            try:
                values[field.name] = _READERS.get(field.name, _words)(given, zone)
            except _Bad as bad:
                problems.append(Problem(field.name, bad.zh, bad.en))
        problems += _contradictions(values)
        if problems:
            raise BadFilter(problems)
        return cls(**values)

    def as_query(self, zone: tzinfo) -> dict[str, str]:
        """What is set, as short texts."""
        query = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value not in (None, ""):
                query[field.name] = _written(field.name, value, zone)
        return query


def _written(name: str, value: Any, zone: tzinfo) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if not isinstance(value, datetime):
        return str(value)
    local = value.astimezone(zone)
    if local.timetz() != time(tzinfo=local.tzinfo):
        return local.strftime("%Y-%m-%dT%H:%M")
    return str(local.date() - timedelta(days=1) if name == "until" else local.date())


def _contradictions(values: Mapping[str, Any]) -> list[Problem]:
    pairs = (("since", "until"), ("shortest", "longest"), ("confidence_above", "confidence_below"))
    return [
        Problem(last, "范围的结束早于或小于开始。", "The range ends before it begins.")
        for first, last in pairs
        if first in values and last in values and values[first] > values[last]
    ]


# --- reading one value -------------------------------------------------------------------------------------


def _words(given: str, _zone: tzinfo) -> str:
    if len(given) > _LONGEST_TEXT:
        raise _Bad(
            f"太长了，最多 {_LONGEST_TEXT} 个字符。", f"This is too long: {_LONGEST_TEXT} characters at most."
        )
    if "\0" in given:
        raise _Bad("含有无法使用的字符。", "It contains a character that cannot be used.")
    return given


def _searched(given: str, zone: tzinfo) -> str:
    if not tokens.searched(_words(given, zone)):
        raise _Bad("请至少输入一个字或词。", "Enter at least one word.")
    return given


def _moment(given: str, zone: tzinfo) -> tuple[datetime, bool]:
    """The time, and whether it is a whole day."""
    try:
        found = datetime.fromisoformat(given)
        local = found if found.tzinfo else found.replace(tzinfo=zone)
        return local.astimezone(UTC), len(given) == len("2026-11-01")
    except (ValueError, OverflowError):
        raise _Bad(
            f"看不懂日期“{given}”，请写成 2026-11-01。",
            f"“{given}” is not a date. Write it as 2026-11-01.",
        ) from None


def _since(given: str, zone: tzinfo) -> datetime:
    return _moment(given, zone)[0]


def _until(given: str, zone: tzinfo) -> datetime:
    moment, whole_day = _moment(given, zone)
    if not whole_day:
        return moment
    try:
        # By the calendar: a day of the shop's may have 23 hours.
        return (moment.astimezone(zone) + timedelta(days=1)).astimezone(UTC)
    except OverflowError:
        raise _Bad("日期超出范围。", "This date is out of range.") from None


def _count(given: str, _zone: tzinfo) -> int:
    if not given.isascii() or not given.isdecimal() or int(given[:9]) > _LONGEST_COUNT or len(given) > 9:
        raise _Bad(
            f"请填 0 到 {_LONGEST_COUNT} 的整数。", f"This takes a whole number from 0 to {_LONGEST_COUNT}."
        )
    return int(given)


def _share(given: str, _zone: tzinfo) -> float:
    try:
        value = float(given)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise _Bad("请填 0 到 1 之间的数，例如 0.6。", "This takes a number from 0 to 1, such as 0.6.")
    return value


def _rating(given: str, _zone: tzinfo) -> int:
    if given not in ("1", "2", "3", "4", "5"):
        raise _Bad("评分是 1 到 5。", "A rating is 1 to 5.")
    return int(given)


def _flag(given: str, _zone: tzinfo) -> bool:
    if given not in _YES_NO:
        raise _Bad("请填 yes 或 no。", "This takes yes or no.")
    return _YES_NO[given]


def _one_of(*known: str) -> Callable[[str, tzinfo], str]:
    def read(given: str, _zone: tzinfo) -> str:
        if given not in known:
            listed = ", ".join(known)
            raise _Bad(f"没有“{given}”，可选：{listed}", f"There is no “{given}”. Choose from: {listed}")
        return given

    return read


_READERS: Mapping[str, Callable[[str, tzinfo], Any]] = {
    "text": _searched,
    "since": _since,
    "until": _until,
    "shortest": _count,
    "longest": _count,
    "confidence_below": _share,
    "confidence_above": _share,
    "holder": _one_of(*Holder),
    "outcome": _one_of(*Outcome),
    "reason": _one_of(*HandoffReason),
    "rating": _rating,
    "state": _one_of(*get_args(ReviewState)),
    "flagged": _flag,
    "test": _flag,
}
