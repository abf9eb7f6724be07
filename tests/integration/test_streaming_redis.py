"""Two gateways and a real Redis: words reach the one that holds the customer's connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.streaming import SideChannel, ThroughRedis
from tests.doors import OpenDoor, new_conversation, open_door
from tests.fakes_rasa import FakeRasa
from tests.sse import heard, shown

ANSWER = "签收后 7 天内可以退货。"


@pytest_asyncio.fixture
async def doors(
    database_url: str, tmp_path: Path, rasa: FakeRasa, redis_url: str
) -> AsyncIterator[tuple[OpenDoor, OpenDoor]]:
    async with (
        open_door(database_url, tmp_path, rasa, redis_url=redis_url) as one,
        open_door(database_url, tmp_path, rasa, redis_url=redis_url) as other,
    ):
        await hears_redis(one)
        await hears_redis(other)
        yield one, other


async def hears_redis(door: OpenDoor) -> None:
    """Until what is published reaches the gateway: it subscribes while it starts."""
    path = f"/api/chat/conversations/{door.conversation_id}/events"
    async with heard(door.client, path, method="GET") as events:
        first = asyncio.ensure_future(anext(events))
        while not first.done():
            door.app.state.door.streams.typing(door.conversation_id, "小林")
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def channel(redis_url: str) -> AsyncIterator[SideChannel]:
    """The actions' end."""
    opened = SideChannel(ThroughRedis(redis_url))
    yield opened
    await opened.close()


async def test_words_reach_the_gateway_that_has_the_customer(
    doors: tuple[OpenDoor, OpenDoor], channel: SideChannel, rasa: FakeRasa
) -> None:
    for door in doors:
        conversation_id = new_conversation()
        body = {"conversation_id": conversation_id, "message_id": "m-1", "text": "几天能退？"}
        rasa.enqueue({"text": ANSWER}, wait_s=0.6)
        async with heard(door.client, "/api/chat/messages", json=body) as events:
            while not any(one["sender"] == conversation_id for one in rasa.heard):
                await asyncio.sleep(0.01)
            draft = channel.draft(conversation_id, "m-1")
            draft.status("thinking")
            draft.show(ANSWER[:4])
            assert (await anext(events)).kind == "status"
            assert (await anext(events)).data == {"text": ANSWER[:4]}
            draft.show(ANSWER)
            rest = [event async for event in events]
        assert shown(rest) == ANSWER[4:]
        assert [event.kind for event in rest] == ["delta", "message", "done"]


async def test_a_person_at_one_gateway_is_seen_typing_at_the_other(
    doors: tuple[OpenDoor, OpenDoor],
) -> None:
    desk, page = doors
    path = f"/api/chat/conversations/{page.conversation_id}/events"
    async with heard(page.client, path, method="GET") as events:
        while not len(page.app.state.door.news):
            await asyncio.sleep(0.01)
        desk.app.state.door.streams.typing(page.conversation_id, "小林")
        typing = await anext(events)
    assert (typing.kind, typing.data["name"]) == ("typing", "小林")


async def test_without_redis_answers_come_whole(
    database_url: str, tmp_path: Path, rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    rasa.enqueue({"text": ANSWER})
    async with open_door(database_url, tmp_path, rasa, redis_url="redis://127.0.0.1:9/0") as door:
        body = {"conversation_id": door.conversation_id, "text": "几天能退？"}
        async with heard(door.client, "/api/chat/messages", json=body) as events:
            assert [event.kind async for event in events] == ["message", "done"]
    assert [line for line in caplog.messages if "Redis does not answer" in line] != []
