"""When the shop's people answer: hours, holidays, special days, and what may be promised of them.

The `handoff` part of `policy.yml`. Wall-clock times are of the shop's zone; everything is compared and
counted in UTC, because a wall clock counts an hour too many or too few on the day on which clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

# Opening and closing time of a day.
Hours = tuple[time, time]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Where opening hours are looked for before giving up: a shop that is closed longer says so in its texts.
_LOOK_AHEAD_DAYS = 15


class Desk(BaseModel):
    """When people answer and how soon, and from which order value on they decide themselves (major units).

    `reach` are the ways beside the chat in which they get back to a customer; the first that is known counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    business_hours: Mapping[str, Hours] = {}
    holidays: frozenset[date] = frozenset()
    special_days: Mapping[date, Hours] = {}
    promise_hours: float = Field(default=2, gt=0)
    reach: tuple[Literal["phone", "email"], ...] = ()
    high_value: Decimal | None = None

    @field_validator("business_hours", "special_days", mode="before")
    @classmethod
    def _times_are_text(cls, hours: Any) -> Any:
        """YAML reads 22:00 without quotes as the number 1320, which would pass for 00:22."""
        if isinstance(hours, Mapping):
            for span, times in hours.items():
                if any(isinstance(one, int) for one in (times if isinstance(times, list) else ())):
                    raise ValueError(f'write the times of {span} in quotes: ["09:00", "22:00"]')
        return hours

    @field_validator("business_hours")
    @classmethod
    def _known_days(cls, hours: Mapping[str, Hours]) -> Mapping[str, Hours]:
        for span in hours:
            _days(span)
        return hours

    @field_validator("business_hours", "special_days")
    @classmethod
    def _open_before_they_close(cls, hours: Mapping[Any, Hours]) -> Mapping[Any, Hours]:
        for span, (opens, closes) in hours.items():
            if closes < opens:
                raise ValueError(f"{span} closes at {closes:%H:%M}, before it opens at {opens:%H:%M}")
        return hours

    def hours_on(self, day: date) -> Hours | None:
        """Opening and closing time; None on days without. A special day's own hours go before everything."""
        if day in self.special_days:
            return self.special_days[day]
        if day in self.holidays:
            return None
        return next(
            (hours for span, hours in self.business_hours.items() if day.weekday() in _days(span)), None
        )

    def is_open(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether people answer now; without stated hours they always do."""
        return any(opens <= now for opens, _ in self._spans(now, zone))

    def promise(self, now: datetime, zone: ZoneInfo, at_least: timedelta = timedelta(0)) -> datetime | None:
        """By when somebody who begins to wait now is answered, in `zone`.

        That is after `promise_hours`, or `at_least` where that is longer, during which people are there. None
        when nobody can say, because they are not there for weeks.
        """
        left = max(timedelta(hours=self.promise_hours), at_least)
        for opens, closes in self._spans(now, zone):
            begins = max(opens, now)
            if closes - begins >= left:
                return (begins + left).astimezone(zone)
            left -= closes - begins
        return None

    def _spans(self, now: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """From when to when people are there, in UTC; those that are over are left out."""
        now = now.astimezone(UTC)
        if not self.business_hours:
            yield now, datetime.max.replace(tzinfo=UTC)
            return
        today = now.astimezone(zone).date()
        for day in (today + timedelta(days=offset) for offset in range(_LOOK_AHEAD_DAYS)):
            if hours := self.hours_on(day):
                opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in hours)
                if opens < closes and now < closes:
                    yield opens, closes


def _days(span: str) -> range | tuple[int, ...]:
    first, _, last = span.partition("-")
    try:
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        return range(start, end + 1) if start <= end else (*range(start, len(_DAYS)), *range(end + 1))
    except ValueError:
        raise ValueError(f"{span!r} is not a day or span of days such as mon or mon-fri") from None
