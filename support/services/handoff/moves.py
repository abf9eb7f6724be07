"""The changes of who holds a conversation, each one transaction that holds the conversation first.

A person is known by `person`, a login; `name` is what the customer sees. A `line` is a message that the
customer gets together with the change. NotPossible is raised where the handover is not in a state for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from support.model import HandoffReason, Holder
from support.policy import Policy
from support.store import Handover, Store, Transition, Unit
from support.store.conversations import Actor

Line = Mapping[str, Any]

_IMPOSSIBLE = {
    "unknown": ("there is no handover {id}", "没有第 {id} 号转人工记录"),
    "closed": ("handover {id} is closed already", "第 {id} 号会话已经结束"),
    "taken": ("handover {id} is with {person}", "第 {id} 号会话由 {person} 接待中"),
    "not_taken": ("handover {id} is with nobody: take it first", "第 {id} 号会话还没有人接待，请先接入"),
}
# Who stands behind a handover, by its reason; else it is the bot's own decision.
_OPENED_BY: Mapping[HandoffReason, Actor] = {
    HandoffReason.ASKED: "customer",
    HandoffReason.FAILURE: "system",
}


class NotPossible(ValueError):
    """The handover is not in a state for this; the message tells the person why, `zh` in Chinese.

    `code` is unknown, closed, taken (by `person`) or not_taken.
    """

    def __init__(
        self, code: Literal["unknown", "closed", "taken", "not_taken"], handover_id: int, person: str = ""
    ) -> None:
        english, chinese = _IMPOSSIBLE[code]
        super().__init__(english.format(id=handover_id, person=person))
        self.code, self.person = code, person
        self.zh = chinese.format(id=handover_id, person=person)


@dataclass(frozen=True)
class Cause:
    """What stands behind a change: a word for it, whose doing it is and when, a note between colleagues."""

    why: str
    at: datetime
    by: Actor
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Queued:
    """What the customer is told: `new` is False when the conversation was waiting already.

    `promised_at` is in the shop's zone. `reach` is how the answer gets to the customer beside the chat, for
    example `{"by": "phone", "shown": "138****4462"}`; None: only here.
    """

    new: bool
    place: int
    open_now: bool
    ticket: str
    promised_at: datetime | None
    reach: Mapping[str, str] | None


async def open(
    store: Store,
    policy: Policy,
    conversation_id: str,
    reason: HandoffReason,
    packet: Mapping[str, Any],
    now: datetime,
) -> Queued:
    """Put the conversation into the queue with everything that a person needs; once, however often called."""
    async with store.writing() as unit:
        # A conversation over Rasa's own channels has no row yet.
        await unit.conversations.touch(conversation_id, "rasa", str(packet.get("language", "")), now)
        new = await unit.handovers.open(conversation_id, reason.value, packet, now, policy.promise(now))
        handover = await unit.handovers.current(conversation_id)
        assert handover is not None
        if new:
            cause = Cause(reason.value, now, _OPENED_BY.get(reason, "bot"))
            await change_holder(unit, conversation_id, handover.id, Holder.QUEUE, cause)
        return await queued(unit, policy, handover, now, new=new)


async def queued(unit: Unit, policy: Policy, handover: Handover, now: datetime, *, new: bool) -> Queued:
    """Where the customer stands."""
    promised = handover.promised_at
    return Queued(
        new=new,
        place=await unit.handovers.place(handover),
        open_now=policy.is_open(now),
        ticket=handover.ticket,
        promised_at=promised.astimezone(policy.zone) if promised else None,
        reach=handover.packet.get("reach"),
    )


async def take(store: Store, handover_id: int, person: str, now: datetime, *, name: str = "") -> Handover:
    """A person takes a waiting conversation; of two who try, one gets it."""
    async with store.writing() as unit:
        handover = await held(unit, handover_id)
        if handover.status == "taken":
            _only(handover, person)
            return handover
        await _give(unit, handover, person, name, Cause("taken", now, "staff", person))
        return await held(unit, handover_id)


async def transfer(
    store: Store,
    handover_id: int,
    person: str,
    now: datetime,
    *,
    to: str | None = None,
    to_name: str = "",
    note: str = "",
    line: Line | None = None,
) -> Handover:
    """Pass a conversation on, to a colleague or back into the queue, where it keeps its place."""
    async with store.writing() as unit:
        handover = await held(unit, handover_id)
        _with(handover, person)
        cause = Cause("transferred", now, "staff", person, note)
        if to is None:
            await into_queue(unit, handover, cause)
        elif to != person:
            await _give(unit, handover, to, to_name, cause)
        if line and to != person:
            await unit.conversations.tell(handover.conversation_id, "message", line, now)
        return await held(unit, handover_id)


async def reply(
    store: Store, handover_id: int, person: str, text: str, now: datetime, *, message_id: str = ""
) -> tuple[Handover, bool]:
    """A person's words to the customer; only from the one who has the conversation.

    The words of a `message_id` are said once: False beside the handover when they had been said already.
    """
    async with store.writing() as unit:
        handover = await held(unit, handover_id, closed_too=True)
        conversation_id = handover.conversation_id
        if message_id and await unit.conversations.was_told(conversation_id, "message", message_id):
            return handover, False
        _with(handover, person)
        payload = {"text": text, "from": handover.taken_name, "message_id": message_id}
        said = {name: value for name, value in payload.items() if value}
        await unit.conversations.tell(conversation_id, "message", said, now)
        await unit.handovers.change(handover_id, person_said_at=now, seen_at=now)
        return await held(unit, handover_id), True


async def give_back(
    store: Store, handover_id: int, person: str, now: datetime, *, line: Line | None = None
) -> Handover:
    """The bot answers again. A person can end only what nobody else has taken."""
    async with store.writing() as unit:
        handover = await held(unit, handover_id)
        _only(handover, person)
        return await end(unit, handover, Holder.BOT, Cause("given_back", now, "staff", person), line)


async def close(
    store: Store, handover_id: int, person: str, now: datetime, *, line: Line | None = None
) -> Handover:
    """The matter is settled; the bot answers when the customer writes again."""
    async with store.writing() as unit:
        handover = await held(unit, handover_id)
        _only(handover, person)
        return await end(unit, handover, Holder.CLOSED, Cause("resolved", now, "staff", person), line)


async def leave(unit: Unit, conversation_id: str, now: datetime) -> bool:
    """The customer would rather have the bot than wait; False when nobody was waiting (any more)."""
    await unit.conversations.hold(conversation_id)
    handover = await unit.handovers.current(conversation_id)
    if handover is None or handover.status != "waiting":
        return False
    await end(unit, handover, Holder.BOT, Cause("left", now, "customer"))
    return True


async def customer_wrote(unit: Unit, conversation_id: str, holder: Holder, now: datetime) -> Holder:
    """Who answers a customer's message that has just come in.

    `holder` is who holds the conversation, and in the caller's transaction nobody else changes that.
    """
    if holder is Holder.CLOSED:
        await change_holder(unit, conversation_id, None, Holder.BOT, Cause("wrote", now, "customer"))
        return Holder.BOT
    if holder is not Holder.BOT:
        await unit.handovers.customer_said(conversation_id, now)
    return holder


async def renew(store: Store, person: str, now: datetime) -> int:
    """Note that a person is still there; how many conversations they have."""
    async with store.writing() as unit:
        return await unit.handovers.seen(person, now)


# --- what the moves have in common -------------------------------------------------------------------------


async def held(unit: Unit, handover_id: int, *, closed_too: bool = False) -> Handover:
    """The handover as it is now, and nobody else changes it until the transaction ends."""
    found = await unit.handovers.get(handover_id)
    if found is None:
        raise NotPossible("unknown", handover_id)
    await unit.conversations.hold(found.conversation_id)
    handover = await unit.handovers.get(handover_id)
    assert handover is not None
    if handover.status == "closed" and not closed_too:
        raise NotPossible("closed", handover_id)
    return handover


async def into_queue(unit: Unit, handover: Handover, cause: Cause) -> None:
    """Nobody's again, and in the queue where it was before."""
    nobody = {"taken_by": None, "taken_name": None, "taken_at": None, "person_said_at": None}
    await unit.handovers.change(handover.id, status="waiting", **nobody)
    await change_holder(unit, handover.conversation_id, handover.id, Holder.QUEUE, cause)


async def end(unit: Unit, handover: Handover, to: Holder, cause: Cause, line: Line | None = None) -> Handover:
    """Close the handover."""
    await unit.handovers.change(handover.id, status="closed", closed_at=cause.at, closed_why=cause.why)
    await change_holder(unit, handover.conversation_id, handover.id, to, cause)
    if line:
        await unit.conversations.tell(handover.conversation_id, "message", line, cause.at)
    ended = await unit.handovers.get(handover.id)
    assert ended is not None
    return ended


async def change_holder(
    unit: Unit,
    conversation_id: str,
    handover_id: int | None,
    to: Holder,
    cause: Cause,
    *,
    person: str = "",
    name: str = "",
) -> None:
    """One row of `transitions`, and the pages are told; `person` who has it then, `name` for the customer."""
    before = await unit.conversations.hold(conversation_id)
    step = Transition(
        conversation_id=conversation_id,
        handover_id=handover_id,
        from_state=before,
        to_state=to,
        by_kind=cause.by,
        by_name=cause.name,
        why=cause.why,
        at=cause.at,
        to_name=person,
        note=cause.note,
    )
    await unit.conversations.move(step)
    payload = {"holder": to.value, "why": cause.why, "name": name}
    told = {key: value for key, value in payload.items() if value}
    await unit.conversations.tell(conversation_id, "holder", told, cause.at)


async def _give(unit: Unit, handover: Handover, person: str, name: str, cause: Cause) -> None:
    """Make it a person's."""
    shown, at = name or person, cause.at
    somebody = {"taken_by": person, "taken_name": shown, "taken_at": at, "seen_at": at}
    await unit.handovers.change(handover.id, status="taken", **somebody, person_said_at=None)
    await change_holder(
        unit, handover.conversation_id, handover.id, Holder.PERSON, cause, person=person, name=shown
    )


def _with(handover: Handover, person: str) -> None:
    """Only for who has it."""
    if handover.status == "closed":
        raise NotPossible("closed", handover.id)
    if handover.status != "taken":
        raise NotPossible("not_taken", handover.id)
    _only(handover, person)


def _only(handover: Handover, person: str) -> None:
    """Not for others than who has it, if somebody has."""
    if handover.taken_by not in (None, person):
        raise NotPossible("taken", handover.id, handover.taken_name or handover.taken_by or "")
