"""Repeated questions over a real index and a scripted model, with answers in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from support.answer_cache import AnswerCache, InMemory, InRedis, Outcome, answer_key
from support.bootstrap import open_shop
from support.knowledge import Knowledge
from support.llm import Llm
from support.model import Language
from support.prompts import Persona
from support.services import ask_knowledge
from support.services.ask_knowledge import Answer
from support.services.model_calls import Calls
from support.store import Store
from support.streaming import Draft, Signal
from tests.desks import staffed
from tests.doors import new_conversation, open_door
from tests.fakes_model import FakeModel
from tests.fakes_rasa import FakeRasa
from tests.review_talks import Talk
from tests.stack import Stack, running_stack

Asks = Callable[..., Awaitable[Answer | None]]

QUESTION = "到新疆的运费怎么算？"
SAME = "到新疆的运费 怎么算"
ARTICLE = """---
title: 运费怎么算
language: zh
---

## 偏远地区
寄到新疆、西藏，运费每单 18 元，不参加包邮。
"""
SAID = ("每单 18", " 元[1]。")
PERSONA = Persona("云朵小铺")
GREETED = [{"role": "user", "content": "你好"}, {"role": "assistant", "content": "您好！"}]
SHOWN = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "shipping.zh.md").write_text(ARTICLE, encoding="utf-8")
    return folder


@pytest_asyncio.fixture
async def knowledge(tmp_path: Path, documents: Path) -> Knowledge:
    opened = Knowledge(tmp_path / "index")
    await opened.refresh(documents)
    return opened


@pytest.fixture
def outcomes() -> list[Outcome]:
    return []


@pytest_asyncio.fixture(params=["memory", "redis"])
async def cache(
    request: pytest.FixtureRequest, tmp_path: Path, outcomes: list[Outcome]
) -> AsyncIterator[AnswerCache]:
    """Empty, as far as this test's words go: in Redis too, since every index has a version of its own."""
    if request.param == "memory":
        opened = AnswerCache(InMemory(tmp_path / "answers", 60), count=outcomes.append)
    else:
        opened = AnswerCache(InRedis(request.getfixturevalue("redis_url"), 60), count=outcomes.append)
    yield opened
    await opened.drop(QUESTION, "zh")
    await opened.close()


@pytest.fixture
def asks(knowledge: Knowledge, llm: Llm, cache: AnswerCache) -> Asks:
    """One customer's question, answered as the action does."""

    async def ask(question: str = QUESTION, language: Language = "zh", **changed: Any) -> Answer | None:
        given: dict[str, Any] = {"persona": PERSONA, "cache": cache, "variant": "8B"} | changed
        persona = given.pop("persona")
        return await ask_knowledge.answer(knowledge, llm, question, language, persona, **given)

    return ask


async def test_the_same_question_is_answered_again_without_the_model(
    asks: Asks, model: FakeModel, outcomes: list[Outcome]
) -> None:
    model.enqueue(*SAID)
    first = await asks()
    calls, signals = Calls(), list[Signal]()
    again = await asks(SAME, calls=calls, draft=Draft(signals.append, "c", "m"))
    assert first and first.source == "model" and first.citations and not first.cached
    assert again == replace(first, cached=True)
    assert len(model.history) == 1 and calls.made == []
    assert [signal.data["text"] for signal in signals if signal.kind == "delta"] == [first.text]
    assert outcomes == ["miss", "hit"]


@pytest.mark.parametrize(
    "changed",
    [
        {"variant": "winter"},
        {"persona": Persona("别家")},
        {"persona": Persona("云朵小铺", "你叫小云。")},
        {"language": "en"},
        {"question": "到西藏的运费怎么算？"},
    ],
)
async def test_what_the_answer_stands_on_is_part_of_the_question(
    asks: Asks, model: FakeModel, changed: dict[str, Any]
) -> None:
    for _ in range(2):
        model.enqueue(*SAID)
    await asks()
    other = await asks(**changed)
    assert other and not other.cached
    assert len(model.history) == 2


async def test_an_import_ends_the_answers_of_before(
    asks: Asks, model: FakeModel, knowledge: Knowledge, documents: Path
) -> None:
    model.enqueue(*SAID)
    await asks()
    (documents / "shipping.zh.md").write_text(ARTICLE.replace("18", "25"), encoding="utf-8")
    await Knowledge(documents.parent / "index").refresh(documents)  # another process does it
    model.enqueue("每单 25 元[1]。")
    now = await asks()
    assert now and now.text == "每单 25 元[1]。" and not now.cached


@pytest.mark.parametrize(
    ("script", "source"),
    [(("每单 888 元[1]。",), "passage"), (("NO_ANSWER",), "passage"), (("每单 18 元。",), "passage")],
)
async def test_what_the_gate_refuses_or_cites_nothing_is_not_kept(
    asks: Asks, model: FakeModel, script: tuple[str, ...], source: str
) -> None:
    model.enqueue(*script)
    quoted = await asks()
    assert quoted and quoted.source == source
    model.enqueue(*SAID)
    worded = await asks()
    assert worded and worded.source == "model" and not worded.cached


@pytest.mark.parametrize(
    "question", ["那到新疆的运费呢", "到新疆的运费怎么算，手机13800138000", "这件到新疆的运费怎么算"]
)
async def test_questions_of_one_customer_only_are_neither_kept_nor_served(
    asks: Asks, model: FakeModel, outcomes: list[Outcome], question: str
) -> None:
    for _ in range(2):
        model.enqueue(*SAID)
        answer = await asks(question)
        assert answer and not answer.cached
    assert outcomes == ["skip", "skip"]


async def test_an_answer_within_a_talk_is_not_kept_but_a_kept_one_serves_there(
    asks: Asks, model: FakeModel
) -> None:
    for _ in range(2):
        model.enqueue(*SAID)
    within = await asks(history=GREETED)
    first = await asks()
    again = await asks(history=GREETED)
    assert [answer and answer.cached for answer in (within, first, again)] == [False, False, True]


async def test_after_a_picture_every_question_is_answered_anew(asks: Asks, model: FakeModel) -> None:
    for _ in range(2):
        model.enqueue(*SAID)
    await asks()
    seen = await asks(history=[SHOWN, GREETED[1]])
    assert seen and not seen.cached


async def test_customers_who_ask_at_once_share_one_call(asks: Asks, model: FakeModel) -> None:
    model.enqueue(*SAID, hang_s=0.3)
    answers = await asyncio.gather(*(asks() for _ in range(5)))
    assert len({answer.text for answer in answers if answer}) == 1
    assert len(model.history) == 1


async def test_a_kept_answer_serves_while_the_model_is_down(asks: Asks, model: FakeModel) -> None:
    model.enqueue(*SAID)
    await asks()
    model.enqueue(status=500)
    again = await asks()
    assert again and again.source == "model"


async def test_an_answer_found_wrong_is_dropped(asks: Asks, model: FakeModel, cache: AnswerCache) -> None:
    for _ in range(2):
        model.enqueue(*SAID)
    await asks()
    await cache.drop(SAME, "zh")
    anew = await asks()
    assert anew and not anew.cached


async def test_a_reviewers_verdict_drops_the_answer(
    database_url: str, tmp_path: Path, rasa: FakeRasa, store: Store, asks: Asks, model: FakeModel
) -> None:
    talk, about = "conversation-price-01", {"citations": [{"id": "shipping.zh#0"}], "source": "model"}
    said = Talk(talk).say(SAME, "ask_knowledge", message_id="m-1").answer("每单 18 元[1]。", custom=about)
    await said.project(store)
    cache = AnswerCache(InMemory(tmp_path / "answers", 60))
    for _ in range(2):
        model.enqueue(*SAID)
    await asks(cache=cache)
    async with (
        open_door(database_url, tmp_path, rasa, answer_cache_minutes=60) as door,
        staffed(door, "mei", "reviewer") as mei,
    ):
        for verdict, is_kept in (("good", True), ("bad", False)):
            judged = await mei.post(f"/desk/review/{talk}/answers/m-1", verdict=verdict)
            assert judged.status_code == 200, judged.text
            answer = await asks(cache=cache)
            assert answer and answer.cached is is_kept


# --- Redis -------------------------------------------------------------------------------------------------


async def test_in_redis_an_answer_has_an_end(redis_url: str) -> None:
    storage, key = InRedis(redis_url, 0.2), answer_key(uuid.uuid4().hex, "zh", ())
    await storage.put(key, "七天")
    assert await storage.get(key) == "七天"
    while await storage.get(key):
        await asyncio.sleep(0.02)
    await storage.close()


async def test_what_redis_holds_that_is_no_answer_is_no_answer(
    redis_url: str, knowledge: Knowledge, llm: Llm, model: FakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    class Garbled(InRedis):
        async def get(self, key: Any) -> str | None:
            return '{"text": "每单 1 元"}'

    cache = AnswerCache(Garbled(redis_url, 60))
    model.enqueue(*SAID)
    answer = await ask_knowledge.answer(knowledge, llm, QUESTION, "zh", PERSONA, cache=cache, variant="8B")
    await cache.close()
    assert answer and answer.text == "".join(SAID) and not answer.cached
    assert "is no answer" in caplog.text


async def test_a_dead_redis_is_asked_once_and_then_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    storage, key = InRedis("redis://127.0.0.1:9/0", 60, clock=lambda: now[0]), answer_key("?", "en", ())
    for _ in range(3):
        await storage.put(key, "yes")
        assert await storage.get(key) is None
    assert len(caplog.messages) == 1
    now[0] = 31.0
    assert await storage.get(key) is None
    assert len(caplog.messages) == 2
    await storage.close()


async def test_a_redis_that_says_nothing_is_not_waited_for() -> None:
    def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        """Takes the connection and never answers."""

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        storage = InRedis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", 60)
        assert await asyncio.wait_for(storage.get(answer_key("?", "en", ())), 5) is None
        await storage.close()


# --- through everything that runs --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scripted() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture(scope="module")
def assistant(stack: Stack, scripted: FakeModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system whose model is scripted and whose answers are kept."""
    changed = {"llm_url": scripted.base_url, "llm_model": "scripted", "answer_cache_minutes": 60}
    with running_stack(tmp_path_factory.mktemp("assistant"), shop_of=stack, **changed) as running:
        yield running


def customs_of(assistant: Stack, conversation_id: str) -> list[dict[str, Any]]:
    """What stands beside the words of the assistant in the tracker."""
    params = {"token": assistant.settings.channel_secret.get_secret_value()}
    path = f"{assistant.rasa_url}/conversations/{conversation_id}/tracker"
    events = httpx.get(path, params=params, trust_env=False).raise_for_status().json()["events"]
    return [event["data"]["custom"] for event in events if event["event"] == "bot"]


async def test_the_second_customer_gets_the_first_ones_answer_and_the_tracker_says_so(
    assistant: Stack, scripted: FakeModel
) -> None:
    scripted.enqueue("可以申请价格保护[2]，请在订单页提交[1]。")
    found = []
    for text in ("买完就降价了，差价能退给我吗？", "买完就降价了, 差价能退给我吗"):
        body = {"conversation_id": new_conversation(), "text": text, "language": "zh"}
        answer = httpx.post(
            f"{assistant.gateway_url}/api/chat/messages", json=body, timeout=30, trust_env=False
        )
        (message,) = answer.raise_for_status().json()["messages"]
        (custom,) = customs_of(assistant, body["conversation_id"])
        found.append(
            (message["text"], len(message["citations"]), custom["source"], custom.get("cached", False))
        )
    words = "可以申请价格保护[1]，请在订单页提交[2]。"
    assert found == [(words, 2, "model", False), (words, 2, "model", True)]
    assert len(scripted.history) == 1


async def test_the_desk_drops_an_answer_of_the_running_actions(assistant: Stack, scripted: FakeModel) -> None:
    desk = open_shop(assistant.settings)
    assert desk.answers
    await desk.answers.drop("买完就降价了，差价能退给我吗", "zh")
    await desk.close()
    asked = len(scripted.history)
    scripted.enqueue("请在订单页提交[1]。")
    body = {"conversation_id": new_conversation(), "text": "买完就降价了，差价能退给我吗？", "language": "zh"}
    answer = httpx.post(f"{assistant.gateway_url}/api/chat/messages", json=body, timeout=30, trust_env=False)
    assert [message["text"] for message in answer.json()["messages"]] == ["请在订单页提交[1]。"]
    assert len(scripted.history) == asked + 1
