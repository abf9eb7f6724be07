"""Two model servers and a trial behind the whole assistant: who answers, and who can see that."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from support.bootstrap import Shop
from support.llm.choice import picked, ranked
from support.llm.endpoint import name_of
from support.store import ModelCall
from tests.fakes_model import FakeModel
from tests.stack import Stack, running_stack

QUESTION = "买完就降价了，差价能退给我吗？"
GOOD = ("可以申请价格保护", "[1]。")
SHARES = {"base": 50.0, "winter": 50.0}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[FakeModel, FakeModel]]:
    with FakeModel() as one, FakeModel() as two:
        yield one, two


@pytest.fixture(scope="module")
def assistant(
    stack: Stack, servers: tuple[FakeModel, FakeModel], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A second system, like `stack`, with both servers and a trial; repeated questions go to the model."""
    settings: dict[str, Any] = {
        "llm_url": ",".join(server.base_url for server in servers),
        "llm_model": "base",
        "model_shares": ",".join(f"{name}={share}" for name, share in SHARES.items()),
        "answer_cache_minutes": 0,
    }
    with running_stack(tmp_path_factory.mktemp("assistant"), shop_of=stack, **settings) as running:
        yield running


@pytest_asyncio.fixture
async def door(assistant: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=assistant.gateway_url, timeout=30, trust_env=False) as client:
        yield client


def conversation(variant: str, first: FakeModel, other: FakeModel) -> str:
    """One that gets this variant, and asks this server first."""
    names = [name_of(server.base_url) for server in (first, other)]
    keys = (f"conversation-{number:08}" for number in itertools.count())
    return next(key for key in keys if picked(key, SHARES) == variant and ranked(key, names)[0] == names[0])


async def asks(door: httpx.AsyncClient, conversation_id: str) -> str:
    body = {"conversation_id": conversation_id, "message_id": "m-1", "text": QUESTION, "language": "zh"}
    answer = (await door.post("/api/chat/messages", json=body)).raise_for_status()
    return str(answer.json()["messages"][0]["text"])


async def said(assistant: Stack, conversation_id: str) -> dict[str, Any]:
    """What the assistant said, as Rasa keeps it."""
    token = assistant.settings.channel_secret.get_secret_value()
    async with httpx.AsyncClient(base_url=assistant.rasa_url, trust_env=False) as rasa:
        tracker = await rasa.get(f"/conversations/{conversation_id}/tracker", params={"token": token})
    bot: list[dict[str, Any]] = [one for one in tracker.json()["events"] if one["event"] == "bot"]
    return bot[0]


async def call_of(records: Shop, conversation_id: str) -> ModelCall:
    """The one call for this conversation; it is written after the answer."""
    now = datetime.now(UTC)
    async with asyncio.timeout(20):
        while True:
            async with records.store.reading() as unit:
                made = await unit.model_calls.between(now - timedelta(hours=1), now + timedelta(hours=1))
            if found := [call for call in made if call.conversation_id == conversation_id]:
                return found[0]
            await asyncio.sleep(0.05)


async def test_a_trial_is_seen_in_the_tracker_the_records_and_the_metrics(
    door: httpx.AsyncClient, servers: tuple[FakeModel, FakeModel], assistant: Stack, records: Shop
) -> None:
    one, two = servers
    talk, where = conversation("winter", one, two), name_of(one.base_url)
    one.enqueue(*GOOD)
    assert await asks(door, talk) == "可以申请价格保护[1]。"
    assert (await said(assistant, talk))["data"]["custom"]["model"] == "winter"
    call = await call_of(records, talk)
    assert (call.model, call.endpoint, call.message_id, call.cached_tokens) == ("winter", where, "m-1", 4)
    async with records.store.reading() as unit:
        (words,) = await unit.model_calls.texts(talk)
    assert QUESTION in words.messages[-1]["content"]
    assert words.reply == "可以申请价格保护[1]。"
    metrics = (await door.get("/metrics")).raise_for_status().text
    labels = f'endpoint="{where}",model="winter",outcome="ok",process="actions",purpose="answer"'
    assert f"shopclerk_model_calls_total{{{labels}}} 1.0" in metrics
    assert metrics.count("# TYPE shopclerk_model_calls_total") == 1


async def test_when_a_server_goes_the_other_answers_its_conversations(
    door: httpx.AsyncClient, servers: tuple[FakeModel, FakeModel], records: Shop
) -> None:
    one, two = servers
    assert (await door.get("/readyz")).json()["parts"]["model"] == "ok"
    two.draining = True
    talk = conversation("base", two, one)
    one.enqueue(*GOOD)
    assert await asks(door, talk) == "可以申请价格保护[1]。"
    assert (await call_of(records, talk)).endpoint == name_of(one.base_url)
    ready = (await door.get("/readyz")).json()
    assert (ready["status"], ready["parts"]["model"]) == ("degraded", "degraded")
    one.draining = True
    assert (await door.get("/readyz")).json()["parts"]["model"] == "down"
