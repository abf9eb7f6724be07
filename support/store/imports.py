"""Writes the shop's own records, many at a time: the database's side of `support.importer`.

Rows are mappings from column names to values and are written with upserts, so that loading the same rows
twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from support.model import OrderStatus, Outcome
from support.store import tables as t

# Both databases allow about 32,000 parameters a statement.
_IDS_A_STATEMENT = 5_000
_ROWS_AT_ONCE = 5_000

_ENDED = (OrderStatus.CANCELLED.value, OrderStatus.REFUNDED.value)


@dataclass(frozen=True)
class Written:
    """What an upsert did; the rest of the rows were there already, just so."""

    new: int
    changed: int


class Imports:
    """Upserts into the shop's tables, within the transaction of the connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def known(self, table: str, ids: Collection[str]) -> set[str]:
        """Those of the ids that `table` has; its primary key is a single column."""
        column = next(iter(t.metadata.tables[table].primary_key))
        found: set[str] = set()
        for chunk in _chunks(ids):
            found.update(await self._db.scalars(sa.select(column).where(column.in_(chunk))))
        return found

    async def currencies(self, order_ids: Collection[str]) -> dict[str, str]:
        """The currency of each of the orders that the database has."""
        found: dict[str, str] = {}
        for chunk in _chunks(order_ids):
            query = sa.select(t.orders.c.order_id, t.orders.c.currency).where(t.orders.c.order_id.in_(chunk))
            found.update((row.order_id, row.currency) for row in await self._db.execute(query))
        return found

    async def hold_orders(self) -> None:
        """Let nobody else change an order until this transaction ends; others may read them.

        On PostgreSQL the lock also keeps out `SELECT … FOR UPDATE`, so that a refund under way is waited for
        and cannot deadlock with the upserts. On SQLite a writing unit holds the write lock already.
        """
        if self._db.dialect.name == "postgresql":
            await self._db.execute(sa.text("LOCK TABLE orders IN EXCLUSIVE MODE"))

    async def ended_by_us(self) -> dict[str, OrderStatus]:
        """Orders that are cancelled or refunded and have an approved decision in the ledger."""
        approved = sa.select(t.ledger.c.order_id).where(t.ledger.c.outcome == Outcome.APPROVE.value)
        query = sa.select(t.orders.c.order_id, t.orders.c.status).where(
            t.orders.c.status.in_(_ENDED), t.orders.c.order_id.in_(approved)
        )
        return {row.order_id: OrderStatus(row.status) for row in await self._db.execute(query)}

    async def upsert(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        update: Collection[str],
        progress: Callable[[int], None] = lambda done: None,
    ) -> Written:
        """Insert the rows; where a row exists, set its `update` columns if one of them differs.

        Rows have unique keys and the table's columns. They go through a temporary table: that takes one
        prepared statement for all of them. `progress` is told how many rows are on their way.
        """
        target = t.metadata.tables[table]
        staged = _staging(target)
        await self._db.run_sync(staged.create)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            await self._db.execute(sa.insert(staged), rows[start : start + _ROWS_AT_ONCE])
            progress(min(start + _ROWS_AT_ONCE, len(rows)))
        before = await self._count(target)
        touched = (await self._db.execute(self._merging(staged, target, update))).rowcount
        await self._db.run_sync(staged.drop)
        new = await self._count(target) - before
        return Written(new, touched - new)

    async def _count(self, table: sa.Table) -> int:
        return int(await self._db.scalar(sa.select(sa.func.count()).select_from(table)) or 0)

    def _merging(self, staged: sa.Table, target: sa.Table, update: Collection[str]) -> sa.Executable:
        # SQLite would take ON CONFLICT for a join's ON if there were no WHERE.
        every = sa.select(staged).where(sa.true())
        # Typed as PostgreSQL's: SQLite's has the same methods.
        insert = (postgresql.insert if self._db.dialect.name == "postgresql" else sqlite.insert)(target)
        insert = insert.from_select(list(staged.c.keys()), every)
        key = list(target.primary_key)
        if not update:
            return insert.on_conflict_do_nothing(index_elements=key)
        differs = sa.or_(*(target.c[name].is_distinct_from(insert.excluded[name]) for name in update))
        values = {name: insert.excluded[name] for name in update}
        return insert.on_conflict_do_update(index_elements=key, set_=values, where=differs)


def _staging(target: sa.Table) -> sa.Table:
    """A temporary table with the target's columns and none of its constraints."""
    columns = [sa.Column(column.name, column.type) for column in target.columns]
    return sa.Table(f"import_{target.name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    return (every[start : start + _IDS_A_STATEMENT] for start in range(0, len(every), _IDS_A_STATEMENT))
