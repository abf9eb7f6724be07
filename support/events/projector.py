"""Takes events out of their source and projects them, until it is told to stop. It never gives up by itself.

A batch and what is made of it are one transaction. When one event spoils a batch, each is tried alone, and
what fails alone is put aside into `event_failures`, logged, and no longer in anybody's way. When the database
or the source is away, nothing is put aside: everything is tried again until they are back.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from support.events import read_event
from support.events.sources import Delivery, Source, open_source
from support.model import RawEvent
from support.store import Store, Unit, is_away

log = logging.getLogger(__name__)

Project = Callable[[Unit, Sequence[RawEvent]], Awaitable[None]]
Refresh = Callable[[Unit], Awaitable[int]]

_BEAT_EVERY_S = 10
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10
_FOLLOW_EVERY_S = 1


class Projector:
    """One source, one database. `run` ends when `stop` is set, after the batch in hand."""

    def __init__(self, url: str, store: Store, project: Project) -> None:
        self._url, self._store, self._project = url, store, project
        self.stop = asyncio.Event()
        self._pause_s: float = _FIRST_PAUSE_S
        self._last_beat = -float(_BEAT_EVERY_S)

    async def run(self) -> None:
        while not self.stop.is_set():
            try:
                async with open_source(self._url, self._store) as source:
                    await self._work(source)
            except Exception as error:
                # Whatever it was, the events are still there.
                log.warning("the projector waits %.1f s: %s", self._pause_s, _said(error))
                await self._rest(_said(error))

    async def _work(self, source: Source) -> None:
        while not self.stop.is_set():
            if deliveries := await source.take():
                await self._take_over(source, deliveries)
            await self._beat("")
            self._pause_s = _FIRST_PAUSE_S

    async def _take_over(self, source: Source, deliveries: Sequence[Delivery]) -> None:
        try:
            await self._commit(source, deliveries)
        except Exception as error:
            log.warning("a batch of %d goes one by one: %s", len(deliveries), _said(error))
            for delivery in deliveries:
                await self._commit_alone(source, delivery)
        await source.done(deliveries)

    async def _commit(self, source: Source, deliveries: Sequence[Delivery]) -> None:
        async with self._store.writing() as unit:
            mine = await source.claim(unit, deliveries)
            events = [read_event(delivery.data) for delivery in mine]
            # Two of Rasa's processes may have published a conversation's events a moment out of order.
            await self._project(unit, sorted(events, key=lambda event: event.at))

    async def _commit_alone(self, source: Source, delivery: Delivery) -> None:
        try:
            await self._commit(source, [delivery])
        except Exception as error:
            if is_away(error):
                raise  # that is not the event's fault: it stays where it is
            async with self._store.writing() as unit:
                for poison in await source.claim(unit, [delivery]):
                    await _set_aside(unit, poison.data, error)
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("an event was put aside: %s\n%s", _said(error), where)

    async def _beat(self, trouble: str) -> None:
        """Leave word that the projector lives, and with what; `gateway.health` reads it."""
        now = time.monotonic()
        if now - self._last_beat < _BEAT_EVERY_S and not trouble:
            return
        async with self._store.writing() as unit:
            await unit.event_queue.beat(datetime.now(UTC), trouble)
        # After a trouble the next beat takes it back at once.
        self._last_beat = -float(_BEAT_EVERY_S) if trouble else now

    async def _rest(self, trouble: str) -> None:
        with suppress(Exception):
            await self._beat(trouble)
        await _set_within(self.stop, self._pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)


async def follow_changes(store: Store, refresh: Refresh, stop: asyncio.Event) -> None:
    """Beside the events: what other tables say of conversations, where they left a mark that it changed."""
    pause: float = _FOLLOW_EVERY_S
    while not await _set_within(stop, pause):
        try:
            async with store.reading() as unit:
                marked = await unit.review.changed(1)
            if marked:
                async with store.writing() as unit:
                    await refresh(unit)
            pause = _FOLLOW_EVERY_S
        except Exception as error:
            log.warning("changes beside the events wait: %s", _said(error))
            pause = _LONGEST_PAUSE_S


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def project_failures(store: Store, project: Project) -> tuple[int, int]:
    """Try what was put aside once more, say after a mended fault: how many went well, how many did not."""
    async with store.reading() as unit:
        failures = await unit.event_queue.failures()
    done = 0
    for failure in failures:
        try:
            async with store.writing() as unit:
                await project(unit, [read_event(failure.body)])
                await unit.event_queue.forget_failure(failure.id)
            done += 1
        except Exception as error:
            log.error("event_failures %d: %s", failure.id, _said(error))
    return done, len(failures) - done


async def _set_aside(unit: Unit, data: str, error: Exception) -> None:
    try:
        conversation_id = read_event(data).conversation_id
    except Exception:
        conversation_id = ""
    now = datetime.now(UTC)
    await unit.event_queue.set_aside(_storable(conversation_id), _storable(data), _said(error), now)


def _storable(text: str) -> str:
    """Without what no database takes: what is put aside must not fail to be."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def _said(error: BaseException) -> str:
    """An error in one line, without the statement that SQLAlchemy would quote with a customer's words."""
    return _storable(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500])
