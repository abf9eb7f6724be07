"""Passing a conversation to a person and back, on both databases: one holder at a time, nothing lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.model import HandoffReason, Holder
from support.policy import Policy
from support.services import handoff
from support.services.handoff import NotPossible, Patience, Queued, Swept
from support.store import Handover, Store
from support.store.turns import Begun
from tests.records import NOW

POLICY = Policy()
OFFICE_HOURS = Policy.model_validate(
    {"timezone": "Asia/Shanghai", "handoff": {"business_hours": {"mon-fri": ["09:00", "18:00"]}}}
)
PATIENCE = Patience(away=timedelta(minutes=3), idle=timedelta(minutes=30))


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def begin(store: Store, *conversations: str) -> None:
    async with store.writing() as unit:
        for one in conversations:
            await unit.conversations.touch(one, "web", "zh", NOW)


async def ask(store: Store, conversation: str = "c1", **packet: Any) -> Queued:
    contents = {"language": "zh"} | packet
    return await handoff.open(store, POLICY, conversation, HandoffReason.ASKED, contents, NOW)


async def current(store: Store, conversation: str = "c1") -> Handover:
    async with store.reading() as unit:
        found = await unit.handovers.current(conversation)
    assert found
    return found


async def waiting(store: Store, conversation: str = "c1") -> int:
    """A conversation that waits for a person."""
    await begin(store, conversation)
    await ask(store, conversation)
    return (await current(store, conversation)).id


async def taken(store: Store, conversation: str = "c1") -> int:
    """One that Lin has."""
    number = await waiting(store, conversation)
    await handoff.take(store, number, "lin", NOW, name="小林")
    return number


async def holder(store: Store, conversation: str = "c1") -> Holder:
    async with store.reading() as unit:
        return await unit.conversations.holder(conversation)


async def told(store: Store, conversation: str = "c1") -> list[tuple[str, dict[str, Any]]]:
    async with store.reading() as unit:
        events = await unit.conversations.events(conversation, 0)
    return [(event.kind, dict(event.payload)) for event in events]


async def steps(store: Store, conversation: str = "c1") -> list[tuple[str, str, str]]:
    """From, to, why."""
    async with store.reading() as unit:
        rows = await unit.conversations.transitions(conversation)
    return [(one.from_state.value, one.to_state.value, one.why) for one in rows]


async def write(store: Store, at: datetime, conversation: str = "c1") -> Holder:
    """A customer's message comes in."""
    async with store.writing() as unit:
        await unit.conversations.touch(conversation, "web", "zh", at)
        holder = await unit.conversations.hold(conversation)
        return await handoff.customer_wrote(unit, conversation, holder, at)


async def leave(store: Store) -> bool:
    async with store.writing() as unit:
        return await handoff.leave(unit, "c1", NOW)


# --- the queue ---------------------------------------------------------------------------------------------


async def test_the_first_in_the_queue_is_next(store: Store) -> None:
    await begin(store, "c1", "c2")
    assert (await ask(store)).place == 1
    assert (await ask(store, "c2")).place == 2
    assert await holder(store) is Holder.QUEUE


async def test_twenty_requests_at_once_open_one_handover(store: Store) -> None:
    await begin(store, "c1")
    answers = await asyncio.gather(*(ask(store) for _ in range(20)))
    assert sum(answer.new for answer in answers) == 1
    assert {answer.place for answer in answers} == {1}
    assert await told(store) == [("holder", {"holder": "queue", "why": "asked"})]


async def test_who_leaves_the_queue_moves_the_others_up(store: Store) -> None:
    await waiting(store)
    await waiting(store, "c2")
    assert await leave(store)
    assert (await ask(store, "c2")).place == 1
    assert await steps(store) == [("bot", "queue", "asked"), ("queue", "bot", "left")]


async def test_nobody_leaves_a_queue_that_a_person_has_taken_them_from(store: Store) -> None:
    await taken(store)
    assert not await leave(store)
    assert await holder(store) is Holder.PERSON


async def test_the_customer_is_told_a_ticket_that_staff_find_again(store: Store) -> None:
    await begin(store, "c1")
    ticket = (await ask(store)).ticket
    async with store.reading() as unit:
        found = [await unit.handovers.by_ticket(one) for one in (ticket, ticket.lower(), "T1", "T9912310001")]
    assert [one and one.conversation_id for one in found] == ["c1", "c1", None, None]


async def test_the_promise_is_two_hours_while_people_are_there(store: Store) -> None:
    await begin(store, "c1")
    assert (await ask(store)).promised_at == NOW + timedelta(hours=2)


async def test_outside_business_hours_the_promise_counts_from_the_next_opening(store: Store) -> None:
    await begin(store, "c1")
    friday_evening = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    queued = await handoff.open(
        store,
        OFFICE_HOURS,
        "c1",
        HandoffReason.ASKED,
        {"reach": {"by": "phone", "shown": "…"}},
        friday_evening,
    )
    assert not queued.open_now
    assert queued.promised_at and queued.promised_at.isoformat() == "2026-11-23T11:00:00+08:00"
    assert queued.reach == {"by": "phone", "shown": "…"}


# --- taking, passing on ------------------------------------------------------------------------------------


async def test_of_ten_people_who_take_it_one_gets_it(store: Store) -> None:
    number = await waiting(store)
    takers = [handoff.take(store, number, f"person {n}", NOW) for n in range(10)]
    outcomes = await asyncio.gather(*takers, return_exceptions=True)
    (winner,) = [one for one in outcomes if isinstance(one, Handover)]
    losers = [one for one in outcomes if isinstance(one, NotPossible)]
    assert len(losers) == 9 and {one.person for one in losers} == {winner.taken_by}
    assert (await holder(store), (await current(store)).taken_by) == (Holder.PERSON, winner.taken_by)


async def test_taking_twice_is_taking_once(store: Store) -> None:
    number = await taken(store)
    await handoff.take(store, number, "lin", NOW)
    assert [why for _, _, why in await steps(store)] == ["asked", "taken"]


async def test_the_customer_hears_the_name_and_not_the_login(store: Store) -> None:
    number = await taken(store)
    await handoff.reply(store, number, "lin", "您好", NOW)
    assert (await told(store))[1:] == [
        ("holder", {"holder": "person", "why": "taken", "name": "小林"}),
        ("message", {"text": "您好", "from": "小林"}),
    ]


async def test_a_colleague_gets_it_with_a_note(store: Store) -> None:
    number = await taken(store)
    moved = await handoff.transfer(store, number, "lin", NOW, to="wang", to_name="小王", note="要查快递")
    assert (moved.taken_by, moved.taken_name, moved.status) == ("wang", "小王", "taken")
    with pytest.raises(NotPossible, match="is with 小王"):
        await handoff.reply(store, number, "lin", "还有", NOW)
    async with store.reading() as unit:
        last = (await unit.conversations.transitions("c1"))[-1]
    assert (last.by_name, last.to_name, last.note, last.why) == ("lin", "wang", "要查快递", "transferred")


async def test_back_in_the_queue_it_has_its_old_place(store: Store) -> None:
    number = await taken(store)
    await waiting(store, "c2")
    await handoff.transfer(store, number, "lin", NOW, line={"text": "请稍等"})
    async with store.reading() as unit:
        assert [one.conversation_id for one in await unit.handovers.listed("waiting")] == ["c1", "c2"]
        assert await unit.handovers.place(await current(store)) == 1
    assert (await told(store))[-2:] == [
        ("holder", {"holder": "queue", "why": "transferred"}),
        ("message", {"text": "请稍等"}),
    ]


async def test_only_who_has_it_passes_it_on(store: Store) -> None:
    number = await waiting(store)
    with pytest.raises(NotPossible, match="take it first"):
        await handoff.transfer(store, number, "lin", NOW, to="wang")
    await handoff.take(store, number, "lin", NOW)
    with pytest.raises(NotPossible, match="is with lin"):
        await handoff.transfer(store, number, "wang", NOW, to="wang")


# --- replies -----------------------------------------------------------------------------------------------


async def test_only_who_has_it_may_reply(store: Store) -> None:
    number = await waiting(store)
    with pytest.raises(NotPossible, match="take it first"):
        await handoff.reply(store, number, "lin", "您好", NOW)
    await handoff.take(store, number, "lin", NOW)
    with pytest.raises(NotPossible, match="is with lin"):
        await handoff.reply(store, number, "wang", "您好", NOW)


async def test_a_double_click_says_it_once(store: Store) -> None:
    number = await taken(store)
    clicks = [handoff.reply(store, number, "lin", "您好", NOW, message_id="r-1") for _ in range(5)]
    assert sorted(new for _, new in await asyncio.gather(*clicks)) == [False] * 4 + [True]
    words = [payload for kind, payload in await told(store) if kind == "message"]
    assert words == [{"text": "您好", "from": "小林", "message_id": "r-1"}]


async def test_a_reply_that_was_said_is_said_also_for_a_retry_after_the_end(store: Store) -> None:
    number = await taken(store)
    await handoff.reply(store, number, "lin", "再见", NOW, message_id="r-1")
    await handoff.close(store, number, "lin", NOW)
    _, new = await handoff.reply(store, number, "lin", "再见", NOW, message_id="r-1")
    assert not new
    with pytest.raises(NotPossible, match="closed already"):
        await handoff.reply(store, number, "lin", "等等", NOW, message_id="r-2")


# --- the way back ------------------------------------------------------------------------------------------


async def test_given_back_it_is_the_assistants_and_can_be_asked_for_again(store: Store) -> None:
    number = await taken(store)
    await handoff.give_back(store, number, "lin", NOW)
    assert await holder(store) is Holder.BOT
    with pytest.raises(NotPossible, match="closed already"):
        await handoff.give_back(store, number, "lin", NOW)
    assert (await ask(store)).new
    assert (await current(store)).id != number


async def test_closed_it_is_the_assistants_from_the_next_message_on(store: Store) -> None:
    number = await taken(store)
    await handoff.close(store, number, "lin", NOW)
    assert await holder(store) is Holder.CLOSED
    assert await write(store, NOW) is Holder.BOT
    assert (await steps(store))[-2:] == [("person", "closed", "resolved"), ("closed", "bot", "wrote")]


async def test_a_person_ends_only_what_nobody_else_has(store: Store) -> None:
    number = await taken(store)
    for end in (handoff.give_back, handoff.close):
        with pytest.raises(NotPossible, match="is with 小林"):
            await end(store, number, "wang", NOW)
    other = await waiting(store, "c2")
    assert (await handoff.close(store, other, "wang", NOW)).closed_why == "resolved"


async def test_what_is_closed_or_does_not_exist_cannot_be_taken(store: Store) -> None:
    number = await waiting(store)
    await leave(store)
    with pytest.raises(NotPossible, match="is closed"):
        await handoff.take(store, number, "lin", NOW)
    for call in (handoff.take, handoff.close, handoff.give_back):
        with pytest.raises(NotPossible, match="no handover 404") as caught:
            await call(store, 404, "lin", NOW)
        assert caught.value.code == "unknown"


# --- what nobody else does ---------------------------------------------------------------------------------


async def sweep(store: Store, at: datetime, policy: Policy = POLICY) -> list[str]:
    """What was due."""

    def line(swept: Swept, queued: Queued) -> dict[str, Any]:
        return {"text": f"{swept.due} {queued.place}"}

    return [one.due for one in await handoff.sweep(store, policy, PATIENCE, at, line)]


async def test_whose_person_has_gone_is_back_in_the_queue(store: Store) -> None:
    await taken(store)
    await waiting(store, "c2")
    await write(store, after(1))
    assert await sweep(store, after(2.9)) == []
    assert await sweep(store, after(3)) == ["agent_away"]
    assert await holder(store) is Holder.QUEUE
    assert (await told(store))[-1] == ("message", {"text": "agent_away 1"})
    assert (await current(store)).taken_by is None


async def test_a_person_who_is_there_keeps_it(store: Store) -> None:
    await taken(store)
    for minute in range(1, 29):
        assert await handoff.renew(store, "lin", after(minute)) == 1
        assert await sweep(store, after(minute + 0.5)) == []


async def test_who_was_answered_last_stays_with_the_person_until_writing_again(
    store: Store,
) -> None:
    number = await taken(store)
    await handoff.reply(store, number, "lin", "稍等我查一下", after(1))
    assert await sweep(store, after(10)) == []
    await write(store, after(11))
    assert await sweep(store, after(11)) == ["agent_away"]


async def test_a_colleague_who_says_nothing_loses_it_though_the_first_person_had_spoken(store: Store) -> None:
    number = await taken(store)
    await handoff.reply(store, number, "lin", "我请同事来", after(1))
    await handoff.transfer(store, number, "lin", after(2), to="wang")
    assert await sweep(store, after(4.9)) == []
    assert await sweep(store, after(5)) == ["agent_away"]


async def test_silence_of_both_gives_it_back_to_the_assistant(store: Store) -> None:
    number = await taken(store)
    await handoff.reply(store, number, "lin", "还有什么可以帮您？", after(1))
    await handoff.renew(store, "lin", after(30))
    assert await sweep(store, after(30.9)) == []
    assert await sweep(store, after(31)) == ["idle"]
    assert await holder(store) is Holder.BOT
    assert (await steps(store))[-1] == ("person", "bot", "idle")


async def test_who_is_not_answered_for_long_goes_back_to_the_queue_and_not_to_the_assistant(
    store: Store,
) -> None:
    await taken(store)
    await write(store, after(1))
    await handoff.renew(store, "lin", after(31))
    assert await sweep(store, after(31)) == ["unanswered"]
    assert await holder(store) is Holder.QUEUE


async def test_ten_sweepers_at_once_do_it_once(store: Store) -> None:
    await taken(store)
    found = await asyncio.gather(*(sweep(store, after(5)) for _ in range(10)))
    assert sum(len(one) for one in found) == 1
    assert len(await steps(store)) == 3


async def test_a_broken_promise_is_renewed_each_time_for_longer_and_the_place_is_kept(store: Store) -> None:
    await waiting(store)
    told_at = [minute for minute in range(0, 3000, 10) if await sweep(store, after(minute)) == ["late"]]
    assert told_at == [120, 240, 480, 960, 1920]
    promised = (await current(store)).promised_at
    assert promised and promised == after(1920) + timedelta(days=1)
    assert await holder(store) is Holder.QUEUE


# --- who writes, what was read -----------------------------------------------------------------------------


async def test_one_of_many_gets_the_lease(store: Store) -> None:
    await begin(store, "c1")

    async def lease(by: str, at: datetime = NOW) -> bool:
        async with store.writing() as unit:
            return await unit.conversations.lease("c1", by, at, at + timedelta(seconds=40))

    assert sum(await asyncio.gather(*(lease(f"writer {n}") for n in range(10)))) == 1


async def test_a_lease_that_has_run_out_is_anybodys_and_its_writer_learns_of_it(store: Store) -> None:
    await begin(store, "c1")
    async with store.writing() as unit:
        assert await unit.conversations.lease("c1", "first", NOW, after(1))
        assert not await unit.conversations.lease("c1", "second", after(0.9), after(2))
        assert await unit.conversations.lease("c1", "first", after(0.9), after(1.5))
        assert await unit.conversations.lease("c1", "second", after(1.5), after(2))
        assert not await unit.conversations.release("c1", "first")
        assert await unit.conversations.leased_until("c1") == after(2)
        assert await unit.conversations.release("c1", "second")
        assert await unit.conversations.leased_until("c1") is None


async def test_a_turn_begins_and_ends_with_one_statement_each(store: Store) -> None:
    async def turn(by: str, now: datetime, until: datetime) -> Begun:
        async with store.writing() as unit:
            return await unit.turns.begin("c1", "web", "zh", "", by=by, now=now, until=until)

    assert await turn("first", NOW, after(1)) == Begun(Holder.BOT, leased=True)
    assert await turn("second", after(0.9), after(1.9)) == Begun(Holder.BOT, leased=False)
    assert await turn("second", after(1), after(2)) == Begun(Holder.BOT, leased=True)
    async with store.writing() as unit:
        assert await unit.turns.end("c1", "first") is None
        assert await unit.turns.end("c1", "second") is Holder.BOT
        assert await unit.conversations.leased_until("c1") is None


async def test_a_lease_from_a_clock_that_was_put_back_holds_no_turn_up(store: Store) -> None:
    async with store.writing() as unit:
        await unit.turns.begin("c1", "web", "zh", "", by="then", now=after(600), until=after(601))
        begun = await unit.turns.begin("c1", "web", "zh", "", by="now", now=NOW, until=after(1))
    assert begun.leased


async def test_what_was_read_only_moves_forward(store: Store) -> None:
    await begin(store, "c1")
    async with store.writing() as unit:
        assert await unit.conversations.mark_read("c1", "customer", after(2))
        assert not await unit.conversations.mark_read("c1", "customer", after(1))
        assert await unit.conversations.mark_read("c1", "staff", after(1))
        state = await unit.conversations.read_state("c1")
        nowhere = await unit.conversations.read_state("c2")
    assert (state.customer, state.staff) == (after(2), after(1))
    assert nowhere == replace(state, customer=None, staff=None)


async def test_an_answer_that_is_there_is_not_replaced(store: Store) -> None:
    await begin(store, "c1")
    async with store.writing() as unit:
        await unit.conversations.receive("c1", "m-1", "在吗", [], NOW)
        assert await unit.conversations.reply_to("c1", "m-1", {"messages": [], "holder": "bot"})
        assert not await unit.conversations.reply_to("c1", "m-1", {"messages": [1], "holder": "bot"})
        kept = await unit.conversations.message("c1", "m-1")
    assert kept and kept.reply == {"messages": [], "holder": "bot"}
