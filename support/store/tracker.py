"""Rasa's own record of conversations, for those who take something out of it.

On PostgreSQL it is a table beside ours, with SQLite a file beside ours; where Rasa has never run there is
none. What Rasa keeps is in its terms: `sender_id` is our conversation id, times are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from support.store import Store
from support.store.tables.tracker import tracker_events

_AT_ONCE = 500


class Tracker:
    """Opened for each use: it is used seldom, and the file is Rasa's."""

    def __init__(self, url: str) -> None:
        """`url` is `Settings.tracker_url`."""
        self.url = url

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


async def _forget(store: Store, conversation_ids: Sequence[str], until: datetime) -> int:
    table = tracker_events
    async with store.writing() as unit:
        if not await unit.connection.run_sync(lambda sync: sa.inspect(sync).has_table(table.name)):
            return 0
        where = table.c.sender_id.in_(conversation_ids) & (table.c.timestamp <= until.timestamp())
        return (await unit.connection.execute(sa.delete(table).where(where))).rowcount
