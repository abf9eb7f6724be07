"""SQLite's side of the store: its engine, and a driver that goes to a connection's thread once a statement.

A connection of SQLite lives in a thread of its own, so that a lock that is waited for stops nobody else; each
visit there costs a tenth of a millisecond. SQLAlchemy's own adapter goes there four times a statement (for a
cursor, the statement, its rows, the cursor's end), three times to begin, and once to roll back what never
began. Here `BEGIN` travels with the first statement, rows come back with theirs, and nothing is rolled back
where nothing is open: a transaction of two statements makes three visits instead of a dozen.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

# Customers do not wait for it: `gateway.turns` tells them to come again. What waits may still end well.
_WAITS_FOR_LOCK_S = 15
WRITES = "shopclerk_writes"  # the execution option of a transaction that takes the write lock at its start
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON")


def engine(url: str) -> AsyncEngine:
    """The engine of a file (its folder is made), or of a database in memory."""
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    made = create_async_engine(url, hide_parameters=True, connect_args={"timeout": _WAITS_FOR_LOCK_S})
    sa.event.listen(made.sync_engine, "do_connect", _connect)
    sa.event.listen(made.sync_engine, "connect", _prepare)
    sa.event.listen(made.sync_engine, "begin", _begin)
    return made


def _connect(dialect: Any, _record: Any, arguments: Sequence[Any], options: dict[str, Any]) -> _Connection:
    opened = aiosqlite.connect(*arguments, **options)
    opened._thread.daemon = True  # as SQLAlchemy does: a program ends though a connection was left open
    return _Connection(dialect.loaded_dbapi, await_only(opened))


def _prepare(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin` decides which kind is opened.
    connection.isolation_level = None
    cursor: sqlite3.Cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    ours: Any = connection.connection.dbapi_connection
    ours.begin("BEGIN IMMEDIATE" if writes else "BEGIN")


class _Done(NamedTuple):
    """What a statement has left behind."""

    rows: Sequence[Any] = ()
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None


def _do(connection: sqlite3.Connection, begin: str, statement: str, values: Any, many: bool) -> _Done:
    """In the connection's thread."""
    if begin:
        connection.execute(begin)
    cursor = connection.cursor()
    (cursor.executemany if many else cursor.execute)(statement, values)
    # Read to the end first: only then is it known how many rows an UPDATE ... RETURNING has changed.
    rows = cursor.fetchall() if cursor.description else ()
    return _Done(rows, cursor.description, cursor.rowcount, cursor.lastrowid)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A transaction begins with its first statement; none is ended that did not begin."""

    __slots__ = ("_begin_with", "_is_away")

    def __init__(self, dbapi: Any, connection: aiosqlite.Connection) -> None:
        super().__init__(dbapi, connection)  # type: ignore[arg-type]  # as SQLAlchemy passes it
        self._begin_with = ""
        self._is_away = False  # true for good when somebody stopped waiting: then a statement may still run

    def begin(self, statement: str) -> None:
        self._begin_with = statement

    def cursor(self, server_side: bool = False) -> Any:
        if server_side and self._begin_with:
            self.perform("SELECT 1", ())
        return super().cursor(server_side) if server_side else _Cursor(self)

    def perform(self, statement: str, values: Any, many: bool = False) -> _Done:
        begin, self._begin_with = self._begin_with, ""
        self._is_away = True
        try:
            done: _Done = await_only(self._perform(begin, statement, values, many))
        except Exception as error:
            self._is_away = False
            self._handle_exception(error)
        self._is_away = False
        return done

    async def _perform(self, *arguments: Any) -> _Done:
        async with self._execute_mutex:
            driver: Any = self._connection
            done: _Done = await driver._execute(partial(_do, driver._conn, *arguments))
            return done

    def commit(self) -> None:
        if self._is_open():
            super().commit()

    def rollback(self) -> None:
        if self._is_open():
            super().rollback()

    def _is_open(self) -> bool:
        self._begin_with = ""
        driver: Any = self._connection
        return self._is_away or driver._connection is None or driver._conn.in_transaction


class _Cursor:
    """What SQLAlchemy needs of a cursor; the rows are here as soon as the statement is done."""

    server_side = False
    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._done, self._rows = _Done(), deque[Any]()

    @property
    def description(self) -> Any:
        return self._done.description

    @property
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid

    def execute(self, statement: str, values: Any = ()) -> None:
        self._keep(self._connection.perform(statement, values or ()))

    def executemany(self, statement: str, values: Any) -> None:
        self._keep(self._connection.perform(statement, values, many=True))

    def _keep(self, done: _Done) -> None:
        self._done, self._rows = done, deque(done.rows)

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """SQLAlchemy's name; the rows stay readable, and there is nothing left to close."""
