"""What the model's calls cost is kept on both databases, and never costs an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from support.llm import Llm, ModelUnavailable
from support.services.model_calls import Calls
from support.store import ModelCall, Store
from tests.fakes_model import FakeModel

QUESTION = [{"role": "user", "content": "几天能到？"}]


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest_asyncio.fixture
async def llm(model: FakeModel) -> AsyncIterator[Llm]:
    client = Llm(model.base_url, "fake", first_token_s=2, total_s=4)
    yield client
    await client.close()


async def kept(store: Store) -> list[ModelCall]:
    now = datetime.now(UTC)
    async with store.reading() as unit:
        return await unit.model_calls.between(now - timedelta(minutes=5), now + timedelta(minutes=5))


async def test_a_turns_calls_are_kept_in_order_with_their_tokens(
    store: Store, model: FakeModel, llm: Llm
) -> None:
    calls = Calls()
    model.enqueue("三", "天。")
    await calls.complete(llm, "answer", QUESTION)
    model.enqueue("NO_ANSWER")
    await calls.complete(llm, "product", QUESTION)
    calls.judge("no_answer")
    await calls.keep(store, "conversation-0000001")
    found = await kept(store)
    assert [(one.purpose, one.outcome, one.prompt_tokens, one.completion_tokens) for one in found] == [
        ("answer", "ok", 12, 7),
        ("product", "no_answer", 12, 7),
    ]
    assert {one.conversation_id for one in found} == {"conversation-0000001"}


@pytest.mark.parametrize(
    ("script", "within_s", "outcome", "said_something"),
    [
        ({"status": 500}, None, "http_500", False),
        ({"die_after": 1}, None, "broken_stream", True),
        ({"pause_s": 1.0}, 0.3, "total_timeout", True),
    ],
)
async def test_a_call_that_fails_is_kept_with_the_reason(
    store: Store,
    model: FakeModel,
    llm: Llm,
    script: dict[str, Any],
    within_s: float | None,
    outcome: str,
    said_something: bool,
) -> None:
    calls = Calls()
    model.enqueue("三", "天。", **script)
    with pytest.raises(ModelUnavailable) as caught:
        await calls.complete(llm, "answer", QUESTION, within_s=within_s)
    await calls.keep(store, "conversation-0000001")
    (found,) = await kept(store)
    assert found.outcome == caught.value.reason == outcome
    assert (found.first_token_ms is not None) is said_something
    assert found.prompt_tokens is None


async def test_no_calls_are_no_rows(store: Store) -> None:
    await Calls().keep(store, "conversation-0000001")
    assert await kept(store) == []


async def test_a_database_that_is_away_is_logged_without_the_conversation(
    model: FakeModel, llm: Llm, caplog: pytest.LogCaptureFixture
) -> None:
    calls, away = Calls(), Store("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    await calls.complete(llm, "answer", QUESTION)
    await calls.keep(away, "conversation-0000001")
    await away.close()
    assert "model calls are not recorded" in caplog.text
    assert "conversation-0000001" not in caplog.text
