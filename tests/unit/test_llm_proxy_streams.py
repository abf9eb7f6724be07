"""Answers on their way through the guard proxy, and engines and clients that go away in the middle of one."""

from __future__ import annotations

import asyncio

import httpx
import openai
import pytest

from tests.fakes_engine import CUT, DONE, FakeEngine, Step, running_engine, word
from tests.proxies import CHAT, KEY, RunningProxy, question, running_proxy, until
from tests.stack import free_ports

STREAM = question("x", stream=True)


async def test_a_stream_is_passed_on_byte_for_byte(engine: FakeEngine, proxy: RunningProxy) -> None:
    steps = (b": keep-alive\n\n", word("你"), word("好")[:9], word("好")[9:], b"data:  {}\r\n\n", DONE)
    engine.enqueue(*steps)
    answer = await proxy.chat(stream=True)
    assert answer.content == b"".join(steps)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["X-Accel-Buffering"] == "no"


async def test_words_arrive_while_the_engine_is_silent(engine: FakeEngine, proxy: RunningProxy) -> None:
    engine.enqueue(word("a"), 3600.0)
    async with proxy.client.stream("POST", CHAT, json=STREAM) as answer:
        assert await anext(answer.aiter_bytes()) == word("a")


async def test_an_answer_that_is_no_stream_keeps_its_length(engine: FakeEngine, proxy: RunningProxy) -> None:
    engine.enqueue(b'{"a": 1}', kind="application/json", Content_Length="8")
    assert (await proxy.chat()).headers["Content-Length"] == "8"


# --- the engine goes away ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        (word("a"), CUT),
        (word("a"), word("lost")[:1], CUT),
        (word("a"), word("lost")[:-1], CUT),
        (word("a") + word("lost")[:20], CUT),
        (word("a"),),
        (word("a"), DONE[:-1]),
    ],
)
async def test_a_stream_that_breaks_off_ends_with_an_error_and_no_half_event(
    engine: FakeEngine, proxy: RunningProxy, steps: tuple[Step, ...]
) -> None:
    engine.enqueue(*steps)
    answer = await proxy.chat(stream=True)
    first, last, rest = answer.text.split("\n\n")
    assert (first.encode() + b"\n\n", rest) == (word("a"), "")
    assert last.startswith('data: {"error": {') and '"code": "engine_lost"' in last


async def test_openais_client_raises_when_a_stream_breaks_off(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(word("a"), CUT)
    base_url = f"{str(proxy.client.base_url).rstrip('/')}/v1"
    async with openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0) as client:
        stream = await client.chat.completions.create(
            model="fake", messages=[{"role": "user", "content": "x"}], stream=True
        )
        chunks = aiter(stream)
        assert (await anext(chunks)).choices[0].delta.content == "a"
        with pytest.raises(openai.APIError, match="broke off"):
            await anext(chunks)


async def test_half_an_answer_that_is_no_stream_does_not_look_whole(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(b'{"a": ', CUT, kind="application/json")
    with pytest.raises(httpx.RemoteProtocolError):
        await proxy.chat()


async def test_an_engine_that_dies_before_the_first_byte_is_a_bad_gateway(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(CUT)
    assert await proxy.refusal() == (502, "engine_lost")


async def test_an_engine_that_is_not_there_is_asked_again_later() -> None:
    port = free_ports(1)[0]
    async with running_proxy(f"http://127.0.0.1:{port}") as proxy:
        for answer in (await proxy.chat(), await proxy.client.get("/v1/models")):
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "engine_away")
            assert answer.headers["Retry-After"]
        async with running_engine(port):
            await until(proxy.is_ready)
            assert (await proxy.chat()).status_code == 200


async def test_an_engine_that_cannot_list_its_models_is_asked_again_later(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(b'{"error": {}}', status=500, kind="application/json")
    answer = await proxy.client.get("/v1/models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "engine_away")


async def test_a_key_that_the_engine_does_not_know_is_not_the_clients_fault(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(b'{"error": "Unauthorized"}', status=401, kind="application/json")
    assert await proxy.refusal() == (502, "engine_refused")


@pytest.mark.parametrize("status", [429, 503])
async def test_a_full_queue_is_passed_on_with_when_to_come_back(
    engine: FakeEngine, proxy: RunningProxy, status: int
) -> None:
    engine.enqueue(b'{"error": {}}', status=status, kind="application/json")
    answer = await proxy.chat()
    assert (answer.status_code, answer.headers["Retry-After"], answer.content) == (
        status,
        "1",
        b'{"error": {}}',
    )


async def test_what_the_engine_refuses_is_passed_on_in_its_words(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(b'{"error": {"message": "too long"}}', status=400, kind="application/json")
    answer = await proxy.chat()
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "too long")


# --- time --------------------------------------------------------------------------------------------------


async def test_a_stream_may_be_silent_for_so_long(engine: FakeEngine) -> None:
    engine.enqueue(word("a"), 3600.0)
    async with running_proxy(engine.url, idle_s=0.1) as proxy:
        assert '"code": "engine_silent"' in (await proxy.chat(stream=True)).text
    await asyncio.wait_for(engine.left.wait(), 5)


async def test_a_stream_that_never_begins_is_given_up(engine: FakeEngine) -> None:
    engine.enqueue(3600.0)
    async with running_proxy(engine.url, idle_s=0.1) as proxy:
        assert await proxy.refusal(stream=True) == (504, "engine_silent")


async def test_an_answer_may_take_so_long(engine: FakeEngine) -> None:
    async with running_proxy(engine.url, total_s=0.2) as proxy:
        engine.enqueue(3600.0)
        assert await proxy.refusal() == (504, "too_long")
        engine.enqueue(*(word("a"), 0.05) * 100)
        assert '"code": "too_long"' in (await proxy.chat(stream=True)).text


# --- the client goes away ----------------------------------------------------------------------------------


async def test_a_client_that_leaves_a_stream_frees_the_engine(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(word("a"), 3600.0)
    async with proxy.client.stream("POST", CHAT, json=STREAM) as answer:
        await anext(answer.aiter_bytes())
    await asyncio.wait_for(engine.left.wait(), 5)
    await until(lambda: _counted(proxy, 499))


async def test_a_client_that_does_not_wait_for_an_answer_frees_the_engine(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    engine.enqueue(3600.0)
    with pytest.raises(httpx.ReadTimeout):
        await proxy.client.post(CHAT, json=question("x"), timeout=0.3)
    await asyncio.wait_for(engine.left.wait(), 5)


async def _counted(proxy: RunningProxy, status: int) -> bool:
    name = f'shopclerk_llm_requests_total{{route="{CHAT}",status="{status}",tenant="shop"}}'
    return await proxy.metric(name) == 1


async def test_a_client_that_does_not_read_holds_back_the_engine(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    piece, pieces = word("x" * 100_000), 1000  # 100 MB, more than any socket keeps
    engine.enqueue(*[piece] * pieces, DONE)
    async with proxy.client.stream("POST", CHAT, json=STREAM) as answer:
        chunks = answer.aiter_raw()
        read = len(await anext(chunks))
        before = -1
        while engine.written != before:
            before = engine.written
            await asyncio.sleep(0.3)
        assert engine.written < 50_000_000
        read += sum([len(chunk) async for chunk in chunks])
    assert read == len(piece) * pieces + len(DONE)
