"""Rasa's events that wait to be projected, those that could not be, and the projector's pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

_PROJECTOR = "projector"


@dataclass(frozen=True)
class QueuedEvent:
    """A row of the queue: `data` is the event's JSON as Rasa published it."""

    id: int
    data: str


@dataclass(frozen=True)
class Failure:
    """An event that could not be read or projected, with the error that it met last."""

    id: int
    conversation_id: str
    body: str
    error: str
    at: datetime


@dataclass(frozen=True)
class Pulse:
    """When the projector was last seen; `trouble` is empty when all is well."""

    at: datetime
    trouble: str


class EventQueue(Rows):
    """The queue in the shop's own database, oldest first."""

    async def waiting(self, limit: int) -> list[QueuedEvent]:
        query = sa.select(t.event_queue.c.id, t.event_queue.c.data).order_by(t.event_queue.c.id).limit(limit)
        return [QueuedEvent(*row) for row in await self._db.execute(query)]

    async def remove(self, ids: Sequence[int]) -> set[int]:
        """Take rows out; those that another projector has taken meanwhile are not among the answered."""
        table = t.event_queue
        gone = await self._db.execute(sa.delete(table).where(table.c.id.in_(ids)).returning(table.c.id))
        return set(gone.scalars())

    async def depth(self) -> int:
        return int(await self._db.scalar(sa.select(sa.func.count()).select_from(t.event_queue)) or 0)

    async def waiting_since(self) -> datetime | None:
        """When the longest waiting event was queued; None when nothing waits."""
        # By id, which has an index: ids follow the times closely enough for a gauge.
        query = sa.select(t.event_queue.c.queued_at).order_by(t.event_queue.c.id).limit(1)
        found: datetime | None = await self._db.scalar(query)
        return found

    # --- what could not be projected ---------------------------------------------------------------------

    async def set_aside(self, conversation_id: str, body: str, error: str, at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.event_failures).values(conversation_id=conversation_id, body=body, error=error, at=at)
        )

    async def failures(self) -> list[Failure]:
        query = sa.select(t.event_failures).order_by(t.event_failures.c.id)
        return [Failure(*row) for row in await self._db.execute(query)]

    async def forget_failure(self, failure_id: int) -> None:
        await self._db.execute(sa.delete(t.event_failures).where(t.event_failures.c.id == failure_id))

    # --- the projector's pulse ---------------------------------------------------------------------------

    async def beat(self, at: datetime, trouble: str) -> None:
        values = {"at": at, "trouble": trouble}
        insert = self._insert(t.event_pulse).values(name=_PROJECTOR, **values)
        await self._db.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))

    async def pulse(self) -> Pulse | None:
        """None when no projector has ever run."""
        row = (await self._db.execute(sa.select(t.event_pulse.c.at, t.event_pulse.c.trouble))).one_or_none()
        return Pulse(*row) if row else None
