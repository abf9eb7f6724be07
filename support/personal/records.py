"""What the shop's records know to be personal in a conversation."""

from __future__ import annotations

from datetime import UTC, datetime

from support.personal.known import Known
from support.store import Store

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def of_customer(store: Store, customer_id: str | None) -> Known:
    """What the records hold about a customer; nothing about a stranger."""
    if customer_id is None:
        return Known()
    async with store.reading() as unit:
        customer = await unit.customers.get(customer_id)
        orders = await unit.orders.of_customer(customer_id)
    parcels = [parcel.tracking_no for order in orders for parcel in order.shipments]
    numbers = [order.order_id for order in orders] + parcels
    return Known(
        name=customer.name if customer else "",
        phone=customer.phone if customer else "",
        email=customer.email if customer else "",
        addresses=tuple(dict.fromkeys(order.shipping_address for order in orders if order.shipping_address)),
        numbers=tuple(dict.fromkeys(one for one in numbers if one)),
    )


async def of_conversation(store: Store, conversation_id: str) -> Known:
    """Of the customer that the conversation proved to be, also when that has expired."""
    async with store.reading() as unit:
        proof = await unit.identities.current(conversation_id, _EVER)
    return await of_customer(store, proof.customer_id if proof else None)
