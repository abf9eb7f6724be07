"""The desk's own rows: private notes, canned replies; and what the queue shows of each conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows


@dataclass(frozen=True)
class Note:
    """What a colleague wrote for colleagues. It is in no table that a customer's page reads."""

    id: int
    conversation_id: str
    login: str
    name: str
    words: str
    at: datetime


class Notes(Rows):
    """Private notes, appended and never changed."""

    async def add(self, conversation_id: str, login: str, words: str, at: datetime) -> None:
        values = {"conversation_id": conversation_id, "login": login, "words": words, "at": at}
        await self._db.execute(sa.insert(t.notes).values(**values))

    async def of_conversation(self, conversation_id: str) -> list[Note]:
        """The oldest first."""
        table, name = t.notes, sa.func.coalesce(t.staff.c.name, t.notes.c.login)
        query = (
            sa.select(table.c.id, table.c.conversation_id, table.c.login, name, table.c.words, table.c.at)
            .join(t.staff, t.staff.c.login == table.c.login, isouter=True)
            .where(table.c.conversation_id == conversation_id)
            .order_by(table.c.id)
        )
        return [Note(*row) for row in await self._db.execute(query)]


@dataclass(frozen=True)
class CannedReply:
    """Words that are said often, found by `shortcut`. `id` is 0 for one that is not stored yet."""

    id: int
    shortcut: str
    language: str
    words: str
    changed_by: str
    changed_at: datetime


class CannedReplies(Rows):
    """Canned replies, one for each shortcut and language."""

    async def all(self) -> list[CannedReply]:
        return await self._load(sa.true())

    async def get(self, reply_id: int) -> CannedReply | None:
        return next(iter(await self._load(t.canned_replies.c.id == reply_id)), None)

    async def put(self, reply: CannedReply) -> bool:
        """Add it, or change the one with its id; False when the shortcut means another one already."""
        table = t.canned_replies
        values = {
            "shortcut": reply.shortcut,
            "language": reply.language,
            "words": reply.words,
            "changed_by": reply.changed_by,
            "changed_at": reply.changed_at,
        }
        if reply.id == 0:
            insert = self._insert(table).values(**values)
            return bool((await self._db.execute(insert.on_conflict_do_nothing())).rowcount)
        same = (table.c.shortcut == reply.shortcut) & (table.c.language == reply.language)
        if any(one.id != reply.id for one in await self._load(same)):
            return False
        update = sa.update(table).where(table.c.id == reply.id).values(**values)
        return bool((await self._db.execute(update)).rowcount)

    async def remove(self, reply_id: int) -> None:
        await self._db.execute(sa.delete(t.canned_replies).where(t.canned_replies.c.id == reply_id))

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[CannedReply]:
        table = t.canned_replies
        query = sa.select(table).where(condition).order_by(table.c.shortcut, table.c.language.desc())
        return [CannedReply(*row) for row in await self._db.execute(query)]


@dataclass(frozen=True)
class QueueLine:
    """An open conversation as the queue shows it. `words` are the customer's newest; `said_at` when."""

    conversation_id: str
    handover_id: int
    status: str  # waiting, taken
    reason: str
    opened_at: datetime
    promised_at: datetime | None
    taken_by: str | None
    taken_name: str | None
    taken_at: datetime | None
    person_said_at: datetime | None
    language: str
    staff_read_at: datetime | None
    words: str
    pictures: int
    said_at: datetime | None
    customer_id: str | None
    customer_name: str | None

    @property
    def unread(self) -> bool:
        """Whether the customer has said something that nobody here has seen."""
        return self.said_at is not None and (self.staff_read_at is None or self.said_at > self.staff_read_at)

    @property
    def customer_waits(self) -> bool:
        """Whether the next word is ours."""
        spoken = self.person_said_at
        return spoken is None or (self.said_at is not None and self.said_at > spoken)

    def overdue(self, now: datetime) -> bool:
        """Whether the time has passed by which the customer was promised an answer."""
        return self.promised_at is not None and self.promised_at <= now and self.person_said_at is None


class Queue(Rows):
    """Everything that waits for a person or has one, as lines."""

    async def lines(self) -> list[QueueLine]:
        """The longest waiting first."""
        conversations, handovers, identity = t.conversations, t.handovers, t.verified_identity
        query = (
            sa.select(
                handovers.c.conversation_id,
                handovers.c.id.label("handover_id"),
                handovers.c.status,
                handovers.c.reason,
                handovers.c.opened_at,
                handovers.c.promised_at,
                handovers.c.taken_by,
                handovers.c.taken_name,
                handovers.c.taken_at,
                handovers.c.person_said_at,
                conversations.c.language,
                conversations.c.staff_read_at,
                t.customers.c.customer_id,
                t.customers.c.name.label("customer_name"),
            )
            .join(conversations, conversations.c.conversation_id == handovers.c.conversation_id)
            .join(identity, identity.c.conversation_id == handovers.c.conversation_id, isouter=True)
            .join(t.customers, t.customers.c.customer_id == identity.c.customer_id, isouter=True)
            .where(handovers.c.status != "closed")
            .order_by(handovers.c.id)
        )
        rows = (await self._db.execute(query)).all()
        newest = await self._newest([row.conversation_id for row in rows])
        nothing = ("", 0, None)
        lines = []
        for row in rows:
            words, pictures, said_at = newest.get(row.conversation_id, nothing)
            lines.append(QueueLine(**row._mapping, words=words, pictures=pictures, said_at=said_at))
        return lines

    async def _newest(self, conversation_ids: Sequence[str]) -> dict[str, tuple[str, int, datetime]]:
        """The customer's newest message in each."""
        table = t.messages
        last = (
            sa.select(table.c.conversation_id, sa.func.max(table.c.received_at).label("at"))
            .where(table.c.conversation_id.in_(conversation_ids))
            .group_by(table.c.conversation_id)
            .subquery()
        )
        same = (table.c.conversation_id == last.c.conversation_id) & (table.c.received_at == last.c.at)
        query = sa.select(table).join(last, same)
        return {
            row.conversation_id: (row.text, len(row.attachments), row.received_at)
            for row in await self._db.execute(query)
        }
