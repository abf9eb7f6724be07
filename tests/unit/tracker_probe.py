"""Shows what our tracker store and channel make of a conversation, in Rasa's environment; one JSON object.

.venv/rasa/bin/python -m tests.unit.tracker_probe
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.channel import said_to
from assistant.tracker_store import TrackerStore

_ID = "conversation-0000001"


class _Broker:
    """Notes how many events the database held when each was published."""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.published: list[dict[str, Any]] = []
        self.store: TrackerStore | None = None

    def publish(self, event: dict[str, Any]) -> None:
        assert self.store
        with self.store.session_scope() as session:
            self.published.append(event)
            self.held.append(session.execute(sa.text("SELECT COUNT(*) FROM events")).scalar())


def _turn(message_id: str, text: str, answer: str, at: float) -> list[Any]:
    return [
        UserUttered(text, {"name": "greet"}, message_id=message_id, timestamp=at),
        BotUttered(answer, {"custom": {"source": "vetted"}}, timestamp=at + 0.1),
        ActionExecuted("action_listen", timestamp=at + 0.2),
    ]


async def main() -> None:
    broker = _Broker()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rasa.db")
        store = TrackerStore(Domain.empty(), dialect="sqlite", db=path, event_broker=broker)
        broker.store = store
        first = DialogueStateTracker(_ID, [])
        for event in [SessionStarted(timestamp=1000.0), *_turn("m-1", "早", "早上好", 1001.0)]:
            first.update(event)
        await store.save(first)
        # The clock was put back; the conversation goes on.
        again = await store.retrieve(_ID)
        for event in _turn("m-2", "在吗", "在的", 500.0):
            again.update(event)
        await store.save(again)
        found = await store.retrieve(_ID)
        after_a_restart = _Broker()
        after_a_restart.store = store
        TrackerStore(Domain.empty(), dialect="sqlite", db=path, event_broker=after_a_restart)
        told = {
            "again": after_a_restart.published == broker.published,
            "heard": [event.text for event in found.events if isinstance(event, UserUttered)],
            "held": broker.held,
            "said": {one: said_to(one, found.events) for one in ("m-1", "m-2", "m-3")},
        }
        print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
