"""The gateway alone, with a stand-in for Rasa; a client of a scripted model; and a real model server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.llm import Llm
from tests.doors import OpenDoor, open_door
from tests.fakes_model import FakeModel
from tests.fakes_rasa import FakeRasa
from tests.model_server import ModelServer, missing, running_model_server


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with FakeRasa() as server:
        yield server


@pytest_asyncio.fixture
async def door(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    async with open_door(database_url, tmp_path, rasa) as opened:
        yield opened


@pytest_asyncio.fixture
async def llm(model: FakeModel) -> AsyncIterator[Llm]:
    """A client of the test's `model`, with little patience."""
    client = Llm(model.base_url, "fake", first_token_s=2, total_s=4)
    yield client
    await client.close()


@pytest.fixture(scope="session")
def vllm_is_here() -> None:
    """Loudly, and in CI a failure, when it is not."""
    if reason := missing():
        if os.environ.get("CI"):
            pytest.fail(f"NOT TESTED: {reason}", pytrace=False)
        pytest.skip(f"NOT TESTED: {reason}")


@pytest.fixture(scope="session")
def started_model_server(
    vllm_is_here: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ModelServer]:
    """Real vLLM, which may still be loading: something else can be started meanwhile."""
    with running_model_server(tmp_path_factory.mktemp("model")) as server:
        yield server


@pytest.fixture
def model_server(started_model_server: ModelServer) -> ModelServer:
    """Real vLLM that answers; started again if an earlier test has killed it."""
    started_model_server.start()
    started_model_server.wait_until_ready()
    return started_model_server
