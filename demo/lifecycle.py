"""When things happened to an order: the dates that its state implies, in keeping with the shop's own rules.

The shop closes unpaid orders after 30 minutes, ships what is paid before 16:00 the same day, delivers in one
to three days and completes an order seven days after delivery (see demo/knowledge).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.clock import Clock

SHIPS_SAME_DAY_UNTIL: Final = 16
DAYS: Final = {  # for each state, the days since what the state is named for: (story, fewest, most, weight)
    "unpaid": (("", 0, 0, 1),),
    "paid": (("", 1, 1, 9), ("late", 3, 4, 1)),
    "shipped": (("", 1, 3, 16), ("delayed", 5, 10, 3)),
    "delivered": (("", 1, 6, 1),),
    "completed": (("", 3, 6, 2), ("", 8, 14, 3), ("", 16, 200, 10)),
    "cancelled": (("never paid", 2, 120, 1), ("", 2, 120, 1)),
    "refunded": (("", 9, 110, 3), ("unshipped", 4, 110, 1)),
}


@dataclass(frozen=True)
class Dates:
    """The moments of one order; None where nothing of the kind happened."""

    story: str
    placed: datetime
    paid: datetime | None = None
    shipped: datetime | None = None
    expected: datetime | None = None
    delivered: datetime | None = None
    cancelled: datetime | None = None
    refunded: datetime | None = None


def choose_days(status: str, rng: Random) -> tuple[str, int]:
    """A story for an order in this state, and how many days ago its state began."""
    stories = DAYS[status]
    story, fewest, most, _ = rng.choices(stories, [weight for *_, weight in stories])[0]
    return story, rng.randint(fewest, most)


def make_dates(status: str, story: str, days: int, clock: Clock, rng: Random) -> Dates:
    """All dates of an order whose state began `days` ago. Draws as often whatever the outcome."""
    hour, minute, second = rng.randint(9, 22), rng.randint(0, 59), rng.randint(0, 59)
    transit, to_pay, to_close = rng.randint(1, 3), rng.randint(20, 1100), rng.randint(20, 170)
    if status == "unpaid":
        return Dates(story, clock.now - timedelta(minutes=3 + minute % 20, seconds=second))
    if status == "paid":
        hour = max(hour, SHIPS_SAME_DAY_UNTIL)  # an earlier order would have left the same day
    arrives = status in ("delivered", "completed") or (status == "refunded" and story != "unshipped")
    shipped_days = days + transit if arrives else days
    placed_days = shipped_days + (hour >= SHIPS_SAME_DAY_UNTIL and (arrives or status == "shipped"))
    placed = clock.day(placed_days, hour, minute, second)
    paid = placed + timedelta(seconds=to_pay)
    dates = Dates(story, placed, paid)
    if status == "cancelled":
        if story == "never paid":
            return Dates(story, placed, cancelled=placed + timedelta(minutes=30))
        return replace(dates, cancelled=paid + timedelta(minutes=to_close))
    if status == "refunded" and story == "unshipped":
        return replace(dates, refunded=paid + timedelta(minutes=to_close))
    if status == "paid":
        return dates
    shipped = clock.day(shipped_days, 19, minute, second)
    expected = clock.day(shipped_days - 3, 20)
    if not arrives:
        return replace(dates, shipped=shipped, expected=expected)
    delivered = clock.day(days, 11 + hour % 8, second, minute)
    refunded = delivered + timedelta(days=2 + transit, minutes=to_close) if status == "refunded" else None
    return replace(dates, shipped=shipped, expected=expected, delivered=delivered, refunded=refunded)
