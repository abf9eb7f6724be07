"""A customer's messages as reviewers handle them, and the inbox of those that the model was unsure of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.store import tables as t
from support.store.review.listing import COUNTED
from support.store.rows import Rows

_table = t.review_messages


@dataclass(frozen=True)
class ReviewedMessage:
    """One message. `ranking` is the model's three likeliest intents; `intent` is empty where a person
    answered.

    `state`: sure (not for the inbox), open, confirmed, relabelled, deleted.
    """

    id: int
    conversation_id: str
    key: str
    message_id: str
    at: datetime
    text: str
    intent: str
    confidence: float | None
    ranking: Sequence[Mapping[str, Any]]
    entities: Sequence[Mapping[str, Any]]
    language: str
    latency_ms: int | None
    answered: bool | None
    state: str
    corrected_intent: str | None
    handled_by: str | None
    handled_at: datetime | None
    flagged_by: str | None
    flagged_at: datetime | None
    flagged_why: str | None


class Inbox(Rows):
    """Messages, by number and by state."""

    async def message(self, message_id: int) -> ReviewedMessage | None:
        """By its number in `review_messages`."""
        return next(iter(await self._messages(_table.c.id == message_id)), None)

    async def messages_of(self, conversation_id: str) -> list[ReviewedMessage]:
        """In the order of their times."""
        return (await self._messages(_table.c.conversation_id == conversation_id))[::-1]

    async def said_in(self, conversation_ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
        """What customers said in these conversations, each with its intent, in the order of the times."""
        query = sa.select(_table.c.conversation_id, _table.c.text, _table.c.intent)
        query = query.where(_table.c.conversation_id.in_(conversation_ids)).order_by(_table.c.at, _table.c.id)
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for conversation_id, *said in await self._db.execute(query):
            found[conversation_id].append((said[0], said[1]))
        return found

    async def inbox(
        self, state: str, intent: str, language: str, before: tuple[datetime, int] | None, limit: int
    ) -> list[ReviewedMessage]:
        """Messages in this state, newest first; empty intent and language mean any."""
        where = self._in_inbox(state, intent, language)
        if before:
            at, number = before
            place = sa.bindparam(None, at, t.UtcDateTime), sa.bindparam(None, number, _table.c.id.type)
            where &= sa.tuple_(_table.c.at, _table.c.id) < sa.tuple_(*place)
        return await self._messages(where, limit)

    async def inbox_count(self, state: str, intent: str, language: str) -> int:
        """How many there are, at most one more than `COUNTED`."""
        some = sa.select(_table.c.id).where(self._in_inbox(state, intent, language)).limit(COUNTED + 1)
        return int(await self._db.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0)

    async def change_message(self, message_id: int, values: Mapping[str, Any], at: datetime) -> None:
        """Set columns; `flagged_at` and `handled_at` follow whether there is somebody who did it."""
        times = {
            name.replace("_by", "_at"): at if who else None
            for name, who in values.items()
            if name in ("flagged_by", "handled_by")
        }
        await self._db.execute(sa.update(_table).where(_table.c.id == message_id).values(**values, **times))

    def _in_inbox(self, state: str, intent: str, language: str) -> sa.ColumnElement[bool]:
        where: sa.ColumnElement[bool] = _table.c.state == state
        if intent:
            where &= _table.c.intent == intent
        if language:
            where &= _table.c.language == language
        return where

    async def _messages(
        self, where: sa.ColumnElement[bool], limit: int | None = None
    ) -> list[ReviewedMessage]:
        columns = [_table.c[field.name] for field in fields(ReviewedMessage)]
        query = sa.select(*columns).where(where).order_by(_table.c.at.desc(), _table.c.id.desc())
        return [ReviewedMessage(*row) for row in await self._db.execute(query.limit(limit))]
