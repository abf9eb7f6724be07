"""A small shop for tests: orders made by hand, and put into a database.

one = order(item("S1", "100.00"), item("S2", "50.00"), status=OrderStatus.DELIVERED)
await fill(store, one, order(item("S3", "9.90"), customer_id="C2"))
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from support.model import Money, Order, OrderItem, OrderStatus, Shipment
from support.store import Attachment, Store
from support.store import tables as t

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday noon in Shanghai

_numbers = itertools.count(1)


def item(sku_id: str, price: str, quantity: int = 1, **changes: Any) -> OrderItem:
    """A line of an order; `price` is for one piece."""
    line = OrderItem(
        sku_id=sku_id,
        quantity=quantity,
        unit_price=Money.parse(price, "CNY"),
        product_id=f"P-{sku_id}",
        title=f"商品{sku_id}",
        title_en=f"Item {sku_id}",
        category="服装",
    )
    return replace(line, **changes)


def order(*lines: OrderItem, **changes: Any) -> Order:
    """An order, paid for on the spot and, if its state says so, sent and delivered since."""
    lines = lines or (item("S1", "100.00"),)
    made = Order(
        order_id=f"62000000{next(_numbers):05}",
        customer_id="C1",
        status=OrderStatus.PAID,
        placed_at=NOW - timedelta(days=5),
        paid_at=NOW - timedelta(days=5),
        total=Money(sum(line.line_total for line in lines), "CNY"),
        shipping_address="",
        extra={},
        items=lines,
        shipments=(),
    )
    return replace(made, **changes)


def delivered(*lines: OrderItem, days_ago: float = 2, **changes: Any) -> Order:
    """An order that arrived so many days ago."""
    arrived = NOW - timedelta(days=days_ago)
    parcel = parcel_of(shipped_at=arrived - timedelta(days=2), delivered_at=arrived)
    return order(*lines, **{"status": OrderStatus.DELIVERED, "shipments": (parcel,)} | changes)


def shipped(*lines: OrderItem, days_ago: float = 2, **changes: Any) -> Order:
    """An order that was sent so many days ago and is on its way."""
    parcel = parcel_of(shipped_at=NOW - timedelta(days=days_ago))
    return order(*lines, **{"status": OrderStatus.SHIPPED, "shipments": (parcel,)} | changes)


def parcel_of(**changes: Any) -> Shipment:
    parcel = Shipment(
        carrier="顺丰速运",
        carrier_en="SF Express",
        tracking_no=f"SF{next(_numbers):010}",
        status="in_transit",
        shipped_at=None,
        delivered_at=None,
        events=(),
    )
    return replace(parcel, **changes)


def picture(conversation_id: str, kind: str = "photo", **reading: Any) -> Attachment:
    """A picture that was sent; `reading` as `support.services.picture_intake` writes it."""
    return Attachment(
        attachment_id=uuid.uuid4().hex,
        conversation_id=conversation_id,
        kind=kind,
        media_type="image/jpeg",
        width=100,
        height=100,
        sha256="0" * 64,
        reading={"lines": [], "claim": None, "masked": []} | reading,
        metadata={},
        created_at=NOW,
    )


async def line_of(store: Store, sku_id: str) -> OrderItem:
    """One piece of something that the shop sells; a SKU's id begins with its product's."""
    async with store.reading() as unit:
        (product,) = await unit.products.get_many([sku_id.split("-")[0]])
    sku = next(one for one in product.skus if one.sku_id == sku_id)
    return OrderItem(
        sku_id=sku_id,
        quantity=1,
        unit_price=sku.price,
        product_id=product.product_id,
        title=product.title,
        title_en=product.title_in("en"),
        category=product.category,
        options=sku.options,
        options_en=sku.options_en,
    )


def phone_of(customer_id: str) -> str:
    """C1 has 13800000001, and so on."""
    return f"138{int(customer_id[1:]):08}"


async def fill(store: Store, *orders: Order, catalogue: bool = True, new_customer: bool = True) -> None:
    """Put orders with their parcels into a database, and products and customers that it does not have yet."""
    rows = _rows(orders)
    if not catalogue:
        del rows[t.products], rows[t.skus]
    if not new_customer:
        del rows[t.customers]
    async with store.writing() as unit:
        for table, of_table in rows.items():
            if of_table:
                await unit.connection.execute(sa.insert(table), list(of_table.values()))


def _rows(orders: tuple[Order, ...]) -> dict[sa.Table, dict[Any, dict[str, Any]]]:
    lines = [(one, line) for one in orders for line in one.items]
    return {
        t.customers: {one.customer_id: _customer(one.customer_id) for one in orders},
        t.products: {line.product_id: _product(line) for _, line in lines},
        t.skus: {line.sku_id: _sku(line) for _, line in lines},
        t.orders: {one.order_id: _order(one) for one in orders},
        t.order_items: {(one.order_id, line.sku_id): _order_item(one, line) for one, line in lines},
        t.shipments: {
            parcel.tracking_no: _shipment(one, parcel) for one in orders for parcel in one.shipments
        },
    }


def _customer(customer_id: str) -> dict[str, Any]:
    texts = {"customer_id": customer_id, "name": customer_id, "phone": phone_of(customer_id)}
    return texts | {"email": "", "language": "zh", "extra": {}}


def _product(line: OrderItem) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "title": line.title,
        "category": line.category,
        "brand": "",
        "description": "",
        "attributes": {},
        "image": "",
        "extra": {"title_en": line.title_en},
    }


def _sku(line: OrderItem) -> dict[str, Any]:
    return {
        "sku_id": line.sku_id,
        "product_id": line.product_id,
        "options": dict(line.options),
        "price_minor": line.unit_price.minor,
        "currency": line.unit_price.currency,
        "stock": 1,
        "extra": {"options_en": dict(line.options_en)},
    }


def _order(one: Order) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "customer_id": one.customer_id,
        "status": one.status.value,
        "placed_at": one.placed_at,
        "paid_at": one.paid_at,
        "currency": one.total.currency,
        "total_minor": one.total.minor,
        "shipping_address": one.shipping_address,
        "extra": dict(one.extra),
    }


def _order_item(one: Order, line: OrderItem) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "sku_id": line.sku_id,
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price.minor,
        "extra": {},
    }


def _shipment(one: Order, parcel: Shipment) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "tracking_no": parcel.tracking_no,
        "carrier": parcel.carrier,
        "status": parcel.status,
        "shipped_at": parcel.shipped_at,
        "delivered_at": parcel.delivered_at,
        "events": [{"at": event.at.isoformat(), "text": event.text} for event in parcel.events],
        "extra": {"carrier_en": parcel.carrier_en}
        | ({"expected_at": parcel.expected_at.isoformat()} if parcel.expected_at else {}),
    }
