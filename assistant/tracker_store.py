"""Rasa's SQL tracker store, which learns what is new in a conversation by counting.

Rasa's own reads the whole conversation again and replays it, at every save, as soon as there is a broker to
publish to: a turn took longer and longer the more had been said (`docs/decisions/0012-events.md`).
"""

from __future__ import annotations

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


class TrackerStore(SQLTrackerStore):
    """What `endpoints.yml` names; its options are those of Rasa's `type: SQL`."""

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        if self.event_broker is None:
            return
        with self.session_scope() as session:
            new = list(self._additional_events(session, tracker))
        await self._stream_new_events(self.event_broker, new, tracker.sender_id)
