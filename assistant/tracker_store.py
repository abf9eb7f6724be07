"""Rasa's SQL tracker store, at a cost that does not grow with the conversation.

Rasa's own reads and replays a whole conversation when a turn begins and, with a broker, at every save. Here
the trackers of the last conversations stay in memory, and a turn reads what the database has beyond them:
usually nothing. The last event that a tracker knows is read along; where it is gone, the conversation was
erased or replaced, and is read anew. So several workers, events that come by the HTTP API, and whatever else
writes to the table are seen at the next turn.

* One save is one insert of what is new and one commit. It publishes what it has saved, and not the other way
  round: a turn that could not be saved did not happen. A tracker is kept in memory after that only.
* Sessions are told apart by the order in which events came and not by their times, so that a clock that is
  put back takes nothing from a conversation.
* At its start it publishes the newest events again: a process that was killed may have saved them and not
  published them, and what had arrived is not projected twice.
* SQLite is asked in the event loop: in WAL, without waiting for the disk, that takes less than handing over
  to a thread. PostgreSQL is asked in threads.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.pool import QueuePool

from assistant.kept import Kept
from assistant.trackers import Tracker

_CONNECT_WITHIN_S = 3
# SQLite, locked by something else; the event loop waits with it.
_LOCKED_FOR_S = 2
_THREADS = 16
# What a busy shop says in a quarter of a minute; a broker that was away for longer needs `rasa export`.
_PUBLISHED_AGAIN = 5_000
_INDEX = "CREATE INDEX IF NOT EXISTS ix_events_conversation ON events (sender_id, id)"
_PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")

_NEWER = sa.text("SELECT id, type_name, data FROM events WHERE sender_id = :sender AND id >= :id ORDER BY id")
_SESSION = sa.text(
    "SELECT id, type_name, data FROM events WHERE sender_id = :sender AND id >= COALESCE((SELECT MAX(id)"
    " FROM events WHERE sender_id = :sender AND type_name = :start), 0) ORDER BY id"
)
_NEWEST = sa.text("SELECT MAX(id) FROM events WHERE sender_id = :sender")
_LAST = sa.text(
    "SELECT sender_id, data FROM events WHERE id > (SELECT MAX(id) FROM events) - :count ORDER BY id"
)
_INSERT = sa.insert(SQLTrackerStore.SQLEvent.__table__)

Result = TypeVar("Result")


class TrackerStore(SQLTrackerStore):
    """What `endpoints.yml` names; its options are those of Rasa's `type: SQL`."""

    engine: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        self._kept: Kept[Tracker] = Kept()
        super().__init__(*args, **options)
        url = self.engine.url
        self.engine.dispose()
        in_a_file = url.get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if in_a_file else _postgresql(url)
        self._threads = None if in_a_file else ThreadPoolExecutor(_THREADS, "tracker")
        self.sessionmaker.configure(bind=self.engine)
        # Another worker may make it at the same moment, and PostgreSQL then refuses one of the two.
        with suppress(sa.exc.IntegrityError), self.engine.begin() as connection:
            connection.execute(sa.text(_INDEX))
        if self.event_broker:
            self._publish_again()

    @property
    def domain(self) -> Domain:
        return self._domain

    @domain.setter
    def domain(self, domain: Domain | None) -> None:
        """A new model: its slots may be others."""
        self._domain = domain or Domain.empty()
        self._kept.clear()

    def init_tracker(self, sender_id: str) -> Tracker:
        return Tracker(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The session's tracker, the caller's own; None for a conversation without events."""
        kept = self._kept.get(sender_id)
        if kept:
            rows = await self._read(_NEWER, sender=sender_id, id=kept.last_id)
            if _go_on(rows, kept):
                return _with(rows[1:], kept.copy())
            self._kept.drop(sender_id)
        rows = await self._read(_SESSION, sender=sender_id, start=SessionStarted.type_name)
        return _with(rows, self.init_tracker(sender_id)) if rows else None

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All sessions, to look at."""
        rows = await self._read(_NEWER, sender=conversation_id, id=0)
        events = [json.loads(row.data) for row in rows]
        slots = self.domain.slots
        return DialogueStateTracker.from_dict(conversation_id, events, slots) if rows else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new, then publish it."""
        new = list(islice(tracker.events, await self._stored(tracker), None))
        if not new:
            return
        described = [event.as_dict() for event in new]
        rows = [_row(tracker.sender_id, event) for event in described]
        last_id = await self._run(lambda: self._insert(rows))
        self._keep(tracker, new, last_id)
        for event in described if self.event_broker else ():
            self.event_broker.publish({"sender_id": tracker.sender_id, **event})

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """`save` publishes."""

    async def _stored(self, tracker: DialogueStateTracker) -> int:
        """How many of its events are in the database."""
        if isinstance(tracker, Tracker):
            return tracker.stored
        stored = await self.retrieve(tracker.sender_id)
        return len(stored.events) if stored else 0

    def _insert(self, rows: Sequence[dict[str, Any]]) -> int:
        """The id of the last one; one conversation's rows."""
        with self.engine.begin() as connection:
            connection.execute(_INSERT, rows)
            return int(connection.execute(_NEWEST, {"sender": rows[0]["sender_id"]}).scalar())

    def _keep(self, tracker: DialogueStateTracker, new: Sequence[Event], last_id: int) -> None:
        """In memory, a copy: whoever saved it may go on with it and fail."""
        if not isinstance(tracker, Tracker):
            self._kept.drop(tracker.sender_id)
            return
        tracker.stored, tracker.last_id = len(tracker.events), last_id
        kept = tracker.copy()
        if any(isinstance(event, SessionStarted) for event in new):
            kept = self.init_tracker(tracker.sender_id)
            kept.take(_last_session(tracker.events), last_id)
        kept.fold()
        self._kept.put(tracker.sender_id, kept, len(kept.events))

    async def _read(self, statement: Any, **values: Any) -> Sequence[Any]:
        def rows() -> Sequence[Any]:
            with self.engine.connect() as connection:
                found: Sequence[Any] = connection.execute(statement, values).all()
                return found

        return await self._run(rows)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if not self._threads:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _publish_again(self) -> None:
        with self.engine.connect() as connection:
            for sender_id, data in connection.execute(_LAST, {"count": _PUBLISHED_AGAIN}):
                self.event_broker.publish({"sender_id": sender_id, **json.loads(data)})


def _sqlite(url: Any) -> Any:
    """Connections that stay open, for whichever thread needs one."""
    arguments = {"check_same_thread": False, "timeout": _LOCKED_FOR_S}
    engine = sa.create_engine(url, poolclass=QueuePool, hide_parameters=True, connect_args=arguments)

    @sa.event.listens_for(engine, "connect")
    def set_up(opened: Any, _: Any) -> None:
        for pragma in _PRAGMAS:
            opened.execute(pragma)

    return engine


def _postgresql(url: Any) -> Any:
    """Connections that are tried before use: the server may have been restarted."""
    options = create_engine_kwargs(url)
    options.setdefault("connect_args", {})["connect_timeout"] = _CONNECT_WITHIN_S
    return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)


def _go_on(rows: Sequence[Any], tracker: Tracker) -> bool:
    """Whether the rows, the last that the tracker knows and all after it, belong to the tracker's session."""
    known = bool(rows) and rows[0].id == tracker.last_id
    return known and all(row.type_name != SessionStarted.type_name for row in rows[1:])


def _with(rows: Sequence[Any], tracker: Tracker) -> Tracker:
    if rows:
        tracker.take(deserialise_events([json.loads(row.data) for row in rows]), rows[-1].id)
    return tracker


def _last_session(events: Iterable[Event]) -> list[Event]:
    """As `_SESSION` reads it: what was before the start of the session is not in it."""
    session: list[Event] = []
    for event in events:
        if isinstance(event, SessionStarted):
            session = []
        session.append(event)
    return session


def _row(sender_id: str, event: dict[str, Any]) -> dict[str, Any]:
    """The columns of Rasa's table."""
    return {
        "sender_id": sender_id,
        "type_name": event["event"],
        "timestamp": event.get("timestamp"),
        "intent_name": event.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": event.get("name"),
        "data": json.dumps(event),
    }
