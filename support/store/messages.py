"""Customers' messages as they came in, and what each was answered with, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows, insert_into


@dataclass(frozen=True)
class Message:
    """A customer's message as it came in; `reply` is None until it was answered."""

    message_id: str
    text: str
    attachments: tuple[str, ...]
    received_at: datetime
    reply: Mapping[str, Any] | None


@dataclass(frozen=True)
class Unanswered:
    """A message that nobody has answered, or whose answer was promised and has not come."""

    conversation_id: str
    message_id: str
    text: str
    attachments: tuple[str, ...]
    language: str
    channel: str


class Messages(Rows):
    """A part of `support.store.conversations.Conversations`."""

    async def receive(
        self, conversation_id: str, message_id: str, text: str, attachments: Sequence[str], now: datetime
    ) -> bool:
        """Keep an incoming message; False when this id was received before."""
        values = {
            "conversation_id": conversation_id,
            "message_id": message_id,
            "text": text,
            "attachments": list(attachments),
            "received_at": now,
        }
        return bool((await self._db.execute(_receiving(self._db.dialect.name), values)).rowcount)

    async def reply_to(self, conversation_id: str, message_id: str, reply: Mapping[str, Any]) -> bool:
        """Keep the answer to a message; False, and nothing changes, when it has one."""
        values = {"talk": conversation_id, "message": message_id, "answer": reply}
        return bool((await self._db.execute(_REPLYING, values)).rowcount)

    async def settle(self, conversation_id: str, message_id: str, reply: Mapping[str, Any]) -> None:
        """Put this in the place of the answer that a message has."""
        table = t.messages
        where = (table.c.conversation_id == conversation_id) & (table.c.message_id == message_id)
        await self._db.execute(sa.update(table).where(where).values(reply=reply))

    async def unanswered(self, since: datetime) -> list[Unanswered]:
        """Those that came in since then, the oldest first. It looks at every message: for a start only."""
        message, talk = t.messages, t.conversations
        promised = message.c.reply["pending"].as_boolean().is_(True)
        query = (
            sa.select(
                message.c.conversation_id,
                message.c.message_id,
                message.c.text,
                message.c.attachments,
                talk.c.language,
                talk.c.channel,
            )
            .join(talk, talk.c.conversation_id == message.c.conversation_id)
            .where(message.c.received_at > since, message.c.reply.is_(None) | promised)
            .order_by(message.c.received_at)
        )
        rows = await self._db.execute(query)
        return [Unanswered(*row[:3], tuple(row.attachments), row.language, row.channel) for row in rows]

    async def message(self, conversation_id: str, message_id: str) -> Message | None:
        where = t.messages.c.message_id == message_id
        return next(iter(await self._messages(conversation_id, where, 1)), None)

    async def last_message(self, conversation_id: str, until: datetime) -> Message | None:
        """The newest message that had come in by then."""
        where = t.messages.c.received_at <= until
        return next(iter(await self._messages(conversation_id, where, 1)), None)

    async def last_messages(self, conversation_id: str, limit: int = 20) -> list[Message]:
        """The newest messages, oldest of them first."""
        return (await self._messages(conversation_id, sa.true(), limit))[::-1]

    async def _messages(
        self, conversation_id: str, condition: sa.ColumnElement[bool], limit: int
    ) -> list[Message]:
        table = t.messages
        query = (
            sa.select(
                table.c.message_id, table.c.text, table.c.attachments, table.c.received_at, table.c.reply
            )
            .where(table.c.conversation_id == conversation_id, condition)
            .order_by(table.c.received_at.desc())
            .limit(limit)
        )
        return [
            Message(row.message_id, row.text, tuple(row.attachments), row.received_at, row.reply)
            for row in await self._db.execute(query)
        ]


# Made once: every message needs them.
@cache
def _receiving(dialect: str) -> Any:
    return insert_into(t.messages, dialect).on_conflict_do_nothing()


_REPLYING = (
    sa.update(t.messages)
    .where(
        t.messages.c.conversation_id == sa.bindparam("talk"),
        t.messages.c.message_id == sa.bindparam("message"),
        t.messages.c.reply.is_(None),
    )
    .values(reply=sa.bindparam("answer", type_=t.messages.c.reply.type))
)
