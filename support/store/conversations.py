"""Conversations: who holds them and since when, who may write now, and what pages are told.

A change of the holder is one row of `transitions`, written by `Conversations.move` together with the holder.
The lease says which process answers in the conversation at the moment; it runs out by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from support.model import Holder
from support.store import tables as t
from support.store.messages import Messages

# How many conversations one query for events names.
_AT_ONCE = 100

Actor = Literal["customer", "bot", "staff", "system"]
Side = Literal["customer", "staff"]


@dataclass(frozen=True)
class Event:
    """Something that a conversation's page learns after the fact."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Transition:
    """One change of who holds a conversation. `to_name` is the person who has it after that, if one has."""

    conversation_id: str
    handover_id: int | None
    from_state: Holder
    to_state: Holder
    by_kind: Actor
    by_name: str
    why: str
    at: datetime
    to_name: str = ""
    note: str = ""


@dataclass(frozen=True)
class ReadState:
    """Up to when each side has seen the conversation; None for not at all."""

    customer: datetime | None
    staff: datetime | None


class Conversations(Messages):
    """Conversations by id; one that is not there yet is held by the bot."""

    async def touch(
        self, conversation_id: str, channel: str, language: str, now: datetime, origin: str = ""
    ) -> None:
        """Create it (held by the bot), or note that something happened.

        Until the transaction ends nobody else changes the conversation.
        """
        insert = self._insert(t.conversations).values(
            conversation_id=conversation_id,
            holder=Holder.BOT.value,
            language=language,
            channel=channel,
            origin=origin,
            created_at=now,
            updated_at=now,
        )
        await self._db.execute(
            insert.on_conflict_do_update(index_elements=["conversation_id"], set_={"updated_at": now})
        )

    # --- who holds it --------------------------------------------------------------------------------
    async def holder(self, conversation_id: str) -> Holder:
        return await self._holder(self._one(t.conversations.c.holder, conversation_id))

    async def hold(self, conversation_id: str) -> Holder:
        """As `holder`, and nobody else changes the conversation until the transaction ends."""
        return await self._holder(self._one(t.conversations.c.holder, conversation_id).with_for_update())

    async def move(self, step: Transition) -> None:
        """Change the holder; the caller has called `hold` or `touch` in this transaction."""
        await self._db.execute(
            sa.update(t.conversations)
            .where(t.conversations.c.conversation_id == step.conversation_id)
            .values(holder=step.to_state.value, updated_at=step.at)
        )
        states = {"from_state": step.from_state.value, "to_state": step.to_state.value}
        await self._db.execute(sa.insert(t.transitions).values(**asdict(step) | states))
        await self._changed(step.conversation_id)

    async def transitions(self, conversation_id: str) -> list[Transition]:
        """In the order in which they happened."""
        table = t.transitions
        query = sa.select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.id)
        return [_transition(row) for row in await self._db.execute(query)]

    async def _holder(self, query: sa.Select[Any]) -> Holder:
        found = await self._db.scalar(query)
        return Holder(found) if found else Holder.BOT

    def _one(self, column: sa.ColumnElement[Any], conversation_id: str) -> sa.Select[Any]:
        return sa.select(column).where(t.conversations.c.conversation_id == conversation_id)

    # --- who writes now ------------------------------------------------------------------------------
    async def lease(self, conversation_id: str, by: str, now: datetime, until: datetime) -> bool:
        """Become (or stay) the one who writes; False while somebody else's lease lasts.

        A lease that lasts for twice as long as one is given for is none: some clock was put back.
        """
        table = t.conversations
        over = (table.c.lease_until <= now) | (table.c.lease_until > until + (until - now))
        free = table.c.lease_by.is_(None) | (table.c.lease_by == by) | over
        return await self._lease_set((table.c.conversation_id == conversation_id) & free, by, until)

    async def extend_lease(self, conversation_id: str, by: str, until: datetime) -> None:
        """Stay the one who writes, for those who still are."""
        table = t.conversations
        mine = (table.c.conversation_id == conversation_id) & (table.c.lease_by == by)
        await self._lease_set(mine, by, until)

    async def release(self, conversation_id: str, by: str) -> bool:
        """Let others write; False when the lease had gone to somebody else: then nothing may be written."""
        table = t.conversations
        mine = (table.c.conversation_id == conversation_id) & (table.c.lease_by == by)
        return await self._lease_set(mine, None, None)

    async def leased_until(self, conversation_id: str) -> datetime | None:
        """When the present lease runs out; None when nobody has one."""
        found: datetime | None = await self._db.scalar(
            self._one(t.conversations.c.lease_until, conversation_id)
        )
        return found

    async def _lease_set(self, where: sa.ColumnElement[bool], by: str | None, until: datetime | None) -> bool:
        update = sa.update(t.conversations).where(where).values(lease_by=by, lease_until=until)
        return bool((await self._db.execute(update)).rowcount)

    # --- what was read -------------------------------------------------------------------------------
    async def mark_read(self, conversation_id: str, side: Side, at: datetime) -> bool:
        """Note that this side has seen everything up to `at`; False when it had seen later things already."""
        table = t.conversations
        column = table.c.customer_read_at if side == "customer" else table.c.staff_read_at
        update = (
            sa.update(table)
            .where(table.c.conversation_id == conversation_id, column.is_(None) | (column < at))
            .values({column: at})
        )
        return bool((await self._db.execute(update)).rowcount)

    async def read_state(self, conversation_id: str) -> ReadState:
        table = t.conversations
        query = sa.select(table.c.customer_read_at, table.c.staff_read_at)
        row = (await self._db.execute(query.where(table.c.conversation_id == conversation_id))).one_or_none()
        return ReadState(*row) if row else ReadState(None, None)

    # --- what pages are told -------------------------------------------------------------------------
    async def tell(self, conversation_id: str, kind: str, payload: Mapping[str, Any], at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.conversation_events).values(
                conversation_id=conversation_id, kind=kind, payload=payload, at=at
            )
        )

    async def was_told(self, conversation_id: str, kind: str, message_id: str) -> bool:
        """Whether an event of this kind carries this message id."""
        table = t.conversation_events
        query = sa.select(table.c.id).where(
            table.c.conversation_id == conversation_id,
            table.c.kind == kind,
            table.c.payload["message_id"].as_string() == message_id,
        )
        return (await self._db.execute(query.limit(1))).first() is not None

    async def event(self, conversation_id: str, event_id: int) -> Event | None:
        table = t.conversation_events
        query = sa.select(table).where(table.c.conversation_id == conversation_id, table.c.id == event_id)
        row = (await self._db.execute(query)).one_or_none()
        return Event(row.id, row.kind, row.payload, row.at) if row else None

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


def _transition(row: sa.Row[Any]) -> Transition:
    values = {name: value for name, value in row._mapping.items() if name != "id"}
    states = {"from_state": Holder(row.from_state), "to_state": Holder(row.to_state)}
    return Transition(**values | states)
