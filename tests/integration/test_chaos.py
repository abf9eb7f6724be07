"""Two of the faults of `make chaos`, short: nothing is lost and nothing is doubled, whoever is killed.

How soon everything is back is measured there, not here.
"""

from __future__ import annotations

import asyncio

import pytest

from evals.chaos.faults import FAULTS
from evals.chaos.stand import small_stand
from evals.chaos.trial import Row, trial
from tests.stack import Stack

_CHOSEN = ("actions_killed", "rasa_killed")
_CALLERS = 3


@pytest.fixture(scope="module")
def rows(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """What became of conversations that were going on when a process was killed."""

    async def run() -> dict[str, Row]:
        async with small_stand(tmp_path_factory.mktemp("chaos"), shop_of=stack) as stand:
            faults = [fault for fault in FAULTS if fault.name in _CHOSEN]
            return {fault.name: await trial(stand, fault, _CALLERS) for fault in faults}

    return asyncio.run(run())


@pytest.mark.parametrize("fault", _CHOSEN)
def test_nothing_is_lost(rows: dict[str, Row], fault: str) -> None:
    assert rows[fault].lost == []


@pytest.mark.parametrize("fault", _CHOSEN)
def test_nothing_is_doubled(rows: dict[str, Row], fault: str) -> None:
    assert rows[fault].doubled == []


@pytest.mark.parametrize("fault", _CHOSEN)
def test_every_conversation_reaches_its_end(rows: dict[str, Row], fault: str) -> None:
    assert rows[fault].unfinished == []
    assert rows[fault].reached_their_end == rows[fault].conversations > 0


@pytest.mark.parametrize("fault", _CHOSEN)
def test_every_message_is_answered(rows: dict[str, Row], fault: str) -> None:
    assert "silent" not in rows[fault].kinds


@pytest.mark.parametrize("fault", _CHOSEN)
def test_the_process_comes_back_by_itself(rows: dict[str, Row], fault: str) -> None:
    assert rows[fault].back_s is not None
