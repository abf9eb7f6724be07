"""SQLite through `support.store.sqlite`: a transaction begins with its first statement, and always ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from support.store import Store


@pytest_asyncio.fixture
async def numbers(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    async with store.writing() as unit:
        await unit.connection.execute(sa.text("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"))
    yield store
    await store.close()


async def _insert(store: Store, n: int) -> None:
    async with store.writing() as unit:
        await unit.connection.execute(sa.text(f"INSERT INTO numbers VALUES ({n})"))


async def _count(store: Store) -> int:
    async with store.reading() as unit:
        return int(await unit.connection.scalar(sa.text("SELECT count(*) FROM numbers")) or 0)


async def test_a_transaction_that_asks_nothing_holds_nobody_up(numbers: Store) -> None:
    async with numbers.writing():
        await asyncio.wait_for(_insert(numbers, 1), 5)
    assert await _count(numbers) == 1


async def test_what_fails_leaves_no_lock_and_no_row(numbers: Store) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        async with numbers.writing() as unit:
            await unit.connection.execute(sa.text("INSERT INTO numbers VALUES (1)"))
            await unit.connection.execute(sa.text("INSERT INTO numbers VALUES (1)"))
    await asyncio.wait_for(_insert(numbers, 2), 5)
    assert await _count(numbers) == 1


async def test_who_stops_waiting_in_the_middle_leaves_no_lock(numbers: Store) -> None:
    """Wherever it is cut off: before, in or after a statement."""
    for steps in range(12):
        cut_off = asyncio.create_task(_insert(numbers, 100 + steps))
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
    await asyncio.wait_for(_insert(numbers, 1), 5)
    async with numbers.reading() as unit:
        assert await unit.connection.scalar(sa.text("SELECT 1 FROM numbers WHERE n = 1")) == 1


async def test_a_reader_sees_one_state_from_its_first_statement_on(numbers: Store) -> None:
    async with numbers.reading() as unit:
        first = await unit.connection.scalar(sa.text("SELECT count(*) FROM numbers"))
        await _insert(numbers, 1)
        again = await unit.connection.scalar(sa.text("SELECT count(*) FROM numbers"))
    assert (first, again) == (0, 0)


async def test_many_writers_wait_for_each_other(numbers: Store) -> None:
    await asyncio.gather(*(_insert(numbers, n) for n in range(50)))
    assert await _count(numbers) == 50


async def test_rows_can_be_streamed(numbers: Store) -> None:
    await asyncio.gather(*(_insert(numbers, n) for n in range(5)))
    async with numbers.writing() as unit:
        found = await unit.connection.stream(sa.text("SELECT n FROM numbers ORDER BY n"))
        assert [row.n async for row in found] == [0, 1, 2, 3, 4]
