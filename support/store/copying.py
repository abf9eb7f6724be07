"""Whole tables out of one database and into another, which may be of the other kind.

    async for row in rows(unit, table): ...        # what JSON can hold, one table in the order of its keys
    await fill(unit, table, rows)                  # the same rows into an empty table

Values are written as their columns' types read them, so that SQLite's rows go into PostgreSQL and back.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from support.store import Unit
from support.store import tables as t
from support.store.tables.base import UtcDateTime
from support.store.tables.review import Tokens
from support.store.tables.tracker import tracker_events, tracker_metadata

__all__ = ["fill", "has_rows", "ready_tracker", "rows", "schema_revision", "tables", "tracker_events"]

_AT_ONCE = 500
# None is no value, not JSON's null.
_NULLABLE_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_WRITTEN: list[tuple[type, Callable[[Any], Any]]] = [
    (datetime, lambda value: value.isoformat()),
    (frozenset, sorted),
    (bytes, lambda value: base64.b64encode(value).decode()),
]
_READ: list[tuple[type, Callable[[Any], Any]]] = [
    (UtcDateTime, datetime.fromisoformat),
    (Tokens, frozenset),
    (sa.LargeBinary, base64.b64decode),
]


def tables() -> Sequence[sa.Table]:
    """Ours, those first that others point to."""
    return t.metadata.sorted_tables


async def schema_revision(unit: Unit) -> str:
    """The migration that the database has last seen."""
    return str(await unit.connection.scalar(sa.text("SELECT version_num FROM alembic_version")))


async def has_rows(unit: Unit, table: sa.Table) -> bool:
    if not await _is_there(unit, table):
        return False
    return await unit.connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)) is not None


async def ready_tracker(unit: Unit) -> None:
    """Rasa's table, where Rasa has not been there yet."""
    await unit.connection.run_sync(tracker_metadata.create_all)


async def rows(unit: Unit, table: sa.Table) -> AsyncIterator[dict[str, Any]]:
    """Every row; nothing for a table that is not there."""
    if not await _is_there(unit, table):
        return
    found = await unit.connection.stream(sa.select(table).order_by(*table.primary_key.columns))
    async for row in found.mappings():
        yield {name: _written(value) for name, value in row.items()}


async def _is_there(unit: Unit, table: sa.Table) -> bool:
    return await unit.connection.run_sync(lambda sync: sa.inspect(sync).has_table(table.name))


def _written(value: Any) -> Any:
    return next((write(value) for kind, write in _WRITTEN if isinstance(value, kind)), value)


async def fill(unit: Unit, table: sa.Table, given: Iterable[Mapping[str, Any]]) -> int:
    """Put the rows in, and let the table's numbers go on after theirs. How many there were.

    Rows of an older schema lack newer columns, which that schema's table does not have either.
    """
    count, rest = 0, iter(given)
    while some := [_read(table, row) for row in islice(rest, _AT_ONCE)]:
        parameters = {name: _parameter(table.columns[name]) for name in some[0]}
        await unit.connection.execute(sa.insert(table).values(parameters), some)
        count += len(some)
    if count and unit.connection.dialect.name == "postgresql":
        await _count_on(unit, table)
    return count


def _parameter(column: sa.Column[Any]) -> sa.BindParameter[Any]:
    nullable_json = column.nullable and isinstance(column.type, sa.JSON)
    return sa.bindparam(column.name, type_=_NULLABLE_JSON if nullable_json else column.type)


def _read(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(table.columns[name], value) for name, value in row.items()}


def _value(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    return next((read(value) for kind, read in _READ if isinstance(column.type, kind)), value)


async def _count_on(unit: Unit, table: sa.Table) -> None:
    """PostgreSQL's sequences do not notice ids that were given."""
    for column in table.primary_key.columns:
        owned = sa.func.pg_get_serial_sequence(table.name, column.name)
        sequence = await unit.connection.scalar(sa.select(owned))
        if sequence:
            highest = sa.select(sa.func.max(column)).scalar_subquery()
            await unit.connection.execute(sa.select(sa.func.setval(sequence, highest)))
