"""What every repository has: the transaction's connection, and an INSERT that both databases understand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class Rows:
    """A repository: reads and writes the rows of one subject inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    def _insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT on either database."""
        return (postgresql if self._db.dialect.name == "postgresql" else sqlite).insert(table)
