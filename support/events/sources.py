"""Where events come from: what a source does, the queue in the shop's own database, and which is configured.

    async with open_source(url, store) as source:
        deliveries = await source.take()            # [] after a moment without events
        async with store.writing() as unit:
            ...project(unit, await source.claim(unit, deliveries))...
        await source.done(deliveries)

A source that fails raises and is opened anew; what was taken and is not `done` comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from support.store import Store, Unit

# On SQLite a batch holds the one write lock while it is projected: customers wait no longer than for so many.
BATCH = 200
# How long `take` waits for a first event.
PATIENCE_S = 0.3


@dataclass(frozen=True)
class Delivery:
    """An event's JSON, and what its source knows it by."""

    tag: Any
    data: str


class Source(Protocol):
    """At least once, and in the order of each conversation."""

    async def take(self) -> Sequence[Delivery]:
        """The next events, at most `BATCH`."""

    async def claim(self, unit: Unit, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those that are still to be projected, in the transaction that projects them."""

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """All that was taken is committed."""


@asynccontextmanager
async def open_source(url: str, store: Store) -> AsyncIterator[Source]:
    """The source that `SHOPCLERK_EVENTS_URL` names; ValueError for a kind that is not known."""
    async with _source(url, store) as source:
        yield source


def _source(url: str, store: Store) -> AbstractAsyncContextManager[Source]:
    match urlsplit(url).scheme:
        case "":
            return _sql_queue(store)
        # Their libraries are loaded only where they are used: this process stays small.
        case "amqp" | "amqps":
            from support.events.amqp import rabbitmq

            return rabbitmq(url)
        case "kafka":
            from support.events.kafka import kafka

            return kafka(url)
        case other:
            raise ValueError(f"SHOPCLERK_EVENTS_URL: amqp, amqps, kafka or empty, not {other}://")


@asynccontextmanager
async def _sql_queue(store: Store) -> AsyncIterator[Source]:
    yield SqlQueue(store)


class SqlQueue:
    """The table `event_queue`. Rows go in the transaction that projects them: exactly once.

    Several publishers may commit their ids out of order; since rows are removed and no place is remembered,
    none is passed over.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self) -> Sequence[Delivery]:
        # Looking takes no lock that anybody would wait for.
        async with self._store.reading() as unit:
            waiting = await unit.event_queue.waiting(BATCH)
        if not waiting:
            await asyncio.sleep(PATIENCE_S)
        return [Delivery(event.id, event.data) for event in waiting]

    async def claim(self, unit: Unit, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        # Of several projectors one works at a time: conversations stay in order.
        await unit.serialise("projector")
        mine = await unit.event_queue.remove([delivery.tag for delivery in deliveries])
        return [delivery for delivery in deliveries if delivery.tag in mine]

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """Nothing is left to do: the rows are gone."""
