"""The way of Rasa's events through the database's own queue into a projection, on both databases."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest_asyncio
import sqlalchemy as sa

from support.events.projector import project_failures
from support.model import RawEvent
from support.store import Failure, Store, Unit
from support.store import tables as t
from tests.events_rig import (
    PATIENCE_S,
    event,
    events,
    make_notes,
    note,
    noted,
    once,
    project_until,
    projector_process,
    publisher,
    queue_up,
    wait_for_batches,
)


@pytest_asyncio.fixture(autouse=True)
async def notes(store: Store) -> None:
    await make_notes(store)


async def waiting(store: Store) -> int:
    async with store.reading() as unit:
        return await unit.event_queue.depth()


async def failures(store: Store) -> list[Failure]:
    async with store.reading() as unit:
        return await unit.event_queue.failures()


# --- projecting --------------------------------------------------------------------------------------------


async def test_events_are_projected_and_leave_the_queue(store: Store) -> None:
    await queue_up(store, *events(conversations=3, each=300))
    await project_until(900, store)
    assert await noted(store) == once(conversations=3, each=300)
    assert await waiting(store) == 0


async def test_events_that_came_a_little_out_of_order_are_projected_in_order(store: Store) -> None:
    mixed = events(conversations=2, each=50)
    random.Random(1).shuffle(mixed)
    await queue_up(store, *mixed)
    await project_until(100, store)
    assert await noted(store) == once(conversations=2, each=50)


async def test_two_projectors_share_the_work_without_doubling_any(store: Store) -> None:
    await queue_up(store, *events(conversations=5, each=200))
    await project_until(1_000, store, projectors=2)
    assert await noted(store) == once(conversations=5, each=200)


async def test_a_projector_killed_in_the_middle_loses_nothing_and_doubles_nothing(store: Store) -> None:
    await queue_up(store, *events(conversations=3, each=300))
    with projector_process("", store) as process:
        wait_for_batches(process, 3)
        process.kill()
    assert 0 < len((await noted(store))["talk-0"]) < 300
    await project_until(900, store)
    assert await noted(store) == once(conversations=3, each=300)


async def test_a_projector_that_is_asked_to_end_finishes_its_batch(store: Store) -> None:
    await queue_up(store, *events(conversations=3, each=300))
    with projector_process("", store) as process:
        wait_for_batches(process, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    projected = sum(map(len, (await noted(store)).values()))
    assert projected > 0
    assert projected + await waiting(store) == 900


async def test_a_lost_connection_puts_nothing_aside(store: Store) -> None:
    """The first batch loses its connection to the database, as at a restart of the server."""
    lost = False

    async def lose_once(unit: Unit, batch: Sequence[RawEvent]) -> None:
        nonlocal lost
        await note(unit, batch)
        if not lost:
            lost = True
            await _lose_connection(unit)

    await queue_up(store, *events(conversations=2, each=10))
    await project_until(20, store, project=lose_once)
    assert await noted(store) == once(conversations=2, each=10)
    assert await failures(store) == []


async def _lose_connection(unit: Unit) -> None:
    if unit.connection.dialect.name == "postgresql":
        await unit.connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    else:
        raise sa.exc.OperationalError("", {}, Exception("disk I/O error"))


# --- what cannot be projected ------------------------------------------------------------------------------


async def test_what_cannot_be_read_or_projected_is_put_aside_and_stops_nothing_else(store: Store) -> None:
    good = events(conversations=2, each=20)
    poison = event("talk-0", 99, poison=True)
    deep = "[" * 100_000
    await queue_up(store, *good[:10], poison, "no json", deep, *good[10:])
    await project_until(40, store)
    assert await noted(store) == once(conversations=2, each=20)
    aside = await failures(store)
    assert [(one.conversation_id, one.error.partition(":")[0]) for one in aside] == [
        ("talk-0", "RuntimeError"),
        ("", "JSONDecodeError"),
        ("", "RecursionError"),
    ]
    assert json.loads(aside[0].body) == poison
    assert await waiting(store) == 0


async def test_what_was_put_aside_is_projected_once_the_fault_is_mended(store: Store) -> None:
    await queue_up(store, event("talk-0", 0, poison=True), "no json", event("talk-0", 1))
    await project_until(1, store)

    async def mended(unit: Unit, batch: Sequence[RawEvent]) -> None:
        for one in batch:
            body = {**one.body, "poison": False}
            await note(unit, [RawEvent(one.conversation_id, one.key, one.at, one.type, body)])

    assert await project_failures(store, mended) == (1, 1)
    assert await noted(store) == {"talk-0": [1, 0]}
    assert [one.body for one in await failures(store)] == ["no json"]


# --- from Rasa's side --------------------------------------------------------------------------------------


async def test_what_rasa_publishes_while_the_projector_is_away_is_there_when_it_is_back(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    first, second = events(conversations=3, each=20)[:30], events(conversations=3, each=20)[30:]
    with publisher(tmp_path, "", database_url) as rasa:
        rasa.publish(*first)
        await project_until(30, store)
        rasa.publish(*second)
        rasa.end()
    assert await waiting(store) == 30
    await project_until(60, store)
    assert await noted(store) == once(conversations=3, each=20)


async def test_a_turn_goes_on_while_the_database_takes_no_events_and_none_is_lost(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    with publisher(tmp_path, "", database_url) as rasa:
        async with store.writing() as unit:
            await _lock_queue(unit)
            await asyncio.to_thread(rasa.publish, *events(conversations=1, each=50))
        rasa.end()
    await project_until(50, store)
    assert await noted(store) == once(conversations=1, each=50)


async def _lock_queue(unit: Unit) -> None:
    # A writing unit of SQLite has the whole database locked already.
    if unit.connection.dialect.name == "postgresql":
        await unit.connection.execute(sa.text("LOCK TABLE event_queue"))


async def test_events_published_before_their_table_is_there_wait_for_it(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    async with store.writing() as unit:
        await unit.connection.execute(sa.text("ALTER TABLE event_queue RENAME TO elsewhere"))
    with publisher(tmp_path, "", database_url) as rasa:
        await asyncio.to_thread(rasa.publish, *events(conversations=1, each=5))
        async with store.writing() as unit:
            await unit.connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO event_queue"))
        await project_until(5, store)
    assert await noted(store) == once(conversations=1, each=5)


async def test_rasa_publishes_what_no_database_can_store_without_a_stumble(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    strange = event("talk\0-\ud83d", 0, text="\0 \ud83d")
    with publisher(tmp_path, "", database_url) as rasa:
        rasa.publish(strange, event("talk-0", 0))
        rasa.end()
    async with store.reading() as unit:
        rows = (await unit.connection.execute(sa.select(t.event_queue.c.data))).scalars()
        assert [json.loads(data) for data in rows] == [strange, event("talk-0", 0)]
