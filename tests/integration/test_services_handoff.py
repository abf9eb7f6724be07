"""Passing a conversation to a person and back, on both databases: one holder at a time, nothing lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from support.model import HandoffReason, Holder
from support.policy import Policy
from support.services import handoff, identity
from support.services.handoff import NotPossible, Queued
from support.services.history import Said
from support.store import Handover, Store
from tests.records import NOW, fill, order, picture

POLICY = Policy()


async def begin(store: Store, *conversations: str) -> None:
    async with store.writing() as unit:
        for one in conversations:
            await unit.conversations.touch(one, "web", "zh", NOW)


async def ask(store: Store, conversation: str = "c1") -> Queued:
    return await handoff.open(store, POLICY, conversation, HandoffReason.ASKED, {"language": "zh"}, NOW)


async def current(store: Store, conversation: str = "c1") -> Handover:
    async with store.reading() as unit:
        found = await unit.handovers.current(conversation)
    assert found
    return found


async def holder(store: Store, conversation: str = "c1") -> Holder:
    async with store.reading() as unit:
        return await unit.conversations.holder(conversation)


async def told(store: Store, conversation: str = "c1") -> list[tuple[str, dict[str, Any]]]:
    async with store.reading() as unit:
        return [
            (event.kind, dict(event.payload)) for event in await unit.conversations.events(conversation, 0)
        ]


async def test_the_first_in_the_queue_is_next(store: Store) -> None:
    await begin(store, "c1", "c2")
    assert (await ask(store)).place == 1
    assert (await ask(store, "c2")).place == 2
    assert await holder(store) is Holder.QUEUE


async def test_twenty_requests_at_once_open_one_handover(store: Store) -> None:
    await begin(store, "c1")
    answers = await asyncio.gather(*(ask(store) for _ in range(20)))
    assert sum(answer.new for answer in answers) == 1
    assert {answer.place for answer in answers} == {1}
    assert await told(store) == [("holder", {"holder": "queue"})]


async def test_of_ten_people_who_take_it_one_gets_it(store: Store) -> None:
    await begin(store, "c1")
    await ask(store)
    waiting = await current(store)
    takers = [handoff.take(store, waiting.id, f"person {n}", NOW) for n in range(10)]
    outcomes = await asyncio.gather(*takers, return_exceptions=True)
    (taken,) = [one for one in outcomes if isinstance(one, Handover)]
    assert all(isinstance(one, NotPossible) for one in outcomes if one is not taken)
    assert (await holder(store), (await current(store)).taken_by) == (Holder.PERSON, taken.taken_by)


async def test_taking_twice_is_taking_once(store: Store) -> None:
    await begin(store, "c1")
    await ask(store)
    waiting = await current(store)
    for _ in range(2):
        await handoff.take(store, waiting.id, "Lin", NOW)
    assert [kind for kind, _ in await told(store)] == ["holder", "holder"]


async def test_only_who_has_it_may_reply(store: Store) -> None:
    await begin(store, "c1")
    await ask(store)
    waiting = await current(store)
    with pytest.raises(NotPossible, match="take it first"):
        await handoff.reply(store, waiting.id, "Lin", "您好", NOW)
    await handoff.take(store, waiting.id, "Lin", NOW)
    with pytest.raises(NotPossible, match="not with Wang"):
        await handoff.reply(store, waiting.id, "Wang", "您好", NOW)
    await handoff.reply(store, waiting.id, "Lin", "您好", NOW)
    assert (await told(store))[-1] == ("message", {"text": "您好", "from": "Lin"})


async def test_given_back_it_is_the_assistants_and_can_be_asked_for_again(store: Store) -> None:
    await begin(store, "c1")
    await ask(store)
    waiting = await current(store)
    await handoff.take(store, waiting.id, "Lin", NOW)
    await handoff.close(store, waiting.id, "given_back", NOW)
    assert await holder(store) is Holder.BOT
    with pytest.raises(NotPossible, match="closed already"):
        await handoff.close(store, waiting.id, "given_back", NOW)
    with pytest.raises(NotPossible, match="not with Lin"):
        await handoff.reply(store, waiting.id, "Lin", "还在吗", NOW)
    assert (await ask(store)).new
    assert (await current(store)).id != waiting.id


async def test_what_is_closed_or_does_not_exist_cannot_be_taken(store: Store) -> None:
    await begin(store, "c1")
    await ask(store)
    waiting = await current(store)
    await handoff.close(store, waiting.id, "left", NOW)
    with pytest.raises(NotPossible, match="is closed"):
        await handoff.take(store, waiting.id, "Lin", NOW)
    for call in (handoff.take, handoff.close):
        with pytest.raises(NotPossible, match="no handover 404"):
            await call(store, 404, "Lin", NOW)


async def test_who_leaves_the_queue_moves_the_others_up(store: Store) -> None:
    await begin(store, "c1", "c2")
    await ask(store)
    await ask(store, "c2")
    await handoff.close(store, (await current(store)).id, "left", NOW)
    assert (await ask(store, "c2")) == Queued(new=False, place=1, open_now=True, next_opening=None)


async def test_the_packet_holds_what_a_person_needs(store: Store) -> None:
    one, photo = order(), picture("c1")
    await fill(store, one)
    async with store.writing() as unit:
        await unit.attachments.add(photo)
    await identity.prove_by_order(store, "c1", one.order_id, "0001", NOW)
    said = [Said("customer", f"message {n}") for n in range(30)] + [
        Said("customer", "看", (photo.attachment_id, "x"))
    ]
    packet = await handoff.packet(
        store, "c1", NOW, said=said, slots={"order_id": one.order_id}, tried=["refund"], language="zh"
    )
    assert packet["customer"] == {"customer_id": "C1", "name": "C1"}
    assert packet["proven_by"] == "order+phone"
    assert (packet["order"]["order_id"], packet["order"]["total"]) == (one.order_id, "100.00")
    assert (packet["tried"], [one["id"] for one in packet["pictures"]]) == (["refund"], [photo.attachment_id])
    assert len(packet["last_messages"]) == 20 and packet["last_messages"][-1]["text"] == "看"


async def test_the_packet_of_a_stranger_names_nobody_whatever_the_slots_say(store: Store) -> None:
    one = order()
    await fill(store, one)
    packet = await handoff.packet(
        store, "c1", NOW, said=[], slots={"order_id": one.order_id}, tried=[], language="en"
    )
    assert (packet["customer"], packet["order"], packet["proven_by"]) == (None, None, None)
