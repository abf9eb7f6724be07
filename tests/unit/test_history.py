"""How much of a conversation the model gets, and that its beginning does not move with every message."""

from __future__ import annotations

from itertools import pairwise

import pytest

from support.services.history import STRIDE, TURNS, Said, recent

TALK = [Said("assistant" if number % 2 else "customer", str(number)) for number in range(60)]


@pytest.mark.parametrize("length", range(len(TALK)))
def test_the_last_turns_are_there_and_few_before_them(length: int) -> None:
    said = TALK[:length]
    shown = list(recent(said))
    assert shown == said[len(said) - len(shown) :]
    assert min(length, TURNS) <= len(shown) < TURNS + STRIDE


def test_most_messages_only_add_to_what_the_model_was_shown_before() -> None:
    """A question and its answer come between two calls."""
    calls = [list(recent(TALK[:length])) for length in range(0, len(TALK), 2)]
    grown = [later[: len(earlier)] == earlier for earlier, later in pairwise(calls)]
    assert grown.count(True) >= len(grown) / 2
