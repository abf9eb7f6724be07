"""One turn at a time in a conversation, in one Rasa process and in two: `lock_store_probe.py`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rasa_probe import told_by


def _told(workers: int, redis_url: str) -> dict[str, Any]:
    return told_by("tests.integration.lock_store_probe", str(workers), redis_url)


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    return _told(1, "")


@pytest.fixture(scope="module")
def together(redis_url: str) -> dict[str, Any]:
    return _told(2, redis_url)


@pytest.fixture(params=["alone", "together"])
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(request.param)
    return found


def test_turns_are_served_one_at_a_time_in_the_order_in_which_they_came(told: dict[str, Any]) -> None:
    assert told["turns"] == {"in order": True, "served": 60, "at once": 1}


def test_who_waits_in_vain_leaves_the_line(told: dict[str, Any]) -> None:
    assert told["patience"] == "waited in vain, then served"


def test_a_dead_workers_place_is_passed_over(together: dict[str, Any]) -> None:
    assert together["dead"] == "served"


def test_nobody_leaves_anything_behind(together: dict[str, Any]) -> None:
    assert together["left"] == 0
