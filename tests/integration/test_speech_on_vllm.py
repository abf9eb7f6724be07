"""Speech to text by a real vLLM that serves a tiny Qwen3-ASR: it hears rubbish, in the right protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.speech import Transcriber
from tests.doors import open_door
from tests.fakes_rasa import FakeRasa
from tests.helper_server import HelperServer, guarded, running_helper
from tests.proxies import KEY
from tests.recordings import tone


@pytest.fixture(scope="module")
def server(vllm_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelperServer]:
    with running_helper(tmp_path_factory.mktemp("speech"), "speech") as running:
        yield running


@pytest_asyncio.fixture
async def transcriber(server: HelperServer) -> AsyncIterator[Transcriber]:
    async with guarded(server) as url:
        opened = Transcriber(url, server.model, KEY, total_s=60.0)
        yield opened
        await opened.close()


async def test_a_recording_comes_back_as_words(transcriber: Transcriber) -> None:
    words = await transcriber.transcribe(tone(2.0))
    assert words and words == " ".join(words.split())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_customers_recording_goes_to_the_model_and_comes_back(
    server: HelperServer, database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    speech = {"speech_url": server.base_url, "speech_model": server.model}
    async with open_door(database_url, tmp_path, rasa, **speech) as door:
        answer = await door.client.post(
            "/api/chat/transcriptions",
            data={"conversation_id": door.conversation_id},
            files={"file": tone()},
        )
    assert answer.raise_for_status().json()["text"]
