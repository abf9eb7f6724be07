"""Rasa's own record of conversations, for those who look something up there or take something out of it.

On PostgreSQL it is a table beside ours, with SQLite a file beside ours; where Rasa has never run there is
none. What Rasa keeps is in its terms: `sender_id` is our conversation id, times are seconds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.store import Store
from support.store.tables.tracker import tracker_events

_AT_ONCE = 500


class Tracker:
    """Opened for each use: it is used seldom, and the file is Rasa's."""

    def __init__(self, url: str) -> None:
        """`url` is `Settings.tracker_url`."""
        self.url = url

    async def events(self, conversation_id: str, before: float) -> list[dict[str, Any]]:
        """The present session's events up to the one of that time, in Rasa's own terms, oldest first.

        Nothing where there is no such event: it was erased meanwhile, and what was before it.
        """
        store, found = Store(self.url), list[dict[str, Any]]()
        query = sa.select(tracker_events.c.data).where(tracker_events.c.sender_id == conversation_id)
        try:
            async with store.reading() as unit:
                for data in await unit.connection.scalars(query.order_by(tracker_events.c.id)):
                    found.append(json.loads(data))
        finally:
            await store.close()
        return _before(found, before)

    async def forget(self, conversation_ids: Sequence[str], until: datetime) -> int:
        """Remove what was noted of conversations up to a moment; how many events."""
        store = Store(self.url)
        gone = 0
        try:
            for start in range(0, len(conversation_ids), _AT_ONCE):
                gone += await _forget(store, conversation_ids[start : start + _AT_ONCE], until)
            if gone:
                await store.overwrite_deleted()
        finally:
            await store.close()
        return gone


def _before(events: Sequence[dict[str, Any]], time: float) -> list[dict[str, Any]]:
    """By the order in which they came: clocks may be put back."""
    end = next((at for at, event in enumerate(events) if event["timestamp"] == time), 0)
    starts = (at for at in range(end - 1, -1, -1) if events[at]["event"] == "session_started")
    return list(events[next(starts, 0) : end])


async def _forget(store: Store, conversation_ids: Sequence[str], until: datetime) -> int:
    table = tracker_events
    async with store.writing() as unit:
        if not await unit.connection.run_sync(lambda sync: sa.inspect(sync).has_table(table.name)):
            return 0
        where = table.c.sender_id.in_(conversation_ids) & (table.c.timestamp <= until.timestamp())
        return (await unit.connection.execute(sa.delete(table).where(where))).rowcount
