"""Everything that is known about a conversation's customer, for the people who answer. Reads only.

It shows records only of the customer who has proven to be it in this conversation, as they are now; what the
packet says of orders is left aside for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support.model import Customer, Order
from support.services.desk import handed_over
from support.services.evidence import Assessment, shown
from support.store import Attachment, Handover, Identity, Note, Refund, Unit

_ORDERS_SHOWN = 12


@dataclass(frozen=True)
class Dossier:
    """`order` is the one that is talked about; `images` are files of the catalogue by product, `assessed`
    what was found about the photos of refunds, by refund.
    """

    handover: Handover
    earlier: tuple[Handover, ...]
    identity: Identity | None
    customer: Customer | None
    order: Order | None
    orders: tuple[Order, ...]
    refunds: tuple[Refund, ...]
    assessed: Mapping[str, Assessment]
    images: Mapping[str, str]
    pictures: tuple[Attachment, ...]
    notes: tuple[Note, ...]
    labels: tuple[str, ...]

    @property
    def packet(self) -> Mapping[str, Any]:
        return self.handover.packet

    def refunds_of(self, order: Order) -> list[Refund]:
        return [one for one in self.refunds if one.order_id == order.order_id]

    def variables(self, agent: str, shop: str) -> dict[str, str]:
        """Values for canned replies; empty where nothing is known."""
        return {
            "name": self.customer.name if self.customer else "",
            "order_id": self.order.order_id if self.order else "",
            "agent": agent,
            "shop": shop,
        }


async def of(unit: Unit, conversation_id: str, now: datetime) -> Dossier:
    """DeskError `not_found` for a conversation that never came to a person."""
    handover = await handed_over(unit, conversation_id)
    proof = await unit.identities.current(conversation_id, now)
    customer = await unit.customers.get(proof.customer_id) if proof else None
    orders = await unit.orders.of_customer(customer.customer_id, _ORDERS_SHOWN) if customer else []
    earlier = await unit.handovers.of_conversation(conversation_id)
    return Dossier(
        handover=handover,
        earlier=tuple(one for one in earlier if one.id != handover.id),
        identity=proof,
        customer=customer,
        order=_talked_about(handover.packet, orders),
        orders=tuple(orders),
        refunds=tuple(await unit.refunds.of_customer(customer.customer_id)) if customer else (),
        assessed=await _assessed(unit, orders),
        images=await _images(unit, orders),
        pictures=tuple(await unit.attachments.all_of_conversation(conversation_id)),
        notes=tuple(await unit.notes.of_conversation(conversation_id)),
        labels=tuple(await unit.review.labels(conversation_id)),
    )


def _talked_about(packet: Mapping[str, Any], orders: list[Order]) -> Order | None:
    """The order of the packet, if it is this customer's; else the only one there is."""
    card, slots = packet.get("order") or {}, packet.get("slots") or {}
    wanted = {str(card.get("order_id", "")), str(slots.get("order_id", ""))}
    found = next((one for one in orders if one.order_id in wanted), None)
    return found or (orders[0] if len(orders) == 1 else None)


async def _assessed(unit: Unit, orders: Iterable[Order]) -> dict[str, Assessment]:
    entries = [one for order in orders for one in await unit.ledger.of_order(order.order_id)]
    return shown.recorded(entries)


async def _images(unit: Unit, orders: Iterable[Order]) -> dict[str, str]:
    products = {line.product_id for order in orders for line in order.items}
    found = await unit.products.get_many(sorted(products)) if products else []
    return {one.product_id: one.image for one in found if one.image}
