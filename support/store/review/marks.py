"""What reviewers leave behind: states, labels, saved filters, and the history that undo reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows


@dataclass(frozen=True)
class Change:
    """One thing that a reviewer changed. `what`: state, label, message, answer; `before` and `after` say
    what of it.
    """

    conversation_id: str
    message_id: int | None
    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    staff: str
    at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True)
class SavedFilter:
    id: int
    name: str
    query: Mapping[str, str]


class Marks(Rows):
    """Reviewers' own records."""

    # --- states and labels ---------------------------------------------------------------------------
    async def state(self, conversation_id: str) -> str:
        table = t.review_states
        query = sa.select(table.c.state).where(table.c.conversation_id == conversation_id)
        return str(await self._db.scalar(query) or "unreviewed")

    async def put_state(self, conversation_id: str, state: str, staff: str, at: datetime) -> None:
        values = {"conversation_id": conversation_id, "state": state, "staff": staff, "at": at}
        insert = self._insert(t.review_states).values(**values)
        await self._db.execute(insert.on_conflict_do_update(index_elements=["conversation_id"], set_=values))

    async def labels(self, conversation_id: str) -> list[str]:
        table = t.conversation_labels
        query = sa.select(table.c.label).where(table.c.conversation_id == conversation_id)
        return sorted((await self._db.execute(query)).scalars())

    async def add_label(self, conversation_id: str, label: str, staff: str, at: datetime) -> bool:
        """False when it has this label."""
        insert = self._insert(t.conversation_labels).values(
            conversation_id=conversation_id, label=label, staff=staff, at=at
        )
        added = bool((await self._db.execute(insert.on_conflict_do_nothing())).rowcount)
        if added:
            await self._changed(conversation_id)
        return added

    async def remove_label(self, conversation_id: str, label: str) -> bool:
        """False when it has no such label."""
        table = t.conversation_labels
        where = (table.c.conversation_id == conversation_id) & (table.c.label == label)
        removed = bool((await self._db.execute(sa.delete(table).where(where))).rowcount)
        if removed:
            await self._changed(conversation_id)
        return removed

    # --- history -------------------------------------------------------------------------------------
    async def remember(self, change: Change) -> int:
        """The change's number."""
        insert = sa.insert(t.review_history).values(**asdict(change)).returning(t.review_history.c.id)
        return int((await self._db.execute(insert)).scalar_one())

    async def change(self, number: int) -> Change | None:
        query = sa.select(t.review_history).where(t.review_history.c.id == number)
        row = (await self._db.execute(query)).one_or_none()
        return Change(*row[1:]) if row else None

    async def mark_undone(self, number: int, at: datetime) -> bool:
        """False when it has been undone already."""
        table = t.review_history
        where = (table.c.id == number) & table.c.undone_at.is_(None)
        return bool((await self._db.execute(sa.update(table).where(where).values(undone_at=at))).rowcount)

    # --- saved filters -------------------------------------------------------------------------------
    async def save_filter(self, staff: str, name: str, query: Mapping[str, str], at: datetime) -> None:
        """Keep it under this name; the one that had it before is replaced."""
        values = {"staff": staff, "name": name, "query": dict(query), "at": at}
        insert = self._insert(t.saved_filters).values(**values)
        await self._db.execute(insert.on_conflict_do_update(index_elements=["staff", "name"], set_=values))

    async def saved_filters(self, staff: str) -> list[SavedFilter]:
        table = t.saved_filters
        query = sa.select(table.c.id, table.c.name, table.c.query).where(table.c.staff == staff)
        return [SavedFilter(*row) for row in await self._db.execute(query.order_by(table.c.name))]

    async def delete_filter(self, staff: str, number: int) -> bool:
        """False when this person has no such filter."""
        table = t.saved_filters
        where = (table.c.id == number) & (table.c.staff == staff)
        return bool((await self._db.execute(sa.delete(table).where(where))).rowcount)
