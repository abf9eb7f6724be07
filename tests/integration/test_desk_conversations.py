"""Agents at the desk over HTTP: taking, answering, notes, passing on, and what the customer sees of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from support.store import Handover, Store
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor, new_conversation
from tests.fakes_rasa import FakeRasa
from tests.records import delivered, fill, order, phone_of
from tests.sse import heard


@pytest_asyncio.fixture
async def queued(door: OpenDoor, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """A conversation that waits for a person."""
    rasa.enqueue(status=500)
    await door.say("我的快递丢了", message_id="m-1")
    yield door


@pytest_asyncio.fixture
async def lin(queued: OpenDoor) -> AsyncIterator[Colleague]:
    async with staffed(queued, "lin", "agent") as colleague:
        yield colleague


@pytest_asyncio.fixture
async def wang(queued: OpenDoor) -> AsyncIterator[Colleague]:
    async with staffed(queued, "wang", "agent") as colleague:
        yield colleague


def at(door: OpenDoor, what: str = "") -> str:
    return f"/desk/conversations/{door.conversation_id}{'/' if what else ''}{what}"


async def took(door: OpenDoor, colleague: Colleague) -> None:
    assert (await colleague.post(at(door, "take"))).status_code == 204


async def briefed(door: OpenDoor, store: Store, words: str) -> Handover:
    """The conversation's handover, once its summary holds these words."""
    while True:
        async with store.reading() as unit:
            handover = await unit.handovers.current(door.conversation_id)
        if handover and words in handover.packet.get("summary", ""):
            return handover
        await asyncio.sleep(0.05)


async def acts(store: Store) -> list[str]:
    async with store.reading() as unit:
        return [act.action for _, act in await unit.staff_log.last(50)]


# --- taking ------------------------------------------------------------------------------------------------


async def test_the_queue_shows_who_waits_with_words_and_reason(queued: OpenDoor, lin: Colleague) -> None:
    page = (await lin.get("/desk")).text
    assert "我的快递丢了" in page and "Failure" in page
    assert f'href="{at(queued)}?tab=waiting"' in page


async def test_who_opens_it_has_the_summary_catch_up_with_the_customer(
    queued: OpenDoor, lin: Colleague, store: Store
) -> None:
    first = await briefed(queued, store, "我的快递丢了")
    an_hour_ago = (first.opened_at - timedelta(hours=1)).isoformat()
    async with store.writing() as unit:
        await unit.handovers.change(first.id, packet={**first.packet, "briefed_at": an_hour_ago})
    await queued.say("单号我忘了，是上周买的", message_id="m-2")
    await lin.get(at(queued))
    assert "我的快递丢了" in (await briefed(queued, store, "是上周买的")).packet["summary"]


async def test_who_takes_it_has_it_and_the_customer_reads_the_name(
    queued: OpenDoor, lin: Colleague, store: Store
) -> None:
    await took(queued, lin)
    assert (await queued.history())["person"] == "Lin"
    assert "With you" in (await lin.get(at(queued))).text
    assert "take" in await acts(store)


async def test_of_two_who_take_it_one_gets_it_and_the_other_hears_who(
    queued: OpenDoor, lin: Colleague, wang: Colleague
) -> None:
    both = await asyncio.gather(lin.post(at(queued, "take")), wang.post(at(queued, "take")))
    assert sorted(one.status_code for one in both) == [204, 409]
    refused = next(one for one in both if one.status_code == 409)
    assert refused.text.startswith(("Lin has", "Wang has"))


async def test_what_never_came_to_a_person_is_not_for_agents(door: OpenDoor, lin: Colleague) -> None:
    other = replace(door, conversation_id=new_conversation())
    await other.say("你好")
    for what in ("", "part/side", "replies"):
        assert (await lin.get(at(other, what))).status_code == 404
    for what in ("take", "give-back", "close", "transfer", "typing", "read"):
        assert (await lin.post(at(other, what))).status_code == 404
    assert (await lin.post(at(other, "note"), words="x")).status_code == 404


# --- words -------------------------------------------------------------------------------------------------


async def test_a_reply_sent_twice_is_said_once(queued: OpenDoor, lin: Colleague, rasa: FakeRasa) -> None:
    await took(queued, lin)
    for _ in range(2):
        answer = await lin.post(at(queued, "reply"), text="我来查", message_id="r-1")
        assert answer.status_code == 204
    said = [one["text"] for one in (await queued.history())["entries"] if one["sender"] == "person"]
    assert said == ["我来查"]


async def test_ten_sends_at_once_are_one_reply(queued: OpenDoor, lin: Colleague) -> None:
    await took(queued, lin)
    await asyncio.gather(*(lin.post(at(queued, "reply"), text="在", message_id="r-1") for _ in range(10)))
    assert [one["sender"] for one in (await queued.history())["entries"]].count("person") == 1


async def test_only_who_has_it_may_answer_pass_it_on_or_end_it(
    queued: OpenDoor, lin: Colleague, wang: Colleague
) -> None:
    before = await wang.post(at(queued, "reply"), text="我来", message_id="r-1")
    assert (before.status_code, before.text) == (409, "Take the conversation first.")
    await took(queued, lin)
    answers = [
        await wang.post(at(queued, "reply"), text="我来", message_id="r-1"),
        await wang.post(at(queued, "transfer")),
        await wang.post(at(queued, "give-back")),
        await wang.post(at(queued, "close")),
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert all(answer.text.startswith("Lin has this conversation") for answer in answers)
    assert "With Lin" in (await wang.get(at(queued))).text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The reply is empty"),
        ("  \x00 ", "The reply is empty"),
        ("好" * 2_001, "This has 2001 characters"),
    ],
)
async def test_a_reply_that_cannot_be_sent_says_why(
    queued: OpenDoor, lin: Colleague, text: str, why: str
) -> None:
    await took(queued, lin)
    answer = await lin.post(at(queued, "reply"), text=text, message_id="r-1")
    assert answer.status_code == 409
    assert answer.text.startswith(why)


async def test_without_the_token_of_the_page_nothing_is_sent(queued: OpenDoor, lin: Colleague) -> None:
    await took(queued, lin)
    answer = await lin.client.post(at(queued, "reply"), data={"text": "好", "message_id": "r-1"})
    assert answer.status_code == 403
    assert "person" not in [one["sender"] for one in (await queued.history())["entries"]]


async def test_a_script_of_a_customer_is_only_text(queued: OpenDoor, lin: Colleague) -> None:
    await queued.say("<script>alert(1)</script>", message_id="m-2")
    for page in (await lin.get("/desk"), await lin.get(at(queued))):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


async def test_the_customer_sees_that_a_person_writes_and_has_read(queued: OpenDoor, lin: Colleague) -> None:
    await took(queued, lin)
    await queued.say("还在吗", message_id="m-2")
    path = f"/api/chat/conversations/{queued.conversation_id}/events"
    async with asyncio.timeout(10), heard(queued.client, path, method="GET") as events:
        await asyncio.sleep(0.1)
        await lin.post(at(queued, "typing"))
        await lin.post(at(queued, "read"))
        kinds = {}
        async for event in events:
            kinds[event.kind] = event.data
            if {"typing", "read"} <= set(kinds) and kinds["read"].get("message_id") == "m-2":
                break
    assert kinds["typing"]["name"] == "Lin"


async def test_a_colleague_who_only_looks_is_not_shown_to_the_customer(
    queued: OpenDoor, lin: Colleague, wang: Colleague
) -> None:
    await queued.say("还在吗", message_id="m-2")
    await wang.get(at(queued))
    assert (await wang.post(at(queued, "read"))).status_code == 204
    assert "read_message_id" not in await queued.history()


# --- notes -------------------------------------------------------------------------------------------------


async def test_a_note_reaches_colleagues_and_never_the_customer(
    queued: OpenDoor, lin: Colleague, wang: Colleague, rasa: FakeRasa
) -> None:
    secret = "顾客脾气不好，先安抚"
    await took(queued, lin)
    assert (await wang.post(at(queued, "note"), words=secret)).status_code == 204
    assert secret in (await lin.get(at(queued))).text

    path = f"/api/chat/conversations/{queued.conversation_id}"
    heard_by_customer = [(await queued.client.get(f"{path}/messages")).text]
    await lin.post(at(queued, "close"))
    async with asyncio.timeout(10), heard(queued.client, f"{path}/events", method="GET") as events:
        async for event in events:
            heard_by_customer.append(str(event.data))
            if event.data.get("holder") == "closed":
                break
    assert all(secret not in one for one in heard_by_customer)
    await _until_noted(rasa, "resume")
    assert secret not in str(rasa.noted) + str(rasa.heard)


async def _until_noted(rasa: FakeRasa, event: str) -> None:
    async with asyncio.timeout(10):
        while event not in [noted["event"] for _, noted in rasa.noted]:
            await asyncio.sleep(0.02)


async def test_a_note_of_five_megabytes_is_refused_and_the_desk_goes_on(
    queued: OpenDoor, lin: Colleague
) -> None:
    words = "n" * 5_000_000
    try:
        answer = await lin.post(at(queued, "note"), words=words)
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # who sends so much may find the connection closed before the answer
    assert (await lin.get(at(queued))).text.count("nnnn") == 0
    longer = await lin.post(at(queued, "note"), words="字" * 2_001)
    assert (longer.status_code, longer.text[:24]) == (409, "This has 2001 characters")


# --- passing on and ending ---------------------------------------------------------------------------------


async def test_a_conversation_is_passed_to_a_colleague_with_a_note(
    queued: OpenDoor, lin: Colleague, wang: Colleague
) -> None:
    await took(queued, lin)
    passed = await lin.post(at(queued, "transfer"), to="wang", note="她懂物流")
    assert passed.status_code == 204
    page = (await wang.get(at(queued))).text
    assert "With you" in page and "她懂物流" in page and "Lin passed it to Wang" in page
    assert "她懂物流" not in str(await queued.history())
    assert (await lin.post(at(queued, "reply"), text="好", message_id="r-1")).status_code == 409


async def test_it_is_not_passed_to_somebody_who_cannot_answer(queued: OpenDoor, lin: Colleague) -> None:
    await took(queued, lin)
    async with staffed(queued, "rev", "reviewer"):
        for to in ("rev", "nobody"):
            assert (await lin.post(at(queued, "transfer"), to=to)).status_code == 409
    assert (await queued.history())["holder"] == "person"


async def test_back_in_the_queue_anybody_may_take_it(
    queued: OpenDoor, lin: Colleague, wang: Colleague
) -> None:
    await took(queued, lin)
    assert (await lin.post(at(queued, "transfer"), to="")).status_code == 204
    assert (await queued.history())["holder"] == "queue"
    await took(queued, wang)


@pytest.mark.parametrize(("act", "holder"), [("give-back", "bot"), ("close", "closed")])
async def test_who_has_it_ends_it(queued: OpenDoor, lin: Colleague, act: str, holder: str) -> None:
    await took(queued, lin)
    assert (await lin.post(at(queued, act))).status_code == 204
    assert (await queued.history())["holder"] == holder
    again = await lin.post(at(queued, act))
    assert (again.status_code, again.text) == (409, "This conversation has ended already.")


# --- identity, labels, pictures ----------------------------------------------------------------------------


async def test_an_agent_proves_who_the_customer_is_and_sees_the_orders(
    queued: OpenDoor, lin: Colleague, store: Store
) -> None:
    one = delivered()
    await fill(store, one)
    before = (await lin.get(at(queued))).text
    assert one.order_id not in before and "Identity not proven" in before
    await took(queued, lin)
    proof = await lin.post(at(queued, "verify"), order_id=one.order_id, phone_last4=phone_of("C1")[-4:])
    assert proof.status_code == 200
    assert one.order_id in proof.text and "138****0001" in proof.text
    assert phone_of("C1") not in proof.text


async def test_guessing_by_the_desk_is_bounded_as_anywhere(
    queued: OpenDoor, lin: Colleague, store: Store
) -> None:
    one = order()
    await fill(store, one)
    await took(queued, lin)
    tries = [
        await lin.post(at(queued, "verify"), order_id=one.order_id, phone_last4="9999") for _ in range(6)
    ]
    assert {answer.status_code for answer in tries} == {409}
    assert "Tries left: 4" in tries[0].text
    right = await lin.post(at(queued, "verify"), order_id=one.order_id, phone_last4=phone_of("C1")[-4:])
    assert (right.status_code, right.text[:21]) == (409, "Too many failed tries")


async def test_who_does_not_have_it_proves_nothing(queued: OpenDoor, lin: Colleague, store: Store) -> None:
    one = order()
    await fill(store, one)
    answer = await lin.post(at(queued, "verify"), order_id=one.order_id, phone_last4=phone_of("C1")[-4:])
    assert answer.status_code == 409
    async with store.reading() as unit:
        assert await unit.identities.tries(queued.conversation_id, one.order_id, one.placed_at) == 0


async def test_labels_are_put_on_and_taken_off(queued: OpenDoor, lin: Colleague, store: Store) -> None:
    assert "物流" in (await lin.post(at(queued, "labels"), label="  物流 ")).text
    async with store.reading() as unit:
        assert await unit.review.labels(queued.conversation_id) == ["物流"]
    await lin.post(at(queued, "labels"), label="物流", remove="true")
    async with store.reading() as unit:
        assert await unit.review.labels(queued.conversation_id) == []
    assert (await lin.post(at(queued, "labels"), label="x" * 41)).status_code == 409
    assert [one for one in await acts(store) if "label" in one] == ["remove_label", "add_label"]


async def test_pictures_are_shown_with_their_conversation_only(queued: OpenDoor, lin: Colleague) -> None:
    picture = await _upload(queued)
    await queued.say("看图", attachments=[picture], message_id="m-2")
    address = f"/desk/pictures/{queued.conversation_id}/{picture}"
    assert f'data-large="{address}"' in (await lin.get(at(queued))).text
    shown = await lin.get(address)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert (await lin.get(f"/desk/pictures/{new_conversation()}/{picture}")).status_code == 404
    assert (await queued.client.get(address)).status_code == 303


async def test_agents_see_no_pictures_of_what_never_came_to_a_person_reviewers_do(
    door: OpenDoor, lin: Colleague
) -> None:
    other = replace(door, conversation_id=new_conversation())
    address = f"/desk/pictures/{other.conversation_id}/{await _upload(other)}"
    assert (await lin.get(address)).status_code == 404
    async with staffed(door, "rev", "reviewer") as reviewer:
        assert (await reviewer.get(address)).status_code == 200


async def _upload(door: OpenDoor) -> str:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    answer = await door.client.post(
        "/api/chat/attachments",
        data={"conversation_id": door.conversation_id},
        files={"file": ("p.png", file.getvalue(), "image/png")},
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])
