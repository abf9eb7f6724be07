"""Turns at the front door: each message is answered once, in order, and kept with its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from support.store import Store
from tests.doors import OpenDoor, new_conversation, open_door
from tests.fakes_rasa import FakeRasa


async def test_a_repeated_message_id_gets_the_first_answer(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "第一次"})
    rasa.enqueue({"text": "第二次"})
    first = await door.say("退款", message_id="m-1")
    assert await door.say("退款", message_id="m-1") == first
    assert len(rasa.heard) == 1


async def test_a_repeat_waits_for_the_answer_that_is_on_its_way(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "慢慢来"}, wait_s=0.5)
    both = await asyncio.gather(door.say("退款", message_id="m-1"), door.say("退款", message_id="m-1"))
    assert both[0] == both[1] == {"messages": [{"text": "慢慢来"}], "holder": "bot"}
    assert len(rasa.heard) == 1


async def test_a_message_id_counts_in_its_own_conversation(door: OpenDoor, rasa: FakeRasa) -> None:
    await door.say("退款", message_id="m-1")
    await door.say("退款", message_id="m-1", conversation_id=new_conversation())
    assert len(rasa.heard) == 2


async def test_two_messages_at_once_are_answered_one_after_the_other(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "一"}, wait_s=0.3)
    first = asyncio.create_task(door.say("第一条"))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(door.say("第二条"))
    await asyncio.gather(first, second)
    assert [message["text"] for message in rasa.heard] == ["第一条", "第二条"]
    assert rasa.most_at_once == 1


async def test_two_conversations_do_not_wait_for_each_other(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "一"}, wait_s=0.5)
    rasa.enqueue({"text": "二"}, wait_s=0.5)
    await asyncio.gather(door.say("你好"), door.say("你好", conversation_id=new_conversation()))
    assert rasa.most_at_once == 2


async def test_a_message_is_answered_even_when_its_sender_has_gone(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "还在"}, wait_s=0.6)
    body = {"conversation_id": door.conversation_id, "message_id": "m-1", "text": "在吗"}
    with pytest.raises(httpx.ReadTimeout):
        await door.client.post("/api/chat/messages", json=body, timeout=0.3)
    assert (await door.say("在吗", message_id="m-1"))["messages"] == [{"text": "还在"}]
    assert len(rasa.heard) == 1


# --- several gateways --------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def second(door: OpenDoor, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """Another gateway of the same shop, and the same conversation there."""
    async with open_door(door.settings.database_url, tmp_path, rasa) as opened:
        yield replace(opened, conversation_id=door.conversation_id)


async def test_two_gateways_answer_a_conversation_one_message_at_a_time(
    door: OpenDoor, second: OpenDoor, rasa: FakeRasa
) -> None:
    for number in range(4):
        rasa.enqueue({"text": f"{number}"}, wait_s=0.1)
    replies = await asyncio.gather(*(one.say("在吗") for one in (door, second, door, second)))
    assert sorted(reply["messages"][0]["text"] for reply in replies) == ["0", "1", "2", "3"]
    assert rasa.most_at_once == 1


async def test_the_same_message_through_two_gateways_is_asked_once(
    door: OpenDoor, second: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": "一次"}, wait_s=0.3)
    replies = await asyncio.gather(*(one.say("退款", message_id="m-1") for one in (door, second)))
    assert replies[0] == replies[1] == {"messages": [{"text": "一次"}], "holder": "bot"}
    assert len(rasa.heard) == 1


async def test_a_message_whose_gateway_died_is_answered_when_its_lease_has_run_out(door: OpenDoor) -> None:
    store, now = Store(door.settings.database_url), datetime.now(UTC)
    async with store.writing() as unit:
        await unit.conversations.touch(door.conversation_id, "web", "zh", now)
        await unit.conversations.receive(door.conversation_id, "m-1", "在吗", [], now)
        until = now + timedelta(seconds=1)
        assert await unit.conversations.lease(door.conversation_id, "a gateway that died", now, until)
    await store.close()
    assert (await door.say("在吗", message_id="m-1"))["messages"] == [{"text": "在吗"}]
    assert datetime.now(UTC) >= until


# --- the story so far --------------------------------------------------------------------------------------


async def test_history_shows_both_sides_in_order(door: OpenDoor) -> None:
    await door.say("你好", message_id="m-1")
    await door.say("退款", message_id="m-2")
    history = await door.history()
    assert [(one["sender"], one["text"]) for one in history["entries"]] == [
        ("customer", "你好"),
        ("assistant", "你好"),
        ("customer", "退款"),
        ("assistant", "退款"),
    ]
    assert history["holder"] == "bot"


async def test_another_conversation_sees_nothing_of_it(door: OpenDoor) -> None:
    await door.say("你好")
    response = await door.client.get(f"/api/chat/conversations/{new_conversation()}/messages")
    assert response.json() == {"holder": "bot", "entries": [], "last_event_id": 0}


async def test_ratings_are_kept(door: OpenDoor) -> None:
    body = {"conversation_id": door.conversation_id, "score": 2, "words": "等太久"}
    assert (await door.client.post("/api/chat/ratings", json=body)).status_code == 204
    assert (await door.client.post("/api/chat/ratings", json=body | {"score": 6})).status_code == 422
    store = Store(door.settings.database_url)
    async with store.reading() as unit:
        kept = await unit.ratings.of_conversation(door.conversation_id)
    await store.close()
    assert kept == [(2, "等太久")]
