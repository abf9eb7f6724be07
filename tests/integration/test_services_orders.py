"""Which order is meant, and whether a screenshot of it is true, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from support.model import OrderStatus
from support.services import identity, order_status
from support.services.order_status import Found
from support.store import Store
from tests.records import NOW, fill, item, order, parcel_of, shipped


async def find(store: Store, *mentioned: str, context: str | None = None) -> Found:
    async with store.reading() as unit:
        return await order_status.find(unit, "c1", NOW, mentioned=mentioned, context=context)


async def test_a_stranger_is_told_nothing(store: Store) -> None:
    one = order()
    await fill(store, one)
    assert await find(store, one.order_id, context=one.order_id) == Found(
        "unknown_customer", mentioned=one.order_id
    )


async def test_the_order_mentioned_comes_before_the_one_talked_about(store: Store) -> None:
    first, second = order(), shipped(item("S2", "5"))
    theirs = order(item("S3", "5"), customer_id="C2")
    await fill(store, first, second, theirs)
    await identity.prove_by_order(store, "c1", first.order_id, "0001", NOW)
    assert (await find(store, second.order_id, context=first.order_id)).order == second
    assert (await find(store, second.shipments[0].tracking_no)).order == second
    assert (await find(store, context=first.order_id)).order == first
    assert (await find(store)).kind == "several"
    for foreign in (theirs.order_id, theirs.order_id.lower(), "0000000000000"):
        assert await find(store, foreign) == Found("missing", mentioned=foreign)
    assert (await find(store, context=theirs.order_id)).kind == "several"


async def test_the_only_order_need_not_be_mentioned(store: Store) -> None:
    one = order()
    await fill(store, one)
    await identity.prove_by_order(store, "c1", one.order_id, "0001", NOW)
    assert (await find(store)).order == one


def test_a_parcel_is_late_once_its_day_has_passed() -> None:
    late = parcel_of(shipped_at=NOW, expected_at=NOW - timedelta(hours=1))
    assert order_status.is_late(shipped(shipments=(late,)), NOW)
    assert not order_status.is_late(shipped(), NOW)
    assert not order_status.is_late(shipped(shipments=(replace(late, delivered_at=NOW),)), NOW)
    assert not order_status.is_late(order(shipments=(late,), status=OrderStatus.CANCELLED), NOW)


@pytest.mark.parametrize(
    ("claim", "differs"),
    [
        ({"total_minor": 10_000, "states": ["shipped"]}, ()),
        ({"total_minor": 10_000, "states": ["paid"]}, ()),
        ({"total_minor": 20_000, "currency": "CNY"}, ("total",)),
        ({"states": ["delivered"]}, ("state",)),
        ({"total_minor": 1, "states": ["delivered", "completed"]}, ("total", "state")),
        ({"states": ["shipped", "delivered"]}, ()),
        ({}, ()),
    ],
)
def test_a_screenshot_that_is_ahead_of_the_record_contradicts_it(
    claim: dict[str, Any], differs: tuple[str, ...]
) -> None:
    one = shipped()
    assert order_status.screenshot_differs(one, claim | {"order_numbers": [one.order_id]}) == differs


def test_a_screenshot_of_another_order_says_nothing() -> None:
    assert order_status.screenshot_differs(order(), {"order_numbers": ["1"], "total_minor": 1}) == ()


async def test_a_contradiction_is_noted_and_changes_nothing(store: Store) -> None:
    one = shipped()
    await fill(store, one)
    await order_status.flag_screenshot(store, "c1", one, "a1", ("total",), NOW)
    async with store.reading() as unit:
        (entry,) = await unit.ledger.of_order(one.order_id)
        assert await unit.orders.owned(one.order_id, "C1") == one
    assert (entry.action, entry.outcome, entry.inputs) == (
        "screenshot",
        "differs",
        {"attachment": "a1", "differs": ["total"]},
    )
