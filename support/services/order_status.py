"""Which order something is about, and what is known of it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from support.model import Money, Order, OrderStatus
from support.services import identity
from support.store import LedgerEntry, Store, Unit

# How far an order has come; a screenshot may be older than the record, never ahead of it.
_PROGRESS = {
    OrderStatus.UNPAID: 0,
    OrderStatus.PAID: 1,
    OrderStatus.SHIPPED: 2,
    OrderStatus.DELIVERED: 3,
    OrderStatus.COMPLETED: 4,
    OrderStatus.CANCELLED: 5,
    OrderStatus.REFUNDED: 5,
}


@dataclass(frozen=True)
class Found:
    """What came of looking for an order.

    `unknown_customer`: nobody has proven who they are. `missing`: the customer named an order that is not
    theirs or does not exist (both look the same); it is in `mentioned`. `several`: choose from `orders`.
    """

    kind: Literal["one", "several", "none", "missing", "unknown_customer"]
    order: Order | None = None
    orders: tuple[Order, ...] = ()
    mentioned: str | None = None


async def find(
    unit: Unit,
    conversation_id: str,
    now: datetime,
    *,
    mentioned: Sequence[str] = (),
    context: str | None = None,
) -> Found:
    """The order that is meant: the one mentioned, else the one talked about, else the only one there is."""
    customer_id = await identity.current(unit, conversation_id, now)
    if customer_id is None:
        return Found("unknown_customer", mentioned=mentioned[0] if mentioned else None)
    for number in mentioned:
        order = await unit.orders.owned(number, customer_id) or await _by_parcel(unit, number, customer_id)
        if order:
            return Found("one", order, mentioned=number)
    if mentioned:
        return Found("missing", mentioned=mentioned[0])
    if context:
        order = await unit.orders.owned(context, customer_id)
        if order:
            return Found("one", order)
    orders = tuple(await unit.orders.of_customer(customer_id))
    if len(orders) == 1:
        return Found("one", orders[0], orders)
    return Found("several" if orders else "none", orders=orders)


async def _by_parcel(unit: Unit, tracking_no: str, customer_id: str) -> Order | None:
    """Customers often give the parcel's number for the order's."""
    orders = await unit.orders.of_customer(customer_id)
    return next((o for o in orders if any(parcel.tracking_no == tracking_no for parcel in o.shipments)), None)


def is_late(order: Order, now: datetime) -> bool:
    """Whether a parcel of the order should have arrived by now."""
    return order.status is OrderStatus.SHIPPED and any(
        parcel.delivered_at is None and parcel.expected_at is not None and parcel.expected_at < now
        for parcel in order.shipments
    )


def screenshot_differs(order: Order, claim: Mapping[str, Any]) -> tuple[str, ...]:
    """What a screenshot (`attachments.reading["claim"]`) says of the order that the record does not.

    "total" or "state"; nothing when the screenshot shows another order. A state that the order has passed is
    an old screenshot; one that it has not reached is a contradiction.
    """
    if order.order_id not in claim.get("order_numbers", ()):
        return ()
    found = []
    total, currency = claim.get("total_minor"), claim.get("currency") or order.total.currency
    if total is not None and Money(total, currency) != order.total:
        found.append("total")
    states = [OrderStatus(state) for state in claim.get("states", ())]
    if states and min(_PROGRESS[state] for state in states) > _PROGRESS[order.status]:
        found.append("state")
    return tuple(found)


async def flag_screenshot(
    store: Store,
    conversation_id: str,
    order: Order,
    attachment_id: str,
    differs: Sequence[str],
    now: datetime,
) -> None:
    """Note in the ledger that a picture contradicts the record; nothing else follows from it by itself."""
    async with store.writing() as unit:
        await unit.ledger.append(
            LedgerEntry(
                at=now,
                action="screenshot",
                actor="assistant",
                conversation_id=conversation_id,
                order_id=order.order_id,
                rule="screenshot-against-record",
                outcome="differs",
                confirming_message=None,
                inputs={"attachment": attachment_id, "differs": list(differs)},
                result={},
            )
        )
