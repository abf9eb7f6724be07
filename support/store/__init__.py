"""The database behind one small door: a `Store` opens units of work, a `Unit` is one transaction.

    async with store.reading() as unit:            # sees one state of the data, writes nothing
        orders = await unit.orders.of_customer("C1001")
    async with store.writing() as unit:            # commits at the end, rolls back on an exception
        await unit.ledger.append(entry)

SQLite and PostgreSQL are served by the same statements. On SQLite a writing unit takes the write lock at its
start (BEGIN IMMEDIATE), so that what it reads cannot change before it writes; on PostgreSQL rows are locked
with `Orders.lock_owned`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from support.store.analytics import Analytics
from support.store.answer_marks import AnswerMark, AnswerMarks
from support.store.conversations import Conversations, Event, Message, ReadState, Transition
from support.store.desk import CannedReplies, CannedReply, Note, Notes, Queue, QueueLine
from support.store.events import EventQueue, Failure, Pulse, QueuedEvent
from support.store.handovers import Handover, Handovers
from support.store.learning import Learning
from support.store.model_calls import ModelCall, ModelCalls, ModelText
from support.store.records import Customers, Orders, Products
from support.store.review import Review
from support.store.staff import Staff, StaffAct, StaffLink, StaffLog, StaffMember, StaffSession
from support.store.training import (
    GuestLink,
    GuestLinks,
    ModelRun,
    ModelRuns,
    TrainingExample,
    TrainingExamples,
)
from support.store.work import (
    Attachment,
    Attachments,
    Identities,
    Identity,
    Ledger,
    LedgerEntry,
    Ratings,
    Refund,
    Refunds,
)

__all__ = [
    "AnswerMark",
    "Attachment",
    "CannedReply",
    "Event",
    "Failure",
    "GuestLink",
    "Handover",
    "Identity",
    "LedgerEntry",
    "Message",
    "ModelCall",
    "ModelRun",
    "ModelText",
    "Note",
    "Pulse",
    "QueueLine",
    "QueuedEvent",
    "ReadState",
    "Refund",
    "StaffAct",
    "StaffLink",
    "StaffMember",
    "StaffSession",
    "Store",
    "TrainingExample",
    "Transition",
    "Unit",
]

_SQLITE_WAITS_FOR_LOCK_S = 15


class Unit:
    """One transaction's view of the data, by subject."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.customers = Customers(connection)
        self.products = Products(connection)
        self.orders = Orders(connection)
        self.identities = Identities(connection)
        self.refunds = Refunds(connection)
        self.ledger = Ledger(connection)
        self.handovers = Handovers(connection)
        self.conversations = Conversations(connection)
        self.attachments = Attachments(connection)
        self.ratings = Ratings(connection)
        self.answer_marks = AnswerMarks(connection)
        self.learning = Learning(connection)
        self.analytics = Analytics(connection)
        self.training_examples = TrainingExamples(connection)
        self.model_runs = ModelRuns(connection)
        self.guest_links = GuestLinks(connection)
        self.model_calls = ModelCalls(connection)
        self.event_queue = EventQueue(connection)
        self.staff = Staff(connection)
        self.review = Review(connection)
        self.staff_log = StaffLog(connection)
        self.notes = Notes(connection)
        self.canned_replies = CannedReplies(connection)
        self.queue = Queue(connection)

    async def serialise(self, key: str) -> None:
        """Until this unit ends, let no other unit past the same key.

        On SQLite the write lock does that already.
        """
        if self.connection.dialect.name == "postgresql":
            lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))
            await self.connection.execute(sa.select(lock))


class Store:
    """The database. Connects on first use."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = _engine(url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self.engine.connect() as connection:
            yield Unit(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        async with self.engine.connect() as connection:
            await connection.execution_options(shopclerk_writes=True)
            async with connection.begin():
                yield Unit(connection)

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except (sa.exc.SQLAlchemyError, OSError):
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": _SQLITE_WAITS_FOR_LOCK_S})
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` decides which kind is opened.
    connection.isolation_level = None
    cursor: sqlite3.Cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("shopclerk_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
