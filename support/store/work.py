"""What Shopclerk itself writes beside conversations: identity, refunds, ledger, pictures, ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.model import Money
from support.store import tables as t
from support.store.free_words import FreeWords, parted
from support.store.pseudonyms import Pseudonyms
from support.store.rows import Rows

# How the ledger says that a customer asked for something.
_CUSTOMER = "customer:"


@dataclass(frozen=True)
class Identity:
    """Proof of who the customer of a conversation is; written only by `support.services.identity`."""

    conversation_id: str
    customer_id: str
    method: str
    verified_at: datetime
    expires_at: datetime


# Built once: every turn asks it.
_PROVEN = sa.select(t.verified_identity).where(
    t.verified_identity.c.conversation_id == sa.bindparam("conversation_id"),
    t.verified_identity.c.expires_at > sa.bindparam("now"),
)


class Identities(Rows):
    """Proofs of identity, and the tries that count against guessing."""

    async def current(self, conversation_id: str, now: datetime) -> Identity | None:
        values = {"conversation_id": conversation_id, "now": now}
        row = (await self._db.execute(_PROVEN, values)).one_or_none()
        return Identity(*row) if row else None

    async def is_known(
        self, conversation_id: str, customer_id: str, expires_at: datetime, now: datetime
    ) -> bool:
        """Whether this customer, who is in the records, has proven by token to be it, for just so long."""
        proven, customers = t.verified_identity, t.customers
        query = sa.select(proven.c.conversation_id).join(
            customers, customers.c.customer_id == proven.c.customer_id
        )
        same = (
            (proven.c.conversation_id == conversation_id)
            & (proven.c.customer_id == customer_id)
            & (proven.c.method == "token")
            & (proven.c.expires_at == expires_at)
        )
        return (await self._db.scalar(query.where(same, proven.c.expires_at > now))) is not None

    async def put(self, identity: Identity) -> None:
        values = asdict(identity)
        insert = self._insert(t.verified_identity).values(**values)
        await self._db.execute(insert.on_conflict_do_update(index_elements=["conversation_id"], set_=values))
        await self._changed(identity.conversation_id)

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

    async def all_tries(self, since: datetime) -> int:
        """Failed tries of everybody."""
        count = sa.select(sa.func.count()).select_from(t.identity_tries)
        return int(await self._db.scalar(count.where(t.identity_tries.c.at > since)) or 0)

    async def tries_of_origin(self, conversation_id: str, since: datetime) -> int:
        """Failed tries of all conversations that began where this one did; 0 where that is not known."""
        tries, here, talks = t.identity_tries, t.conversations.alias(), t.conversations
        query = (
            sa.select(sa.func.count())
            .select_from(here)
            .join(talks, talks.c.origin == here.c.origin)
            .join(tries, tries.c.conversation_id == talks.c.conversation_id)
            .where(here.c.conversation_id == conversation_id, here.c.origin != "", tries.c.at > since)
        )
        return int(await self._db.scalar(query) or 0)


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


class Refunds(Rows):
    """Refunds by idempotency key and by order."""

    async def by_key(self, key: str) -> Refund | None:
        return next(iter(await self._load(t.refunds.c.key == key)), None)

    async def of_order(self, order_id: str) -> list[Refund]:
        """All refunds of an order, the newest first."""
        return await self._load(t.refunds.c.order_id == order_id)

    async def of_customer(self, customer_id: str) -> list[Refund]:
        return await self._load(t.refunds.c.customer_id == customer_id)

    async def get(self, refund_id: str) -> Refund | None:
        return next(iter(await self._load(t.refunds.c.refund_id == refund_id)), None)

    async def in_review(self) -> list[Refund]:
        """Those that a person has to decide, the longest waiting first."""
        return (await self._load(t.refunds.c.status == "review"))[::-1]

    async def set_status(self, refund_id: str, status: str) -> None:
        """What a person refuses no longer covers its lines."""
        table = t.refunds
        await self._db.execute(sa.update(table).where(table.c.refund_id == refund_id).values(status=status))
        if status == "refused":
            lines = t.refund_lines
            await self._db.execute(sa.delete(lines).where(lines.c.refund_id == refund_id))

    async def add(self, refund: Refund) -> None:
        """IntegrityError of the database when another one covers a line of it."""
        values = asdict(refund) | {
            "sku_ids": list(refund.sku_ids),
            "evidence": list(refund.evidence),
            "amount_minor": refund.amount.minor,
            "currency": refund.amount.currency,
        }
        del values["amount"]
        await self._db.execute(sa.insert(t.refunds).values(**values))
        common = {"order_id": refund.order_id, "refund_id": refund.refund_id}
        if lines := [common | {"sku_id": sku_id} for sku_id in refund.sku_ids]:
            await self._db.execute(sa.insert(t.refund_lines), lines)

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


class Ledger(Rows):
    """Decisions, appended and never changed.

    A row names no customer and holds no words: `customer:<id>` is written as `customer:<pseudonym>`, and
    what somebody typed goes to `free_words`. Reading puts both back for as long as they are kept; of a
    customer who was erased, the pseudonym remains.
    """

    async def append(self, entry: LedgerEntry) -> None:
        typed, inputs = parted("ledger", entry.inputs)
        values = asdict(entry) | {"inputs": inputs, "actor": await self._without_name(entry.actor)}
        row_id = await self._db.scalar(sa.insert(t.ledger).values(**values).returning(t.ledger.c.id))
        await FreeWords(self._db).keep("ledger", row_id or 0, typed, entry.conversation_id, entry.order_id)
        await self._changed(entry.conversation_id)

    async def of_order(self, order_id: str) -> list[LedgerEntry]:
        return await self._load(t.ledger.c.order_id == order_id)

    async def of_conversation(self, conversation_id: str) -> list[LedgerEntry]:
        return await self._load(t.ledger.c.conversation_id == conversation_id)

    async def confirmed_by(self, conversation_id: str, message_id: str) -> list[LedgerEntry]:
        """The decisions that this message of the conversation was the yes to."""
        table = t.ledger
        return await self._load(
            (table.c.conversation_id == conversation_id) & (table.c.confirming_message == message_id)
        )

    async def _without_name(self, actor: str) -> str:
        customer_id = actor.removeprefix(_CUSTOMER)
        if customer_id == actor:
            return actor
        return _CUSTOMER + await Pseudonyms(self._db).of(customer_id)

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[LedgerEntry]:
        names, actor = t.pseudonyms, t.ledger.c.actor
        known = sa.literal(_CUSTOMER) + names.c.customer_id
        query = (
            sa.select(t.ledger, known.label("known"))
            .outerjoin(names, actor == sa.literal(_CUSTOMER) + names.c.pseudonym)
            .where(condition)
            .order_by(t.ledger.c.id)
        )
        rows = (await self._db.execute(query)).mappings().all()
        typed = await FreeWords(self._db).joined("ledger", [row["id"] for row in rows])
        found = []
        for row in rows:
            values = {name: value for name, value in row.items() if name not in ("id", "known")}
            values |= {"actor": row["known"] or row["actor"]}
            found.append(LedgerEntry(**values | {"inputs": row["inputs"] | typed.get(row["id"], {})}))
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
    reading: Mapping[str, Any]
    metadata: Mapping[str, Any]
    created_at: datetime


class Attachments(Rows):
    """Pictures, read together with the conversation that they belong to."""

    async def add(self, attachment: Attachment) -> None:
        await self._db.execute(sa.insert(t.attachments).values(**asdict(attachment)))

    async def of_conversation(self, conversation_id: str, attachment_ids: Sequence[str]) -> list[Attachment]:
        """Those of the ids that belong to the conversation, in the order given."""
        table = t.attachments
        where = (table.c.conversation_id == conversation_id) & table.c.attachment_id.in_(attachment_ids)
        rows = (await self._db.execute(sa.select(table).where(where))).all()
        found = {row.attachment_id: Attachment(*row) for row in rows}
        return [found[one] for one in attachment_ids if one in found]

    async def get_many(self, attachment_ids: Sequence[str]) -> list[Attachment]:
        """Of whatever conversation, in the order given: for callers who know whose they are."""
        query = sa.select(t.attachments).where(t.attachments.c.attachment_id.in_(attachment_ids))
        found = {row.attachment_id: Attachment(*row) for row in await self._db.execute(query)}
        return [found[one] for one in attachment_ids if one in found]

    async def get(self, attachment_id: str) -> Attachment | None:
        """Whoever asks without naming the conversation has shown otherwise that they may see it."""
        query = sa.select(t.attachments).where(t.attachments.c.attachment_id == attachment_id)
        row = (await self._db.execute(query)).one_or_none()
        return Attachment(*row) if row else None

    async def all_of_conversation(self, conversation_id: str) -> list[Attachment]:
        """Everything that was sent in it, the oldest first."""
        table = t.attachments
        query = sa.select(table).where(table.c.conversation_id == conversation_id)
        return [Attachment(*row) for row in await self._db.execute(query.order_by(table.c.created_at))]


class Ratings(Rows):
    """What customers thought of it."""

    async def add(self, conversation_id: str, score: int, words: str, at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.ratings).values(conversation_id=conversation_id, score=score, words=words, at=at)
        )
        await self._changed(conversation_id)

    async def of_conversation(self, conversation_id: str) -> list[tuple[int, str]]:
        query = sa.select(t.ratings.c.score, t.ratings.c.words).where(
            t.ratings.c.conversation_id == conversation_id
        )
        return [(row.score, row.words) for row in await self._db.execute(query.order_by(t.ratings.c.id))]
