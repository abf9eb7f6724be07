"""When the shop's people answer, and by when a customer who waits is promised an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.policy import Policy
from tests.builders import demo_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
POLICY = demo_policy()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in Shanghai in May 2024, in UTC; the 20th is a Monday."""
    return datetime(2024, 5, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def desk(zone: str = "Asia/Shanghai", **fields: object) -> Policy:
    return Policy.model_validate({"timezone": zone, "handoff": fields})


EVERY_DAY = {"mon-sun": ["09:00", "18:00"]}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (at(20, 8, 59), False),
        (at(20, 9), True),
        (at(20, 21, 59), True),
        (at(20, 22), False),
        (at(25, 9, 30), False),
        (at(25, 10), True),
        (at(26, 20), False),
    ],
)
def test_people_answer_from_opening_until_closing_in_the_shops_zone(when: datetime, expected: bool) -> None:
    assert POLICY.is_open(when) is expected


def test_a_shop_without_hours_always_answers() -> None:
    assert desk().is_open(at(20, 3))


def test_nobody_answers_on_a_holiday() -> None:
    assert not desk(business_hours=EVERY_DAY, holidays=["2024-05-20"]).is_open(at(20, 12))


def test_a_special_day_has_its_own_hours_even_on_a_holiday() -> None:
    policy = desk(
        business_hours=EVERY_DAY, holidays=["2024-05-20"], special_days={"2024-05-20": ["12:00", "14:00"]}
    )
    assert [policy.is_open(at(20, hour)) for hour in (11, 12, 14)] == [False, True, False]


# --- promises ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "promised"),
    [
        (at(20, 12), at(20, 14)),
        (at(20, 3), at(20, 11)),
        (at(20, 23), at(21, 11)),
        (at(24, 22), at(25, 12)),
        (at(26, 20), at(27, 11)),
        (at(20, 21), at(21, 10)),
        (at(20, 20), at(20, 22)),
    ],
    ids=[
        "while it is open",
        "early: from the opening of the same day",
        "late: from the opening of tomorrow",
        "friday night: from saturday's",
        "sunday night: from monday's",
        "an hour today and one tomorrow",
        "just before it closes",
    ],
)
def test_a_promise_counts_the_hours_during_which_people_are_there(now: datetime, promised: datetime) -> None:
    assert POLICY.promise(now) == promised


def test_a_promise_carries_the_shops_zone() -> None:
    promised = POLICY.promise(at(20, 3))
    assert promised and promised.tzinfo == SHANGHAI


def test_a_promise_skips_holidays_and_uses_special_days() -> None:
    policy = desk(
        business_hours=EVERY_DAY,
        holidays=["2024-05-20", "2024-05-22"],
        special_days={"2024-05-21": ["10:00", "11:00"]},
    )
    assert policy.promise(at(20, 12)) == at(23, 10)


def test_a_shop_without_hours_promises_from_now_on() -> None:
    assert desk(promise_hours=0.5).promise(at(20, 3)) == at(20, 3, 30)


def test_a_promise_can_be_asked_to_be_longer() -> None:
    assert POLICY.promise(at(20, 9), at_least=timedelta(hours=5)) == at(20, 14)
    assert POLICY.promise(at(20, 9), at_least=timedelta(hours=1)) == at(20, 11)


def test_a_shop_that_is_closed_for_weeks_promises_nothing() -> None:
    holidays = [f"2024-05-{day:02}" for day in range(20, 32)] + [f"2024-06-{day:02}" for day in range(1, 15)]
    assert desk(business_hours=EVERY_DAY, holidays=holidays).promise(at(20, 12)) is None


def test_a_day_without_an_hour_between_opening_and_closing_is_no_day() -> None:
    policy = desk(business_hours={"mon-sun": ["00:00", "00:00"]})
    assert not policy.is_open(at(20, 0)) and policy.promise(at(20, 0)) is None


def test_on_the_day_on_which_the_clocks_change_an_hour_is_still_an_hour() -> None:
    # In Berlin the hour from 2 to 3 does not exist on 31 March 2024.
    policy = desk("Europe/Berlin", business_hours={"mon-sun": ["00:00", "12:00"]}, promise_hours=4)
    midnight = datetime(2024, 3, 31, tzinfo=BERLIN)
    assert policy.promise(midnight) == datetime(2024, 3, 31, 5, tzinfo=BERLIN)
