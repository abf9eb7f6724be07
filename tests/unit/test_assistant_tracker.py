"""What Rasa remembers and repeats, looked at where it runs, in its own environment: `tracker_probe.py`."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tools.environments import ROOT, python_of


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """A conversation of two turns, the second an hour before the first by the clock."""
    done = subprocess.run(
        [str(python_of("rasa")), "-W", "ignore", "-m", "tests.unit.tracker_probe"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_clock_that_is_put_back_takes_nothing_from_a_conversation(told: dict[str, Any]) -> None:
    assert told["heard"] == ["早", "在吗"]


def test_every_event_is_published_once_and_after_it_was_saved(told: dict[str, Any]) -> None:
    assert told["held"] == [4, 4, 4, 4, 7, 7, 7]


def test_what_a_killed_process_may_not_have_published_is_published_at_the_next_start(
    told: dict[str, Any],
) -> None:
    assert told["again"]


def test_a_message_that_was_heard_before_gets_the_answer_that_it_got(told: dict[str, Any]) -> None:
    answer = {"text": "早上好", "custom": {"source": "vetted"}}
    assert told["said"] == {"m-1": [answer], "m-2": [answer | {"text": "在的"}], "m-3": None}
