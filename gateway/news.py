"""Hands the events of conversations to the pages that listen.

Events are rows that any process may write. One loop a process reads them for all listening pages together: at
once when this process wrote some (`wake`), else a few times a second.
Each conversation has its own place in the table: with one place for all, an event whose transaction commits
after a later one's would be passed over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio

from support.store import Event, Store

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.4
# What is written in quick succession is read together.
_REST_S = 0.02
# The id of what is not kept: it is after nothing and before nothing.
NOT_KEPT = 0


@dataclass(eq=False)
class _Listener:
    conversation_id: str
    after: int
    end: anyio.Event
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)


class News:
    """Hands events to whoever listens; `run` is the loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: set[_Listener] = set()
        self._woken = asyncio.Event()

    def __len__(self) -> int:
        return len(self._listeners)

    async def listen(self, conversation_id: str, after: int, end: anyio.Event) -> AsyncIterator[Event]:
        """Events with a higher id than `after`, those that are there already first; until `end` is set."""
        listener = _Listener(conversation_id, after, end)
        self._listeners.add(listener)
        try:
            while (event := await listener.events.get()) is not None:
                yield event
        finally:
            self._listeners.discard(listener)

    def wake(self) -> None:
        """Look now: this process has written events."""
        self._woken.set()

    def whisper(self, conversation_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell the pages that are open now what need not be kept."""
        event = Event(NOT_KEPT, kind, payload, datetime.now(UTC))
        for listener in self._listeners:
            if listener.conversation_id == conversation_id:
                listener.events.put_nowait(event)

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _LOOK_EVERY_S)
                await asyncio.sleep(_REST_S)
            self._woken.clear()
            try:
                await self._look()
            except Exception:
                # Whatever the database's driver raises: the pages must not lose their events over it.
                log.exception("events could not be read; trying again")

    async def _look(self) -> None:
        waiting: dict[str, list[_Listener]] = defaultdict(list)
        for listener in self._listeners:
            if listener.end.is_set():
                listener.events.put_nowait(None)
            waiting[listener.conversation_id].append(listener)
        if not waiting:
            return
        after = {one: min(listener.after for listener in listeners) for one, listeners in waiting.items()}
        async with self._store.reading() as unit:
            news = await unit.conversations.events_after(after)
        for conversation_id, events in news.items():
            for event in events:
                for listener in waiting[conversation_id]:
                    _hand(event, listener)


def _hand(event: Event, listener: _Listener) -> None:
    if event.id > listener.after:
        listener.after = event.id
        listener.events.put_nowait(event)
