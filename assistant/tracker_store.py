"""Rasa's SQL tracker store, which learns what is new in a conversation by counting.

Rasa's own reads the whole conversation again and replays it, at every save, as soon as there is a broker to
publish to: a turn took longer and longer the more had been said (`docs/decisions/0012-events.md`).

It publishes what it has saved, and not the other way round: a turn that could not be saved did not happen.
It tells sessions apart by the order in which events came and not by their times, so that a clock that is put
back takes nothing from a conversation. At its start it publishes the newest events again: a process that was
killed may have saved them and not published them, and what had arrived is not projected twice. And it notices
connections that the database has cut.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.events import SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

_CONNECT_WITHIN_S = 3
# What a busy shop says in a quarter of a minute; a broker that was away for longer needs `rasa export`.
_PUBLISHED_AGAIN = 5_000


class TrackerStore(SQLTrackerStore):
    """What `endpoints.yml` names; its options are those of Rasa's `type: SQL`."""

    engine: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        url = self.engine.url
        self.engine.dispose()
        kwargs = create_engine_kwargs(url)
        if url.get_backend_name() == "postgresql":
            kwargs.setdefault("connect_args", {})["connect_timeout"] = _CONNECT_WITHIN_S
        self.engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, **kwargs)
        self.sessionmaker.configure(bind=self.engine)
        if self.event_broker:
            self._publish_again()

    def _publish_again(self) -> None:
        event = self.SQLEvent
        with self.session_scope() as session:
            newest = session.query(sa.func.max(event.id)).scalar() or 0
            rows = session.query(event.sender_id, event.data).filter(event.id > newest - _PUBLISHED_AGAIN)
            for sender_id, data in rows.order_by(event.id):
                self.event_broker.publish({"sender_id": sender_id, **json.loads(data)})

    async def save(self, tracker: DialogueStateTracker) -> None:
        with self.session_scope() as session:
            new = list(self._additional_events(session, tracker))
        await super().save(tracker)
        if self.event_broker:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Rasa's `save` calls it first; ours publishes afterwards."""

    def _event_query(self, session: Any, sender_id: str, fetch_events_from_all_sessions: bool) -> Any:
        event = self.SQLEvent
        events = session.query(event).filter(event.sender_id == sender_id)
        if not fetch_events_from_all_sessions:
            start = session.query(sa.func.max(event.id)).filter(
                event.sender_id == sender_id, event.type_name == SessionStarted.type_name
            )
            events = events.filter(event.id >= sa.func.coalesce(start.scalar_subquery(), 0))
        return events.order_by(event.id)
