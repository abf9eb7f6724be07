"""Customers who were erased stay erased, though the shop's own files still have them.

Their rows, those of their orders, and what belongs to these are left out of an import, each customer with a
notice. An import that is told to (`restore_erased`) takes them in again, as the new records that they then
are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from support.importer.check import Checked, Record
from support.store import Unit

_OF_ORDERS = ("orders", "order_items", "shipments")


async def marked(unit: Unit, wanted: Mapping[str, set[str]]) -> set[str]:
    """Those of the customers that files refer to who are not there because they were erased."""
    return set(await unit.erasures.marked("customer", wanted.get("customers", ())))


async def leave_out(unit: Unit, checked: Checked) -> list[str]:
    """Take the rows of erased customers out of `checked`; a notice for each customer."""
    erased = await unit.erasures.marked("customer", _customers(checked))
    orders = await unit.erasures.orders_of_erased()
    if not erased and not orders:
        return []
    left: dict[str, int] = {}
    for record in checked.records.get("orders", ()):
        if (customer_id := record.values["customer_id"]) in erased:
            orders.add(record.values["order_id"])
            left[customer_id] = left.get(customer_id, 0) + 1
    notices = [
        _notice(record, erased[record.values["customer_id"]], left.get(record.values["customer_id"], 0))
        for record in checked.records.get("customers", ())
        if record.values["customer_id"] in erased
    ]
    _keep(checked, "customers", lambda values: values["customer_id"] not in erased)
    for table in _OF_ORDERS:
        _keep(checked, table, lambda values: values["order_id"] not in orders)
    return notices


async def take_back(unit: Unit, checked: Checked) -> None:
    """These customers are not erased any more."""
    await unit.erasures.unmark("customer", _customers(checked))


def _customers(checked: Checked) -> set[str]:
    rows = (*checked.records.get("customers", ()), *checked.records.get("orders", ()))
    return {record.values["customer_id"] for record in rows}


def _keep(checked: Checked, table: str, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
    if table in checked.records:
        checked.records[table] = [one for one in checked.records[table] if wanted(one.values)]


def _notice(record: Record, at: datetime, orders: int) -> str:
    and_orders = f", with {orders} of the orders" if orders else ""
    return (
        f"customers.csv line {record.line}: this customer was erased on {at:%Y-%m-%d} and is left out"
        f"{and_orders}. Take them out of the files; RESTORE_ERASED=1 loads them again."
    )
