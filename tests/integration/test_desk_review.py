"""Conversation review over HTTP: the list, the story, what reviewers decide, and taking it back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from support.store import StaffAct, Store
from tests.desks import Colleague, staffed
from tests.doors import open_door
from tests.fakes_rasa import FakeRasa
from tests.review_talks import Talk, put, recorded

# Enough of a project to add examples to; the real one takes a second to read.
NLU = """version: "3.1"
nlu:
  - intent: greet
    examples: |
      - 你好
  - intent: refund_status
    examples: |
      - 退款到哪了
  - intent: refund
    examples: |
      - 我要退款
"""
REFUND = "conversation-refund-1"
GREETING = "conversation-greet-01"


@pytest_asyncio.fixture
async def mei(database_url: str, tmp_path: Path, rasa: FakeRasa, store: Store) -> AsyncIterator[Colleague]:
    """A reviewer of a shop with two conversations and a project of its own."""
    await Talk(REFUND).say("钱怎么还没影子呢", "refund", 0.41).do("refund_form").answer("好的").project(store)
    await Talk(GREETING).say("你好", "greet").answer("您好", "utter_greet").project(store)
    nlu = tmp_path / "project" / "data" / "nlu"
    nlu.mkdir(parents=True)
    (nlu / "some.yml").write_text(NLU, encoding="utf-8")
    changed = {"dialogue": tmp_path / "project", "models": tmp_path / "models"}
    async with (
        open_door(database_url, tmp_path, rasa, **changed) as door,
        staffed(door, "mei", "reviewer") as one,
    ):
        yield one


async def number_of(mei: Colleague, conversation_id: str = REFUND) -> str:
    """The first message of a conversation, as its page names it."""
    shown = await mei.get(f"/desk/review/{conversation_id}")
    found = re.search(r"/desk/review/messages/(\d+)/relabel", shown.text)
    assert found, shown.text
    return found[1]


def undoing(answer: httpx.Response) -> dict[str, Any]:
    """What the toast of an act would take back."""
    assert answer.status_code == 200, answer.text
    found = re.search(r"/desk/review/undo\" hx-vals='([^']+)'", answer.text)
    assert found, answer.text
    values: dict[str, Any] = json.loads(html.unescape(found[1]))
    return values


async def acts(store: Store) -> list[StaffAct]:
    async with store.reading() as unit:
        return [act for _, act in await unit.staff_log.last(20)]


# --- the list ----------------------------------------------------------------------------------------------


async def test_the_list_shows_how_conversations_begin_and_what_was_understood(mei: Colleague) -> None:
    shown = await mei.get("/desk/review")
    assert "钱怎么还没影子呢" in shown.text
    assert "<code>refund</code>" in shown.text
    assert "0.41" in shown.text


async def test_a_filter_narrows_the_list_and_stands_above_it_as_a_link_without_it(mei: Colleague) -> None:
    shown = await mei.get("/desk/review?intent=greet&language=zh")
    assert "你好" in shown.text
    assert "钱怎么还没影子呢" not in shown.text
    assert 'class="chip" href="/desk/review?language=zh"' in shown.text


async def test_words_that_were_searched_for_are_marked(mei: Colleague) -> None:
    shown = await mei.get("/desk/review?text=影子")
    assert "钱怎么还没<mark>影子</mark>呢" in shown.text


async def test_a_script_in_a_customers_message_stays_text(mei: Colleague, store: Store) -> None:
    await Talk("conversation-script-1").say("<script>alert(1)</script> 影子").project(store)
    for address in ("/desk/review?text=影子", "/desk/review/conversation-script-1"):
        shown = await mei.get(address)
        assert "&lt;script&gt;alert(1)" in shown.text
        assert "<script>alert" not in shown.text


async def test_a_regular_expression_finds_lines(mei: Colleague) -> None:
    shown = await mei.client.get("/desk/review", params={"regex": "钱.{2,4}影子"})
    assert "钱怎么还没影子呢" in shown.text
    assert "你好" not in shown.text


async def test_a_bad_regular_expression_is_explained_and_kept(mei: Colleague) -> None:
    shown = await mei.client.get("/desk/review", params={"regex": "(影子"})
    assert shown.status_code == 422
    assert "The regular expression has a mistake" in shown.text
    assert 'value="(影子"' in shown.text


async def test_older_conversations_come_as_rows_for_htmx(mei: Colleague, store: Store) -> None:
    for n in range(60):
        await Talk(f"conversation-many-{n:02}").say(f"问题{n}", "greet").project(store)
    first = await mei.get("/desk/review")
    more = re.search(r'hx-get="([^"]+before=[^"]+)"', first.text)
    assert more
    rest = await mei.get(html.unescape(more[1]), **{"HX-Request": "true"})
    assert rest.text.count('class="conv"') == 12
    assert "<html" not in rest.text


async def test_filters_are_saved_for_their_owner_and_deleted(mei: Colleague, store: Store) -> None:
    kept = await mei.post("/desk/review/filters?intent=refund&rating=&state=unreviewed", name="Refunds")
    assert kept.status_code == 200
    shown = await mei.get("/desk/review")
    assert 'href="/desk/review?intent=refund&amp;state=unreviewed">Refunds' in shown.text.replace(
        "state=unreviewed&amp;intent=refund", "intent=refund&amp;state=unreviewed"
    )
    number = re.search(r"/desk/review/filters/(\d+)/delete", shown.text)
    assert number
    await mei.post(f"/desk/review/filters/{number[1]}/delete")
    assert "Refunds" not in (await mei.get("/desk/review")).text


async def test_no_filters_are_nothing_to_save(mei: Colleague) -> None:
    refused = await mei.post("/desk/review/filters", name="Everything")
    assert refused.status_code == 409
    assert "nothing to save" in refused.text


async def test_several_conversations_get_a_state_at_once_and_lose_it_by_one_undo(
    mei: Colleague, store: Store
) -> None:
    answer = await mei.post("/desk/review/state", state="reviewed", chosen=[REFUND, GREETING])
    reviewed = await mei.get("/desk/review?state=reviewed")
    assert reviewed.text.count('class="conv"') == 2
    await mei.post("/desk/review/undo", **undoing(answer))
    assert (await mei.get("/desk/review?state=reviewed")).text.count('class="conv"') == 0


# --- the story ---------------------------------------------------------------------------------------------


async def test_the_story_shows_what_was_understood_and_done_beside_the_words(
    mei: Colleague, store: Store
) -> None:
    events = recorded("zh")
    await put(store, events)
    shown = (await mei.get(f"/desk/review/{events[0].conversation_id}")).text
    for part in ("refund_form", "refund_reason", "damaged", "运费怎么算", "/api/chat/citations/", "Mei"):
        assert part in shown


async def test_the_story_says_which_model_wrote_an_answer(mei: Colleague, store: Store) -> None:
    talk = Talk("conversation-trial-1").say("几天能退？")
    await talk.answer("七天内可以退。", custom={"model": "winter-trial"}).project(store)
    assert "Written by winter-trial" in (await mei.get("/desk/review/conversation-trial-1")).text


async def test_words_only_leaves_out_everything_else(mei: Colleague) -> None:
    assert "refund_form" in (await mei.get(f"/desk/review/{REFUND}")).text
    assert "refund_form" not in (await mei.get(f"/desk/review/{REFUND}?view=words")).text


async def test_an_unknown_conversation_is_not_found(mei: Colleague) -> None:
    assert (await mei.get("/desk/review/conversation-nobody")).status_code == 404


async def test_newer_and_older_walk_through_the_filtered_list(mei: Colleague, store: Store) -> None:
    for n in range(3):
        await Talk(f"conversation-walk-{n}").say("走走", "stop").project(store)
    older = await mei.get("/desk/review/conversation-walk-1/older?intent=stop")
    assert older.headers["location"] == "/desk/review/conversation-walk-0?intent=stop"
    newer = await mei.get("/desk/review/conversation-walk-1/newer?intent=stop")
    assert newer.headers["location"] == "/desk/review/conversation-walk-2?intent=stop"
    end = await mei.get("/desk/review/conversation-walk-2/newer?intent=stop")
    assert end.headers["location"] == "/desk/review?intent=stop"


async def test_a_state_is_set_logged_and_undone(mei: Colleague, store: Store) -> None:
    answer = await mei.post(f"/desk/review/{REFUND}/state", state="saved")
    assert answer.headers["hx-trigger"] == "changed"
    assert (await acts(store))[0].action == "review_state"
    undone = await mei.post("/desk/review/undo", **undoing(answer))
    assert "Undone" in undone.text
    again = await mei.post("/desk/review/undo", **undoing(answer))
    assert "undone already" in again.text


async def test_labels_are_put_on_and_taken_off(mei: Colleague) -> None:
    await mei.post(f"/desk/review/{REFUND}/labels", label="运费 争议")
    assert "运费 争议" in (await mei.get("/desk/review?label=运费 争议")).text
    await mei.post(f"/desk/review/{REFUND}/labels/remove", label="运费 争议")
    assert (await mei.get("/desk/review?label=运费 争议")).text.count('class="conv"') == 0


async def test_an_empty_label_is_refused_in_words(mei: Colleague) -> None:
    refused = await mei.post(f"/desk/review/{REFUND}/labels", label="  ")
    assert "1 to 40 characters" in refused.text


# --- messages ----------------------------------------------------------------------------------------------


async def test_a_relabelled_message_becomes_an_example_and_undo_takes_both_back(
    mei: Colleague, store: Store
) -> None:
    number = await number_of(mei)
    answer = await mei.post(f"/desk/review/messages/{number}/relabel", intent="refund_status", example="true")
    assert "a training example" in answer.text
    assert "钱怎么还没影子呢" in (await mei.get("/desk/review/examples")).text
    await mei.post("/desk/review/undo", **undoing(answer))
    assert "钱怎么还没影子呢" not in (await mei.get("/desk/review/examples")).text
    assert "Waits in the inbox" in (await mei.get(f"/desk/review/{REFUND}")).text


async def test_a_decision_stands_when_the_training_data_has_these_words_already(
    mei: Colleague, store: Store
) -> None:
    number = await number_of(mei, GREETING)
    answer = await mei.post(f"/desk/review/messages/{number}/confirm", example="true")
    assert "Confirmed: greet" in answer.text
    assert "This is there already: data/nlu/some.yml:5" in answer.text


async def test_a_message_is_set_aside_and_leaves_the_inbox(mei: Colleague) -> None:
    assert "钱怎么还没影子呢" in (await mei.get("/desk/review/inbox")).text
    await mei.post(f"/desk/review/messages/{await number_of(mei)}/delete")
    assert "钱怎么还没影子呢" not in (await mei.get("/desk/review/inbox")).text
    assert "钱怎么还没影子呢" in (await mei.get("/desk/review/inbox?state=deleted")).text


async def test_a_flag_says_why_and_puts_the_message_into_the_inbox(mei: Colleague) -> None:
    number = await number_of(mei, GREETING)
    await mei.post(f"/desk/review/messages/{number}/flag", why="too short an answer")
    assert "too short an answer" in (await mei.get("/desk/review/inbox")).text
    await mei.post(f"/desk/review/messages/{number}/unflag")
    assert "too short an answer" not in (await mei.get("/desk/review/inbox")).text


async def test_the_inbox_offers_the_likeliest_intents_and_the_context(mei: Colleague) -> None:
    shown = await mei.get("/desk/review/inbox")
    assert re.search(r'data-guess="1".*?<code>refund</code>.*?0\.41', shown.text, re.S)
    context = await mei.get(f"/desk/review/messages/{await number_of(mei)}/context")
    assert "好的" in context.text


async def test_an_unknown_message_is_not_found(mei: Colleague) -> None:
    assert (await mei.post("/desk/review/messages/999999/confirm")).status_code == 404


async def test_the_picker_lists_intents_with_what_they_are_about_and_examples(mei: Colleague) -> None:
    shown = await mei.get("/desk/review/intents")
    assert re.search(r'data-intent="refund_status".*?Asks where a refund is.*?退款到哪了', shown.text, re.S)
