"""One turn at a time in a conversation, in one Rasa process and in two: `lock_store_probe.py`."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tools.environments import ROOT, python_of


def _told(workers: int, redis_url: str) -> dict[str, Any]:
    command = [str(python_of("rasa")), "-W", "ignore", "-m", "tests.integration.lock_store_probe"]
    done = subprocess.run(
        [*command, str(workers), redis_url],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


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
