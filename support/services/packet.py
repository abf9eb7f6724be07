"""What a person gets with a conversation, so that nothing has to be asked twice: JSON beside the handover.

    language       of the customer, zh or en
    customer       {customer_id, name} of the customer who has proven to be it, else None
    proven_by      order+phone or token; `proven_at` when (ISO); both None for a stranger
    reach          how an answer gets to the customer beside the chat: {by: phone or email, shown}; else None
    order          the order that is talked about, as `_order_card` makes it; else None
    slots          what the dialogue knows by name
    tried          what was done, as `support.services.tried` lists it
    pictures       [{id, kind, reading}], the reading as OCR left it
    last_messages  [{who, text, attachments}], the newest last
    summary, draft come a moment later, from `support.services.briefing`; draft_from says what the draft
                   answers, {message_id, question, citations, records}, or None

Nothing in it is authority: what a person then does is checked against the records again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from support.model import Customer, Order, OrderItem, Shipment
from support.policy import Policy
from support.services.evidence import Assessment, shown
from support.services.history import Said
from support.store import Refund, Store, Unit

Json = dict[str, Any]

# What a person reads before answering; the whole conversation is one click further.
_LAST_MESSAGES = 20


async def build(
    store: Store,
    policy: Policy,
    conversation_id: str,
    now: datetime,
    *,
    said: Sequence[Said],
    slots: Mapping[str, Any],
    tried: Sequence[Mapping[str, Any]],
    language: str,
) -> Json:
    """The packet of a conversation as it stands; an order is in it only for who has proven to own it."""
    pictures = [one for turn in said for one in turn.attachments]
    async with store.reading() as unit:
        proof = await unit.identities.current(conversation_id, now)
        customer = await unit.customers.get(proof.customer_id) if proof else None
        order = await _order(unit, customer, slots.get("order_id")) if customer else None
        refunds = await unit.refunds.of_order(order.order_id) if order else []
        assessed = shown.recorded(await unit.ledger.of_order(order.order_id)) if order else {}
        rows = await unit.attachments.of_conversation(conversation_id, pictures)
    return {
        "language": language,
        "customer": {"customer_id": customer.customer_id, "name": customer.name} if customer else None,
        "proven_by": proof.method if proof else None,
        "proven_at": proof.verified_at.isoformat() if proof else None,
        "reach": _reach(policy, customer) if customer else None,
        "order": _order_card(order, refunds, assessed) if order else None,
        "slots": {name: value for name, value in slots.items() if value not in (None, [], "")},
        "tried": [dict(one) for one in tried],
        "pictures": [
            {"id": row.attachment_id, "kind": row.kind, "reading": dict(row.reading)} for row in rows
        ],
        "last_messages": [asdict(turn) for turn in list(said)[-_LAST_MESSAGES:]],
    }


def masked(by: str, contact: str) -> str:
    """A contact as its owner knows it again and nobody else learns it: 138****4462, l***@example.com."""
    if by == "email":
        name, _, host = contact.partition("@")
        return f"{name[:1]}***@{host}"
    return f"{contact[:-8]}****{contact[-4:]}" if len(contact) > 8 else f"****{contact[-4:]}"


def _reach(policy: Policy, customer: Customer) -> Json | None:
    known = {"phone": customer.phone, "email": customer.email}
    by = next((one for one in policy.handoff.reach if known[one]), None)
    return {"by": by, "shown": masked(by, known[by])} if by else None


async def _order(unit: Unit, customer: Customer, order_id: object) -> Order | None:
    """The order that was talked about, else the only one there is."""
    if order_id:
        return await unit.orders.owned(str(order_id), customer.customer_id)
    orders = await unit.orders.of_customer(customer.customer_id, 2)
    return orders[0] if len(orders) == 1 else None


def _order_card(order: Order, refunds: Sequence[Refund], assessed: Mapping[str, Assessment]) -> Json:
    """Amounts are decimals as text, in `currency`; times are ISO. A refund whose photos were looked at has
    `risk` and `findings`, as the ledger keeps them.
    """
    return {
        "order_id": order.order_id,
        "status": order.status.value,
        "placed_at": order.placed_at.isoformat(),
        "total": str(order.total.decimal),
        "currency": order.total.currency,
        "items": [_item(line) for line in order.items],
        "shipments": [_shipment(parcel) for parcel in order.shipments],
        "refunds": [
            {
                "refund_id": one.refund_id,
                "status": one.status,
                "amount": str(one.amount.decimal),
                "reason": one.reason,
                "rule": one.rule,
                "created_at": one.created_at.isoformat(),
            }
            | (assessed[one.refund_id].as_json() if one.refund_id in assessed else {})
            for one in refunds
        ],
    }


def _item(line: OrderItem) -> Json:
    return {
        "sku_id": line.sku_id,
        "title": line.title,
        "title_en": line.title_en,
        "options": dict(line.options),
        "options_en": dict(line.options_en),
        "quantity": line.quantity,
        "unit_price": str(line.unit_price.decimal),
    }


def _shipment(parcel: Shipment) -> Json:
    newest = max(parcel.events, key=lambda event: event.at, default=None)
    return {
        "carrier": parcel.carrier,
        "carrier_en": parcel.carrier_en,
        "tracking_no": parcel.tracking_no,
        "status": parcel.status,
        "shipped_at": _iso(parcel.shipped_at),
        "delivered_at": _iso(parcel.delivered_at),
        "expected_at": _iso(parcel.expected_at),
        "last": {"at": newest.at.isoformat(), "text": newest.text} if newest else None,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
