"""What operators see of the projector: it may be late or away, and customers are served all the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from support.events.projector import Projector
from support.store import Pulse, Store
from support.store import tables as t
from tests.desks import staffed
from tests.doors import OpenDoor
from tests.events_rig import PATIENCE_S, event, make_notes, note, queue_up

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LONG_AGO = datetime.now(UTC) - timedelta(minutes=5)


@pytest_asyncio.fixture(autouse=True)
async def notes(store: Store) -> AsyncIterator[None]:
    await make_notes(store)
    yield


async def beat(store: Store, at: datetime, trouble: str = "") -> None:
    async with store.writing() as unit:
        await unit.event_queue.beat(at, trouble)


async def seen(door: OpenDoor) -> tuple[int, str, str]:
    """The status code, the whole and the part."""
    ready = await door.client.get("/readyz")
    return ready.status_code, ready.json()["status"], ready.json()["parts"]["events"]


async def test_a_projector_that_leaves_word_is_well(door: OpenDoor, store: Store) -> None:
    await beat(store, datetime.now(UTC))
    assert await seen(door) == (200, "ok", "ok")


async def test_a_projector_that_is_silent_degrades_but_does_not_stop(door: OpenDoor, store: Store) -> None:
    await beat(store, LONG_AGO)
    assert await seen(door) == (200, "degraded", "degraded")


async def test_a_projector_in_trouble_degrades_but_does_not_stop(door: OpenDoor, store: Store) -> None:
    await beat(store, datetime.now(UTC), "RabbitMQ is away")
    assert await seen(door) == (200, "degraded", "degraded")


async def test_events_that_wait_too_long_degrade_and_are_counted(door: OpenDoor, store: Store) -> None:
    await queue_up(store, event("talk", 0), event("talk", 1))
    async with store.writing() as unit:
        await unit.connection.execute(sa.update(t.event_queue).values(queued_at=LONG_AGO))
    assert await seen(door) == (200, "degraded", "degraded")
    lines = (await door.client.get("/metrics")).text.splitlines()
    assert "shopclerk_queued_events 2.0" in lines
    late = next(line for line in lines if line.startswith("shopclerk_queued_events_seconds "))
    assert float(late.split()[1]) >= 300


@pytest.mark.parametrize("page", ["/desk/review", "/desk/review/inbox", "/desk/analytics"])
async def test_the_desk_says_how_far_it_is_behind(door: OpenDoor, store: Store, page: str) -> None:
    async with staffed(door, "mei", "reviewer") as mei:
        await beat(store, datetime.now(UTC))
        assert "minutes behind" not in (await mei.get(page)).text
        await beat(store, LONG_AGO)
        assert re.search(r"at least \d+ minutes behind", (await mei.get(page)).text)


async def test_a_projector_leaves_word_of_its_trouble_and_of_its_end(store: Store) -> None:
    await queue_up(store, event("talk", 0))
    away = Projector("amqp://guest:guest@127.0.0.1:1/", store, note)
    running = asyncio.create_task(away.run())
    assert "Connect" in (await word(store)).trouble
    away.stop.set()
    await running
    back = Projector("", store, note)
    running = asyncio.create_task(back.run())
    async with asyncio.timeout(PATIENCE_S):
        while (await word(store)).trouble:
            await asyncio.sleep(0.05)
    back.stop.set()
    await running


async def word(store: Store) -> Pulse:
    """What the projector said last, once it has said anything."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with store.reading() as unit:
                if pulse := await unit.event_queue.pulse():
                    return pulse
            await asyncio.sleep(0.05)
