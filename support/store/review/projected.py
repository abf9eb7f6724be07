"""What the projector reads and writes: always several conversations with one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from support.review.events import StoryEvent
from support.review.summary import Beside, Summary
from support.store import tables as t
from support.store.rows import Rows

Ids = Collection[str]
_DERIVED = ("text", "intent", "confidence", "ranking", "entities", "language", "latency_ms", "answered")


class Projected(Rows):
    """Events in, derived rows out."""

    # --- events --------------------------------------------------------------------------------------
    async def events_of(self, conversation_ids: Ids) -> dict[str, list[StoryEvent]]:
        """By conversation, in the order of their times."""
        table = t.review_events
        query = (
            sa.select(*(table.c[name] for name in ("conversation_id", "key", "at", "type", "name", "data")))
            .where(table.c.conversation_id.in_(conversation_ids))
            .order_by(table.c.conversation_id, table.c.at, table.c.id)
        )
        found: dict[str, list[StoryEvent]] = defaultdict(list)
        for row in await self._db.execute(query):
            found[row.conversation_id].append(StoryEvent(*row))
        return found

    async def add_events(self, events: Sequence[StoryEvent]) -> None:
        if events:
            insert = self._insert(t.review_events).on_conflict_do_nothing()
            await self._db.execute(insert, [asdict(one) for one in events])

    # --- what other tables say -----------------------------------------------------------------------
    async def beside(self, conversation_ids: Ids) -> dict[str, Beside]:
        """Each conversation's holder, customer, handovers, ratings, decisions, labels and marks."""
        known: dict[str, dict[str, Any]] = {one: {} for one in conversation_ids}
        for table, (column, name) in _SINGLE.items():
            for key, row in await self._of(table, conversation_ids):
                known[key][name] = getattr(row, column)
        for key, row in await self._of(t.handovers, conversation_ids):
            known[key]["handover_reason"] = row.reason
            known[key].setdefault("handed_over_at", row.opened_at)
        decisions: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for key, row in await self._of(t.ledger, conversation_ids):
            decisions[key].append((row.action, row.outcome))
        labels: dict[str, list[str]] = defaultdict(list)
        for key, row in await self._of(t.conversation_labels, conversation_ids):
            labels[key].append(row.label)
        return {
            key: Beside(**facts, decisions=decisions[key], labels=labels[key]) for key, facts in known.items()
        }

    async def _of(self, table: sa.Table, conversation_ids: Ids) -> list[tuple[str, sa.Row[Any]]]:
        """A table's rows of these conversations, the oldest first."""
        columns = [table.c[name] for name in _READ_OF[table.name]]
        query = sa.select(table.c.conversation_id, *columns)
        query = query.where(table.c.conversation_id.in_(conversation_ids))
        rows = await self._db.execute(query.order_by(table.c.id) if "id" in table.c else query)
        return [(row.conversation_id, row) for row in rows]

    # --- derived rows --------------------------------------------------------------------------------
    async def messages_known(self, conversation_ids: Ids) -> dict[str, dict[str, Any]]:
        """Messages by the key of their event: what was derived, and `conversation_id`, `flagged_at`."""
        table = t.review_messages
        names = ("key", "conversation_id", "flagged_at", *_DERIVED)
        query = sa.select(*(table.c[name] for name in names)).where(
            table.c.conversation_id.in_(conversation_ids)
        )
        return {row.key: dict(row._mapping) for row in await self._db.execute(query)}

    async def put_messages(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add messages, or renew what is derived of them; what reviewers said of them stays."""
        if rows:
            insert = self._insert(t.review_messages)
            renewed = {name: insert.excluded[name] for name in _DERIVED}
            await self._db.execute(
                insert.on_conflict_do_update(index_elements=["key"], set_=renewed), list(rows)
            )

    async def put_conversations(self, summaries: Iterable[tuple[str, Summary]]) -> None:
        rows = [
            {"conversation_id": one, "document": summary.document, **summary.columns}
            for one, summary in summaries
        ]
        if rows:
            insert = self._insert(t.review_conversations)
            renewed = {name: insert.excluded[name] for name in rows[0] if name != "conversation_id"}
            await self._db.execute(
                insert.on_conflict_do_update(index_elements=["conversation_id"], set_=renewed), rows
            )

    async def put_values(self, values: Iterable[tuple[str, str]]) -> None:
        rows = [{"kind": kind, "value": value} for kind, value in sorted(set(values))]
        if rows:
            await self._db.execute(self._insert(t.review_values).on_conflict_do_nothing(), rows)

    # --- changes elsewhere ---------------------------------------------------------------------------
    async def changed(self, limit: int) -> list[tuple[int, str]]:
        """Marks of conversations that changed elsewhere, the oldest first."""
        query = sa.select(t.review_changes).order_by(t.review_changes.c.id).limit(limit)
        return [(row.id, row.conversation_id) for row in await self._db.execute(query)]

    async def forget_changes(self, ids: Sequence[int]) -> None:
        await self._db.execute(sa.delete(t.review_changes).where(t.review_changes.c.id.in_(ids)))

    async def ids_after(self, conversation_id: str, limit: int) -> list[str]:
        """Conversations in the order of their ids, past this one: for going through all of them."""
        column = t.review_conversations.c.conversation_id
        query = sa.select(column).where(column > conversation_id).order_by(column).limit(limit)
        return list((await self._db.execute(query)).scalars())


# Where there are several, the last one counts. What they are called in `Beside` stands behind the column.
_SINGLE = {
    t.conversations: ("holder", "holder"),
    t.verified_identity: ("customer_id", "customer_id"),
    t.ratings: ("score", "rating"),
    t.review_states: ("state", "state"),
}
_READ_OF = {table.name: (column,) for table, (column, _) in _SINGLE.items()} | {
    "handovers": ("reason", "opened_at"),
    "ledger": ("action", "outcome"),
    "conversation_labels": ("label",),
}
