"""What a training set is made from: the conversations that were judged, and what was said to the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows


@dataclass(frozen=True)
class Spoken:
    """A call of the model with its words. Pictures in `messages` are references, `attachment:<id>`."""

    message_id: str | None
    purpose: str
    outcome: str
    messages: Sequence[Mapping[str, Any]]
    reply: str


@dataclass(frozen=True)
class Judged:
    """A conversation that somebody has thought something of. `customer_id`: who has proven to be in it."""

    conversation_id: str
    language: str
    customer_id: str | None


class Learning(Rows):
    """Read by `support.dataset`, conversation by conversation."""

    async def judged(
        self, since: datetime, *, rated: bool, without: Sequence[str], after: str = "", limit: int = 200
    ) -> list[Judged]:
        """Conversations with a verdict (or, with `rated`, a rating) of `since` or later, by id, past `after`.

        Left out are those of the channels `without`, and those of testers who came by a link.
        """
        talks, proofs = t.conversations, t.verified_identity
        ids = self._ids(since, rated, without).where(talks.c.conversation_id > after)
        query = (
            ids.add_columns(talks.c.language, proofs.c.customer_id)
            .outerjoin(proofs, proofs.c.conversation_id == talks.c.conversation_id)
            .order_by(talks.c.conversation_id)
            .limit(limit)
        )
        return [Judged(*row) for row in await self._db.execute(query)]

    async def count_judged(self, since: datetime, *, rated: bool, without: Sequence[str]) -> int:
        """How many `judged` gives in all."""
        some = self._ids(since, rated, without).subquery()
        return int(await self._db.scalar(sa.select(sa.func.count()).select_from(some)) or 0)

    async def spoken(self, conversation_id: str) -> list[Spoken]:
        """The calls of which the words were kept, in order."""
        calls, words = t.model_calls, t.model_texts
        query = (
            sa.select(calls.c.message_id, calls.c.purpose, calls.c.outcome, words.c.messages, words.c.reply)
            .join(words, words.c.call_id == calls.c.id)
            .where(calls.c.conversation_id == conversation_id)
            .order_by(calls.c.id)
        )
        return [Spoken(*row) for row in await self._db.execute(query)]

    async def messages(self, conversation_id: str) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Id, words and reply of each message that has a reply, in order."""
        table = t.messages
        query = (
            sa.select(table.c.message_id, table.c.text, table.c.reply)
            .where(table.c.conversation_id == conversation_id, table.c.reply.is_not(None))
            .order_by(table.c.received_at)
        )
        return [(row.message_id, row.text, row.reply) for row in await self._db.execute(query)]

    def _ids(self, since: datetime, rated: bool, without: Sequence[str]) -> sa.Select[Any]:
        talks, marks, ratings, guests = t.conversations, t.answer_marks, t.ratings, t.guest_conversations

        def has(table: sa.Table) -> sa.ColumnElement[bool]:
            of_it = table.c.conversation_id == talks.c.conversation_id
            return sa.exists().where(of_it, table.c.at >= since)

        judged = has(marks) | has(ratings) if rated else has(marks)
        tested = sa.exists().where(guests.c.conversation_id == talks.c.conversation_id)
        return sa.select(talks.c.conversation_id).where(judged, talks.c.channel.not_in(without), ~tested)
