"""The database behind one small door: a `Store` opens units of work, a `Unit` is one transaction.

    async with store.reading() as unit:            # sees one state of the data, writes nothing
        orders = await unit.orders.of_customer("C1001")
    async with store.writing() as unit:            # commits at the end, rolls back on an exception
        await unit.ledger.append(entry)

SQLite and PostgreSQL are served by the same statements. On SQLite a writing unit takes the write lock with
its first statement (BEGIN IMMEDIATE), so that what it reads cannot change before it writes; on PostgreSQL
rows are locked with `Orders.lock_owned`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from support.store import postgres, sqlite
from support.store.analytics import Analytics
from support.store.answer_marks import AnswerMark, AnswerMarks
from support.store.conversations import Conversations, Event, ReadState, Transition
from support.store.desk import CannedReplies, CannedReply, Note, Notes, Queue, QueueLine
from support.store.erasures import Erasure, Erasures, Job, Jobs
from support.store.events import EventQueue, Failure, Pulse, QueuedEvent
from support.store.evidence import Challenge, Claim, Evidence, PictureView
from support.store.handovers import Handover, Handovers
from support.store.learning import Learning
from support.store.messages import Message, Unanswered
from support.store.model_calls import ModelCall, ModelCalls, ModelText
from support.store.old import Old
from support.store.personal import Personal, Scope
from support.store.product_index import ProductIndex
from support.store.pseudonyms import Pseudonyms
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
from support.store.turns import Turns
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
    "Challenge",
    "Claim",
    "DatabaseUnavailable",
    "Erasure",
    "Event",
    "Failure",
    "GuestLink",
    "Handover",
    "Identity",
    "Job",
    "LedgerEntry",
    "Message",
    "ModelCall",
    "ModelRun",
    "ModelText",
    "Note",
    "PictureView",
    "Pulse",
    "QueueLine",
    "QueuedEvent",
    "ReadState",
    "Refund",
    "Scope",
    "StaffAct",
    "StaffLink",
    "StaffMember",
    "StaffSession",
    "Store",
    "TrainingExample",
    "Transition",
    "Unanswered",
    "Unit",
    "is_away",
]


class Unit:
    """One transaction's view of the data, by subject."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.customers = Customers(connection)
        self.products = Products(connection)
        self.product_index = ProductIndex(connection)
        self.orders = Orders(connection)
        self.identities = Identities(connection)
        self.refunds = Refunds(connection)
        self.ledger = Ledger(connection)
        self.handovers = Handovers(connection)
        self.conversations = Conversations(connection)
        self.turns = Turns(connection)
        self.attachments = Attachments(connection)
        self.evidence = Evidence(connection)
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
        self.pseudonyms = Pseudonyms(connection)
        self.personal = Personal(connection)
        self.erasures = Erasures(connection)
        self.old = Old(connection)
        self.jobs = Jobs(connection)

    async def serialise(self, key: str) -> None:
        """Until this unit ends, let no other unit past the same key.

        On SQLite the write lock does that, which comes with the unit's first statement: any will do.
        """
        lock: Any = sa.literal(1)
        if self.connection.dialect.name == "postgresql":
            lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))
        await self.connection.execute(sa.select(lock))


def is_away(error: BaseException) -> bool:
    """Whether this is the database's own trouble (gone, full, locked), which may be over at the next try."""
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or isinstance(
            error, (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError)
        )
    # Where no connection comes about, the driver's error is not wrapped.
    driver = type(error).__module__.partition(".")[0]
    return isinstance(error, (sa.exc.TimeoutError, OSError)) or driver == "asyncpg"


class DatabaseUnavailable(Exception):
    """There is no connection to the database; a line for whoever starts the program, without the password."""


class Store:
    """The database. Connects on first use."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = (sqlite if url.startswith("sqlite") else postgres).engine(url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self.engine.connect() as connection:
            yield Unit(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Unit]:
        """A reading unit that sees one moment from its first statement to its last, on PostgreSQL too."""
        async with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield Unit(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        async with self.engine.connect() as connection:
            await connection.execution_options(**{sqlite.WRITES: True})
            async with connection.begin():
                yield Unit(connection)

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except Exception:
            # The drivers raise errors of their own beside SQLAlchemy's.
            return False
        return True

    async def reach(self) -> None:
        """DatabaseUnavailable where no connection comes about: for what cannot start without one."""
        try:
            async with self.engine.connect():
                pass
        except Exception as error:
            # A wrong password or name is of no kind that `is_away` knows; for a start they are the same.
            told = error.orig if isinstance(error, sa.exc.DBAPIError) else error if is_away(error) else None
            if told is None:
                raise
            said = (str(told).splitlines() or ["no answer"])[0]
            raise DatabaseUnavailable(
                f"cannot connect to {self._place()} ({said}): start it, or check SHOPCLERK_DATABASE_URL"
            ) from error

    def _place(self) -> str:
        url = self.engine.url
        if url.get_backend_name() == "sqlite":
            return f"the SQLite file {url.database}"
        return f"PostgreSQL at {url.host or 'its socket'}:{url.port or 5432}, database {url.database}"

    async def overwrite_deleted(self) -> None:
        """Leave nothing of deleted rows in the files of SQLite: not in its log, nor in the search index.

        (Free pages are overwritten as rows are deleted: secure_delete.) PostgreSQL vacuums by itself.
        """
        if self.engine.dialect.name != "sqlite":
            return
        async with self.writing() as unit:
            if await unit.connection.run_sync(lambda sync: sa.inspect(sync).has_table("review_search")):
                optimize = "INSERT INTO review_search (review_search) VALUES ('optimize')"
                await unit.connection.execute(sa.text(optimize))
        async with self.engine.connect() as connection:
            # Outside of any transaction, which SQLAlchemy would begin.
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self.engine.dispose()
