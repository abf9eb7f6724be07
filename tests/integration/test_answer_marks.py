"""Verdicts on answers over HTTP: customers' thumbs, reviewers' words, and what becomes of a draft."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from support.store import AnswerMark, Store
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor, new_conversation
from tests.fakes_rasa import FakeRasa
from tests.review_talks import Talk

CITATIONS = [{"id": "returns.zh#1", "title": "退货政策", "article": "returns"}]
ANSWER = "签收后 7 天内可以退货。[1]"
TALK = "conversation-returns-1"


async def marks(store: Store, conversation_id: str) -> list[AnswerMark]:
    async with store.reading() as unit:
        return await unit.answer_marks.of_conversation(conversation_id)


# --- customers ---------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def asked(door: OpenDoor, rasa: FakeRasa) -> OpenDoor:
    """A conversation with an answer from the documents."""
    rasa.enqueue({"text": "请看："}, {"text": ANSWER, "custom": {"citations": CITATIONS}})
    await door.say("几天能退？", message_id="m-1")
    return door


async def thumb(door: OpenDoor, verdict: str | None, message_id: str = "m-1", **other: Any) -> httpx.Response:
    body = {"conversation_id": door.conversation_id, "verdict": verdict} | other
    return await door.client.post(f"/api/chat/messages/{message_id}/verdict", json=body)


async def test_a_thumb_is_kept_with_what_was_asked_and_said(asked: OpenDoor, store: Store) -> None:
    assert (await thumb(asked, "good")).status_code == 204
    [mark] = await marks(store, asked.conversation_id)
    assert (mark.kind, mark.login, mark.verdict, mark.better) == ("customer", "", "good", None)
    assert (mark.message_id, mark.question, mark.said) == ("m-1", "几天能退？", ANSWER)
    assert mark.sources["citations"] == ["returns.zh#1"]


async def test_the_last_thumb_counts_and_can_be_taken_back(asked: OpenDoor, store: Store) -> None:
    await thumb(asked, "good")
    await thumb(asked, "bad")
    assert [one.verdict for one in await marks(store, asked.conversation_id)] == ["bad"]
    await thumb(asked, None)
    assert await marks(store, asked.conversation_id) == []


async def test_the_page_finds_its_thumbs_again(asked: OpenDoor) -> None:
    await thumb(asked, "bad")
    question, before, answer = (await asked.history())["entries"]
    assert (answer["answers"], answer["verdict"]) == ("m-1", "bad")
    assert "answers" not in question | before


async def test_what_does_not_come_from_documents_is_not_judged(door: OpenDoor) -> None:
    await door.say("你好", message_id="m-2")
    refused = await thumb(door, "good", "m-2")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_answer")


async def test_another_conversations_answer_is_not_judged(asked: OpenDoor, store: Store) -> None:
    refused = await thumb(asked, "good", conversation_id=new_conversation())
    assert refused.status_code == 404
    assert await marks(store, asked.conversation_id) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_any_other_verdict_is_refused(asked: OpenDoor) -> None:
    assert (await thumb(asked, "splendid")).status_code == 422


# --- reviewers ---------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def mei(door: OpenDoor, store: Store) -> AsyncIterator[Colleague]:
    """A reviewer, and a conversation with an answer from the documents."""
    talk = Talk(TALK).say("几天能退？", "ask_knowledge", message_id="m-1")
    await talk.answer(ANSWER, "utter_knowledge_answer", custom={"citations": CITATIONS}).project(store)
    async with staffed(door, "mei", "reviewer") as one:
        yield one


async def judge(mei: Colleague, verdict: str, message_id: str = "m-1", **form: str) -> httpx.Response:
    return await mei.post(f"/desk/review/{TALK}/answers/{message_id}", verdict=verdict, **form)


async def taken_back(mei: Colleague, answer: httpx.Response) -> httpx.Response:
    found = re.search(r"&#34;changes&#34;: \[(\d+)\]|\"changes\": \[(\d+)\]", answer.text)
    assert found, answer.text
    return await mei.post("/desk/review/undo", changes=found[1] or found[2])


async def test_an_answer_that_nobody_has_judged_offers_it(mei: Colleague) -> None:
    shown = (await mei.get(f"/desk/review/{TALK}")).text
    assert shown.count("data-verdict=") == 2
    assert 'aria-pressed="true" data-verdict' not in shown


async def test_a_verdict_is_kept_logged_and_shown(mei: Colleague, store: Store) -> None:
    answer = await judge(mei, "bad")
    assert answer.headers["hx-trigger"] == "changed"
    [mark] = await marks(store, TALK)
    assert (mark.kind, mark.login, mark.verdict, mark.said) == ("reviewer", "mei", "bad", ANSWER)
    async with store.reading() as unit:
        [(_, act)] = await unit.staff_log.last(1)
    assert (act.action, act.details) == ("judge_answer", {"message": "m-1", "verdict": "bad"})
    assert "mei: wrong" in (await mei.get(f"/desk/review/{TALK}")).text


async def test_better_words_are_kept_and_offered_again(mei: Colleague, store: Store) -> None:
    await judge(mei, "bad", better="  签收后 7 天内能退，<吊牌>要在。 ")
    [mark] = await marks(store, TALK)
    assert mark.better == "签收后 7 天内能退，<吊牌>要在。"
    shown = html.unescape((await mei.get(f"/desk/review/{TALK}")).text)
    assert 'data-text="签收后 7 天内能退，<吊牌>要在。"' in shown


async def test_the_last_verdict_counts_and_undo_puts_back_the_one_before(
    mei: Colleague, store: Store
) -> None:
    first = await judge(mei, "good")
    second = await judge(mei, "bad", better="7 天内。")
    assert "Undone" in (await taken_back(mei, second)).text
    assert [(one.verdict, one.better) for one in await marks(store, TALK)] == [("good", None)]
    await taken_back(mei, first)
    assert await marks(store, TALK) == []


async def test_a_verdict_that_was_changed_since_is_not_undone(mei: Colleague, store: Store) -> None:
    first = await judge(mei, "good")
    await judge(mei, "bad")
    refused = await taken_back(mei, first)
    assert refused.status_code == 409
    assert [one.verdict for one in await marks(store, TALK)] == ["bad"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"verdict": "splendid"}, 409, "right or wrong"),
        ({"verdict": "bad", "better": "  "}, 409, "nothing written"),
        ({"verdict": "bad", "better": "长" * 2001}, 409, "2001"),
        ({"verdict": "good", "message_id": "m-9"}, 404, "no answer"),
    ],
)
async def test_what_cannot_be_kept_is_refused_in_words(
    mei: Colleague, form: dict[str, str], status: int, words: str
) -> None:
    refused = await judge(mei, **form)
    assert refused.status_code == status
    assert words in refused.text


# --- agents ------------------------------------------------------------------------------------------------

DRAFT = "签收后 7 天内可以退货。"


@pytest_asyncio.fixture
async def lin(door: OpenDoor, rasa: FakeRasa, store: Store) -> AsyncIterator[Colleague]:
    """An agent with a conversation for which there is a draft."""
    rasa.enqueue(status=500)
    await door.say("几天能退？", message_id="m-1")
    await briefed(store, door.conversation_id)
    async with store.writing() as unit:
        [handover] = await unit.handovers.of_conversation(door.conversation_id)
        origin = {"message_id": "m-1", "question": "几天能退？", "citations": ["returns.zh#1"], "records": []}
        packet = dict(handover.packet) | {"summary": "退货", "draft": DRAFT, "draft_from": origin}
        await unit.handovers.change(handover.id, packet=packet)
    async with staffed(door, "lin", "agent") as one:
        await one.post(f"/desk/conversations/{door.conversation_id}/take")
        yield one


async def briefed(store: Store, conversation_id: str) -> None:
    """The gateway has written its own summary and draft."""
    for _ in range(500):
        async with store.reading() as unit:
            [handover] = await unit.handovers.of_conversation(conversation_id)
        if "summary" in handover.packet:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no briefing was written")


async def send(lin: Colleague, door: OpenDoor, text: str, drafted: str) -> None:
    form = {"message_id": "r-1", "text": text, "drafted": drafted}
    answer = await lin.post(f"/desk/conversations/{door.conversation_id}/reply", **form)
    assert answer.status_code == 204, answer.text


async def test_a_changed_draft_is_kept_as_what_should_have_been_said(
    lin: Colleague, door: OpenDoor, store: Store
) -> None:
    await send(lin, door, "您好，签收后 7 天内都能退。", "true")
    [mark] = await marks(store, door.conversation_id)
    assert (mark.kind, mark.login, mark.verdict) == ("agent", "lin", "bad")
    assert (mark.said, mark.better) == (DRAFT, "您好，签收后 7 天内都能退。")
    assert (mark.message_id, mark.sources["citations"]) == ("m-1", ["returns.zh#1"])


async def test_a_draft_that_was_sent_as_it_was_was_good(lin: Colleague, door: OpenDoor, store: Store) -> None:
    await send(lin, door, f"{DRAFT}\n", "true")
    [mark] = await marks(store, door.conversation_id)
    assert (mark.verdict, mark.better) == ("good", None)


async def test_a_reply_of_ones_own_says_nothing_of_the_draft(
    lin: Colleague, door: OpenDoor, store: Store
) -> None:
    await send(lin, door, "您好，我来看一下。", "false")
    assert await marks(store, door.conversation_id) == []
