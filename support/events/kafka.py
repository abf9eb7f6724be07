"""Events from Kafka: `kafka://host:port,host:port/topic?property=value`.

The topic is `shopclerk_events` unless the address says otherwise. Properties go to librdkafka as they are,
for example `security.protocol=SASL_SSL&sasl.mechanism=PLAIN&sasl.username=...&sasl.password=...`; its own
defaults check a server's certificate and name. Events are keyed by conversation: a partition keeps its order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

from confluent_kafka import Consumer, KafkaError, KafkaException

from support.events.sources import BATCH, PATIENCE_S, Delivery, Source
from support.store import Unit

DEFAULT_TOPIC = "shopclerk_events"
_GROUP = "shopclerk-projector"


@asynccontextmanager
async def kafka(url: str) -> AsyncIterator[Source]:
    address = urlsplit(url)
    troubles: list[KafkaError] = []
    consumer = Consumer(
        {
            "group.id": _GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "allow.auto.create.topics": True,
            **dict(parse_qsl(address.query)),
            "bootstrap.servers": address.netloc,
            "error_cb": troubles.append,
        }
    )
    try:
        consumer.subscribe([address.path.strip("/") or DEFAULT_TOPIC])
        yield KafkaTopic(consumer, troubles)
    finally:
        await asyncio.to_thread(consumer.close)


class KafkaTopic:
    """Offsets are committed once the database has the events. The client blocks, hence the threads."""

    def __init__(self, consumer: Consumer, troubles: Sequence[KafkaError]) -> None:
        self._consumer, self._troubles = consumer, troubles

    async def take(self) -> Sequence[Delivery]:
        messages = await asyncio.to_thread(self._consumer.consume, BATCH, PATIENCE_S)
        errors = [error for message in messages if (error := message.error())]
        # Most of what else the client says, it mends by itself.
        errors += [one for one in self._troubles if one.fatal() or one.code() == KafkaError._ALL_BROKERS_DOWN]
        if errors:
            raise KafkaException(errors[0])
        return [Delivery(None, (message.value() or b"").decode("utf-8", "replace")) for message in messages]

    async def claim(self, unit: Unit, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        return deliveries

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        await asyncio.to_thread(self._consumer.commit, asynchronous=False)
