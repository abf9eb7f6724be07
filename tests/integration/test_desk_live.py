"""What an open page of the desk hears, and over HTTP what agents do about money and canned replies."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from support.services import desk, identity
from support.services.desk import DeskError
from support.store import Store
from tests.builders import ROOT
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor, new_conversation, open_door
from tests.fakes_rasa import FakeRasa
from tests.records import NOW, delivered, fill, order, phone_of
from tests.sse import Heard, heard


@pytest_asyncio.fixture
async def queued(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """The demo shop's rules, and a conversation that waits for a person."""
    (tmp_path / "shop").mkdir()
    shutil.copy(ROOT / "demo" / "policy.yml", tmp_path / "shop" / "policy.yml")
    async with open_door(database_url, tmp_path, rasa) as door:
        rasa.enqueue(status=500)
        await door.say("我要退款", message_id="m-1")
        yield door


@pytest_asyncio.fixture
async def lin(queued: OpenDoor) -> AsyncIterator[Colleague]:
    async with staffed(queued, "lin", "agent") as colleague:
        yield colleague


def at(door: OpenDoor, what: str = "") -> str:
    return f"/desk/conversations/{door.conversation_id}{'/' if what else ''}{what}"


async def first(events: AsyncIterator[Heard], kind: str) -> Heard:
    async with asyncio.timeout(10):
        async for event in events:
            if event.kind == kind:
                return event
    raise AssertionError(f"the stream ended without {kind}")


# --- news --------------------------------------------------------------------------------------------------


async def test_a_new_conversation_in_the_queue_is_news(
    queued: OpenDoor, lin: Colleague, rasa: FakeRasa
) -> None:
    async with heard(lin.client, "/desk/live", method="GET") as events:
        assert set((await first(events, "queue")).data["news"]) == {queued.conversation_id}
        rasa.enqueue(status=500)
        other = replace(queued, conversation_id=new_conversation())
        await other.say("转人工")
        assert other.conversation_id in (await first(events, "queue")).data["news"]


async def test_new_words_in_what_is_mine_are_news_until_i_have_read_them(
    queued: OpenDoor, lin: Colleague
) -> None:
    await lin.post(at(queued, "take"))
    async with heard(lin.client, "/desk/live", method="GET") as events:
        assert (await first(events, "queue")).data["news"] == {}
        await queued.say("还在吗", message_id="m-2")
        assert queued.conversation_id in (await first(events, "queue")).data["news"]
        await lin.post(at(queued, "read"))
        assert (await first(events, "queue")).data["news"] == {}


async def test_the_open_conversation_tells_of_words_and_of_who_has_it(
    queued: OpenDoor, lin: Colleague
) -> None:
    live = f"/desk/live?conversation={queued.conversation_id}&after=1000000"
    last = (await queued.history())["last_event_id"]
    async with heard(lin.client, live.replace("1000000", str(last)), method="GET") as events:
        await lin.post(at(queued, "take"))
        await first(events, "holder")
        await queued.say("还在吗", message_id="m-2")
        await first(events, "story")
        await lin.post(at(queued, "note"), words="x")
        await first(events, "story")


async def test_a_page_that_comes_back_hears_what_it_missed(queued: OpenDoor, lin: Colleague) -> None:
    live = f"/desk/live?conversation={queued.conversation_id}"
    async with heard(lin.client, live, method="GET") as events:
        seen = (await first(events, "holder")).id
    await lin.post(at(queued, "take"))
    async with heard(lin.client, live, method="GET", last_event_id=seen) as events:
        assert int((await first(events, "holder")).id) > int(seen)


async def test_who_says_to_be_there_keeps_the_conversation(
    queued: OpenDoor, lin: Colleague, store: Store
) -> None:
    await lin.post(at(queued, "take"))
    before = await _seen_at(store, queued)
    assert (await lin.post("/desk/here")).status_code == 204
    assert await _seen_at(store, queued) > before


async def _seen_at(store: Store, door: OpenDoor) -> float:
    async with store.reading() as unit:
        found = await unit.handovers.current(door.conversation_id)
    assert found and found.seen_at
    return found.seen_at.timestamp()


# --- money -------------------------------------------------------------------------------------------------


async def test_a_refund_is_shown_confirmed_done_and_told(
    queued: OpenDoor, lin: Colleague, store: Store, rasa: FakeRasa
) -> None:
    one = order()
    await fill(store, one)
    await lin.post(at(queued, "take"))
    await lin.post(at(queued, "verify"), order_id=one.order_id, phone_last4=phone_of("C1")[-4:])
    asked = await lin.get(at(queued, f"refund?order_id={one.order_id}"))
    assert "unshipped-any-reason" in asked.text and "Choose the message" in asked.text
    assert "disabled>Refund ¥100.00" in asked.text
    form = {"order_id": one.order_id, "sku": "S1", "reason": "changed_mind"}
    assert (await lin.post(at(queued, "refund"), **form)).text.startswith("Choose the message in which")
    done = await lin.post(at(queued, "refund"), **form, yes="m-1")
    assert (done.status_code, "Refund done" in done.text) == (200, True)
    assert "退款已经办好" in (await queued.history())["entries"][-1]["text"]
    again = await lin.post(at(queued, "refund"), **form, yes="m-1")
    assert "done before" in again.text
    async with asyncio.timeout(10):
        while "退款已经办好" not in str(rasa.noted):
            await asyncio.sleep(0.02)


async def test_refunds_that_wait_are_listed_and_decided_once(
    queued: OpenDoor, lin: Colleague, store: Store
) -> None:
    one = delivered(days_ago=100)
    await fill(store, one)
    await lin.post(at(queued, "take"))
    await lin.post(at(queued, "verify"), order_id=one.order_id, phone_last4=phone_of("C1")[-4:])
    form = {"order_id": one.order_id, "sku": "S1", "reason": "not_received", "yes": "m-1"}
    assert "Submitted for a decision" in (await lin.post(at(queued, "refund"), **form)).text
    assert "Refunds: 1" in (await lin.get("/desk")).text
    page = (await lin.get("/desk/refunds")).text
    assert one.order_id in page and "delivered-not-received" in page
    async with store.reading() as unit:
        (waiting,) = await unit.refunds.in_review()
    decide = f"/desk/refunds/{waiting.refund_id}"
    assert (await lin.post(decide, verdict="approve", verdict_reason="")).status_code == 409
    assert "No refunds are waiting" in (await lin.post(decide, verdict="approve", verdict_reason="丢件")).text
    late = await lin.post(decide, verdict="refuse", verdict_reason="没丢")
    assert (late.status_code, late.text[:26]) == (409, "Somebody has just decided ")


async def test_an_order_of_somebody_else_is_not_shown(queued: OpenDoor, lin: Colleague, store: Store) -> None:
    mine, theirs = order(), order(customer_id="C2")
    await fill(store, mine, theirs)
    await lin.post(at(queued, "take"))
    await lin.post(at(queued, "verify"), order_id=mine.order_id, phone_last4=phone_of("C1")[-4:])
    for what in ("refund", "cancel"):
        answer = await lin.get(at(queued, f"{what}?order_id={theirs.order_id}"), **{"HX-Request": "true"})
        assert (answer.status_code, answer.text) == (409, "This customer has no such order or item.")


# --- canned replies ----------------------------------------------------------------------------------------


async def test_a_new_shop_begins_with_replies_in_both_languages(queued: OpenDoor, lin: Colleague) -> None:
    page = (await lin.get("/desk/replies")).text
    assert "前面的聊天记录我都看到了" in page and "no need to repeat it" in page


async def test_replies_are_filled_from_what_is_proven(queued: OpenDoor, lin: Colleague, store: Store) -> None:
    one = order()
    await fill(store, one)
    before = (await lin.get(at(queued, "replies"))).text
    assert "我是Lin" in before and "{order_id} is missing" in before
    now = queued.app.state.door.shop.clock()
    await identity.prove_by_order(store, queued.conversation_id, one.order_id, phone_of("C1")[-4:], now)
    after = (await lin.get(at(queued, "replies"))).text
    assert f"我正在核对订单 {one.order_id}" in after and "is missing" not in after


async def test_a_reply_with_a_variable_left_is_not_sent(queued: OpenDoor, lin: Colleague) -> None:
    await lin.post(at(queued, "take"))
    answer = await lin.post(at(queued, "reply"), text="{name}，您好", message_id="r-1")
    assert (answer.status_code, answer.text[:16]) == (409, "Not sent: {name}")
    assert [one["sender"] for one in (await queued.history())["entries"]].count("person") == 0


async def test_a_reply_is_added_changed_and_deleted(queued: OpenDoor, lin: Colleague, store: Store) -> None:
    added = await lin.post("/desk/replies", shortcut="/Gift", language="en", words="It's a gift from {shop}.")
    assert "a gift from Cloudlet Store." in added.text
    async with store.reading() as unit:
        gift = next(one for one in await unit.canned_replies.all() if one.shortcut == "gift")
    changed = await lin.post("/desk/replies", id=gift.id, shortcut="gift", language="en", words="A gift!")
    assert "A gift!" in changed.text
    assert "A gift!" not in (await lin.post(f"/desk/replies/{gift.id}/remove")).text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"shortcut": "two words", "words": "x"}, "A shortcut has up to 24"),
        ({"shortcut": "hi", "words": "x"}, "/hi exists already"),
        ({"shortcut": "new", "words": ""}, "The reply is empty"),
        ({"shortcut": "new", "words": "{phone}"}, "There is no variable {phone}"),
    ],
)
async def test_a_reply_that_cannot_be_kept_says_why(
    queued: OpenDoor, lin: Colleague, form: dict[str, str], why: str
) -> None:
    await lin.get("/desk/replies")
    answer = await lin.post("/desk/replies", language="en", **form)
    assert (answer.status_code, answer.text.startswith(why)) == (409, True)


async def test_deleted_defaults_stay_deleted(store: Store) -> None:
    for reply in await desk.canned_replies(store, NOW):
        await desk.remove_reply(store, "lin", reply.id, NOW)
    assert await desk.canned_replies(store, NOW) == []


async def test_defaults_are_made_once_however_many_ask_first(store: Store) -> None:
    asked = await asyncio.gather(*(desk.canned_replies(store, NOW) for _ in range(8)))
    assert len({len(found) for found in asked}) == 1
    with pytest.raises(DeskError):
        await desk.save_reply(store, "lin", 999_999, "x", "en", "x", NOW)
