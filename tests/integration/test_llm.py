"""The model client against a real HTTP server that refuses, hangs, dies and talks nonsense on order."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from support.llm import Llm, ModelUnavailable, Reply
from tests.fakes_model import FakeModel

HELLO = [{"role": "user", "content": "几天能到？"}]


class Clock:
    """Real time plus what a test adds, so that no test waits for a breaker."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def llm(model: FakeModel, clock: Clock) -> AsyncIterator[Llm]:
    client = Llm(
        model.base_url, "fake", "secret", first_token_s=0.4, total_s=0.8, breaker_open_s=30, clock=clock
    )
    yield client
    await client.close()


async def reason_of_failure(llm: Llm) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        await llm.complete(HELLO)
    return caught.value.reason


async def test_streams_the_text_as_it_is_written(model: FakeModel, llm: Llm) -> None:
    model.enqueue("一般", "三天", "。")
    pieces: list[str] = []
    await llm.complete(HELLO, on_text=pieces.append)
    assert pieces == ["一般", "三天", "。"]


async def test_complete_reports_tokens_and_times(model: FakeModel, llm: Llm) -> None:
    model.enqueue("Three ", "days.", finish_reason="length")
    reply = await llm.complete(HELLO)
    assert (reply.text, reply.finish_reason) == ("Three days.", "length")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (12, 7, 4)
    assert 0 < reply.first_token_s <= reply.total_s


async def test_the_request_carries_key_limits_schema_and_messages(model: FakeModel, llm: Llm) -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"kind": {"type": "string"}}}
    model.enqueue(json.dumps({"kind": "fault"}))
    await llm.complete(HELLO, schema=schema, max_tokens=50)
    request = model.history[0]
    assert model.api_keys == ["secret"]
    assert request["messages"] == HELLO
    assert request["max_tokens"] == 50
    assert request["response_format"]["json_schema"]["schema"] == schema


async def test_a_refused_connection_is_a_clear_reason(model: FakeModel, llm: Llm) -> None:
    model.stop()
    assert await reason_of_failure(llm) == "connection"
    assert await llm.health() == "down"


async def test_a_dropped_connection_is_tried_once_more(model: FakeModel, llm: Llm) -> None:
    model.enqueue(drop=True)
    model.enqueue("ready")
    assert (await llm.complete(HELLO)).text == "ready"
    assert len(model.history) == 2


async def test_a_connection_dropped_twice_is_given_up(model: FakeModel, llm: Llm) -> None:
    model.enqueue(drop=True)
    model.enqueue(drop=True)
    assert await reason_of_failure(llm) == "connection"
    assert len(model.history) == 2


async def test_a_stream_cut_before_its_first_token_is_tried_once_more(model: FakeModel, llm: Llm) -> None:
    model.enqueue("lost", die_after=0)
    model.enqueue("ready")
    assert (await llm.complete(HELLO)).text == "ready"


async def test_a_stream_that_dies_after_its_first_token_is_not_tried_again(
    model: FakeModel, llm: Llm
) -> None:
    model.enqueue("Your ", "parcel", die_after=1)
    pieces: list[str] = []
    with pytest.raises(ModelUnavailable) as caught:
        await llm.complete(HELLO, on_text=pieces.append)
    assert (pieces, caught.value.reason, len(model.history)) == (["Your "], "broken_stream", 1)


async def test_silence_before_the_first_token_ends_in_time(model: FakeModel, llm: Llm) -> None:
    model.enqueue("too late", hang_s=5)
    started = time.monotonic()
    assert await reason_of_failure(llm) == "first_token_timeout"
    assert time.monotonic() - started < 0.7
    assert len(model.history) == 1


async def test_an_answer_that_never_ends_is_cut_at_the_total_time(model: FakeModel, llm: Llm) -> None:
    model.enqueue(*["on "] * 50, pause_s=0.1)
    started = time.monotonic()
    assert await reason_of_failure(llm) == "total_timeout"
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize("chunks", [(), ("",), ("", "")])
async def test_an_empty_answer_is_no_answer(model: FakeModel, llm: Llm, chunks: tuple[str, ...]) -> None:
    model.enqueue(*chunks)
    assert await reason_of_failure(llm) == "empty"


async def test_a_server_error_is_not_retried_and_opens_the_breaker(model: FakeModel, llm: Llm) -> None:
    for _ in range(3):
        assert await llm.health() == "ok"
        model.enqueue(status=500)
        assert await reason_of_failure(llm) == "http_500"
    assert await llm.health() == "degraded"
    assert await reason_of_failure(llm) == "breaker_open"
    assert len(model.history) == 3


async def test_a_refused_request_does_not_open_the_breaker(model: FakeModel, llm: Llm) -> None:
    for _ in range(5):
        model.enqueue(status=400)
        assert await reason_of_failure(llm) == "http_400"
    assert await llm.health() == "ok"


async def test_a_success_forgets_earlier_failures(model: FakeModel, llm: Llm) -> None:
    for status in (500, 500, 200, 500, 500):
        model.enqueue("fine", status=status)
        if status == 200:
            await llm.complete(HELLO)
        else:
            await reason_of_failure(llm)
    assert await llm.health() == "ok"


async def opened(model: FakeModel, llm: Llm) -> None:
    for _ in range(3):
        model.enqueue(status=503)
        await reason_of_failure(llm)


async def test_after_a_while_one_trial_call_closes_the_breaker(
    model: FakeModel, llm: Llm, clock: Clock
) -> None:
    await opened(model, llm)
    clock.ahead = 31
    model.enqueue("back again")
    assert (await llm.complete(HELLO)).text == "back again"
    assert await llm.health() == "ok"


async def test_a_failed_trial_keeps_the_breaker_open(model: FakeModel, llm: Llm, clock: Clock) -> None:
    await opened(model, llm)
    clock.ahead = 31
    model.enqueue(status=503)
    assert await reason_of_failure(llm) == "http_503"
    assert await reason_of_failure(llm) == "breaker_open"


def begun(llm: Llm) -> tuple[asyncio.Task[Reply], asyncio.Event]:
    """A call on its way, and what is set when its first word is there."""
    has_begun = asyncio.Event()
    return asyncio.create_task(llm.complete(HELLO, on_text=lambda _text: has_begun.set())), has_begun


async def test_only_one_trial_call_runs_at_a_time(model: FakeModel, llm: Llm, clock: Clock) -> None:
    await opened(model, llm)
    clock.ahead = 31
    model.enqueue("slowly", " back", pause_s=0.1)
    trial, has_begun = begun(llm)
    await has_begun.wait()
    assert await reason_of_failure(llm) == "breaker_open"
    assert (await trial).text == "slowly back"


async def test_a_reader_who_walks_away_from_a_trial_leaves_room_for_the_next(
    model: FakeModel, llm: Llm, clock: Clock
) -> None:
    await opened(model, llm)
    clock.ahead = 31
    model.enqueue("one", "two", pause_s=0.1)
    trial, has_begun = begun(llm)
    await has_begun.wait()
    trial.cancel()
    await asyncio.wait([trial])
    model.enqueue("fine")
    assert (await llm.complete(HELLO)).text == "fine"


async def test_a_server_that_answers_is_healthy(llm: Llm) -> None:
    assert await llm.health() == "ok"


async def test_an_answer_that_must_come_sooner_than_usual_is_cut_sooner(model: FakeModel, llm: Llm) -> None:
    model.enqueue("three ", "days", pause_s=0.5)
    pieces: list[str] = []
    with pytest.raises(ModelUnavailable) as caught:
        await llm.complete(HELLO, within_s=0.2, on_text=pieces.append)
    assert (pieces, caught.value.reason) == (["three "], "total_timeout")


async def test_a_reply_says_who_wrote_it(model: FakeModel, llm: Llm) -> None:
    reply = await llm.complete(HELLO)
    assert (reply.model, f"http://{reply.endpoint}/v1") == ("fake", model.base_url)
