"""What Shopclerk itself writes: identity, refunds, ledger, handovers, conversations, pictures, ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from support.model import Holder, Money
from support.store import tables as t


class _Table:
    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    def _insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT on either database."""
        return (postgresql if self._db.dialect.name == "postgresql" else sqlite).insert(table)


# How many conversations one query for events names.
_AT_ONCE = 100


@dataclass(frozen=True)
class Identity:
    """Proof of who the customer of a conversation is; written only by `support.services.identity`."""

    conversation_id: str
    customer_id: str
    method: str
    verified_at: datetime
    expires_at: datetime


class Identities(_Table):
    """Proofs of identity, and the tries that count against guessing."""

    async def current(self, conversation_id: str, now: datetime) -> Identity | None:
        table = t.verified_identity
        query = sa.select(table).where(table.c.conversation_id == conversation_id, table.c.expires_at > now)
        row = (await self._db.execute(query)).one_or_none()
        return Identity(*row) if row else None

    async def put(self, identity: Identity) -> None:
        values = asdict(identity)
        insert = self._insert(t.verified_identity).values(**values)
        await self._db.execute(insert.on_conflict_do_update(index_elements=["conversation_id"], set_=values))

    async def add_try(self, conversation_id: str, order_id: str, at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.identity_tries).values(conversation_id=conversation_id, order_id=order_id, at=at)
        )

    async def tries(self, conversation_id: str, order_id: str, since: datetime) -> int:
        """Failed tries of this conversation, or against this order from any conversation."""
        table = t.identity_tries
        where = (table.c.at > since) & (
            (table.c.conversation_id == conversation_id) | (table.c.order_id == order_id)
        )
        return int(await self._db.scalar(sa.select(sa.func.count()).select_from(table).where(where)) or 0)


@dataclass(frozen=True)
class Refund:
    """A request to give money back and what became of it. `key` is its idempotency key."""

    refund_id: str
    key: str
    order_id: str
    customer_id: str
    status: str
    sku_ids: tuple[str, ...]
    reason: str
    note: str
    evidence: tuple[str, ...]
    amount: Money
    rule: str
    created_at: datetime


class Refunds(_Table):
    """Refunds by idempotency key and by order."""

    async def by_key(self, key: str) -> Refund | None:
        return next(iter(await self._load(t.refunds.c.key == key)), None)

    async def of_order(self, order_id: str) -> list[Refund]:
        """All refunds of an order, the newest first."""
        return await self._load(t.refunds.c.order_id == order_id)

    async def of_customer(self, customer_id: str) -> list[Refund]:
        return await self._load(t.refunds.c.customer_id == customer_id)

    async def add(self, refund: Refund) -> None:
        values = asdict(refund) | {
            "sku_ids": list(refund.sku_ids),
            "evidence": list(refund.evidence),
            "amount_minor": refund.amount.minor,
            "currency": refund.amount.currency,
        }
        del values["amount"]
        await self._db.execute(sa.insert(t.refunds).values(**values))

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[Refund]:
        query = sa.select(t.refunds).where(condition).order_by(t.refunds.c.created_at.desc())
        return [_refund(row) for row in await self._db.execute(query)]


def _refund(row: sa.Row[Any]) -> Refund:
    return Refund(
        refund_id=row.refund_id,
        key=row.key,
        order_id=row.order_id,
        customer_id=row.customer_id,
        status=row.status,
        sku_ids=tuple(row.sku_ids),
        reason=row.reason,
        note=row.note,
        evidence=tuple(row.evidence),
        amount=Money(row.amount_minor, row.currency),
        rule=row.rule,
        created_at=row.created_at,
    )


@dataclass(frozen=True)
class LedgerEntry:
    """One decision: who, what, by which rule, from which inputs, with which result."""

    at: datetime
    action: str
    actor: str
    conversation_id: str
    order_id: str
    rule: str
    outcome: str
    confirming_message: str | None
    inputs: Mapping[str, Any]
    result: Mapping[str, Any]


class Ledger(_Table):
    """Decisions, appended and never changed."""

    async def append(self, entry: LedgerEntry) -> None:
        await self._db.execute(sa.insert(t.ledger).values(**asdict(entry)))

    async def of_order(self, order_id: str) -> list[LedgerEntry]:
        query = sa.select(t.ledger).where(t.ledger.c.order_id == order_id).order_by(t.ledger.c.id)
        return [LedgerEntry(*row[1:]) for row in await self._db.execute(query)]


@dataclass(frozen=True)
class Handover:
    """A conversation that waits for a person or has one."""

    id: int
    conversation_id: str
    status: str
    reason: str
    packet: Mapping[str, Any]
    opened_at: datetime
    taken_by: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    closed_why: str | None


class Handovers(_Table):
    """The queue. At most one open handover a conversation, by a unique index."""

    async def open(self, conversation_id: str, reason: str, packet: Mapping[str, Any], at: datetime) -> bool:
        """True if this call opened it; False if one was open already."""
        insert = self._insert(t.handovers).values(
            conversation_id=conversation_id, status="waiting", reason=reason, packet=packet, opened_at=at
        )
        result = await self._db.execute(insert.on_conflict_do_nothing())
        return bool(result.rowcount)

    async def current(self, conversation_id: str) -> Handover | None:
        where = (t.handovers.c.conversation_id == conversation_id) & (t.handovers.c.status != "closed")
        return next(iter(await self._load(where)), None)

    async def get(self, handover_id: int) -> Handover | None:
        return next(iter(await self._load(t.handovers.c.id == handover_id)), None)

    async def listed(self, status: str) -> list[Handover]:
        """Handovers in a state, the longest waiting first."""
        return await self._load(t.handovers.c.status == status)

    async def place(self, handover: Handover) -> int:
        """Place in the queue: 1 is next."""
        where = (t.handovers.c.status == "waiting") & (t.handovers.c.id < handover.id)
        return 1 + int(
            await self._db.scalar(sa.select(sa.func.count()).select_from(t.handovers).where(where)) or 0
        )

    async def take(self, handover_id: int, person: str, at: datetime) -> bool:
        """False when somebody else has it."""
        table = t.handovers
        result = await self._db.execute(
            sa.update(table)
            .where(table.c.id == handover_id, table.c.status == "waiting")
            .values(status="taken", taken_by=person, taken_at=at)
        )
        return bool(result.rowcount)

    async def close(self, handover_id: int, why: str, at: datetime) -> bool:
        table = t.handovers
        result = await self._db.execute(
            sa.update(table)
            .where(table.c.id == handover_id, table.c.status != "closed")
            .values(status="closed", closed_at=at, closed_why=why)
        )
        return bool(result.rowcount)

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[Handover]:
        query = sa.select(t.handovers).where(condition).order_by(t.handovers.c.id)
        return [Handover(*row) for row in await self._db.execute(query)]


@dataclass(frozen=True)
class Event:
    """Something that a conversation's page learns after the fact."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Message:
    """A customer's message as it came in; `reply` is None until it was answered."""

    message_id: str
    text: str
    attachments: tuple[str, ...]
    received_at: datetime
    reply: Mapping[str, Any] | None


class Conversations(_Table):
    """Who holds a conversation, its messages, and what its page has still to be told."""

    async def touch(self, conversation_id: str, channel: str, language: str, now: datetime) -> None:
        """Create it (held by the bot), or note that something happened."""
        insert = self._insert(t.conversations).values(
            conversation_id=conversation_id,
            holder=Holder.BOT.value,
            language=language,
            channel=channel,
            created_at=now,
            updated_at=now,
        )
        await self._db.execute(
            insert.on_conflict_do_update(index_elements=["conversation_id"], set_={"updated_at": now})
        )

    async def holder(self, conversation_id: str) -> Holder:
        table = t.conversations
        found = await self._db.scalar(
            sa.select(table.c.holder).where(table.c.conversation_id == conversation_id)
        )
        return Holder(found) if found else Holder.BOT

    async def set_holder(self, conversation_id: str, holder: Holder, now: datetime) -> None:
        await self._db.execute(
            sa.update(t.conversations)
            .where(t.conversations.c.conversation_id == conversation_id)
            .values(holder=holder.value, updated_at=now)
        )

    async def receive(
        self, conversation_id: str, message_id: str, text: str, attachments: Sequence[str], now: datetime
    ) -> bool:
        """Keep an incoming message; False when this id was received before."""
        insert = self._insert(t.messages).values(
            conversation_id=conversation_id,
            message_id=message_id,
            text=text,
            attachments=list(attachments),
            received_at=now,
        )
        return bool((await self._db.execute(insert.on_conflict_do_nothing())).rowcount)

    async def reply_to(self, conversation_id: str, message_id: str, reply: Mapping[str, Any]) -> None:
        await self._db.execute(
            sa.update(t.messages)
            .where(t.messages.c.conversation_id == conversation_id, t.messages.c.message_id == message_id)
            .values(reply=reply)
        )

    async def message(self, conversation_id: str, message_id: str) -> Message | None:
        where = t.messages.c.message_id == message_id
        return next(iter(await self._messages(conversation_id, where, 1)), None)

    async def last_messages(self, conversation_id: str, limit: int = 20) -> list[Message]:
        """The newest messages, oldest of them first."""
        return (await self._messages(conversation_id, sa.true(), limit))[::-1]

    async def _messages(
        self, conversation_id: str, condition: sa.ColumnElement[bool], limit: int
    ) -> list[Message]:
        table = t.messages
        query = (
            sa.select(
                table.c.message_id, table.c.text, table.c.attachments, table.c.received_at, table.c.reply
            )
            .where(table.c.conversation_id == conversation_id, condition)
            .order_by(table.c.received_at.desc())
            .limit(limit)
        )
        return [
            Message(row.message_id, row.text, tuple(row.attachments), row.received_at, row.reply)
            for row in await self._db.execute(query)
        ]

    async def tell(self, conversation_id: str, kind: str, payload: Mapping[str, Any], at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.conversation_events).values(
                conversation_id=conversation_id, kind=kind, payload=payload, at=at
            )
        )

    async def events(self, conversation_id: str, after: int) -> list[Event]:
        return (await self.events_after({conversation_id: after})).get(conversation_id, [])

    async def events_after(self, after: Mapping[str, int]) -> dict[str, list[Event]]:
        """The events of several conversations, each past its own place; one query for up to `_AT_ONCE`."""
        table = t.conversation_events
        found: dict[str, list[Event]] = {}
        places = [(table.c.conversation_id == one) & (table.c.id > id) for one, id in after.items()]
        for start in range(0, len(places), _AT_ONCE):
            wanted = sa.or_(*places[start : start + _AT_ONCE])
            for row in await self._db.execute(sa.select(table).where(wanted).order_by(table.c.id)):
                event = Event(row.id, row.kind, row.payload, row.at)
                found.setdefault(row.conversation_id, []).append(event)
        return found


@dataclass(frozen=True)
class Attachment:
    """A picture that a customer sent. `reading` is what OCR found, `metadata` what EXIF said."""

    attachment_id: str
    conversation_id: str
    kind: str
    media_type: str
    width: int
    height: int
    sha256: str
    phash: str
    reading: Mapping[str, Any]
    metadata: Mapping[str, Any]
    created_at: datetime


class Attachments(_Table):
    """Pictures, always read together with the conversation that they belong to."""

    async def add(self, attachment: Attachment) -> None:
        await self._db.execute(sa.insert(t.attachments).values(**asdict(attachment)))

    async def of_conversation(self, conversation_id: str, attachment_ids: Sequence[str]) -> list[Attachment]:
        """Those of the ids that belong to the conversation, in the order given."""
        table = t.attachments
        where = (table.c.conversation_id == conversation_id) & table.c.attachment_id.in_(attachment_ids)
        rows = (await self._db.execute(sa.select(table).where(where))).all()
        found = {row.attachment_id: Attachment(*row) for row in rows}
        return [found[one] for one in attachment_ids if one in found]


class Ratings(_Table):
    """What customers thought of it."""

    async def add(self, conversation_id: str, score: int, words: str, at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.ratings).values(conversation_id=conversation_id, score=score, words=words, at=at)
        )

    async def of_conversation(self, conversation_id: str) -> list[tuple[int, str]]:
        query = sa.select(t.ratings.c.score, t.ratings.c.words).where(
            t.ratings.c.conversation_id == conversation_id
        )
        return [(row.score, row.words) for row in await self._db.execute(query.order_by(t.ratings.c.id))]
