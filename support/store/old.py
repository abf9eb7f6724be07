"""What is older than a shop keeps it: found and removed in small parts, so that nobody waits for long.

Conversations that wait for a person, are with one, or have a refund that nobody has decided are never old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

_QUIET = ("bot", "closed")


class Old(Rows):
    """Everything here takes the moment before which things are old."""

    async def conversations(self, before: datetime, limit: int) -> list[str]:
        """Conversations in which nothing has happened since, the longest silent first."""
        talks, told = t.conversations, t.review_conversations
        silent = (
            sa.select(talks.c.conversation_id)
            .where(talks.c.updated_at < before, _at_rest(talks.c.conversation_id))
            .order_by(talks.c.updated_at)
            .limit(limit)
        )
        found = list(await self._db.scalars(silent))
        # Conversations that only Rasa knows: `rasa shell`, its own REST channel.
        known = sa.exists().where(talks.c.conversation_id == told.c.conversation_id)
        others = sa.select(told.c.conversation_id).where(told.c.last_at < before, ~known)
        return found or list(await self._db.scalars(others.order_by(told.c.last_at).limit(limit)))

    async def count_conversations(self, before: datetime) -> int:
        talks, told = t.conversations, t.review_conversations
        silent = sa.select(sa.func.count()).where(
            talks.c.updated_at < before, _at_rest(talks.c.conversation_id)
        )
        known = sa.exists().where(talks.c.conversation_id == told.c.conversation_id)
        others = sa.select(sa.func.count()).where(told.c.last_at < before, ~known)
        return int(await self._db.scalar(silent) or 0) + int(await self._db.scalar(others) or 0)

    async def pictures(self, before: datetime, limit: int) -> list[str]:
        return list(await self._db.scalars(self._pictures(before).limit(limit)))

    async def count_pictures(self, before: datetime) -> int:
        return await self._count(self._pictures(before))

    async def remove_pictures(self, attachment_ids: Sequence[str]) -> None:
        table = t.attachments
        await self._db.execute(sa.delete(table).where(table.c.attachment_id.in_(attachment_ids)))

    async def known_pictures(self, attachment_ids: Sequence[str]) -> set[str]:
        column = t.attachments.c.attachment_id
        return set(await self._db.scalars(sa.select(column).where(column.in_(attachment_ids))))

    def _pictures(self, before: datetime) -> sa.Select[tuple[str]]:
        table = t.attachments
        return sa.select(table.c.attachment_id).where(
            table.c.created_at < before, _at_rest(table.c.conversation_id)
        )

    # --- rows by their age alone -----------------------------------------------------------------------
    async def remove(self, what: str, before: datetime, limit: int) -> int:
        """Up to `limit` of them; how many went. `what` is a name of `ROWS`."""
        table, ids = _ROWS[what](before)
        key = next(iter(table.primary_key))
        some = list(await self._db.scalars(ids.limit(limit)))
        if not some:
            return 0
        if what == "ratings":
            await self._db.execute(sa.update(table).where(key.in_(some)).values(words=""))
            return len(some)
        if what == "staff_log":
            words = t.free_words
            beside = (words.c.source == what) & words.c.row_id.in_(some)
            await self._db.execute(sa.delete(words).where(beside))
        await self._db.execute(sa.delete(table).where(key.in_(some)))
        return len(some)

    async def count(self, what: str, before: datetime) -> int:
        return await self._count(_ROWS[what](before)[1])

    async def _count(self, query: sa.Select[tuple[str]]) -> int:
        return int(await self._db.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)


def _at_rest(conversation_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Nobody is at it, and nothing in it is undecided."""
    talks, handovers, refunds, ledger = t.conversations.alias(), t.handovers, t.refunds, t.ledger
    busy = sa.exists().where(talks.c.conversation_id == conversation_id, talks.c.holder.not_in(_QUIET))
    waiting = sa.exists().where(
        handovers.c.conversation_id == conversation_id, handovers.c.status != "closed"
    )
    undecided = sa.exists().where(
        ledger.c.conversation_id == conversation_id,
        refunds.c.order_id == ledger.c.order_id,
        refunds.c.status == "review",
    )
    return ~busy & ~waiting & ~undecided


def _aged(table: sa.Table, before: datetime) -> sa.Select[tuple[str]]:
    key = next(iter(table.primary_key))
    return sa.select(key).where(table.c.at < before).order_by(key)


_Found = tuple[sa.Table, sa.Select[tuple[str]]]


def _by_age(table: sa.Table) -> Callable[[datetime], _Found]:
    return lambda before: (table, _aged(table, before))


def _rated(before: datetime) -> _Found:
    return t.ratings, _aged(t.ratings, before).where(t.ratings.c.words != "")


def _texts(before: datetime) -> _Found:
    table, calls = t.model_texts, t.model_calls
    old = sa.select(table.c.call_id).join(calls, calls.c.id == table.c.call_id).where(calls.c.at < before)
    return table, old.order_by(table.c.call_id)


_ROWS: Mapping[str, Callable[[datetime], _Found]] = {
    "model_texts": _texts,
    "model_calls": _by_age(t.model_calls),
    "identity_tries": _by_age(t.identity_tries),
    "event_failures": _by_age(t.event_failures),
    "staff_log": _by_age(t.staff_log),
    "ratings": _rated,
}
ROWS = tuple(_ROWS)
