"""The demo's idea of now: every date in the shop is counted back from here, so the demo never ages."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

SHOP_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True)
class Clock:
    """A moment; `--today` puts it at noon of that day in the shop's zone."""

    now: datetime

    @classmethod
    def at(cls, today: date | None) -> "Clock":
        if today is None:
            return cls(datetime.now(UTC).replace(second=0, microsecond=0))
        return cls(datetime.combine(today, time(12), SHOP_ZONE).astimezone(UTC))

    def day(self, ago: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """A time of day in the shop's zone, some days ago."""
        day = self.now.astimezone(SHOP_ZONE).date() - timedelta(days=ago)
        return datetime.combine(day, time(hour, minute, second), SHOP_ZONE).astimezone(UTC)


def shop_time(moment: datetime) -> str:
    """As the shop's pages print it: `2024-05-17 09:32:08`."""
    return moment.astimezone(SHOP_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def stamp(moment: datetime | None) -> str:
    """As the import files have it: ISO 8601 in UTC, empty when it did not happen."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
