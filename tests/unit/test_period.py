"""Days of a zone: where they begin, what lies before them, and when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.period import Period, day_of

SHANGHAI, BERLIN, CAIRO = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")
NOON = datetime(2024, 5, 20, 4, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_period_ends_with_today_as_far_as_it_has_come() -> None:
    period = Period.ending(7, SHANGHAI, NOON)
    assert (period.first, period.last) == (date(2024, 5, 14), date(2024, 5, 20))
    assert (period.since, period.until) == (at("2024-05-13T16:00Z"), NOON)


def test_the_period_before_is_as_long_and_ends_at_the_same_time_of_day() -> None:
    before = Period.ending(7, SHANGHAI, NOON).before()
    assert (before.first, before.last) == (date(2024, 5, 7), date(2024, 5, 13))
    assert before.until == NOON - timedelta(days=7)


def test_the_period_before_full_days_has_full_days() -> None:
    period = Period(date(2024, 5, 10), date(2024, 5, 12), SHANGHAI, NOON)
    assert period.until == at("2024-05-12T16:00Z")
    assert period.before().until == period.since


def test_after_today_nothing_is_expected() -> None:
    assert Period(date(2024, 5, 20), date(2024, 6, 30), SHANGHAI, NOON).until == NOON


def test_a_zone_without_changes_has_one_offset() -> None:
    assert [seconds for _, seconds in Period.ending(90, SHANGHAI, NOON).offsets] == [8 * 3600]


@pytest.mark.parametrize(
    ("zone", "day", "change", "before", "after"),
    [
        (BERLIN, date(2024, 3, 31), "2024-03-31T01:00Z", 1, 2),
        (BERLIN, date(2024, 10, 27), "2024-10-27T01:00Z", 2, 1),
        # In Cairo the clocks jump at midnight: the day begins at one.
        (CAIRO, date(2024, 4, 26), "2024-04-25T22:00Z", 2, 3),
    ],
)
def test_the_change_of_clocks_is_found_to_the_second(
    zone: ZoneInfo, day: date, change: str, before: int, after: int
) -> None:
    period = Period(day - timedelta(days=3), day + timedelta(days=3), zone, NOON + timedelta(days=999))
    (until, held), (_, then) = period.offsets
    assert (until, held, then) == (at(change), before * 3600, after * 3600)


def test_a_day_is_found_by_its_number() -> None:
    assert day_of(0) == date(1970, 1, 1)
    assert day_of(19_863) == date(2024, 5, 20)
