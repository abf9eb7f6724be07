"""The database itself: the schema that the migrations make, the ledger, transactions and ownership."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from support.model import OrderStatus
from support.store import LedgerEntry, Refund, Store
from support.store import tables as t
from support.store.migrate import migrate
from tests.builders import NOW, Records, days_ago, line, order, parcel, yuan

ENTRY = LedgerEntry(
    at=NOW,
    action="refund",
    actor="customer:C1",
    conversation_id="talk",
    order_id="A1",
    rule="no-reason-small",
    outcome="approve",
    confirming_message="m1",
    inputs={"sku_ids": ["S1"]},
    result={"amount_minor": 10000},
)
REFUND = Refund(
    refund_id="R1",
    key="key",
    order_id="A1",
    customer_id="C1",
    status="approved",
    sku_ids=("S1",),
    reason="size",
    note="",
    evidence=(),
    amount=yuan("100.00"),
    rule="no-reason-small",
    created_at=NOW,
)


@pytest_asyncio.fixture
async def records(store: Store) -> Records:
    kept = Records(store)
    await kept.customer("C1")
    return kept


# --- the schema --------------------------------------------------------------------------------------------


def differences(connection: sa.Connection) -> list[Any]:
    options = {"compare_type": True, "include_object": t.is_compared}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, t.metadata))


async def test_the_migrations_make_the_tables_as_they_are_written_down(store: Store) -> None:
    async with store.reading() as unit:
        assert await unit.connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(store: Store) -> None:
    await migrate(store)
    async with store.reading() as unit:
        assert await unit.connection.run_sync(differences) == []


async def test_a_database_that_answers_pings(store: Store) -> None:
    assert await store.ping()


async def test_a_database_that_is_not_there_does_not_ping() -> None:
    nowhere = Store("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none")
    try:
        assert not await nowhere.ping()
    finally:
        await nowhere.close()


# --- the ledger --------------------------------------------------------------------------------------------


async def test_a_ledger_row_is_read_as_it_was_appended(store: Store) -> None:
    async with store.writing() as unit:
        await unit.ledger.append(ENTRY)
    async with store.reading() as unit:
        assert await unit.ledger.of_order("A1") == [ENTRY]


@pytest.mark.parametrize(
    "statement",
    [sa.update(t.ledger).values(outcome="refuse"), sa.delete(t.ledger)],
    ids=["update", "delete"],
)
async def test_a_ledger_row_cannot_be_changed_or_removed(store: Store, statement: sa.Executable) -> None:
    async with store.writing() as unit:
        await unit.ledger.append(ENTRY)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with store.writing() as unit:
            await unit.connection.execute(statement)
    async with store.reading() as unit:
        assert await unit.ledger.of_order("A1") == [ENTRY]


# --- transactions ------------------------------------------------------------------------------------------


async def test_an_exception_takes_back_what_was_written(records: Records) -> None:
    with pytest.raises(RuntimeError):
        async with records.store.writing() as unit:
            await unit.ledger.append(ENTRY)
            raise RuntimeError("after writing")
    assert await records.count(t.ledger) == 0


async def test_what_is_not_committed_is_not_seen(records: Records) -> None:
    async with records.store.writing() as unit:
        await unit.ledger.append(ENTRY)
        assert await records.count(t.ledger) == 0


async def test_a_second_refund_of_the_same_key_is_refused_by_the_database(records: Records) -> None:
    async with records.store.writing() as unit:
        await unit.refunds.add(REFUND)
    with pytest.raises(sa.exc.IntegrityError):
        async with records.store.writing() as unit:
            await unit.refunds.add(Refund(**{**vars(REFUND), "refund_id": "R2"}))


async def test_units_that_share_a_key_follow_each_other(records: Records) -> None:
    inside, most = 0, 0

    async def enter() -> None:
        nonlocal inside, most
        async with records.store.writing() as unit:
            await unit.serialise("the same")
            inside += 1
            most = max(most, inside)
            await unit.ledger.append(ENTRY)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(10)))
    assert most == 1


# --- times and orders --------------------------------------------------------------------------------------


async def test_times_come_back_in_utc(records: Records) -> None:
    shanghai = timezone(timedelta(hours=8))
    await records.order(order(placed_at=datetime(2024, 5, 20, 12, 0, tzinfo=shanghai)))
    async with records.store.reading() as unit:
        kept = await unit.orders.owned("A1", "C1")
    assert kept is not None and kept.placed_at.isoformat() == "2024-05-20T04:00:00+00:00"


async def test_a_time_without_a_zone_is_refused(records: Records) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        await records.order(order(placed_at=datetime(2024, 5, 20, 12, 0)))


async def test_an_order_is_read_as_it_was_kept(records: Records) -> None:
    one = order(
        "delivered",
        [line("S1", "99.90", 2), line("S2", "50.00")],
        total="255.80",
        postage="6.00",
        shipments=(parcel(3, 1, "SF1"), parcel(3, None, "SF2")),
    )
    await records.order(one)
    async with records.store.reading() as unit:
        assert await unit.orders.owned("A1", "C1") == one


async def test_the_order_of_somebody_else_is_as_absent_as_one_that_does_not_exist(records: Records) -> None:
    await records.order(order())
    async with records.store.reading() as unit:
        assert await unit.orders.owned("A1", "C2") is await unit.orders.owned("A9", "C1") is None


@pytest.mark.parametrize(("kept", "typed"), [("A1", "#a1"), ("#1001", "1001"), ("a-1", "A-1"), ("#B7", "b7")])
async def test_an_order_number_is_found_however_it_is_typed(records: Records, kept: str, typed: str) -> None:
    await records.order(order(order_id=kept))
    async with records.store.reading() as unit:
        found = await unit.orders.owned(typed, "C1")
    assert found is not None and found.order_id == kept


@pytest.mark.parametrize("typed", ["A%", "A_", "' OR 1=1 --", "", "#"])
async def test_an_order_number_is_no_pattern(records: Records, typed: str) -> None:
    await records.order(order())
    async with records.store.reading() as unit:
        assert await unit.orders.owned(typed, "C1") is None


async def test_a_customers_orders_come_newest_first(records: Records) -> None:
    await records.order(order(items=[line("S1")], order_id="A1", placed_at=days_ago(9)))
    await records.order(order(items=[line("S2")], order_id="A2", placed_at=days_ago(1)))
    async with records.store.reading() as unit:
        assert [one.order_id for one in await unit.orders.of_customer("C1")] == ["A2", "A1"]


async def test_the_state_of_one_order_changes_alone(records: Records) -> None:
    await records.order(order(items=[line("S1")], order_id="A1"))
    await records.order(order(items=[line("S2")], order_id="A2"))
    async with records.store.writing() as unit:
        await unit.orders.set_status("A1", OrderStatus.CANCELLED)
    async with records.store.reading() as unit:
        states = {one.order_id: one.status for one in await unit.orders.of_customer("C1")}
    assert states == {"A1": OrderStatus.CANCELLED, "A2": OrderStatus.PAID}


# --- messages ----------------------------------------------------------------------------------------------


async def test_a_message_id_is_received_once(records: Records) -> None:
    async with records.store.writing() as unit:
        first = await unit.conversations.receive("talk", "m1", "你好", (), NOW)
        again = await unit.conversations.receive("talk", "m1", "你好", (), NOW)
    assert (first, again) == (True, False)


async def test_of_twenty_deliveries_at_once_one_is_the_first(records: Records) -> None:
    async def deliver() -> bool:
        async with records.store.writing() as unit:
            return await unit.conversations.receive("talk", "m1", "你好", (), NOW)

    assert sum(await asyncio.gather(*(deliver() for _ in range(20)))) == 1


async def test_a_conversation_that_nobody_knows_is_held_by_the_bot(store: Store) -> None:
    async with store.reading() as unit:
        assert await unit.conversations.holder("nowhere") == "bot"


async def test_events_after_a_place_are_those_that_came_later(records: Records) -> None:
    async with records.store.writing() as unit:
        for text in ("one", "two", "three"):
            await unit.conversations.tell("talk", "message", {"text": text}, datetime.now(UTC))
    async with records.store.reading() as unit:
        first = (await unit.conversations.events("talk", 0))[0]
        later = await unit.conversations.events("talk", first.id)
    assert [one.payload["text"] for one in later] == ["two", "three"]
