"""Two model servers behind one client: who is asked, who takes over, and when nobody may any more."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from support.llm import Llm, ModelUnavailable
from support.llm.choice import ranked
from support.llm.endpoint import name_of
from tests.fakes_model import FakeModel

HELLO = [{"role": "user", "content": "几天能到？"}]


class Clock:
    """Real time plus what a test adds, so that no test waits for a breaker."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def one() -> Iterator[FakeModel]:
    with FakeModel("from one") as server:
        yield server


@pytest.fixture
def two() -> Iterator[FakeModel]:
    with FakeModel("from two") as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def llm(one: FakeModel, two: FakeModel, clock: Clock) -> AsyncIterator[Llm]:
    """Three failures are one too many; then it is left alone for half a minute."""
    urls = [one.base_url, two.base_url]
    client = Llm(urls, "base", first_token_s=2.0, total_s=4.0, breaker_open_s=30, clock=clock)
    yield client
    await client.close()


def conversation_of(first: FakeModel, *others: FakeModel) -> str:
    """A conversation that asks this server first."""
    names = [name_of(server.base_url) for server in (first, *others)]
    return next(key for key in map(str, itertools.count()) if ranked(key, names)[0] == names[0])


async def says(llm: Llm, conversation: str, model: str = "") -> str:
    return (await llm.complete(HELLO, conversation=conversation, model=model)).text


async def until_all_are_used(llm: Llm) -> None:
    async with asyncio.timeout(10):
        while await llm.health() != "ok":
            await asyncio.sleep(0.01)


# --- who is asked ------------------------------------------------------------------------------------------


async def test_a_conversation_keeps_to_its_server(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    for first, other in ((one, two), (two, one)):
        conversation = conversation_of(first, other)
        assert {await says(llm, conversation) for _ in range(5)} == {first.default}


async def test_without_a_conversation_both_are_asked(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    async with asyncio.timeout(20):
        while not (one.history and two.history):
            await llm.complete(HELLO)


# --- who takes over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        {"drop": True},
        {"status": 500},
        {"status": 502},
        {"status": 503},
        {"status": 503, "retry_after": "5"},
        {"die_after": 0},
        {"trouble": True},
    ],
    ids=str,
)
async def test_before_the_first_word_the_other_server_takes_over(
    llm: Llm, one: FakeModel, two: FakeModel, script: dict[str, object]
) -> None:
    for _ in range(2):  # a dropped connection is tried once more at the same server
        one.enqueue("lost", **script)
    reply = await llm.complete(HELLO, conversation=conversation_of(one, two))
    assert (reply.text, reply.endpoint) == ("from two", name_of(two.base_url))


async def test_a_server_that_refuses_connections_is_replaced(
    llm: Llm, one: FakeModel, two: FakeModel
) -> None:
    one.stop()
    assert await says(llm, conversation_of(one, two)) == "from two"


async def test_a_server_that_hangs_leaves_time_for_the_other(
    llm: Llm, one: FakeModel, two: FakeModel
) -> None:
    one.enqueue("too late", hang_s=30)
    two.enqueue("in ", "time", hang_s=0.1)
    assert await says(llm, conversation_of(one, two)) == "in time"


async def test_when_both_hang_the_call_ends(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    for server in (one, two):
        server.enqueue("too late", hang_s=30)
    with pytest.raises(ModelUnavailable) as caught:
        await says(llm, conversation_of(one, two))
    assert (caught.value.reason, caught.value.endpoint) == ("first_token_timeout", name_of(two.base_url))


@pytest.mark.parametrize("script", [{"die_after": 1}, {"pause_s": 30}], ids=str)
async def test_after_the_first_word_nobody_takes_over(
    llm: Llm, one: FakeModel, two: FakeModel, script: dict[str, object]
) -> None:
    one.enqueue("Your ", "parcel", **script)
    heard: list[str] = []
    with pytest.raises(ModelUnavailable):
        await llm.complete(HELLO, conversation=conversation_of(one, two), on_text=heard.append)
    assert (heard, two.history) == (["Your "], [])


@pytest.mark.parametrize("status", [400, 401, 404, 413, 429])
async def test_a_refused_request_is_refused_for_good(
    llm: Llm, one: FakeModel, two: FakeModel, status: int
) -> None:
    one.enqueue(status=status)
    with pytest.raises(ModelUnavailable) as caught:
        await says(llm, conversation_of(one, two))
    assert (caught.value.reason, two.history) == (f"http_{status}", [])


async def test_what_failed_last_is_the_reason(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    one.enqueue(status=500)
    two.enqueue(status=502)
    with pytest.raises(ModelUnavailable) as caught:
        await says(llm, conversation_of(one, two))
    assert (caught.value.reason, caught.value.model) == ("http_502", "base")


# --- who is left alone -------------------------------------------------------------------------------------


async def test_a_server_that_keeps_failing_is_left_alone(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    conversation = conversation_of(one, two)
    for _ in range(3):
        one.enqueue(status=500)
    for _ in range(5):
        assert await says(llm, conversation) == "from two"
    assert len(one.history) == 3


async def test_a_server_that_is_back_is_used_again_and_no_customer_waited_for_that(
    llm: Llm, one: FakeModel, two: FakeModel, clock: Clock
) -> None:
    conversation = conversation_of(one, two)
    for _ in range(3):
        one.enqueue(status=500)
        await says(llm, conversation)
    clock.ahead += 31
    assert await says(llm, conversation) == "from two"  # meanwhile one is asked whether it is back
    assert len(one.history) == 3
    await until_all_are_used(llm)
    assert await says(llm, conversation) == "from one"


async def test_a_server_that_is_not_back_stays_alone(
    llm: Llm, one: FakeModel, two: FakeModel, clock: Clock
) -> None:
    conversation = conversation_of(one, two)
    for _ in range(3):
        one.enqueue(status=500)
        await says(llm, conversation)
    one.draining = True
    for _ in range(3):
        clock.ahead += 31
        assert await says(llm, conversation) == "from two"
    assert (len(one.history), await llm.health()) == (3, "degraded")


async def test_one_that_is_back_but_fails_is_left_alone_after_one_failure(
    llm: Llm, one: FakeModel, two: FakeModel, clock: Clock
) -> None:
    conversation = conversation_of(one, two)
    for _ in range(3):
        one.enqueue(status=500)
        await says(llm, conversation)
    clock.ahead += 31
    await says(llm, conversation)
    await until_all_are_used(llm)
    one.enqueue(status=500)
    assert [await says(llm, conversation) for _ in range(2)] == ["from two"] * 2
    assert len(one.history) == 4


async def test_when_all_have_failed_calls_fail_at_once_until_one_may_try_again(
    llm: Llm, one: FakeModel, two: FakeModel, clock: Clock
) -> None:
    conversation = conversation_of(one, two)
    for _ in range(3):
        one.enqueue(status=500)
        two.enqueue(status=500)
        with pytest.raises(ModelUnavailable):
            await says(llm, conversation)
    with pytest.raises(ModelUnavailable) as caught:
        await says(llm, conversation)
    assert (caught.value.reason, len(one.history), len(two.history)) == ("breaker_open", 3, 3)
    clock.ahead += 31
    assert await says(llm, conversation) == "from one"


# --- who asks to be left alone -----------------------------------------------------------------------------


async def test_a_server_that_is_full_or_leaves_is_asked_again_when_it_said(
    llm: Llm, one: FakeModel, two: FakeModel, clock: Clock
) -> None:
    conversation = conversation_of(one, two)
    one.enqueue(status=503, retry_after="5")
    assert [await says(llm, conversation) for _ in range(2)] == ["from two"] * 2
    assert len(one.history) == 1
    clock.ahead += 6
    assert await says(llm, conversation) == "from one"


async def test_to_be_full_is_no_failure(llm: Llm, one: FakeModel, two: FakeModel, clock: Clock) -> None:
    conversation = conversation_of(one, two)
    for _ in range(5):
        one.enqueue(status=503, retry_after="5")
        assert await says(llm, conversation) == "from two"
        clock.ahead += 6
    assert (await llm.health(), await says(llm, conversation)) == ("ok", "from one")


async def test_a_server_that_is_full_is_asked_all_the_same_when_the_others_fail(
    llm: Llm, one: FakeModel, two: FakeModel
) -> None:
    conversation = conversation_of(one, two)
    one.enqueue(status=503, retry_after="Sat, 21 Nov 2026 12:00:00 GMT")
    assert await says(llm, conversation) == "from two"
    two.enqueue(status=500)
    assert await says(llm, conversation) == "from one"


async def test_when_all_are_full_that_is_the_reason(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    one.draining = two.draining = True
    for _ in range(5):
        with pytest.raises(ModelUnavailable) as caught:
            await says(llm, conversation_of(one, two))
        assert caught.value.reason == "http_503"


# --- health ------------------------------------------------------------------------------------------------


async def test_health_is_of_all_servers(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    assert await llm.health() == "ok"
    one.stop()
    assert await llm.health() == "degraded"
    two.draining = True
    assert await llm.health() == "down"


# --- variants ----------------------------------------------------------------------------------------------


async def test_the_variant_that_is_asked_for_answers(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    reply = await llm.complete(HELLO, conversation=conversation_of(one, two), model="winter")
    assert (reply.model, one.history[0]["model"]) == ("winter", "winter")


async def test_where_a_variant_is_missing_the_base_model_answers_and_that_is_logged_once(
    llm: Llm, one: FakeModel, two: FakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    one.serves = frozenset({"base"})
    conversation = conversation_of(one, two)
    with caplog.at_level(logging.WARNING, "support.llm.client"):
        replies = [await llm.complete(HELLO, conversation=conversation, model="winter") for _ in range(3)]
    assert {(reply.text, reply.model) for reply in replies} == {("from one", "base")}
    assert [record.message for record in caplog.records] == [
        f"{name_of(one.base_url)} does not serve winter: base answers in its place"
    ]


async def test_the_server_that_takes_over_is_asked_for_the_variant_again(
    llm: Llm, one: FakeModel, two: FakeModel
) -> None:
    one.serves = frozenset({"base"})
    one.enqueue(status=500)
    reply = await llm.complete(HELLO, conversation=conversation_of(one, two), model="winter")
    assert (reply.text, reply.model) == ("from two", "winter")


async def test_a_base_model_that_is_missing_is_told(llm: Llm, one: FakeModel, two: FakeModel) -> None:
    one.serves = frozenset()
    with pytest.raises(ModelUnavailable) as caught:
        await says(llm, conversation_of(one, two), model="winter")
    assert (caught.value.reason, caught.value.model) == ("http_404", "base")
