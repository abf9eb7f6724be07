"""What the ledger's rows hold, and what the migration makes of rows that an older version wrote."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from alembic import command

from support.services import staff
from support.store import LedgerEntry, Store
from support.store import tables as t
from support.store.migrate import _config
from tests.builders import NOW

ENTRY = LedgerEntry(
    NOW, "refund", "customer:C1001", "talk", "A1", "quality", "approve", "m-1",
    {"sku_ids": ["S1"], "note": "我叫林小雨"}, {"amount_minor": 100},
)  # fmt: skip


async def raw(store: Store, table: sa.Table) -> str:
    async with store.reading() as unit:
        rows = (await unit.connection.execute(sa.select(table))).all()
    return json.dumps([list(row) for row in rows], ensure_ascii=False, default=str)


async def append(store: Store, *entries: LedgerEntry) -> None:
    async with store.writing() as unit:
        for entry in entries:
            await unit.ledger.append(entry)


async def test_a_row_names_no_customer_and_holds_no_words(store: Store) -> None:
    await append(store, ENTRY)
    written = await raw(store, t.ledger)
    assert "C1001" not in written and "林小雨" not in written


async def test_it_is_read_with_both(store: Store) -> None:
    await append(store, ENTRY)
    async with store.reading() as unit:
        assert await unit.ledger.of_order("A1") == [ENTRY]
        assert await unit.ledger.of_conversation("talk") == [ENTRY]


async def test_a_customer_has_one_pseudonym(store: Store) -> None:
    await append(store, ENTRY, ENTRY)
    async with store.reading() as unit:
        actors = set(await unit.connection.scalars(sa.select(t.ledger.c.actor)))
    assert len(actors) == 1


async def test_what_the_staff_typed_is_beside_their_log_and_read_with_it(store: Store) -> None:
    async with store.writing() as unit:
        await staff.note(unit, "mei", "add_label", NOW, conversation_id="talk", label="林小雨的投诉")
    assert "林小雨" not in await raw(store, t.staff_log)
    async with store.reading() as unit:
        ((_, act),) = await unit.staff_log.last(1)
    assert act.details == {"label": "林小雨的投诉"}


@pytest.mark.parametrize("table", [t.ledger, t.staff_log], ids=["ledger", "staff_log"])
async def test_rows_of_an_older_version_are_rewritten_by_the_migration(store: Store, table: sa.Table) -> None:
    values = {
        "ledger": {
            "at": NOW, "action": "refund", "actor": "customer:C1001", "conversation_id": "talk",
            "order_id": "A1", "rule": "quality", "outcome": "approve", "confirming_message": "m-1",
            "inputs": {"sku_ids": ["S1"], "note": "我叫林小雨"}, "result": {"amount_minor": 100},
        },
        "staff_log": {
            "at": NOW, "login": "mei", "action": "add_label", "conversation_id": "talk", "address": "",
            "details": {"label": "林小雨的投诉"},
        },
    }  # fmt: skip
    await move(store, "0010")
    async with store.writing() as unit:
        await unit.connection.execute(sa.insert(table).values(**values[table.name]))
    await move(store, "head")
    written = await raw(store, table)
    assert "C1001" not in written and "林小雨" not in written
    async with store.reading() as unit:
        read = [await unit.ledger.of_order("A1"), [act.details for _, act in await unit.staff_log.last(1)]]
    assert read == ([[ENTRY], []] if table is t.ledger else [[], [{"label": "林小雨的投诉"}]])


async def test_after_the_migration_nothing_changes_a_row_again(store: Store) -> None:
    await move(store, "0010")
    await move(store, "head")
    await append(store, ENTRY)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with store.writing() as unit:
            await unit.connection.execute(sa.delete(t.ledger))


async def move(store: Store, revision: str) -> None:
    """Bring the schema up or down to a revision."""
    act = command.upgrade if revision == "head" else command.downgrade
    async with store.writing() as unit:
        await unit.connection.run_sync(lambda sync: act(_config(sync), revision))
