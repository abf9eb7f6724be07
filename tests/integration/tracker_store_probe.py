"""Holds conversations with tracker stores of ours, in Rasa's environment; one JSON object of findings.

.venv/rasa/bin/python -m tests.integration.tracker_store_probe DIALECT DB URL

Two stores on one database stand for two workers. A third begins with an empty memory each time it is asked:
what the others know must be what it reads.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from assistant.tracker_store import TrackerStore

_DOMAIN = Domain.from_yaml(
    'version: "3.1"\nintents: [greet]\nslots: {order: {type: text, mappings: [{type: custom}]}}\n'
)
Store = Any


def _store() -> Store:
    dialect, db, url = sys.argv[1:]
    return TrackerStore(_DOMAIN, host=url or None, dialect=dialect, db=db)


async def _turn(store: Store, conversation: str, text: str, saved: bool = True) -> None:
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    begins = [] if tracker.events else [ActionExecuted("action_session_start"), SessionStarted()]
    said = [UserUttered(text, {"name": "greet"}), SlotSet("order", text), BotUttered("answer")]
    for event in [*begins, *said, ActionExecuted("action_listen")]:
        tracker.update(event)
    if saved:
        await store.save(tracker)


async def _state(store: Store, conversation: str) -> Any:
    tracker = await store.retrieve(conversation)
    return tracker and tracker.current_state(EventVerbosity.ALL)


async def _heard(store: Store, conversation: str) -> list[str]:
    state = await _state(store, conversation)
    return [event["text"] for event in state["events"] if event["event"] == "user"] if state else []


async def _workers(one: Store, other: Store) -> dict[str, Any]:
    """Turns of one conversation in two workers, by turns and not."""
    for number, store in enumerate((one, one, other, one, other, other, one)):
        await _turn(store, "workers", str(number))
    states = [await _state(store, "workers") for store in (one, other, _store())]
    return {"heard": await _heard(one, "workers"), "same": states[0] == states[1] == states[2]}


async def _failed(one: Store) -> list[str]:
    """A turn that was not saved, between two that were."""
    await _turn(one, "failed", "first")
    await _turn(one, "failed", "lost", saved=False)
    await _turn(one, "failed", "again")
    return await _heard(one, "failed")


async def _session(one: Store, other: Store) -> dict[str, Any]:
    """A session that expired: the next one begins in the same tracker, in one worker; the other follows."""
    await _turn(one, "session", "before")
    await _turn(other, "session", "before, too")
    tracker = await one.retrieve("session")
    for event in (
        ActionExecuted("action_session_start"),
        SessionStarted(),
        UserUttered("after", {"name": "greet"}),
    ):
        tracker.update(event)
    await one.save(tracker)
    states = [await _state(store, "session") for store in (one, other, _store())]
    full = await one.retrieve_full_tracker("session")
    return {
        "heard": await _heard(other, "session"),
        "same": states[0] == states[1] == states[2],
        "all": [event.text for event in full.events if isinstance(event, UserUttered)],
    }


async def _erased(one: Store) -> list[str]:
    """Somebody else takes the conversation out of the database."""
    await _turn(one, "erased", "private")
    with one.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM events WHERE sender_id = 'erased'"))
    await _turn(one, "erased", "new")
    return await _heard(one, "erased")


async def _foreign(one: Store) -> list[str]:
    """A tracker of Rasa's own making, longer than what is stored: `PUT /conversations/.../tracker/events`."""
    await _turn(one, "foreign", "stored")
    stored = await one.retrieve("foreign")
    events = [*stored.events, UserUttered("put", {"name": "greet"})]
    await one.save(DialogueStateTracker.from_events("foreign", events, _DOMAIN.slots))
    return await _heard(one, "foreign")


async def _statements(one: Store) -> dict[str, int]:
    """What a turn asks of the database, in a long conversation."""
    for number in range(30):
        await _turn(one, "long", str(number))
    asked = {"reads": 0, "writes": 0, "commits": 0}

    @sa.event.listens_for(one.engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked["writes" if statement.startswith("INSERT") else "reads"] += 1

    @sa.event.listens_for(one.engine, "commit")
    def committed(_connection: Any) -> None:
        asked["commits"] += 1

    await _turn(one, "long", "31")
    return dict(asked)


async def main() -> None:
    one, other = _store(), _store()
    told = {
        "workers": await _workers(one, other),
        "failed": await _failed(one),
        "session": await _session(one, other),
        "erased": await _erased(one),
        "foreign": await _foreign(one),
        "statements": await _statements(one),
        "nobody": await _state(one, "nobody"),
        "keys": sorted(await one.keys()),
    }
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
