"""Events from RabbitMQ: `amqp://user:password@host:port/vhost?queue=name` (amqps for TLS).

The queue is durable and named `shopclerk_events` unless the address says otherwise. One projector consumes at
a time; a second one is refused and tries again, so that conversations stay in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from yarl import URL

from support.events.sources import BATCH, PATIENCE_S, Delivery, Source
from support.store import Unit

DEFAULT_QUEUE = "shopclerk_events"


@asynccontextmanager
async def rabbitmq(url: str) -> AsyncIterator[Source]:
    address = URL(url)
    async with await aio_pika.connect(address.without_query_params("queue")) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=2 * BATCH)
        queue = await channel.declare_queue(address.query.get("queue", DEFAULT_QUEUE), durable=True)
        received: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        lost = asyncio.Event()
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _frame: lost.set())
        await queue.consume(received.put, exclusive=True)
        yield RabbitQueue(channel, received, lost)


class RabbitQueue:
    """Messages are acknowledged once the database has them."""

    def __init__(
        self, channel: AbstractChannel, received: asyncio.Queue[AbstractIncomingMessage], lost: asyncio.Event
    ) -> None:
        self._channel, self._received, self._lost = channel, received, lost

    async def take(self) -> Sequence[Delivery]:
        if self._channel.is_closed or self._lost.is_set():
            raise ConnectionError("RabbitMQ has closed the channel, or its queue was deleted")
        try:
            messages = [await asyncio.wait_for(self._received.get(), PATIENCE_S)]
        except TimeoutError:
            return []
        while len(messages) < BATCH and not self._received.empty():
            messages.append(self._received.get_nowait())
        return [Delivery(message, message.body.decode("utf-8", "replace")) for message in messages]

    async def claim(self, unit: Unit, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        return deliveries

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        # Batches follow each other, so all that was delivered up to this one is done.
        await deliveries[-1].tag.ack(multiple=True)
