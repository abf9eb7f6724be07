"""The gateway alone, with a stand-in for Rasa."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.doors import OpenDoor, open_door
from tests.fakes_rasa import FakeRasa


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with FakeRasa() as server:
        yield server


@pytest_asyncio.fixture
async def door(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    async with open_door(database_url, tmp_path, rasa) as opened:
        yield opened
