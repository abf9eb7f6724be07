"""Handing a conversation to a person and back: one holder at a time, every change one row and one event.

bot --open--> queue --take--> person --give_back--> bot
                `----leave----------------------------^   (the customer would rather not wait)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from support.model import HandoffReason, Holder
from support.policy import Policy
from support.services.history import Said
from support.store import Handover, Store

# What a person reads before answering; the whole conversation is one click further.
_LAST_MESSAGES = 20


class NotPossible(ValueError):
    """The handover is not in a state for this; the message tells the person why."""


@dataclass(frozen=True)
class Queued:
    """What the customer is told: `new` is False when the conversation was waiting already."""

    new: bool
    place: int
    open_now: bool
    next_opening: datetime | None


async def packet(
    store: Store,
    conversation_id: str,
    now: datetime,
    *,
    said: Sequence[Said],
    slots: Mapping[str, Any],
    tried: Sequence[str],
    language: str,
) -> dict[str, Any]:
    """What a person needs to go on without asking again: who, which order, what was tried, the words."""
    pictures = [one for turn in said for one in turn.attachments]
    async with store.reading() as unit:
        proof = await unit.identities.current(conversation_id, now)
        customer = await unit.customers.get(proof.customer_id) if proof else None
        order_id = slots.get("order_id")
        order = await unit.orders.owned(str(order_id), proof.customer_id) if proof and order_id else None
        rows = await unit.attachments.of_conversation(conversation_id, pictures)
    return {
        "language": language,
        "customer": {"customer_id": customer.customer_id, "name": customer.name} if customer else None,
        "proven_by": proof.method if proof else None,
        "order": {
            "order_id": order.order_id,
            "status": order.status.value,
            "total": str(order.total.decimal),
            "currency": order.total.currency,
            "items": [line.title for line in order.items],
        }
        if order
        else None,
        "slots": {name: value for name, value in slots.items() if value not in (None, [], "")},
        "tried": list(tried),
        "pictures": [
            {"id": row.attachment_id, "kind": row.kind, "reading": dict(row.reading)} for row in rows
        ],
        "last_messages": [asdict(turn) for turn in list(said)[-_LAST_MESSAGES:]],
    }


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
        new = await unit.handovers.open(conversation_id, reason.value, packet, now)
        handover = await unit.handovers.current(conversation_id)
        assert handover is not None
        place = await unit.handovers.place(handover)
        if new:
            await unit.conversations.set_holder(conversation_id, Holder.QUEUE, now)
            await unit.conversations.tell(conversation_id, "holder", {"holder": Holder.QUEUE.value}, now)
    return Queued(new, place, policy.is_open(now), policy.next_opening(now))


async def take(store: Store, handover_id: int, person: str, now: datetime) -> Handover:
    """A person takes a waiting conversation; of two who try, one gets it."""
    async with store.writing() as unit:
        taken = await unit.handovers.take(handover_id, person, now)
        handover = await unit.handovers.get(handover_id)
        if handover is None:
            raise NotPossible(f"there is no handover {handover_id}")
        if not taken and not (handover.status == "taken" and handover.taken_by == person):
            raise NotPossible(
                f"handover {handover_id} is {handover.status} ({handover.taken_by or 'nobody'})"
            )
        if taken:
            await unit.conversations.set_holder(handover.conversation_id, Holder.PERSON, now)
            payload = {"holder": Holder.PERSON.value, "name": person}
            await unit.conversations.tell(handover.conversation_id, "holder", payload, now)
        return handover


async def reply(store: Store, handover_id: int, person: str, text: str, now: datetime) -> Handover:
    """A person's words to the customer; only from the one who has the conversation."""
    async with store.writing() as unit:
        handover = await unit.handovers.get(handover_id)
        if handover is None or handover.status != "taken" or handover.taken_by != person:
            raise NotPossible(f"handover {handover_id} is not with {person}: take it first")
        await unit.conversations.tell(
            handover.conversation_id, "message", {"text": text, "from": person}, now
        )
        return handover


async def close(
    store: Store, handover_id: int, why: str, now: datetime, *, person: str | None = None
) -> Handover:
    """End the handover: the bot answers again. `why` is given_back, left or resolved.

    A `person` can end only what nobody else has taken; the customer (no person) can always leave.
    """
    async with store.writing() as unit:
        handover = await unit.handovers.get(handover_id)
        if handover is None:
            raise NotPossible(f"there is no handover {handover_id}")
        if person and handover.taken_by not in (None, person):
            raise NotPossible(f"handover {handover_id} is with {handover.taken_by}")
        if not await unit.handovers.close(handover_id, why, now):
            raise NotPossible(f"handover {handover_id} is closed already")
        await unit.conversations.set_holder(handover.conversation_id, Holder.BOT, now)
        await unit.conversations.tell(
            handover.conversation_id, "holder", {"holder": Holder.BOT.value, "why": why}, now
        )
        return replace(handover, status="closed", closed_at=now, closed_why=why)
