"""Recordings that become words: what is taken, what is refused and why, and that nothing else happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.doors import OpenDoor, open_door
from tests.fakes_endpoint import FakeEndpoint, fake_endpoint
from tests.fakes_rasa import FakeRasa
from tests.recordings import tone

# Recordings touch no record.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[FakeEndpoint]:
    async with fake_endpoint() as opened:
        yield opened


@pytest_asyncio.fixture
async def listening(
    database_url: str, tmp_path: Path, rasa: FakeRasa, endpoint: FakeEndpoint
) -> AsyncIterator[OpenDoor]:
    speech = {"speech_url": endpoint.base_url, "speech_model": "listener"}
    async with open_door(database_url, tmp_path, rasa, **speech) as opened:
        yield opened


async def say(door: OpenDoor, recording: bytes, conversation_id: str = "") -> httpx.Response:
    return await door.client.post(
        "/api/chat/transcriptions",
        data={"conversation_id": conversation_id or door.conversation_id},
        files={"file": ("speech.wav", recording)},
    )


async def refused(door: OpenDoor, recording: bytes) -> tuple[int, str]:
    answer = await say(door, recording)
    error = answer.json()["error"]
    assert error["message"] and error["message_zh"]
    return answer.status_code, error["code"]


async def test_a_recording_becomes_words(listening: OpenDoor, endpoint: FakeEndpoint) -> None:
    endpoint.heard = " 我的订单\n到哪了？ "
    answer = await say(listening, tone())
    assert (answer.status_code, answer.json()) == (200, {"text": "我的订单 到哪了？"})
    (asked,) = endpoint.requests
    assert (asked["model"], asked["file"]) == ("listener", tone())


async def test_silence_is_no_words_and_no_error(listening: OpenDoor, endpoint: FakeEndpoint) -> None:
    endpoint.heard = "\n"
    assert (await say(listening, tone())).json() == {"text": ""}


async def test_nothing_is_sent_and_nothing_is_kept(
    listening: OpenDoor, endpoint: FakeEndpoint, rasa: FakeRasa, tmp_path: Path
) -> None:
    endpoint.heard = "退款"
    await say(listening, tone())
    assert rasa.heard == []
    assert (await listening.history())["entries"] == []
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and tone()[-2_000:] in path.read_bytes()]
    assert kept == []


@pytest.mark.parametrize(
    ("recording", "refusal"),
    [
        (b"", (422, "speech_empty")),
        (tone(0), (422, "speech_empty")),
        (b"hello", (415, "not_speech")),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", (415, "not_speech")),
        (b"OggS" + bytes(200), (415, "not_speech")),
        (tone(sample_bytes=1), (415, "not_speech")),
        (tone(channels=2), (415, "not_speech")),
        (tone(rate=48_000), (415, "not_speech")),
        (tone()[:-5_000], (415, "not_speech")),
        (tone(60.1), (422, "speech_too_long")),
        (bytes(2_000_001), (413, "speech_too_large")),
        (bytes(2_100_000), (413, "speech_too_large")),
    ],
    ids=[
        *("nothing", "no sound", "text", "half a header", "another format", "8 bits", "stereo", "studio"),
        *("cut off", "over a minute", "a byte too many", "far too many bytes"),
    ],
)
async def test_what_is_no_short_recording_is_refused_and_goes_nowhere(
    listening: OpenDoor, endpoint: FakeEndpoint, recording: bytes, refusal: tuple[int, str]
) -> None:
    assert await refused(listening, recording) == refusal
    assert endpoint.requests == []


async def test_a_whole_minute_is_taken(listening: OpenDoor, endpoint: FakeEndpoint) -> None:
    endpoint.heard = "好"
    assert (await say(listening, tone(60))).json() == {"text": "好"}


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_when_the_endpoint_fails_the_customer_may_type(
    listening: OpenDoor, endpoint: FakeEndpoint, status: int
) -> None:
    endpoint.status = status
    assert await refused(listening, tone()) == (503, "speech_busy")


async def test_a_shop_without_speech_says_so(door: OpenDoor) -> None:
    assert await refused(door, tone()) == (404, "speech_off")


async def test_the_page_is_told_whether_there_is_speech_and_may_use_the_microphone(
    door: OpenDoor, listening: OpenDoor
) -> None:
    for opened, seconds, policy in ((door, 0, "microphone=()"), (listening, 60, "microphone=(self)")):
        assert (await opened.client.get("/api/chat/shop")).json()["speech_seconds"] == seconds
        assert policy in (await opened.client.get("/")).headers["Permissions-Policy"]


async def test_a_recording_needs_a_conversation(listening: OpenDoor) -> None:
    answer = await say(listening, tone(), conversation_id="short")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_conversation_id")


async def test_recordings_are_limited_like_messages(
    database_url: str, tmp_path: Path, rasa: FakeRasa, endpoint: FakeEndpoint
) -> None:
    speech = {"speech_url": endpoint.base_url, "speech_model": "listener", "messages_per_minute": 2}
    async with open_door(database_url, tmp_path / "strict", rasa, **speech) as strict:
        answers = [await say(strict, tone()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_what_became_of_recordings_is_counted(listening: OpenDoor, endpoint: FakeEndpoint) -> None:
    endpoint.heard = "好"
    await say(listening, tone())
    await say(listening, b"hello")
    counted = (await listening.client.get("/metrics")).text
    assert 'shopclerk_recordings_total{outcome="written"} 1.0' in counted
    assert 'shopclerk_recordings_total{outcome="not_speech"} 1.0' in counted
