"""Publishes every event of every conversation for `support.events`, without ever holding up a turn.

    event_broker:
      type: assistant.broker.Broker
      url: ${SHOPCLERK_EVENTS_URL}            # empty: the table event_queue of the database below
      database: ${SHOPCLERK_DATABASE_URL}

`publish` puts an event into a bounded queue and returns. One thread takes batches out, in order, and stores
each: rows and one commit, RabbitMQ's confirms, Kafka's acknowledgements. A batch that cannot be stored is
tried again until it can, so an event may arrive twice, and none is lost while the process lives. What was
lost with a process still stands in the tracker store: `rasa export` publishes it again, and what had arrived
is not projected twice.

Rasa's own brokers store inside the turn, and lose events or sleep in it when their server is away: see
`docs/decisions/0012-events.md`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import aio_pika
import sqlalchemy as sa
from confluent_kafka import KafkaException, Producer
from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.engine import make_url
from yarl import URL

log = logging.getLogger(__name__)

# Some 150 MB; an hour of a busy shop.
_WAITING_AT_MOST = 100_000
_BATCH = 500
# A turn's events come in a burst: waiting for the rest of them saves commits.
_GATHER_S = 0.05
_LONGEST_PAUSE_S = 10.0
_SENT_WITHIN_S = 15
# The supervisor kills what has not ended after five seconds.
_FLUSHED_WITHIN_S = 4.0
_DEFAULT_NAME = "shopclerk_events"

_COLUMNS = ("conversation_id", "data", "queued_at")
_EVENT_QUEUE = sa.table("event_queue", *map(sa.column, _COLUMNS))

# A conversation's id and the event's JSON.
_Event = tuple[str, str]


class _Sink(Protocol):
    def store(self, events: Sequence[_Event]) -> None:
        """Returns when all of them are stored for good; raises when any may not be."""

    def close(self) -> None:
        """Nothing will be stored any more."""


class Broker(EventBroker):
    """What `endpoints.yml` names; one a process."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self._events: queue.Queue[_Event] = queue.Queue(_WAITING_AT_MOST)
        self._dropped = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._store_all, name="events", daemon=True)
        self._thread.start()

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: AbstractEventLoop | None = None
    ) -> Broker:
        return cls(_sink(broker_config.url or "", broker_config.kwargs["database"]))

    def publish(self, event: dict[str, Any]) -> None:
        """Never waits and never raises."""
        try:
            self._events.put_nowait((_storable(event["sender_id"]), json.dumps(event, default=str)))
        except queue.Full:
            self._dropped += 1
            if self._dropped % 1_000 == 1:
                log.error("%d events dropped so far: too many wait; `rasa export` has them", self._dropped)
        except Exception:
            log.exception("an event could not be published")

    async def close(self) -> None:
        """Store what waits, as far as that is possible in a few seconds."""
        self._closing.set()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, _FLUSHED_WITHIN_S)
        if self._thread.is_alive():
            log.error("not all events could be stored at the end; `rasa export` has them")

    def _store_all(self) -> None:
        """The thread: until `close`, and then until nothing waits."""
        while batch := self._next_batch():
            pause = 0.5
            while not self._stored(batch):
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
        self._sink.close()

    def _next_batch(self) -> list[_Event]:
        """Waits for events; empty at the end only."""
        while True:
            try:
                batch = [self._events.get(timeout=0.2)]
                break
            except queue.Empty:
                if self._closing.is_set():
                    return []
        self._closing.wait(_GATHER_S)
        while len(batch) < _BATCH and not self._events.empty():
            batch.append(self._events.get_nowait())
        return batch

    def _stored(self, batch: Sequence[_Event]) -> bool:
        try:
            self._sink.store(batch)
        except Exception as error:
            log.warning("%d events wait to be stored: %r", len(batch) + self._events.qsize(), error)
            return False
        return True


def _storable(text: str) -> str:
    """Without what no database takes; in the JSON of an event such characters are escaped."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def _sink(url: str, database: str) -> _Sink:
    scheme = urlsplit(url).scheme
    if scheme in ("amqp", "amqps"):
        return _RabbitMq(url)
    if scheme == "kafka":
        return _Kafka(url)
    if not url:
        return _SqlQueue(database)
    raise ValueError(f"SHOPCLERK_EVENTS_URL: amqp, amqps, kafka or empty, not {scheme}://")


class _SqlQueue:
    """The table `event_queue` of the shop's database; one commit a batch."""

    def __init__(self, database: str) -> None:
        url = make_url(database)
        # Without the asynchronous driver, which this thread cannot use.
        url = url.set(drivername=url.get_backend_name())
        options: dict[str, Any] = {"timeout": _SENT_WITHIN_S} if url.drivername == "sqlite" else {}
        self._engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=options)
        if url.drivername == "sqlite":
            fast = "PRAGMA synchronous=NORMAL"
            sa.event.listen(self._engine, "connect", lambda opened, _: opened.execute(fast))

    def store(self, events: Sequence[_Event]) -> None:
        now = datetime.now(timezone.utc)
        rows = [{"conversation_id": one, "data": data, "queued_at": now} for one, data in events]
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_EVENT_QUEUE), rows)

    def close(self) -> None:
        self._engine.dispose()


class _RabbitMq:
    """A durable queue and persistent messages, each confirmed; the connection is opened when it is needed."""

    def __init__(self, url: str) -> None:
        address = URL(url)
        self._queue = address.query.get("queue", _DEFAULT_NAME)
        # Heartbeats need a loop that always runs; here it runs while something is sent.
        self._url = address.with_query({**address.query, "heartbeat": "0"})
        self._loop = asyncio.new_event_loop()
        self._connection: aio_pika.abc.AbstractConnection | None = None
        self._exchange: aio_pika.abc.AbstractExchange | None = None

    def store(self, events: Sequence[_Event]) -> None:
        try:
            self._loop.run_until_complete(asyncio.wait_for(self._send(events), _SENT_WITHIN_S))
        except BaseException:
            self._loop.run_until_complete(self._disconnect())
            raise

    def close(self) -> None:
        self._loop.run_until_complete(self._disconnect())
        self._loop.close()

    async def _send(self, events: Sequence[_Event]) -> None:
        exchange = self._exchange or await self._connect()
        persistent = aio_pika.DeliveryMode.PERSISTENT
        messages = [aio_pika.Message(data.encode(), delivery_mode=persistent) for _, data in events]
        # Sent in order, confirmed in any.
        await asyncio.gather(*(exchange.publish(message, self._queue) for message in messages))

    async def _connect(self) -> aio_pika.abc.AbstractExchange:
        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel(on_return_raises=True)
        await channel.declare_queue(self._queue, durable=True)
        self._exchange = channel.default_exchange
        return self._exchange

    async def _disconnect(self) -> None:
        connection, self._connection, self._exchange = self._connection, None, None
        if connection:
            await asyncio.wait([asyncio.ensure_future(connection.close())], timeout=1)


class _Kafka:
    """Keyed by conversation, written by all replicas in sync, in order."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._topic = address.path.strip("/") or _DEFAULT_NAME
        self._producer = Producer(
            {
                "enable.idempotence": True,
                "message.timeout.ms": 1000 * (_SENT_WITHIN_S - 2),
                **dict(parse_qsl(address.query)),
                "bootstrap.servers": address.netloc,
            }
        )

    def store(self, events: Sequence[_Event]) -> None:
        failures: list[Any] = []

        def delivered(error: Any, _message: Any) -> None:
            if error:
                failures.append(error)

        for conversation_id, data in events:
            self._producer.produce(
                self._topic, data.encode(), conversation_id.encode(), on_delivery=delivered
            )
        if left := self._producer.flush(_SENT_WITHIN_S):
            raise TimeoutError(f"{left} events were not acknowledged")
        if failures:
            raise KafkaException(failures[0])

    def close(self) -> None:
        """Each batch was flushed."""
