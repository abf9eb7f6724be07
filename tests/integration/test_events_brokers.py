"""The way of Rasa's events through RabbitMQ, a real server, and Kafka, librdkafka's cluster for tests.

A broker delivers at least once: what these tests compare are the distinct events in the order of their first
arrival; that a projection knows an event again is tested with it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aio_pika
import pytest
import pytest_asyncio
from confluent_kafka import Producer

from support.store import Store
from tests.events_rig import (
    event,
    events,
    make_notes,
    noted,
    once,
    project_until,
    projector_process,
    publisher,
    wait_for_batches,
)

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest_asyncio.fixture(autouse=True)
async def notes(store: Store) -> None:
    await make_notes(store)


@pytest.fixture(scope="module")
def kafka_servers() -> Iterator[str]:
    """Three brokers that listen on the loopback for as long as this client lives."""
    cluster = Producer({"test.mock.num.brokers": 3})
    brokers = cluster.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del cluster


@pytest_asyncio.fixture(params=["rabbitmq", "kafka"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A queue or topic of the test's own."""
    name = f"events_{uuid.uuid4().hex}"
    if request.param == "kafka":
        # This cluster waits for a consumer that has left until its session ends, so sessions are short here.
        session = "session.timeout.ms=6000"
        yield f"kafka://{request.getfixturevalue('kafka_servers')}/{name}?group.id={name}&{session}"
        return
    server = request.getfixturevalue("amqp_url")
    yield f"{server}?queue={name}"
    async with await aio_pika.connect(server) as connection:
        await (await connection.channel()).queue_delete(name)


async def distinct(store: Store) -> dict[str, list[int]]:
    return {one: list(dict.fromkeys(numbers)) for one, numbers in (await noted(store)).items()}


async def test_events_go_from_rasa_to_the_projection_in_order(
    url: str, store: Store, database_url: str, tmp_path: Path
) -> None:
    with publisher(tmp_path, url, database_url) as rasa:
        rasa.publish(*events(conversations=3, each=300))
        await project_until(900, store, url)
        rasa.publish(event("talk-0", 300))
        await project_until(901, store, url)
    found = await distinct(store)
    assert found == once(conversations=3, each=300) | {"talk-0": list(range(301))}


async def test_what_rasa_publishes_while_the_projector_is_away_is_there_when_it_is_back(
    url: str, store: Store, database_url: str, tmp_path: Path
) -> None:
    both = events(conversations=3, each=40)
    with publisher(tmp_path, url, database_url) as rasa:
        rasa.publish(*both[:60])
        await project_until(60, store, url)
        rasa.publish(*both[60:])
        rasa.end()
    await project_until(120, store, url)
    assert await distinct(store) == once(conversations=3, each=40)


async def test_a_projector_killed_in_the_middle_loses_nothing(
    url: str, store: Store, database_url: str, tmp_path: Path
) -> None:
    with publisher(tmp_path, url, database_url) as rasa:
        rasa.publish(*events(conversations=3, each=300))
        rasa.end()
    with projector_process(url, store) as process:
        wait_for_batches(process, 3)
        process.kill()
    projected = sum(map(len, (await noted(store)).values()))
    assert 0 < projected < 900
    await project_until(900, store, url)
    assert await distinct(store) == once(conversations=3, each=300)


async def test_poison_is_put_aside_and_stops_nothing_else(
    url: str, store: Store, database_url: str, tmp_path: Path
) -> None:
    good = events(conversations=1, each=20)
    with publisher(tmp_path, url, database_url) as rasa:
        rasa.publish(*good[:10], event("talk-0", 99, poison=True), *good[10:])
        rasa.end()
    await project_until(20, store, url)
    assert await distinct(store) == once(conversations=1, each=20)
    async with store.reading() as unit:
        assert [one.conversation_id for one in await unit.event_queue.failures()] == ["talk-0"]


async def test_rasa_starts_and_answers_while_its_broker_is_away(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """And says at its end that events are left, which the tracker store still has."""
    with publisher(tmp_path, "amqp://guest:guest@127.0.0.1:1/", database_url) as rasa:
        rasa.publish(*events(conversations=1, each=20))
        rasa.end()


async def test_a_queue_that_was_deleted_is_made_again_by_both_sides(
    amqp_url: str, store: Store, database_url: str, tmp_path: Path
) -> None:
    name = f"events_{uuid.uuid4().hex}"
    url = f"{amqp_url}?queue={name}"
    with publisher(tmp_path, url, database_url) as rasa:
        rasa.publish(event("talk-0", 0))
        await project_until(1, store, url)
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            projecting = asyncio.create_task(project_until(2, store, url))
            while not (await channel.declare_queue(name, passive=True)).declaration_result.consumer_count:
                await asyncio.sleep(0.05)
            await channel.queue_delete(name)
            rasa.publish(event("talk-0", 1))
            await projecting
            await channel.queue_delete(name)
    assert await distinct(store) == once(conversations=1, each=2)
