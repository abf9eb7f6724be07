"""What the shop's records know to be personal in a conversation, and what to write in its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from support.store import Store

_NAME = {"zh": "小明", "en": "Alex"}
_ADDRESS = {"zh": "人民路1号", "en": "1 High Street"}
# A shorter word is part of too many others.
_SHORTEST = 2
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Known:
    """What the records hold about one customer, as it is written there; empty for a stranger."""

    name: str = ""
    phone: str = ""
    email: str = ""
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()  # of orders and parcels


async def of_customer(store: Store, customer_id: str | None) -> Known:
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
        addresses=_some(order.shipping_address for order in orders),
        numbers=tuple(dict.fromkeys(one for one in numbers if one)),
    )


async def of_conversation(store: Store, conversation_id: str, language: str) -> dict[str, str]:
    """Name and addresses of the customer that the conversation proved to be, also when that has expired."""
    side = "en" if language == "en" else "zh"
    async with store.reading() as unit:
        proof = await unit.identities.current(conversation_id, _EVER)
    known = await of_customer(store, proof.customer_id if proof else None)
    words = dict.fromkeys(known.addresses, _ADDRESS[side])
    return words | dict.fromkeys(_some((known.name, *known.name.split())), _NAME[side])


def _some(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in words if len(one) >= _SHORTEST))
