"""A model's words from the model to the customer, through everything that runs, with scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from support.bootstrap import Shop
from support.store import ModelCall
from tests.doors import new_conversation
from tests.fakes_model import FakeModel
from tests.sse import Heard, heard, shown
from tests.stack import Stack

# Answered by an article, not by a vetted answer, which would not need a model.
QUESTION = "买完就降价了，差价能退给我吗？"
GOOD = ("可以", "申请", "价格", "保护", "[2]", "，请", "在订单", "页提交", "[1", "]。")
FINAL = "可以申请价格保护[1]，请在订单页提交[2]。"
INVENTED = ("可以申请", "价格保护", "，", "99", " 天内", "退您", " 888", " 元", "[1]", "。")
PRODUCTS = "200元以内的白色连衣裙"


@dataclass(frozen=True)
class Customer:
    """One conversation through the front door."""

    door: httpx.AsyncClient
    conversation_id: str

    @asynccontextmanager
    async def asks(self, text: str, last: str = "", **more: Any) -> AsyncIterator[AsyncIterator[Heard]]:
        body = {"conversation_id": self.conversation_id, "message_id": "m-1", "text": text, "language": "zh"}
        async with heard(self.door, "/api/chat/messages", json=body | more, last_event_id=last) as events:
            yield events

    async def all_of(self, text: str, **more: Any) -> list[Heard]:
        async with self.asks(text, **more) as events:
            return [event async for event in events]


@pytest_asyncio.fixture
async def customer(assistant: Stack) -> AsyncIterator[Customer]:
    async with httpx.AsyncClient(base_url=assistant.gateway_url, timeout=30, trust_env=False) as door:
        yield Customer(door, new_conversation())


def kinds(events: list[Heard]) -> list[str]:
    """The kinds of events, neighbours of one kind once, without what is only a status."""
    found = [event.kind for event in events if event.kind != "status"]
    return [kind for kind, before in zip(found, ["", *found], strict=False) if kind != before]


def final(events: list[Heard]) -> dict[str, Any]:
    """The one message that answers."""
    (message,) = (event.data for event in events if event.kind == "message")
    found: dict[str, Any] = message
    return found


async def tracker_says(assistant: Stack, customer: Customer) -> list[str]:
    """What the assistant has said in this conversation, as Rasa keeps it."""
    token = assistant.settings.channel_secret.get_secret_value()
    async with httpx.AsyncClient(base_url=assistant.rasa_url, trust_env=False) as rasa:
        path = f"/conversations/{customer.conversation_id}/tracker"
        events = (await rasa.get(path, params={"token": token})).raise_for_status().json()["events"]
    return [event["text"] for event in events if event["event"] == "bot"]


async def calls_of(records: Shop, customer: Customer) -> list[ModelCall]:
    """The model's calls for this conversation; they are written after the answer."""
    now = datetime.now(UTC)
    while True:
        async with records.store.reading() as unit:
            made = await unit.model_calls.between(now - timedelta(hours=1), now + timedelta(hours=1))
        if found := [call for call in made if call.conversation_id == customer.conversation_id]:
            return found
        await asyncio.sleep(0.05)


async def test_words_are_seen_while_the_model_writes_and_are_the_answer(
    customer: Customer, model: FakeModel, assistant: Stack
) -> None:
    model.enqueue(*GOOD, pause_s=0.05)
    async with customer.asks(QUESTION) as events:
        first = await anext(event async for event in events if event.kind == "delta")
        assert first.data["text"] in FINAL[:-1]  # the model has not ended yet
        rest = [event async for event in events]
    assert kinds([first, *rest]) == ["delta", "message", "done"]
    assert shown([first, *rest]) == FINAL == final(rest)["text"]
    assert len([event for event in rest if event.kind == "delta"]) > 1
    assert len(final(rest)["citations"]) == 2
    assert await tracker_says(assistant, customer) == [FINAL]


async def test_what_the_assistant_does_is_said_before_its_words(customer: Customer, model: FakeModel) -> None:
    model.enqueue(*GOOD, hang_s=0.3)
    events = await customer.all_of(QUESTION)
    states = [event.data["state"] for event in events if event.kind == "status"]
    assert states[-1] == "thinking"
    assert events[0].kind == "status"


async def test_an_invented_figure_is_never_seen_and_the_documents_answer(
    customer: Customer, model: FakeModel, assistant: Stack
) -> None:
    model.enqueue(*INVENTED, pause_s=0.03)
    events = await customer.all_of(QUESTION)
    assert kinds(events) == ["delta", "withdraw", "message", "done"]
    assert shown([event for event in events if event.kind == "delta"]) == "可以申请价格保护，"
    assert shown(events) == ""
    assert "888" not in final(events)["text"]
    assert await tracker_says(assistant, customer) == [final(events)["text"]]


async def test_a_refusal_is_never_seen(customer: Customer, model: FakeModel) -> None:
    model.enqueue("N", "O_", "ANS", "WER")
    assert kinds(await customer.all_of(QUESTION)) == ["message", "done"]


async def test_a_model_that_dies_in_mid_sentence_has_its_words_withdrawn(
    customer: Customer, model: FakeModel
) -> None:
    model.enqueue(*GOOD, die_after=4, pause_s=0.03)
    events = await customer.all_of(QUESTION)
    assert kinds(events) == ["delta", "withdraw", "message", "done"]
    assert final(events)["citations"]


async def test_a_connection_cut_in_mid_answer_goes_on_and_nothing_is_asked_twice(
    customer: Customer, model: FakeModel, assistant: Stack
) -> None:
    asked = len(model.history)
    model.enqueue(*GOOD, pause_s=0.15)
    async with customer.asks(QUESTION) as events:
        before = [await anext(event async for event in events if event.kind == "delta")]
    async with customer.asks(QUESTION, last=before[-1].id) as events:
        after = [event async for event in events]
    assert shown([*before, *after]) == FINAL == final(after)["text"]
    assert len(model.history) == asked + 1
    assert await tracker_says(assistant, customer) == [FINAL]


async def test_json_gives_the_same_answer_without_the_way_there(customer: Customer, model: FakeModel) -> None:
    model.enqueue(*GOOD)
    body = {"conversation_id": customer.conversation_id, "text": QUESTION, "language": "zh"}
    reply = (await customer.door.post("/api/chat/messages", json=body)).json()
    assert [message["text"] for message in reply["messages"]] == [FINAL]


# --- products and pictures ---------------------------------------------------------------------------------


async def test_the_facts_about_products_do_not_wait_for_the_models_words(
    customer: Customer, model: FakeModel
) -> None:
    model.enqueue("方领", "显得脖颈", "修长。", hang_s=0.5, pause_s=0.05)
    async with customer.asks(PRODUCTS) as events:
        first = await anext(event async for event in events if event.kind == "delta")
        rest = [event async for event in events]
    assert "¥169.00" in first.data["text"] and "方领显得" not in first.data["text"]
    assert shown([first, *rest]) == final(rest)["text"]
    assert final(rest)["text"].endswith("\n方领显得脖颈修长。")
    assert final(rest)["cards"]


async def test_only_the_models_part_is_withdrawn_from_products(customer: Customer, model: FakeModel) -> None:
    model.enqueue("方领", "连衣裙，", "现在", "只要", " 9 元", "。", pause_s=0.05)
    events = await customer.all_of(PRODUCTS)
    (withdrawn,) = (event for event in events if event.kind == "withdraw")
    assert withdrawn.data["keep"] == shown(events) == final(events)["text"]
    assert not any("9 元" in str(event.data) for event in events)


async def test_the_customer_hears_that_the_picture_is_looked_at(
    customer: Customer, model: FakeModel, assistant: Stack
) -> None:
    photo = (assistant.shop_folder / "faults" / "broken-mug.jpg").read_bytes()
    data = {"conversation_id": customer.conversation_id}
    sent = await customer.door.post("/api/chat/attachments", data=data, files={"file": photo})
    model.enqueue(
        '{"kind": "fault", "description": "杯口有裂纹。", "fault": "裂纹", "search": ""}', hang_s=0.3
    )
    events = await customer.all_of("", attachments=[sent.json()["id"]])
    assert {"state": "picture"} in [event.data for event in events if event.kind == "status"]
    assert final(events)["text"] == "杯口有裂纹。"


# --- figures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "what", "outcome"),
    [
        (GOOD, {}, "ok"),
        (INVENTED, {}, "withdrawn"),
        (("NO_ANSWER",), {}, "no_answer"),
        (GOOD, {"die_after": 2}, "broken_stream"),
    ],
)
async def test_each_call_of_the_model_is_recorded_with_what_became_of_it(
    customer: Customer,
    model: FakeModel,
    records: Shop,
    script: tuple[str, ...],
    what: dict[str, Any],
    outcome: str,
) -> None:
    model.enqueue(*script, **what)
    await customer.all_of(QUESTION)
    (call,) = await calls_of(records, customer)
    assert (call.purpose, call.outcome) == ("answer", outcome)
    assert call.first_token_ms is not None and call.first_token_ms <= call.total_ms
    assert call.prompt_tokens == (12 if "die_after" not in what else None)


def test_nothing_went_wrong_on_the_way(assistant: Stack) -> None:
    """The last of the file: what the processes logged meanwhile."""
    assert "word by word" not in assistant.log("actions")
    assert "ERROR" not in assistant.log("gateway")
