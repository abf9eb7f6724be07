"""What the model's calls cost, and what was said in them, is kept on both databases, and costs no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.llm import Llm, ModelUnavailable
from support.llm.choice import picked
from support.llm.endpoint import name_of
from support.meters import ModelMeters
from support.pictures import PictureStore
from support.services import history
from support.services.history import Said
from support.services.model_calls import CallBook
from support.store import Identity, ModelCall, ModelText, Store
from tests.fakes_model import FakeModel
from tests.records import picture

TALK = "conversation-0000001"
QUESTION = [{"role": "user", "content": "几天能到？"}]
SHARES = {"fake": 50.0, "winter": 50.0}


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture
def book(store: Store) -> CallBook:
    return CallBook(store, ModelMeters())


async def kept(store: Store) -> list[ModelCall]:
    now = datetime.now(UTC)
    async with store.reading() as unit:
        return await unit.model_calls.between(now - timedelta(minutes=5), now + timedelta(minutes=5))


async def words(store: Store) -> list[ModelText]:
    async with store.reading() as unit:
        return await unit.model_calls.texts(TALK)


async def test_a_turns_calls_are_kept_in_order_with_their_tokens(
    store: Store, book: CallBook, model: FakeModel, llm: Llm
) -> None:
    calls = book.open(TALK, "m-1")
    model.enqueue("三", "天。")
    await calls.complete(llm, "answer", QUESTION)
    model.enqueue("NO_ANSWER")
    await calls.complete(llm, "product", QUESTION)
    calls.judge("no_answer")
    await calls.keep()
    found = await kept(store)
    assert [(one.purpose, one.outcome, one.prompt_tokens, one.completion_tokens) for one in found] == [
        ("answer", "ok", 12, 7),
        ("product", "no_answer", 12, 7),
    ]
    assert {(one.conversation_id, one.message_id) for one in found} == {(TALK, "m-1")}
    assert {(one.model, one.endpoint) for one in found} == {("fake", name_of(model.base_url))}
    assert {one.cached_tokens for one in found} == {4}


@pytest.mark.parametrize(
    ("script", "within_s", "outcome", "said_something"),
    [
        ({"status": 500}, None, "http_500", False),
        ({"die_after": 1}, None, "broken_stream", True),
        ({"pause_s": 3.0}, 1.0, "total_timeout", True),
    ],
)
async def test_a_call_that_fails_is_kept_with_the_reason(
    store: Store,
    book: CallBook,
    model: FakeModel,
    llm: Llm,
    script: dict[str, Any],
    within_s: float | None,
    outcome: str,
    said_something: bool,
) -> None:
    calls = book.open(TALK)
    model.enqueue("三", "天。", **script)
    with pytest.raises(ModelUnavailable) as caught:
        await calls.complete(llm, "answer", QUESTION, within_s=within_s)
    await calls.keep()
    (found,) = await kept(store)
    assert found.outcome == caught.value.reason == outcome
    assert (found.first_token_ms is not None) is said_something
    assert (found.prompt_tokens, found.model, found.endpoint) == (None, "fake", name_of(model.base_url))
    assert await words(store) == []


async def test_no_calls_are_no_rows(store: Store, book: CallBook) -> None:
    await book.open(TALK).keep()
    assert await kept(store) == []


async def test_a_database_that_is_away_is_logged_without_the_conversation(
    llm: Llm, caplog: pytest.LogCaptureFixture
) -> None:
    away = Store("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    calls = CallBook(away, ModelMeters(), SHARES).open(TALK)
    await calls.complete(llm, "answer", QUESTION)
    await calls.keep()
    await away.close()
    assert "model calls are not recorded" in caplog.text
    assert TALK not in caplog.text


# --- the words ---------------------------------------------------------------------------------------------


async def test_the_words_are_kept_with_the_call(
    store: Store, book: CallBook, model: FakeModel, llm: Llm
) -> None:
    calls = book.open(TALK)
    model.enqueue("三", "天。")
    await calls.complete(llm, "answer", QUESTION)
    await calls.keep()
    (found,) = await words(store)
    assert (found.messages, found.reply) == (QUESTION, "三天。")


async def test_a_picture_is_kept_by_reference(
    store: Store, book: CallBook, model: FakeModel, llm: Llm, tmp_path: Path
) -> None:
    pictures, sent = PictureStore(tmp_path.as_uri()), picture(TALK)
    await pictures.put(sent.attachment_id, b"\xff\xd8 the picture")
    async with store.writing() as unit:
        await unit.attachments.add(sent)
    asked = await history.messages(store, pictures, TALK, [Said("customer", "坏了", (sent.attachment_id,))])
    unknown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,c29tZXRoaW5n"}}
    calls = book.open(TALK)
    await calls.complete(llm, "picture", [*asked, {"role": "user", "content": [unknown]}])
    await calls.keep()
    assert json.dumps(model.history[0]["messages"]).count("base64") == 2
    (found,) = await words(store)
    parts = [part for message in found.messages for part in message["content"]]
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [
        f"attachment:{sent.attachment_id}",
        "attachment:unknown",
    ]
    assert "base64" not in json.dumps(found.messages)


async def test_what_a_database_cannot_hold_is_left_out(
    store: Store, book: CallBook, model: FakeModel, llm: Llm
) -> None:
    calls = book.open(TALK)
    model.enqueue("a\0b\ud800")
    await calls.complete(llm, "answer", [{"role": "user", "content": "c\0d"}])
    await calls.keep()
    (found,) = await words(store)
    assert (found.messages[0]["content"], found.reply) == ("cd", "ab?")


async def test_summaries_are_not_kept_as_words(store: Store, book: CallBook, llm: Llm) -> None:
    calls = book.open(TALK)
    await calls.complete(llm, "summary", QUESTION)
    await calls.keep()
    assert (len(await kept(store)), await words(store)) == (1, [])


async def test_a_shop_may_keep_no_words(store: Store, llm: Llm) -> None:
    calls = CallBook(store, ModelMeters(), keeps_texts=False).open(TALK)
    await calls.complete(llm, "answer", QUESTION)
    await calls.keep()
    assert (len(await kept(store)), await words(store)) == (1, [])


# --- variants ----------------------------------------------------------------------------------------------


def key_of(variant: str) -> str:
    """A conversation or customer that gets this variant."""
    return next(key for number in range(100) if picked(key := f"key-{number:08}", SHARES) == variant)


async def identify(store: Store, conversation_id: str, customer_id: str) -> None:
    now = datetime.now(UTC)
    identity = Identity(conversation_id, customer_id, "token", now, now + timedelta(hours=1))
    async with store.writing() as unit:
        await unit.identities.put(identity)


async def answered_by(store: Store, llm: Llm, conversation_id: str, shares: dict[str, float]) -> str:
    """The variant that answers in a turn."""
    calls = CallBook(store, ModelMeters(), shares).open(conversation_id)
    await calls.complete(llm, "answer", QUESTION)
    await calls.keep()
    return calls.model_used


@pytest.mark.parametrize("variant", list(SHARES))
async def test_a_stranger_gets_the_conversations_variant(
    store: Store, model: FakeModel, llm: Llm, variant: str
) -> None:
    assert await answered_by(store, llm, key_of(variant), SHARES) == variant
    assert model.history[0]["model"] == variant


@pytest.mark.parametrize("variant", list(SHARES))
async def test_a_customer_has_one_variant_in_all_conversations(store: Store, llm: Llm, variant: str) -> None:
    found = []
    for number in range(6):
        await identify(store, f"conversation-{number:07}", key_of(variant))
        found.append(await answered_by(store, llm, f"conversation-{number:07}", SHARES))
    assert found == [variant] * 6


async def test_a_conversation_keeps_its_variant_when_its_customer_is_identified(
    store: Store, llm: Llm
) -> None:
    talk = key_of("fake")
    await answered_by(store, llm, talk, SHARES)
    await identify(store, talk, key_of("winter"))
    assert await answered_by(store, llm, talk, SHARES) == "fake"


async def test_a_conversation_keeps_its_variant_when_shares_change(store: Store, llm: Llm) -> None:
    talk = key_of("fake")
    await answered_by(store, llm, talk, SHARES)
    assert await answered_by(store, llm, talk, {"fake": 0.001, "winter": 1000.0}) == "fake"


@pytest.mark.parametrize("shares", [{"fake": 100.0, "winter": 0.0}, {"fake": 1.0}, {}])
async def test_a_variant_without_a_share_answers_nobody_any_more(
    store: Store, llm: Llm, shares: dict[str, float]
) -> None:
    talk = key_of("winter")
    await answered_by(store, llm, talk, SHARES)
    assert await answered_by(store, llm, talk, shares) == "fake"


async def test_a_call_is_recorded_under_the_model_that_answered(
    store: Store, model: FakeModel, llm: Llm
) -> None:
    model.serves = frozenset({"fake"})
    await answered_by(store, llm, key_of("winter"), SHARES)
    assert [one.model for one in await kept(store)] == ["fake"]


# --- for Prometheus ----------------------------------------------------------------------------------------


async def test_calls_are_counted_with_their_tokens(book: CallBook, model: FakeModel, llm: Llm) -> None:
    calls = book.open(TALK)
    await calls.complete(llm, "answer", QUESTION)
    await calls.complete(llm, "answer", QUESTION)
    calls.judge("withdrawn")
    model.enqueue(status=500)
    with pytest.raises(ModelUnavailable):
        await calls.complete(llm, "answer", QUESTION)
    await calls.keep()
    text, of = book.meters.text(), 'model="fake",'
    where = f'endpoint="{name_of(model.base_url)}",{of}'
    for outcome in ("ok", "withdrawn", "http_500"):
        assert f'shopclerk_model_calls_total{{{where}outcome="{outcome}",purpose="answer"}} 1.0' in text
    for kind, count in (("prompt", 24), ("cached", 8), ("completion", 14)):
        assert f'shopclerk_model_tokens_total{{kind="{kind}",{of}purpose="answer"}} {count}.0' in text
    assert f'shopclerk_model_first_token_seconds_count{{{of}purpose="answer"}} 2.0' in text
    assert f'shopclerk_model_call_seconds_count{{{of}purpose="answer"}} 3.0' in text
