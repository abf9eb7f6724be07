"""The model's calls, one row each, for those who look at how fast and how useful it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

Purpose = Literal["answer", "product", "picture", "summary", "content"]


@dataclass(frozen=True)
class ModelCall:
    """One call. `outcome`: ok, trimmed (the claim gate took sentences out), withdrawn (claim gate or content
    filter refused it), no_answer, or why it failed.

    `first_token_ms` is None when no token came; token counts are None where the server reports none.
    `model` and `endpoint` say which variant answered, and where; `message_id`, for which message.
    """

    conversation_id: str
    at: datetime
    purpose: Purpose
    first_token_ms: int | None
    total_ms: int
    outcome: str
    prompt_tokens: int | None
    completion_tokens: int | None
    message_id: str | None = None
    model: str = ""
    endpoint: str = ""
    cached_tokens: int | None = None


@dataclass(frozen=True)
class ModelText:
    """The words of a call: the messages that it sent, with references for pictures, and the whole reply."""

    call_id: int
    messages: Sequence[Mapping[str, Any]]
    reply: str


class ModelCalls(Rows):
    """Appended by the actions, read by the analytics."""

    async def add(self, calls: Sequence[ModelCall]) -> list[int]:
        """Their ids, in order."""
        insert = sa.insert(t.model_calls).returning(t.model_calls.c.id, sort_by_parameter_order=True)
        return list(await self._db.scalars(insert, [asdict(call) for call in calls]))

    async def add_texts(self, texts: Sequence[ModelText]) -> None:
        if texts:
            await self._db.execute(sa.insert(t.model_texts), [asdict(text) for text in texts])

    async def texts(self, conversation_id: str) -> list[ModelText]:
        """What was said in a conversation, as far as it is kept, in order."""
        calls, table = t.model_calls, t.model_texts
        query = sa.select(table).join(calls, calls.c.id == table.c.call_id).order_by(calls.c.id)
        rows = await self._db.execute(query.where(calls.c.conversation_id == conversation_id))
        return [ModelText(*row) for row in rows]

    async def first_model(self, conversation_id: str) -> str | None:
        """The variant of a conversation's first call."""
        table = t.model_calls
        query = sa.select(table.c.model).where(table.c.conversation_id == conversation_id)
        model: str | None = await self._db.scalar(query.order_by(table.c.id).limit(1))
        return model

    async def between(self, since: datetime, until: datetime) -> list[ModelCall]:
        """Calls of `since` and later, before `until`, in order."""
        table = t.model_calls
        query = sa.select(table).where(table.c.at >= since, table.c.at < until)
        rows = await self._db.execute(query.order_by(table.c.at, table.c.id))
        return [ModelCall(*row[1:]) for row in rows]
