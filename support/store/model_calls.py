"""The model's calls, one row each, for those who look at how fast and how useful it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

Purpose = Literal["answer", "product", "picture", "summary"]


@dataclass(frozen=True)
class ModelCall:
    """One call. `outcome`: ok, withdrawn (the claim gate refused it), no_answer, or why it failed.

    `first_token_ms` is None when no token came; token counts are None where the server reports none.
    `model` and `endpoint` say which variant answered, and where; `message_id` for which message of the customer.
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


class ModelCalls(Rows):
    """Appended by the actions, read by the analytics."""

    async def add(self, calls: Sequence[ModelCall]) -> None:
        await self._db.execute(sa.insert(t.model_calls), [asdict(call) for call in calls])

    async def between(self, since: datetime, until: datetime) -> list[ModelCall]:
        """Calls of `since` and later, before `until`, in order."""
        table = t.model_calls
        query = sa.select(table).where(table.c.at >= since, table.c.at < until)
        rows = await self._db.execute(query.order_by(table.c.at, table.c.id))
        return [ModelCall(*row[1:]) for row in rows]
