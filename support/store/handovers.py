"""The queue, and which person has which conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows


@dataclass(frozen=True)
class Handover:
    """A conversation that waits for a person, has one, or had one. `status`: waiting, taken, closed.

    `taken_by` is a login, `taken_name` what the customer sees. `seen_at` is when that person last showed to
    be there; `customer_said_at` and `person_said_at` are the last words of the customer, and of that person.
    `promised_at` is by when the customer was told to have an answer.
    """

    id: int
    conversation_id: str
    status: str
    reason: str
    packet: Mapping[str, Any]
    opened_at: datetime
    taken_by: str | None = None
    taken_name: str | None = None
    taken_at: datetime | None = None
    seen_at: datetime | None = None
    customer_said_at: datetime | None = None
    person_said_at: datetime | None = None
    promised_at: datetime | None = None
    closed_at: datetime | None = None
    closed_why: str | None = None

    @property
    def ticket(self) -> str:
        """What the customer can quote; `Handovers.by_ticket` reads it back."""
        return f"T{self.opened_at:%y%m%d}{self.id:04}"

    @property
    def customer_waits(self) -> bool:
        """Whether the last word is the customer's: whoever is handed over waits until a person has spoken."""
        if self.person_said_at is None:
            return True
        return self.customer_said_at is not None and self.customer_said_at > self.person_said_at

    @property
    def last_words_at(self) -> datetime:
        """When either side last said something, or a person took it."""
        times = (self.opened_at, self.taken_at, self.customer_said_at, self.person_said_at)
        return max(one for one in times if one)


class Handovers(Rows):
    """The queue. At most one open handover a conversation, by a unique index.

    Writers hold the conversation first (`Conversations.hold`), so that a handover and its conversation's
    holder always change together.
    """

    async def open(
        self,
        conversation_id: str,
        reason: str,
        packet: Mapping[str, Any],
        at: datetime,
        promised_at: datetime | None = None,
    ) -> bool:
        """True if this call opened it; False if one was open already."""
        insert = self._insert(t.handovers).values(
            conversation_id=conversation_id,
            status="waiting",
            reason=reason,
            packet=packet,
            opened_at=at,
            promised_at=promised_at,
        )
        result = await self._db.execute(insert.on_conflict_do_nothing())
        return bool(result.rowcount)

    async def current(self, conversation_id: str) -> Handover | None:
        """The open one."""
        where = (t.handovers.c.conversation_id == conversation_id) & (t.handovers.c.status != "closed")
        return next(iter(await self._load(where)), None)

    async def of_conversation(self, conversation_id: str) -> list[Handover]:
        """All there ever were, the first first."""
        return await self._load(t.handovers.c.conversation_id == conversation_id)

    async def get(self, handover_id: int) -> Handover | None:
        return next(iter(await self._load(t.handovers.c.id == handover_id)), None)

    async def by_ticket(self, ticket: str) -> Handover | None:
        """The handover that a customer quotes by its ticket number, however it is spelled."""
        digits = "".join(char for char in ticket if char.isdecimal())
        found = await self.get(int(digits[6:])) if 7 <= len(digits) <= 24 else None
        return found if found and found.ticket == f"T{digits}" else None

    async def listed(self, status: str) -> list[Handover]:
        """Handovers in a state, the longest waiting first."""
        return await self._load(t.handovers.c.status == status)

    async def of_person(self, person: str) -> list[Handover]:
        """What this person has, the longest waiting first."""
        return await self._load((t.handovers.c.status == "taken") & (t.handovers.c.taken_by == person))

    async def open_ones(self) -> list[Handover]:
        """All that wait or are with a person."""
        return await self._load(t.handovers.c.status != "closed")

    async def place(self, handover: Handover) -> int:
        """Place in the queue: 1 is next."""
        where = (t.handovers.c.status == "waiting") & (t.handovers.c.id < handover.id)
        return 1 + int(
            await self._db.scalar(sa.select(sa.func.count()).select_from(t.handovers).where(where)) or 0
        )

    async def change(self, handover_id: int, **values: Any) -> None:
        """Set columns; the caller holds the conversation and has looked at the row since."""
        await self._db.execute(sa.update(t.handovers).where(t.handovers.c.id == handover_id).values(**values))

    async def customer_said(self, conversation_id: str, at: datetime) -> None:
        """Note in the open handover that the customer has written."""
        table = t.handovers
        where = (table.c.conversation_id == conversation_id) & (table.c.status != "closed")
        await self._db.execute(sa.update(table).where(where).values(customer_said_at=at))

    async def seen(self, person: str, at: datetime) -> int:
        """Note that a person is there; how many conversations they have."""
        table = t.handovers
        where = (table.c.status == "taken") & (table.c.taken_by == person)
        return int((await self._db.execute(sa.update(table).where(where).values(seen_at=at))).rowcount)

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[Handover]:
        query = sa.select(t.handovers).where(condition).order_by(t.handovers.c.id)
        return [Handover(**row._mapping) for row in await self._db.execute(query)]
