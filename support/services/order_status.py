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
    for order_id in mentioned:
        order = await unit.orders.owned(order_id, customer_id)
        if order:
            return Found("one", order, mentioned=order_id)
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


def is_late(order: Order, now: datetime) -> bool:
    """Whether a parcel of the order should have arrived by now."""
    return order.status is OrderStatus.SHIPPED and any(
        parcel.delivered_at is None and parcel.expected_at is not None and parcel.expected_at < now
        for parcel in order.shipments
    )


def contradictions(order: Order, claim: Mapping[str, Any]) -> tuple[str, ...]:
    """What a screenshot (`attachments.reading["claim"]`) says that the record does not: "total", "state".

    A state that the order has passed is an old screenshot; one that it has not reached is a contradiction.
    """
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
