"""What the projector makes of Rasa's events, on both databases: each once, in any order, true to what was
said.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.desk_data import Talk as MadeUp
from benchmarks.desk_data import conversations
from benchmarks.desk_load import rows_of
from support.model import HandoffReason, Holder
from support.policy import Policy
from support.review.summary import Beside
from support.services import handoff, rate, review
from support.services.projection import refresh_all, refresh_changed
from support.store import Identity, LedgerEntry, Store
from support.store import tables as t
from support.store.review import Listed
from tests.records import NOW
from tests.review_talks import Talk, put, recorded

TABLES = (t.review_conversations, t.review_events, t.review_messages, t.review_values)


async def listed(store: Store, conversation_id: str = "talk-zh") -> Listed:
    async with store.reading() as unit:
        found = await unit.review.conversation(conversation_id)
    assert found
    return found


async def rows(store: Store, *tables: sa.Table) -> list[dict[str, Any]]:
    """Everything in these tables but the numbers of rows, in an order of its own."""
    found = []
    async with store.reading() as unit:
        for table in tables or TABLES:
            for row in await unit.connection.execute(sa.select(table)):
                found.append({name: value for name, value in row._mapping.items() if name != "id"})
    return sorted(found, key=repr)


# --- a real conversation -----------------------------------------------------------------------------------


async def test_a_recorded_conversation_is_summed_up(store: Store) -> None:
    await put(store, recorded("zh"))
    found = await listed(store)
    assert (found.channel, found.language, found.is_test) == ("web", "zh", False)
    assert (found.customer_messages, found.bot_messages, found.person_messages) == (11, 11, 1)
    assert found.last_text == "收到，谢谢您的评价！"
    assert found.last_at - found.started_at < timedelta(minutes=1)
    assert found.model_id == "fb4af534ce314700aff0967a4047674f"
    assert found.lowest_confidence is not None and 0.9 < found.lowest_confidence < 1
    assert found.slowest_ms is not None and found.slowest_ms > 500


async def test_the_messages_have_what_the_model_made_of_them(store: Store) -> None:
    await put(store, recorded("zh"))
    async with store.reading() as unit:
        messages = await unit.review.messages_of("talk-zh")
    assert [one.intent for one in messages] == [
        "greet", "ask_knowledge", "refund", "inform", "picture", "affirm",
        "out_of_scope", "handoff", "", "rate", "deny",
    ]  # fmt: skip
    nonsense, to_a_person = messages[6], messages[8]
    assert nonsense.language == "en" and nonsense.answered is False
    assert nonsense.ranking[0]["name"] == "out_of_scope" and len(nonsense.ranking) == 3
    assert to_a_person.text == "好的谢谢" and to_a_person.confidence is to_a_person.answered is None
    assert all(one.message_id for one in messages)


async def test_what_rasa_notes_for_itself_is_not_kept(store: Store) -> None:
    await put(store, recorded("zh"))
    kept = await rows(store, t.review_events)
    assert not {"action_listen", "action_session_start", "session_started_metadata"} & {
        one["name"] for one in kept
    }
    assert {one["type"] for one in kept} == {
        "user", "bot", "person", "action", "slot", "active_loop", "pause", "resume",
    }  # fmt: skip
    assert len(kept) < len(recorded("zh")) * 0.6


async def test_a_conversation_with_a_decline_ends_answered(store: Store) -> None:
    await put(store, recorded("en"))
    found = await listed(store, "talk-en")
    assert (found.language, found.outcome, found.customer_messages) == ("en", "answered", 6)


# --- once, whatever comes ----------------------------------------------------------------------------------


async def test_events_that_come_twice_change_nothing(store: Store) -> None:
    await put(store, recorded("zh"))
    before = await rows(store)
    await put(store, recorded("zh"))
    await put(store, recorded("zh")[40:60])
    assert await rows(store) == before


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_and_the_batches_of_arrival_do_not_matter(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    events = recorded("zh") + recorded("en")
    await put(store, events)
    whole = await rows(store, t.review_conversations, t.review_messages)
    async with store.writing() as unit:
        for table in TABLES:
            await unit.connection.execute(sa.delete(table))
    # A little late: each event at most some places from its own.
    shuffled = [event for _, event in sorted(enumerate(events), key=lambda one: one[0] + chance.random() * 9)]
    while shuffled:
        size = chance.randint(1, 40)
        await put(store, shuffled[:size])
        shuffled = shuffled[size:]
    assert await rows(store, t.review_conversations, t.review_messages) == whole


async def test_an_event_twice_in_one_batch_is_one(store: Store) -> None:
    talk = Talk("t1").say("你好", intent="greet")
    await put(store, [*talk.events, *talk.events])
    assert (await listed(store, "t1")).customer_messages == 1


async def test_nothing_is_projected_of_events_that_tell_nothing(store: Store) -> None:
    await Talk("t1").event("session_started").event("action", name="action_listen").project(store)
    assert await rows(store) == []


async def test_text_that_postgresql_cannot_hold_is_kept_without_it(store: Store) -> None:
    await Talk("t1").say("a\0b\ud800c", intent="greet").project(store)
    assert (await listed(store, "t1")).last_text == "ab?c"


async def test_a_very_long_message_does_not_stop_the_projector(store: Store) -> None:
    many = " ".join(f"word{number}" for number in range(60_000))
    await Talk("t1").say(many).say("退款" * 50_000).project(store)
    assert (await listed(store, "t1")).customer_messages == 2


async def test_making_everything_again_changes_nothing(store: Store) -> None:
    await put(store, recorded("zh") + recorded("en"))
    before = await rows(store)
    assert await refresh_all(store) == 2
    assert await rows(store) == before


# --- what the model was unsure of --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "state"),
    [
        (Talk("t1").say("嗯", confidence=0.59), "open"),
        (Talk("t1").say("嗯", confidence=0.61), "sure"),
        (Talk("t1").not_understood("嗯", likeliest=0.9), "open"),
    ],
    ids=["unsure", "sure", "fallback"],
)
async def test_what_the_model_is_unsure_of_waits_in_the_inbox(store: Store, talk: Talk, state: str) -> None:
    await talk.project(store)
    assert [one["state"] for one in await rows(store, t.review_messages)] == [state]


async def test_the_confidence_of_a_fallback_is_that_of_the_likeliest_intent(store: Store) -> None:
    await Talk("t1").not_understood("嗯", likeliest=0.2).project(store)
    assert (await listed(store, "t1")).lowest_confidence == 0.2


# --- outcomes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (Talk("t1").say("你好", intent="greet").answer("在的", "utter_greet"), "small_talk"),
        (Talk("t1").say("到哪了", intent="order_status").answer("在路上"), "answered"),
        (Talk("t1").say("?", intent="ask_knowledge").answer("?", "utter_knowledge_no_answer"), "unanswered"),
        (Talk("t1").say("到哪了", intent="order_status"), "unanswered"),
        (Talk("t1").say("退款", intent="refund").form("refund_form").answer("哪一件？"), "unfinished"),
        (Talk("t1").say("退款", intent="refund").form("refund_form").form(None).answer("好的"), "answered"),
    ],
)
async def test_the_outcome_of_what_the_bot_did_alone(store: Store, talk: Talk, outcome: str) -> None:
    await talk.project(store)
    assert (await listed(store, "t1")).outcome == outcome


@pytest.mark.parametrize(
    ("action", "decided", "outcome"),
    [
        ("refund", "approve", "refund"),
        ("cancel", "approve", "cancelled"),
        ("refund", "refuse", "refused"),
        ("refund", "review", "answered"),
    ],
)
async def test_the_ledger_says_whether_money_went_back(
    store: Store, action: str, decided: str, outcome: str
) -> None:
    await Talk("t1").say("退款", intent="refund").answer("好的").project(store)
    async with store.writing() as unit:
        await unit.ledger.append(decision(action, decided))
    async with store.writing() as unit:
        assert await refresh_changed(unit) == 1
    assert (await listed(store, "t1")).outcome == outcome


def decision(action: str, outcome: str) -> LedgerEntry:
    return LedgerEntry(NOW, action, "bot", "t1", "A1", "rule", outcome, "m1", {}, {})


# --- what other tables say ---------------------------------------------------------------------------------


async def follow(store: Store) -> int:
    async with store.writing() as unit:
        return await refresh_changed(unit)


async def test_a_handover_is_followed(store: Store) -> None:
    await Talk("t1").say("转人工", intent="handoff").answer("好的").project(store)
    await handoff.open(store, Policy(), "t1", HandoffReason.ANGER, {"language": "zh"}, NOW)
    await follow(store)
    waiting = await listed(store, "t1")
    assert (waiting.holder, waiting.outcome, waiting.handover_reason) == (Holder.QUEUE, "open", "anger")
    async with store.reading() as unit:
        handover = await unit.handovers.current("t1")
    assert handover
    await handoff.close(store, handover.id, "left", NOW)
    await follow(store)
    ended = await listed(store, "t1")
    assert (ended.outcome, ended.handover_reason, ended.handed_over_at) == ("handed_over", "anger", NOW)


async def test_the_last_rating_counts(store: Store) -> None:
    await Talk("t1").say("5分", intent="rate").project(store)
    await rate.rate(store, "t1", 5, "", NOW)
    await rate.rate(store, "t1", 2, "", NOW)
    assert await follow(store) == 2
    assert (await listed(store, "t1")).rating == 2


async def test_who_the_customer_is_is_followed(store: Store) -> None:
    await Talk("t1").say("4462").project(store)
    async with store.writing() as unit:
        await unit.identities.put(Identity("t1", "C1", "phone", NOW, NOW))
    await follow(store)
    assert (await listed(store, "t1")).customer_id == "C1"


async def test_what_happened_before_the_first_event_is_known_with_it(store: Store) -> None:
    await rate.rate(store, "t1", 4, "", NOW)
    assert await follow(store) == 1
    await Talk("t1").say("好", intent="affirm").project(store)
    assert (await listed(store, "t1")).rating == 4


async def test_marks_are_followed_once(store: Store) -> None:
    await Talk("t1").say("好").project(store)
    await rate.rate(store, "t1", 4, "", NOW)
    assert [await follow(store), await follow(store)] == [1, 0]


async def test_what_reviewers_did_survives_later_events(store: Store) -> None:
    talk = await Talk("t1").say("嗯", confidence=0.3).project(store)
    async with store.reading() as unit:
        (message,) = await unit.review.messages_of("t1")
    await review.relabel(store, message.id, "refund", "mei", NOW)
    await review.label(store, "t1", "看看", "mei", NOW)
    await talk.answer("好的").project(store)
    async with store.reading() as unit:
        (later,) = await unit.review.messages_of("t1")
    assert (later.state, later.corrected_intent, later.latency_ms) == ("relabelled", "refund", 1000)
    assert (await listed(store, "t1")).labels == ["看看"]


# --- the benchmark's rows are the projector's --------------------------------------------------------------


async def test_the_benchmark_measures_what_the_projector_writes(store: Store) -> None:
    talks = list(conversations(60, seed=3, end=NOW))
    await write_beside(store, talks)
    await put(store, [event for talk in talks for event in talk.events])
    made = rows_of(talks)
    for table in TABLES:
        columns = made[table.name][0].keys()
        expected = {plain(row, columns) for row in made[table.name]}
        assert {plain(row, columns) for row in await rows(store, table)} == expected


def plain(row: Mapping[str, Any], columns: Iterable[str]) -> str:
    """A row as a text that is the same for the same values."""
    values = {name: sorted(row[name]) if isinstance(row[name], frozenset) else row[name] for name in columns}
    return json.dumps(values, sort_keys=True, default=str)


async def write_beside(store: Store, talks: Sequence[MadeUp]) -> None:
    async with store.writing() as unit:
        for talk in talks:
            for table, values in tables_beside(talk.beside):
                row = {"conversation_id": talk.conversation_id} | values
                await unit.connection.execute(sa.insert(table).values(**row))


def tables_beside(beside: Beside) -> list[tuple[sa.Table, dict[str, Any]]]:
    """What must be in other tables for the projector to find this."""
    times = {"created_at": NOW, "updated_at": NOW}
    found: list[tuple[sa.Table, dict[str, Any]]] = [
        (t.conversations, {"holder": beside.holder, "language": "zh", "channel": "web", **times}),
        (t.review_states, {"state": beside.state, "staff": "mei", "at": NOW}),
    ]
    if beside.customer_id:
        proof = {"method": "phone", "verified_at": NOW, "expires_at": NOW}
        found.append((t.verified_identity, {"customer_id": beside.customer_id, **proof}))
    if beside.handed_over_at:
        handover = {"status": "closed", "reason": beside.handover_reason, "packet": {}}
        found.append((t.handovers, {**handover, "opened_at": beside.handed_over_at}))
    if beside.rating:
        found.append((t.ratings, {"score": beside.rating, "words": "", "at": NOW}))
    for action, outcome in beside.decisions:
        entry = vars(decision(action, outcome))
        found.append((t.ledger, {name: value for name, value in entry.items() if name != "conversation_id"}))
    return found + [
        (t.conversation_labels, {"label": one, "staff": "mei", "at": NOW}) for one in beside.labels
    ]
