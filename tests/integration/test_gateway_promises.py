"""Nobody waits for long: what is not ready in time follows, once; what cannot be kept is asked for again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio

from gateway import texts
from gateway.incoming import Incoming
from support.store import Store
from tests.doors import OpenDoor, open_door
from tests.fakes_rasa import FakeRasa

FOLLOWS = texts.answer_follows("zh")["text"]


@pytest_asyncio.fixture
async def hasty(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """A gateway that lets nobody wait for longer than half a second, and is patient with Rasa."""
    async with open_door(database_url, tmp_path, rasa, answer_seconds=0.5, patience_seconds=6) as door:
        yield door


async def _said(door: OpenDoor, count: int) -> list[str]:
    """What the assistant has said, once it has said so much."""
    async with asyncio.timeout(15):
        while True:
            entries = (await door.history())["entries"]
            said = [one["text"] for one in entries if one["sender"] == "assistant"]
            if len(said) >= count:
                return said
            await asyncio.sleep(0.1)


async def test_a_slow_answer_is_promised_and_follows_once(hasty: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "七天内可以退。"}, wait_s=1.5)
    reply = await hasty.say("几天能退", message_id="m-1")
    assert (reply["messages"][0]["text"], reply["holder"]) == (FOLLOWS, "bot")
    assert await _said(hasty, 2) == [FOLLOWS, "七天内可以退。"]
    assert await hasty.say("几天能退", message_id="m-1") == reply
    assert len(rasa.heard) == 1


async def test_the_promise_counts_from_the_messages_arrival(door: OpenDoor, rasa: FakeRasa) -> None:
    """Whatever was waited for before its turn began: a customer's token, a slow database."""
    rasa.enqueue({"text": "七天内可以退。"}, wait_s=0.5)
    patience = door.settings.answer_seconds
    incoming = Incoming(
        door.conversation_id,
        "m-1",
        "几天能退",
        (),
        "zh",
        "zh",
        "zh",
        "web",
        arrived=time.monotonic() - patience,
    )
    reply = await door.app.state.door.turns.answer(incoming)
    assert reply["messages"][0]["text"] == FOLLOWS
    assert await _said(door, 2) == [FOLLOWS, "七天内可以退。"]


async def test_a_message_that_waits_for_a_slow_one_is_promised_too_and_keeps_its_place(
    hasty: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": "一"}, wait_s=1.5)
    first = asyncio.create_task(hasty.say("第一条"))
    await asyncio.sleep(0.1)
    second = await hasty.say("第二条")
    assert [(await first)["messages"][0]["text"], second["messages"][0]["text"]] == [FOLLOWS, FOLLOWS]
    assert (await _said(hasty, 4))[2:] == ["一", "第二条"]
    assert rasa.most_at_once == 1


async def test_while_rasa_is_away_for_a_moment_nobody_is_sent_to_the_queue(
    hasty: OpenDoor, rasa: FakeRasa
) -> None:
    """503 is what our channel says when the actions or the database are away."""
    rasa.enqueue(status=503)
    rasa.enqueue(status=503)
    rasa.enqueue({"text": "在的"})
    reply = await hasty.say("在吗")
    assert (reply["messages"][0]["text"], reply["holder"]) == (FOLLOWS, "bot")
    assert await _said(hasty, 2) == [FOLLOWS, "在的"]
    assert [message["again"] for message in rasa.heard] == [False, True, True]


async def test_after_its_patience_the_promise_ends_in_the_queue(hasty: OpenDoor, rasa: FakeRasa) -> None:
    rasa.stop()
    await hasty.say("我的快递丢了")
    assert (await _said(hasty, 2))[1].startswith(texts.SORRY["zh"])
    assert (await hasty.history())["holder"] == "queue"


async def test_who_asks_for_a_person_while_rasa_is_away_gets_into_the_queue_at_once(
    hasty: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.stop()
    promised = await hasty.say("我的快递丢了")
    await _said(hasty, 2)
    reply = await hasty.say("返回助手")
    assert reply["holder"] == "bot"
    reply = await hasty.say(promised["messages"][0]["buttons"][0]["payload"])
    assert (reply["holder"], reply["messages"][0]["text"][:2]) == ("queue", texts.SORRY["zh"][:2])


async def test_what_a_gateway_left_behind_is_answered_when_it_starts_again(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    store, now = Store(database_url), datetime.now(UTC)
    promise: dict[str, Any] = {"messages": [texts.answer_follows("zh")], "holder": "bot", "pending": True}
    async with store.writing() as unit:
        await unit.conversations.touch("conversation-left-0001", "web", "zh", now)
        await unit.conversations.receive("conversation-left-0001", "m-1", "还在吗", [], now)
        await unit.conversations.reply_to("conversation-left-0001", "m-1", promise)
    await store.close()
    async with open_door(database_url, tmp_path, rasa) as door:
        left = OpenDoor(door.client, door.app, door.settings, "conversation-left-0001")
        assert await _said(left, 2) == [FOLLOWS, "还在吗"]
    assert [message["again"] for message in rasa.heard] == [True]


async def test_a_door_without_its_database_asks_to_come_again(tmp_path: Path, rasa: FakeRasa) -> None:
    """There is not even a table to keep a message in."""
    async with open_door(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}", tmp_path, rasa) as door:
        response = await door.post(text="在吗", message_id="m-1")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"] == "2"
