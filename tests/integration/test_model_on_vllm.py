"""A real vLLM behind the model client and behind the whole assistant. Its model is tiny and talks rubbish.

So these tests show that words, pictures, streams and schemas arrive and come back, and that the customer gets
a right answer even though the model gives none. What is said to a good model is tested with scripted answers.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from support import prompts
from support.llm import Llm, Reply
from support.services.history import Said, recent
from tests.model_server import ModelServer
from tests.stack import Stack, running_stack

PERSONA = prompts.Persona("云集小铺")
# Answered by an article, not by a vetted answer, which would not need a model.
QUESTION = "买完就降价了，差价能退给我吗？"
ARTICLE = "价格保护"

SUCCEEDED = "vllm:request_success_total"
PICTURES = "vllm:mm_cache_queries_total"


# --- the whole assistant: first, so that it and the model server start at the same time --------------------


@pytest.fixture(scope="module")
def assistant(
    started_model_server: ModelServer, stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A second system, like `stack`, but with the model."""
    settings = {"llm_url": started_model_server.base_url, "llm_model": started_model_server.model}
    with running_stack(tmp_path_factory.mktemp("assistant"), shop_of=stack, **settings) as running:
        yield running


@dataclass(frozen=True)
class Customer:
    """One conversation with the assistant through its front door."""

    door: httpx.Client
    conversation_id: str

    def say(self, text: str = "", attachments: tuple[str, ...] = ()) -> dict[str, Any]:
        """The one message that answers."""
        message = {"conversation_id": self.conversation_id, "text": text, "attachments": attachments}
        answer = self.door.post("/api/chat/messages", json={**message, "language": "zh"}).raise_for_status()
        messages: list[dict[str, Any]] = answer.json()["messages"]
        assert len(messages) == 1, messages
        return messages[0]

    def upload(self, picture: bytes) -> str:
        """The id of the attachment."""
        data = {"conversation_id": self.conversation_id}
        answer = self.door.post("/api/chat/attachments", data=data, files={"file": picture})
        return str(answer.raise_for_status().json()["id"])

    def quotes(self, answer: dict[str, Any]) -> bool:
        """Whether this is the passage that it cites, word for word, maybe cut at the end of a sentence."""
        (cited,) = answer["citations"]
        passage = self.door.get(f"/api/chat/citations/{quote(cited['id'])}").raise_for_status().json()
        return ARTICLE in cited["title"] and passage["text"].startswith(answer["text"].removesuffix(" …"))


@pytest.fixture
def customer(assistant: Stack) -> Iterator[Customer]:
    with httpx.Client(base_url=assistant.gateway_url, timeout=30, trust_env=False) as door:
        yield Customer(door, uuid.uuid4().hex)


def model_state(customer: Customer) -> str:
    return str(customer.door.get("/readyz").raise_for_status().json()["parts"]["model"])


def test_rubbish_from_the_model_never_reaches_the_customer(
    customer: Customer, model_server: ModelServer
) -> None:
    assert model_state(customer) == "ok"
    asked = model_server.metric(SUCCEEDED)
    answer = customer.say(QUESTION)
    assert model_server.metric(SUCCEEDED) == asked + 1
    assert customer.quotes(answer)


def test_the_model_sees_the_customers_picture_and_gets_it_again_with_the_next_question(
    customer: Customer, model_server: ModelServer, assistant: Stack
) -> None:
    photo = (assistant.shop_folder / "faults" / "broken-mug.jpg").read_bytes()
    asked, seen = model_server.metric(SUCCEEDED), model_server.metric(PICTURES)
    answer = customer.say(attachments=(customer.upload(photo),))
    assert (model_server.metric(SUCCEEDED), model_server.metric(PICTURES)) == (asked + 1, seen + 1)
    assert "商品有问题，想退货" in [button["title"] for button in answer["buttons"]]
    assert customer.quotes(customer.say(QUESTION))
    assert (model_server.metric(SUCCEEDED), model_server.metric(PICTURES)) == (asked + 2, seen + 2)


# --- the client alone --------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def llm(model_server: ModelServer) -> AsyncIterator[Llm]:
    client = Llm(model_server.base_url, model_server.model)
    yield client
    await client.close()


def picture_question(text: str, colour: str = "red") -> list[dict[str, Any]]:
    """A question about a picture of 640x480 pixels, as the assistant asks it."""
    jpeg = BytesIO()
    Image.new("RGB", (640, 480), colour).save(jpeg, "JPEG")
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg.getvalue()).decode()}"
    return prompts.build("picture", "zh", PERSONA, question=text, pictures=[url])


async def test_words_are_answered_with_words(llm: Llm) -> None:
    reply = await llm.complete(prompts.build("answer", "en", PERSONA, question="When?"), max_tokens=40)
    assert reply.text and reply.prompt_tokens
    assert (reply.finish_reason, reply.completion_tokens) == ("length", 40)


async def test_a_picture_is_seen_and_the_next_question_about_it_is_served_from_the_cache(llm: Llm) -> None:
    words = prompts.build("picture", "zh", PERSONA, question="这是什么？")
    without = await llm.complete(words, max_tokens=20)
    first = await llm.complete(picture_question("这是什么？"), max_tokens=20)
    second = await llm.complete(picture_question("它是哪里坏了？"), max_tokens=20)
    assert first.text and second.text
    # One token for each 32x32 pixels, and two that open and close the picture.
    assert (first.prompt_tokens or 0) - (without.prompt_tokens or 0) == 640 * 480 // 1024 + 2
    assert (second.cached_tokens or 0) > 640 * 480 // 1024


async def test_the_next_question_of_a_conversation_finds_all_that_was_said_before_in_the_cache(
    llm: Llm,
) -> None:
    order = uuid.uuid4().hex  # no other test has said this
    said = [Said("customer", f"你好，{order} 这双鞋有点小，想问问怎么换"), Said("assistant", "换货" * 60)]
    more = [Said("customer", "运费谁出？"), Said("assistant", "质量问题由店铺承担。")]
    passages: dict[prompts.Section, list[str]] = {
        "passages": ["换货运费：质量问题由店铺承担，尺码不合适由顾客承担。"]
    }

    async def asked(question: str, talk: list[Said]) -> Reply:
        past = [
            {"role": "user" if one.who == "customer" else one.who, "content": one.text}
            for one in recent(talk)
        ]
        turn = prompts.build("answer", "zh", PERSONA, question=question, data=passages, history=past)
        return await llm.complete(turn, max_tokens=20)

    first, second = await asked("运费谁出？", said), await asked("几天能换好？", said + more)
    nothing_said = await asked("几天能换好？", [])
    assert (first.cached_tokens or 0) < (nothing_said.prompt_tokens or 0) < (second.cached_tokens or 0)


async def test_an_answer_arrives_while_it_is_written(llm: Llm) -> None:
    started = time.monotonic()
    arrived: list[float] = []

    def hear(_text: str) -> None:
        arrived.append(time.monotonic() - started)

    await llm.complete(picture_question("坏了"), max_tokens=200, on_text=hear)
    assert len(arrived) > 10
    assert arrived[0] < arrived[-1] / 2


async def test_the_schema_is_kept_by_a_model_that_knows_nothing(llm: Llm) -> None:
    reply = await llm.complete(picture_question("坏了"), schema=prompts.PICTURE_SCHEMA, max_tokens=1500)
    # Not strict: where a schema limits a text's length, vLLM's grammar lets control characters through.
    seen = json.loads(reply.text, strict=False)
    assert list(seen) == prompts.PICTURE_SCHEMA["required"]
    assert seen["kind"] in prompts.PICTURE_SCHEMA["properties"]["kind"]["enum"]
    assert len(seen["description"]) <= 300


# --- without it --------------------------------------------------------------------------------------------


def test_a_dead_model_costs_the_customer_nothing_but_its_words(
    customer: Customer, model_server: ModelServer
) -> None:
    model_server.kill()
    started = time.monotonic()
    answer = customer.say(QUESTION)
    assert time.monotonic() - started < 5
    assert customer.quotes(answer)
    assert model_state(customer) == "down"
