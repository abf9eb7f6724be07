"""How the guard proxy ends: seen first, then closed to what is new, then empty."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.fakes_engine import DONE, FakeEngine, word
from tests.proxies import CHAT, RunningProxy, question, running_proxy, until

STREAM = question("x", stream=True)


async def is_leaving(proxy: RunningProxy) -> bool:
    answer = await proxy.client.get("/readyz")
    return answer.status_code == 503 and answer.json()["status"] == "leaving"


async def is_closed(proxy: RunningProxy) -> bool:
    return (await proxy.chat()).status_code == 503


async def test_it_is_seen_to_leave_while_it_still_answers(engine: FakeEngine) -> None:
    async with running_proxy(engine.url, notice_s=30) as proxy:
        await until(proxy.is_ready)
        proxy.stop.set()
        await until(lambda: is_leaving(proxy))
        assert (await proxy.chat()).status_code == 200
        proxy.served.cancel()


async def test_new_requests_are_sent_elsewhere_while_an_open_answer_ends(engine: FakeEngine) -> None:
    engine.enqueue(word("a"), 1.5, word("b"), DONE)
    async with (
        running_proxy(engine.url, drain_s=60) as proxy,
        proxy.client.stream("POST", CHAT, json=STREAM) as answer,
    ):
        chunks = answer.aiter_bytes()
        assert await anext(chunks) == word("a")
        proxy.stop.set()
        await until(lambda: is_closed(proxy))
        refused = await proxy.chat()
        assert refused.json()["error"]["code"] == "leaving"
        assert refused.headers["Retry-After"]
        assert refused.headers["Connection"] == "close"
        assert (await proxy.client.get("/healthz")).status_code == 200
        assert b"".join([chunk async for chunk in chunks]) == word("b") + DONE
        await asyncio.wait_for(proxy.served, 10)


async def test_what_does_not_end_in_time_is_told_so_and_cut(engine: FakeEngine) -> None:
    engine.enqueue(word("a"), 3600.0)
    engine.enqueue(3600.0)
    async with (
        running_proxy(engine.url, drain_s=0.3) as proxy,
        proxy.client.stream("POST", CHAT, json=STREAM) as answer,
    ):
        chunks = answer.aiter_bytes()
        await anext(chunks)
        waiting = asyncio.create_task(proxy.chat())
        await until(lambda: _asked(engine, 2))
        proxy.stop.set()
        rest = b"".join([chunk async for chunk in chunks])
        assert b'"code": "leaving"' in rest and DONE not in rest
        assert (await waiting).status_code == 503
        await asyncio.wait_for(proxy.served, 10)


async def _asked(engine: FakeEngine, times: int) -> bool:
    return len(engine.history) == times


async def test_nothing_listens_when_it_is_gone(engine: FakeEngine) -> None:
    async with running_proxy(engine.url) as proxy:
        proxy.stop.set()
        await proxy.served
        with pytest.raises(httpx.ConnectError):
            await proxy.client.get("/healthz")
