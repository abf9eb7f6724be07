"""What other tables say about one conversation, for its story: ratings, decisions, calls of the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from support.store import tables as t
from support.store.model_calls import ModelCall
from support.store.rows import Rows
from support.store.work import Ledger, LedgerEntry


@dataclass(frozen=True)
class Rating:
    score: int
    words: str
    at: datetime


class Around(Rows):
    """Rows of one conversation, in the order in which they were written."""

    async def ratings_of(self, conversation_id: str) -> list[Rating]:
        table = t.ratings
        query = sa.select(table.c.score, table.c.words, table.c.at)
        rows = await self._db.execute(
            query.where(table.c.conversation_id == conversation_id).order_by(table.c.id)
        )
        return [Rating(*row) for row in rows]

    async def decisions_of(self, conversation_id: str) -> list[LedgerEntry]:
        return await Ledger(self._db).of_conversation(conversation_id)

    async def model_calls_of(self, conversation_id: str) -> list[ModelCall]:
        table = t.model_calls
        query = sa.select(table).where(table.c.conversation_id == conversation_id)
        return [ModelCall(*row[1:]) for row in await self._db.execute(query.order_by(table.c.id))]
