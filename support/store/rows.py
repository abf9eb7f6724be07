"""What every repository has: the connection, an INSERT for both databases, a mark for what has changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from support.store import tables as t


def insert_into(table: sa.Table, dialect: str) -> Any:
    """An INSERT that knows ON CONFLICT on this database."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


class Rows:
    """A repository: reads and writes the rows of one subject inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    def _insert(self, table: sa.Table) -> Any:
        return insert_into(table, self._db.dialect.name)

    async def _changed(self, conversation_id: str) -> None:
        """Let the review's tables follow what this transaction changes (`support.services.projection`)."""
        await self._db.execute(sa.insert(t.review_changes).values(conversation_id=conversation_id))
