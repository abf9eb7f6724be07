"""People who answer: take, reply, give back; and what the customer's page learns of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from gateway.door import Door
from tests.doors import STAFF, OpenDoor
from tests.fakes_rasa import SECRET, FakeRasa


@pytest_asyncio.fixture
async def queued(door: OpenDoor, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """A conversation that waits for a person."""
    rasa.enqueue(status=500)
    await door.say("我的快递丢了")
    yield door


async def test_staff_only(queued: OpenDoor) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": STAFF["Authorization"][7:]}):
        response = await queued.client.get("/api/staff/handovers", headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "not_staff")


async def test_a_person_takes_answers_and_gives_back(queued: OpenDoor, rasa: FakeRasa) -> None:
    number = await queued.waiting()
    taken = (await queued.staff("POST", f"/{number}/take", person="小林")).json()
    assert (taken["status"], taken["taken_by"]) == ("taken", "小林")
    assert await queued.say("您好", message_id="m-2") == {"messages": [], "holder": "person"}

    assert (
        await queued.staff("POST", f"/{number}/reply", person="小林", text="我来帮您查。")
    ).status_code == 200
    detail = (await queued.staff("GET", f"/{number}")).json()
    events = [(one["kind"], one["payload"].get("text")) for one in detail["events"]]
    assert [one for one in events if one[0] != "packet"] == [
        ("holder", None),
        ("holder", None),
        ("customer", "您好"),
        ("message", "我来帮您查。"),
    ]

    closed = (await queued.staff("POST", f"/{number}/give-back", person="小林")).json()
    assert (closed["status"], closed["closed_why"]) == ("closed", "given_back")
    assert await queued.say("谢谢") == {"messages": [{"text": "谢谢"}], "holder": "bot"}
    assert [event["event"] for _, event in rasa.noted] == ["user", "bot", "resume", "action"]


async def test_the_history_has_the_persons_words_by_name(queued: OpenDoor) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    await queued.staff("POST", f"/{number}/reply", person="小林", text="我来帮您查。")
    history = await queued.history()
    assert (history["holder"], history["person"]) == ("person", "小林")
    last = history["entries"][-1]
    assert (last["sender"], last["person"], last["text"]) == ("person", "小林", "我来帮您查。")


async def test_of_two_people_one_gets_the_conversation(queued: OpenDoor) -> None:
    number = await queued.waiting()
    both = await asyncio.gather(
        queued.staff("POST", f"/{number}/take", person="小林"),
        queued.staff("POST", f"/{number}/take", person="小周"),
    )
    assert sorted(response.status_code for response in both) == [200, 409]
    error = next(response for response in both if response.status_code == 409).json()["error"]
    assert error["code"] == "not_possible"
    winner = next(response for response in both if response.status_code == 200).json()["taken_by"]
    assert winner in error["message"] and winner in error["message_zh"]


async def test_only_who_took_it_may_answer_or_give_back(queued: OpenDoor) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    reply = await queued.staff("POST", f"/{number}/reply", person="小周", text="我来")
    back = await queued.staff("POST", f"/{number}/give-back", person="小周")
    assert (reply.status_code, back.status_code) == (409, 409)


async def test_a_conversation_is_passed_to_a_colleague_and_back_into_the_queue(queued: OpenDoor) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    passed = await queued.staff("POST", f"/{number}/transfer", person="小林", to="小周", note="查快递")
    assert passed.json()["taken_by"] == "小周"
    assert (await queued.staff("POST", f"/{number}/reply", person="小林", text="等等")).status_code == 409
    assert (await queued.staff("POST", f"/{number}/transfer", person="小周")).json()["status"] == "waiting"
    history = await queued.history()
    assert (history["holder"], history["place"]) == ("queue", 1)
    assert history["entries"][-1]["text"] == "我请更熟悉这件事的同事接着帮您，请稍等。"


async def test_a_settled_conversation_is_the_assistants_again_with_the_next_message(
    queued: OpenDoor, rasa: FakeRasa
) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    closed = (await queued.staff("POST", f"/{number}/close", person="小林")).json()
    assert (closed["status"], closed["closed_why"]) == ("closed", "resolved")
    assert (await queued.history())["holder"] == "closed"
    assert await queued.say("运费多少") == {"messages": [{"text": "运费多少"}], "holder": "bot"}
    assert [event["event"] for _, event in rasa.noted] == ["resume", "action"]


async def test_a_double_click_says_it_once(queued: OpenDoor) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    words = {"person": "小林", "text": "您好", "message_id": "r-1"}
    both = await asyncio.gather(*(queued.staff("POST", f"/{number}/reply", **words) for _ in range(2)))
    assert [response.status_code for response in both] == [200, 200]
    said = [line["text"] for line in (await queued.history())["entries"] if line["sender"] == "person"]
    assert said == ["您好"]


async def test_the_queue_shows_the_ticket_and_the_promise(queued: OpenDoor) -> None:
    [found] = [one for one in (await queued.staff("GET")).json() if one["id"] == await queued.waiting()]
    assert found["ticket"].startswith("T") and found["ticket"].endswith(f"{found['id']:04}")
    assert found["promised_at"] > found["opened_at"]


async def _an_hour_later(door: OpenDoor, number: int) -> None:
    """What happened in the handover was an hour ago, and the gateway looks after it."""
    inside: Door = door.app.state.door
    async with inside.shop.store.writing() as unit:
        found = await unit.handovers.get(number)
        assert found
        times = ("opened_at", "taken_at", "seen_at", "person_said_at")
        before = {name: getattr(found, name) for name in times}
        hour = timedelta(hours=1)
        await unit.handovers.change(number, **{name: at and at - hour for name, at in before.items()})
    await inside.keeper.keep()


async def test_who_closed_the_laptop_loses_the_waiting_customer_to_the_queue(queued: OpenDoor) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    await _an_hour_later(queued, number)
    history = await queued.history()
    assert history["holder"] == "queue"
    assert history["entries"][-1]["text"].startswith("刚才的同事临时走开了，我请其他同事接着帮您。")
    assert (await queued.staff("POST", f"/{number}/take", person="小周")).status_code == 200


async def test_after_silence_the_assistant_answers_again_and_says_so(
    queued: OpenDoor, rasa: FakeRasa
) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    await queued.staff("POST", f"/{number}/reply", person="小林", text="还有什么可以帮您？")
    await _an_hour_later(queued, number)
    assert (await queued.history())["entries"][-1]["text"].startswith("这会儿没有新消息")
    assert await queued.say("在吗") == {"messages": [{"text": "在吗"}], "holder": "bot"}
    assert [event["event"] for _, event in rasa.noted] == ["bot", "resume", "action"]


async def test_presence_counts_what_a_person_has(queued: OpenDoor) -> None:
    await queued.staff("POST", f"/{await queued.waiting()}/take", person="小林")
    address = "/api/staff/presence"
    found = await queued.client.post(address, json={"person": "小林"}, headers=STAFF)
    assert found.json() == {"conversations": 1}


async def test_what_is_closed_stays_closed(queued: OpenDoor) -> None:
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    await queued.staff("POST", f"/{number}/give-back", person="小林")
    assert (await queued.staff("POST", f"/{number}/give-back", person="小林")).status_code == 409
    assert (await queued.staff("POST", f"/{number}/take", person="小林")).status_code == 409
    assert (await queued.staff("GET", "/999999")).status_code == 404


async def test_without_rasa_a_person_still_answers(queued: OpenDoor, rasa: FakeRasa) -> None:
    rasa.stop()
    number = await queued.waiting()
    await queued.staff("POST", f"/{number}/take", person="小林")
    assert (await queued.staff("POST", f"/{number}/reply", person="小林", text="在")).status_code == 200
    assert (await queued.staff("POST", f"/{number}/give-back", person="小林")).status_code == 200


# --- events ------------------------------------------------------------------------------------------------


async def _events(door: OpenDoor, count: int, **headers: str) -> list[tuple[str, str, dict[str, object]]]:
    """The next `count` events as (id, kind, data), without those that nobody keeps: they have no id."""
    address = f"/api/chat/conversations/{door.conversation_id}/events"
    found: list[tuple[str, str, dict[str, object]]] = []
    async with asyncio.timeout(5), door.client.stream("GET", address, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        event: dict[str, str] = {}
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                event[name] = value
            elif "data" in event:
                if "id" in event:
                    found.append((event["id"], event["event"], json.loads(event["data"])))
                event = {}
                if len(found) == count:
                    break
    return found


async def test_the_page_hears_who_answers_and_what_they_say(queued: OpenDoor) -> None:
    number = await queued.waiting()
    listening = asyncio.create_task(_events(queued, 3))
    await asyncio.sleep(0.2)
    await queued.staff("POST", f"/{number}/take", person="小林")
    await queued.say("您好")  # the customer's own words are no news to the page
    await queued.staff("POST", f"/{number}/reply", person="小林", text="我来帮您查。")
    heard = [(kind, data.get("holder"), data.get("text")) for _, kind, data in await listening]
    assert heard == [("holder", "queue", None), ("holder", "person", None), ("message", None, "我来帮您查。")]


async def test_a_page_that_comes_back_misses_nothing_and_hears_nothing_twice(queued: OpenDoor) -> None:
    number = await queued.waiting()
    [(first, _, _)] = await _events(queued, 1)
    await queued.staff("POST", f"/{number}/take", person="小林")
    await queued.staff("POST", f"/{number}/reply", person="小林", text="还在吗？")
    later = await _events(queued, 2, **{"Last-Event-ID": first})
    assert [kind for _, kind, _ in later] == ["holder", "message"]
    [(_, _, last)] = await _events(queued, 1, **{"Last-Event-ID": later[0][0]})
    assert last["text"] == "还在吗？"


async def test_what_rasa_pushes_reaches_the_page(door: OpenDoor) -> None:
    pushed = await _push(door, {"X-Shopclerk-Secret": SECRET})
    assert (pushed.status_code, pushed.json()) == (202, {"stored": 1})
    [(_, kind, data)] = await _events(door, 1)
    assert (kind, data["text"], data["citations"]) == (
        "message",
        "您的包裹到了",
        [{"id": "a#1", "title": "A", "article": ""}],
    )


@pytest.mark.parametrize("headers", [{}, {"X-Shopclerk-Secret": "wrong"}])
async def test_nobody_else_can_push(door: OpenDoor, headers: dict[str, str]) -> None:
    assert (await _push(door, headers)).json()["error"]["code"] == "not_internal"


async def _push(door: OpenDoor, headers: dict[str, str]) -> httpx.Response:
    uttered = {"text": "您的包裹到了", "custom": {"citations": [{"id": "a#1", "title": "A"}]}}
    body = {"conversation_id": door.conversation_id, "messages": [uttered]}
    return await door.client.post("/internal/push", json=body, headers=headers)
