"""What travels with an action call, made where Rasa runs (`action_calls_probe.py`) and read as actions do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from support.services import history
from tests.rasa_probe import told_by

_FORMS = ("refund_form", "cancel_order_form")
# Everything that actions ask of a conversation's past, but for the few that recall the whole of it first.
_READERS: dict[str, Callable[[Turn], Any]] = {
    "is_fresh": lambda turn: turn.is_fresh,
    "starts": lambda turn: [turn.starts(form) for form in _FORMS],
    "left_loop": lambda turn: [turn.left_loop(form) for form in _FORMS],
    "recent_attachments": lambda turn: turn.recent_attachments(),
    "told_model": lambda turn: history.recent(turn.told_model()),
    "message": lambda turn: (turn.text, turn.intent, turn.message_id, turn.attachments, turn.ruling),
    "slots": lambda turn: turn.telling_slots(),
    "loop": lambda turn: turn.loop,
}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return told_by("tests.unit.action_calls_probe")


def _turn(state: dict[str, Any]) -> Turn:
    return Turn(CollectingDispatcher(), Tracker.from_dict(state))


@pytest.mark.parametrize("reader", _READERS)
def test_an_action_reads_the_same_in_our_call_as_in_rasas(told: dict[str, Any], reader: str) -> None:
    read = _READERS[reader]
    found = [(read(_turn(rasas)), read(_turn(ours))) for rasas, ours in told["calls"]]
    assert [ours for _, ours in found] == [rasas for rasas, _ in found]


def test_a_call_at_turn_200_is_hardly_larger_than_at_turn_5(told: dict[str, Any]) -> None:
    assert max(told["sizes"]) <= 1.3 * told["sizes"][4]


def test_the_domain_stays_at_home_and_its_place_is_kept_for_rasa_sdk(told: dict[str, Any]) -> None:
    assert told["domains"] == [{}, {}]


def test_an_action_that_the_domain_says_needs_it_gets_what_rasa_sends(told: dict[str, Any]) -> None:
    assert told["own_is_whole"]


def test_a_call_reaches_back_as_far_as_the_model_is_told(told: dict[str, Any]) -> None:
    assert told["told"] == [history.TURNS + 1, history.STRIDE]


def test_rasas_own_function_is_the_one_that_ours_was_written_for(told: dict[str, Any]) -> None:
    assert told["changed"] == {}
