"""A conversation over the whole running system, and how its events arrive for review."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections import Counter

import httpx
import pytest
import sqlalchemy as sa

from support.bootstrap import Shop
from support.store import tables as t
from support.training.project import rasa_environment
from tests.stack import Stack
from tools.environments import ROOT, python_of
from tools.prepare import as_environment

PATIENCE_S = 30


@pytest.fixture(scope="module")
def conversation_id(stack: Stack) -> str:
    """A conversation of two turns."""
    one = uuid.uuid4().hex
    for text in ("几天内可以退货", "运费怎么算"):
        message = {"conversation_id": one, "text": text}
        httpx.post(f"{stack.gateway_url}/api/chat/messages", json=message, timeout=30).raise_for_status()
    return one


async def arrived(shop: Shop, conversation_id: str) -> Counter[str]:
    """How many events of each kind review has, once nothing is on its way any more."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with shop.store.reading() as unit:
                query = sa.select(t.review_events.c.type, t.review_events.c.data).where(
                    t.review_events.c.conversation_id == conversation_id
                )
                found = Counter(row.type for row in await unit.connection.execute(query))
                if found["user"] == 2 and not await unit.event_queue.depth():
                    return found
            await asyncio.sleep(0.2)


async def test_a_conversation_arrives_for_review(shop: Shop, conversation_id: str) -> None:
    found = await arrived(shop, conversation_id)
    assert found["bot"] >= 2
    async with shop.store.reading() as unit:
        assert await unit.event_queue.failures() == []


async def test_the_system_says_that_events_arrive(stack: Stack, shop: Shop, conversation_id: str) -> None:
    await arrived(shop, conversation_id)
    async with httpx.AsyncClient(base_url=stack.gateway_url) as client:
        assert (await client.get("/readyz")).json()["parts"]["events"] == "ok"


async def test_exporting_what_rasa_kept_repairs_a_loss_and_doubles_nothing(
    stack: Stack, shop: Shop, conversation_id: str
) -> None:
    """As after events were lost with Rasa's process: all are published again."""
    before = await arrived(shop, conversation_id)
    async with shop.store.writing() as unit:
        of_talk = t.review_events.c.conversation_id == conversation_id
        lost = of_talk & (t.review_events.c.type == "bot")
        await unit.connection.execute(sa.delete(t.review_events).where(lost))
    command = [str(python_of("rasa")), "-W", "ignore", "-m", "rasa", "export", "--endpoints", "endpoints.yml"]
    environment = rasa_environment() | as_environment(stack.settings)
    export = await asyncio.to_thread(
        subprocess.run, [*command, "--conversation-ids", conversation_id], cwd=ROOT, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert export.returncode == 0, export.stdout + export.stderr
    assert await arrived(shop, conversation_id) == before
