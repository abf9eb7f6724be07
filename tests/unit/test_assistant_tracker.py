"""What Rasa remembers and repeats, looked at where it runs, in its own environment: `tracker_probe.py`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rasa_probe import told_by


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """A conversation of two turns, the second an hour before the first by the clock."""
    return told_by("tests.unit.tracker_probe")


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
