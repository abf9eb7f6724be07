"""What was made faster in Rasa does what Rasa does: `speed_probe.py`, in Rasa's environment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rasa_probe import told_by


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return told_by("tests.unit.speed_probe")


def test_rasas_functions_are_those_that_were_replaced(told: dict[str, Any]) -> None:
    assert told["changed"] == {}


def test_where_copies_are_taken_away_rasa_copies_for_its_log_only(told: dict[str, Any]) -> None:
    assert told["copies"] == [True, True, True]


@pytest.mark.parametrize("part", ["applied", "state", "copy", "states"])
def test_a_tracker_is_as_rasas_after_whatever_happened(told: dict[str, Any], part: str) -> None:
    assert told["differences"][part] == 0


def test_long_conversations_are_not_replayed_from_their_beginning(told: dict[str, Any]) -> None:
    assert told["differences"]["folded"] > 0


def test_an_action_servers_answer_is_judged_as_rasa_judges_it(told: dict[str, Any]) -> None:
    assert all(rasas == ours for rasas, ours in told["answers"])
    assert len({ours for _, ours in told["answers"]}) > 5


def test_a_models_graph_gives_what_it_gives_in_rasas_runner(told: dict[str, Any]) -> None:
    rasas, ours = told["graphs"]
    assert rasas == ours


def test_rules_are_asked_by_words_only_where_one_of_them_could_answer(told: dict[str, Any]) -> None:
    assert told["by words"] == ["a message by its words", "a slot"]
