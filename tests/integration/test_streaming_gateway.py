"""Words on their way to the customer through the gateway; Rasa is a stand-in, the actions are the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from gateway.door import Door
from gateway.reading import staff_has_read
from support.streaming import SideChannel, ToGateway
from tests.doors import OpenDoor, new_conversation
from tests.fakes_rasa import SECRET, FakeRasa
from tests.sse import Heard, heard, shown

ANSWER = "签收后 7 天内可以退货。"


@asynccontextmanager
async def said(
    door: OpenDoor, last_event_id: str = "", **message: Any
) -> AsyncIterator[AsyncIterator[Heard]]:
    """The events that answer a customer's message m-1."""
    body = {"conversation_id": door.conversation_id, "message_id": "m-1", "text": "几天能退？"} | message
    async with heard(door.client, "/api/chat/messages", json=body, last_event_id=last_event_id) as events:
        yield events


async def signal(door: OpenDoor, kind: str, message_id: str = "m-1", **data: Any) -> None:
    """What an action says about the message."""
    one = {"conversation_id": door.conversation_id, "message_id": message_id, "kind": kind, "data": data}
    answer = await door.client.post(
        "/internal/stream", json={"signals": [one]}, headers={"X-Shopclerk-Secret": SECRET}
    )
    assert answer.status_code == 204, answer.text


async def is_asked(rasa: FakeRasa) -> None:
    """Until Rasa has the message: from then on the turn runs."""
    while not rasa.heard:
        await asyncio.sleep(0.01)


async def next_of(events: AsyncIterator[Heard], kind: str) -> Heard:
    return await anext(event async for event in events if event.kind == kind)


async def test_words_arrive_before_the_answer_and_begin_it(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.6)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "status", state="searching")
        assert (await anext(events)).data == {"state": "searching"}
        await signal(door, "delta", at=0, text=ANSWER[:4])
        assert (await anext(events)).data == {"text": ANSWER[:4]}
        await signal(door, "delta", at=4, text=ANSWER[4:])
        rest = [event async for event in events]
    assert [(event.kind, event.data) for event in rest] == [
        ("delta", {"text": ANSWER[4:]}),
        ("message", {"text": ANSWER}),
        ("done", {"holder": "bot"}),
    ]


async def test_every_event_has_an_id(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": ANSWER}, {"text": "还有别的吗？"}, wait_s=0.4)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "status", state="thinking")
        await signal(door, "delta", at=0, text=ANSWER)
        found = [(event.kind, event.id) async for event in events]
    assert found == [
        ("status", "0.0"),
        ("delta", f"0.{len(ANSWER)}"),
        ("message", "m1"),
        ("message", "m2"),
        ("done", "done"),
    ]


async def test_text_that_is_in_no_message_is_withdrawn_before_they_come(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.4)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text="30 天内")
        found = [event async for event in events]
    assert [event.kind for event in found] == ["delta", "withdraw", "message", "done"]
    assert found[1].data == {"keep": ""}


async def test_an_action_may_withdraw_the_end_and_keep_the_beginning(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "亚麻连衣裙 ¥169"}, wait_s=0.5)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text="亚麻连衣裙 ¥169\n只要 99")
        await anext(events)
        await signal(door, "withdraw", keep="亚麻连衣裙 ¥169")
        found = [event async for event in events]
    assert [event.kind for event in found] == ["withdraw", "message", "done"]
    assert found[0].data == {"keep": "亚麻连衣裙 ¥169"}


# --- a lost connection -------------------------------------------------------------------------------------


async def test_who_lost_the_connection_gets_what_is_missing_and_one_answer(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.8)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text=ANSWER[:4])
        before = [await next_of(events, "delta")]
    await signal(door, "delta", at=4, text=ANSWER[4:8])
    async with said(door, last_event_id=before[-1].id) as events:
        after = [await next_of(events, "delta")]
        await signal(door, "delta", at=8, text=ANSWER[8:])
        after += [event async for event in events]
    assert after[0].data == {"text": ANSWER[4:8]}
    assert shown([*before, *after]) == ANSWER
    assert [event.data for event in after if event.kind == "message"] == [{"text": ANSWER}]
    assert len(rasa.heard) == 1


async def test_a_withdrawal_that_was_missed_is_told_after_the_gap(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.8)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text="30 天内")
        before = await next_of(events, "delta")
    await signal(door, "withdraw", keep="")
    await signal(door, "delta", at=0, text=ANSWER[:4])
    async with said(door, last_event_id=before.id) as events:
        after = [event async for event in events]
    assert [event.kind for event in after] == ["withdraw", "delta", "delta", "message", "done"]
    assert shown([before, *after]) == ANSWER


async def test_words_that_are_lost_on_the_way_are_taken_from_the_message(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.4)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text=ANSWER[:4])
        await signal(door, "delta", at=8, text=ANSWER[8:])
        found = [event async for event in events]
    assert [event.data for event in found if event.kind == "delta"] == [
        {"text": ANSWER[:4]},
        {"text": ANSWER[4:]},
    ]


async def test_an_answer_that_was_finished_meanwhile_comes_from_where_it_is_kept(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": ANSWER}, {"text": "还有别的吗？"})
    await door.say("几天能退？", message_id="m-1")
    for last, missing in (("0.4", ["m1", "m2", "done"]), ("m1", ["m2", "done"]), ("done", ["done"])):
        async with said(door, last_event_id=last) as events:
            found = [event.id async for event in events]
        assert found[-len(missing) :] == missing or found == ["m1", "m2", "done"]
    assert len(rasa.heard) == 1


async def test_a_gateway_that_missed_the_beginning_gives_the_whole_at_the_end(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    """As when another gateway had the customer's connection until now."""
    rasa.enqueue({"text": ANSWER}, wait_s=0.5)
    async with said(door, last_event_id="0.2") as events:
        await is_asked(rasa)
        await signal(door, "delta", at=6, text=ANSWER[6:])
        assert [event.kind async for event in events] == ["message", "done"]


async def test_one_that_goes_on_where_the_customer_was_cut_off_shows_the_words(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.5)
    async with said(door, last_event_id="0.6") as events:
        await is_asked(rasa)
        await signal(door, "delta", at=6, text=ANSWER[6:])
        assert [event.kind async for event in events] == ["delta", "message", "done"]


async def test_two_pages_of_one_message_see_the_same(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": ANSWER}, wait_s=0.5)
    async with said(door) as one, said(door) as other:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text=ANSWER[:4])
        both = [[event async for event in events] for events in (one, other)]
    assert both[0] == both[1]
    assert len(rasa.heard) == 1


# --- what else may come ------------------------------------------------------------------------------------


async def test_without_rasa_words_are_withdrawn_and_the_apology_is_the_answer(
    door: OpenDoor, rasa: FakeRasa
) -> None:
    rasa.enqueue(status=500, wait_s=0.4)
    async with said(door) as events:
        await is_asked(rasa)
        await signal(door, "delta", at=0, text=ANSWER[:4])
        found = [event async for event in events]
    assert [event.kind for event in found] == ["delta", "withdraw", "message", "done"]
    assert found[-1].data == {"holder": "queue"}


async def test_signals_for_nobody_here_are_let_go(door: OpenDoor) -> None:
    await signal(door, "delta", at=0, text="谁在听？")
    assert (await door.say("你好"))["messages"] == [{"text": "你好"}]


@pytest.mark.parametrize("given", [{}, {"X-Shopclerk-Secret": "guessed"}])
async def test_nobody_else_may_speak_for_the_assistant(door: OpenDoor, given: dict[str, str]) -> None:
    answer = await door.client.post("/internal/stream", json={"signals": []}, headers=given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_internal")


@pytest.mark.parametrize("last", ["-1", "9" * 40, "0.x", "m", "\u200b".encode().hex()])
async def test_an_id_that_is_none_of_ours_is_the_beginning(door: OpenDoor, last: str) -> None:
    if len(last) > 32:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": last}
        body = {"conversation_id": door.conversation_id, "text": "你好"}
        assert (await door.client.post("/api/chat/messages", json=body, headers=headers)).status_code == 422
        return
    async with said(door, last_event_id=last) as events:
        assert [event.kind async for event in events] == ["message", "done"]


async def test_the_side_channel_keeps_the_order_and_joins_what_waits(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": ANSWER * 40}, wait_s=1.0)
    channel = SideChannel(ToGateway(f"{door.client.base_url}/internal/stream", SECRET))
    draft = channel.draft(door.conversation_id, "m-1")
    async with said(door) as events:
        await is_asked(rasa)
        for end in range(1, len(ANSWER * 40) + 1):
            draft.show((ANSWER * 40)[:end])
        found = [event async for event in events]
    await channel.close()
    assert shown(found) == ANSWER * 40
    assert len([event for event in found if event.kind == "delta"]) < 10


async def test_a_gateway_that_is_away_costs_an_action_nothing(caplog: pytest.LogCaptureFixture) -> None:
    channel = SideChannel(ToGateway("http://127.0.0.1:9/internal/stream", SECRET))
    draft = channel.draft(new_conversation(), "m-1")
    for end in range(1, len(ANSWER)):
        draft.show(ANSWER[:end])
        await asyncio.sleep(0.01)
    await channel.close()
    assert len([line for line in caplog.messages if "word by word" in line]) == 1


# --- typing and reading ------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(door: OpenDoor) -> AsyncIterator[AsyncIterator[Heard]]:
    """An open page's events."""
    path = f"/api/chat/conversations/{door.conversation_id}/events"
    async with heard(door.client, path, method="GET") as events:
        yield events


def inside(door: OpenDoor) -> Door:
    """The gateway's own parts, as the desk uses them."""
    found: Door = door.app.state.door
    return found


async def opened(door: OpenDoor) -> None:
    """Until the page's listener is there."""
    while not len(inside(door).news):
        await asyncio.sleep(0.01)


async def test_an_open_page_sees_that_a_person_is_typing(door: OpenDoor) -> None:
    async with listening(door) as events:
        await opened(door)
        inside(door).streams.typing(new_conversation(), "别人")
        inside(door).streams.typing(door.conversation_id, "小林")
        typing = await anext(events)
    assert (typing.kind, typing.data["name"], typing.id) == ("typing", "小林", "")


async def test_an_open_page_sees_that_a_person_has_read(door: OpenDoor) -> None:
    await door.say("第一条", message_id="m-1")
    await door.say("第二条", message_id="m-2")
    async with listening(door) as events:
        await opened(door)
        await staff_has_read(inside(door), door.conversation_id)
        read = await anext(events)
    assert (read.kind, read.data["message_id"]) == ("read", "m-2")


async def test_a_page_that_opens_later_learns_what_was_read_before(door: OpenDoor) -> None:
    await door.say("第一条", message_id="m-1")
    await staff_has_read(inside(door), door.conversation_id)
    await door.say("第二条", message_id="m-2")
    assert (await door.history())["read_message_id"] == "m-1"
    async with listening(door) as events:
        assert (await anext(events)).data == {"message_id": "m-1"}


async def test_the_customer_has_read_up_to_an_event(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue(status=500)
    await door.say("转人工")
    path = f"/api/chat/conversations/{door.conversation_id}/read"
    newest = (await door.history())["last_event_id"]
    assert (await door.client.post(path, json={"up_to": newest})).status_code == 204
    async with inside(door).shop.store.reading() as unit:
        state = await unit.conversations.read_state(door.conversation_id)
    assert isinstance(state.customer, datetime) and state.staff is None
    unknown = await door.client.post(path, json={"up_to": newest + 1000})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_event")


async def test_another_conversations_event_is_unknown(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue(status=500)
    await door.say("转人工")
    newest = (await door.history())["last_event_id"]
    path = f"/api/chat/conversations/{new_conversation()}/read"
    assert (await door.client.post(path, json={"up_to": newest})).status_code == 404
