"""A span of whole days in a zone, as figures are asked for: "the last seven days", "November".

    period = Period.ending(7, zone, now)        # today, as far as it has come, and the six days before
    period.before()                             # as long, right before it, up to the same time of day

The standard library only. `day_of` and `offsets` say which day a moment belongs to, also when clocks change:
a database counts the seconds since 1970, adds the zone's offset at that moment, and divides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Period:
    """From the beginning of `first` to the end of `last` in `zone`, but not past `now`."""

    first: date
    last: date
    zone: ZoneInfo
    now: datetime

    @classmethod
    def ending(cls, days: int, zone: ZoneInfo, now: datetime) -> Period:
        """The last `days` days, today included."""
        today = now.astimezone(zone).date()
        return cls(today - timedelta(days=days - 1), today, zone, now)

    @property
    def since(self) -> datetime:
        """The first moment, in UTC."""
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after it, in UTC."""
        return min(_midnight(self.last + timedelta(days=1), self.zone), self.now.astimezone(UTC))

    @property
    def days(self) -> list[date]:
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]

    def before(self) -> Period:
        """As many days, right before; where today is not over, up to the same time of day."""
        shift = timedelta(days=len(self.days))
        then = (self.now.astimezone(self.zone) - shift).astimezone(UTC)
        return Period(self.first - shift, self.last - shift, self.zone, then)

    @property
    def offsets(self) -> Sequence[tuple[datetime, int]]:
        """The zone's offsets from UTC in seconds, each with the moment up to which it holds, in order."""
        found, start = [], self.since
        while start < self.until:
            end = min(start + timedelta(days=1), self.until)
            if _offset(start, self.zone) != _offset(end, self.zone):
                found.append((_change(start, end, self.zone), _offset(start, self.zone)))
            start = end
        return [*found, (self.until, _offset(self.until, self.zone))]


def day_of(number: int) -> date:
    """The day that is so many days after 1 January 1970."""
    return date.fromordinal(_EPOCH + number)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Where clocks skip midnight, this is the moment at which they do.
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def _change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second in between at which the offset is no longer that of `start`."""
    before = _offset(start, zone)
    low, high = 0, int((end - start).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(start + timedelta(seconds=middle), zone) == before:
            low = middle
        else:
            high = middle
    return start + timedelta(seconds=high)
