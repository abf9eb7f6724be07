"""Publishes events as Rasa does, in Rasa's environment, through what `endpoints.yml` configures.

    .venv/rasa/bin/python -m tests.events_publisher

Each line of standard input is an event; each is answered by a line once `publish` has returned. At the end of
the input the broker is closed, as Rasa does when it ends.
"""

from __future__ import annotations

import asyncio
import json
import sys

from rasa.core.brokers.broker import EventBroker
from rasa.core.utils import AvailableEndpoints


async def publish() -> None:
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    broker = await EventBroker.create(endpoints.event_broker)
    assert broker
    for line in sys.stdin:
        broker.publish(json.loads(line))
        print("published", flush=True)
    await broker.close()


if __name__ == "__main__":
    asyncio.run(publish())
