"""Makes orders, products and rows of the shop for tests: everything has a default, a test names what matters.

Objects are built by `order`, `line`, `parcel`, `product`; `Records` writes them into a database. Times count
back from `NOW`, amounts are decimals in yuan as a shop's files hold them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from support import policy as policies
from support.model import Money, Order, OrderItem, OrderStatus, Product, Shipment, Sku
from support.policy import Policy
from support.store import Attachment, Identity, Store
from support.store import tables as t
from tests.records import fill

# A Monday, noon in Shanghai.
NOW = datetime(2024, 5, 20, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[1]

PHONE = "13800001234"
LAST4 = PHONE[-4:]


def demo_policy() -> Policy:
    """The rules of the demo shop."""
    return policies.load(ROOT / "demo" / "policy.yml")


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def yuan(amount: str) -> Money:
    return Money.parse(amount, "CNY")


def line(
    sku_id: str = "S1", price: str = "100.00", quantity: int = 1, *, category: str = "女装", **fields: Any
) -> OrderItem:
    """A line of an order; every SKU is a product of its own."""
    values: dict[str, Any] = {
        "product_id": f"P-{sku_id}",
        "title": "亚麻连衣裙",
        "title_en": "Linen dress",
        "options": {"颜色": "白色"},
        "options_en": {"colour": "white"},
    }
    return OrderItem(sku_id, quantity, yuan(price), category=category, **values | fields)


def parcel(
    shipped: float | None = None, delivered: float | None = None, number: str = "SF100", **fields: Any
) -> Shipment:
    """A parcel that was sent and delivered so many days ago; None: not, or nobody recorded it."""
    values: dict[str, Any] = {"carrier": "顺丰速运", "carrier_en": "SF Express", "events": ()}
    return Shipment(
        tracking_no=number,
        status="delivered" if delivered is not None else "in_transit",
        shipped_at=None if shipped is None else days_ago(shipped),
        delivered_at=None if delivered is None else days_ago(delivered),
        **values | fields,
    )


def order(
    status: str = "paid",
    items: Sequence[OrderItem] | None = None,
    *,
    total: str | None = None,
    postage: str | None = None,
    shipped: float | None = None,
    delivered: float | None = None,
    **fields: Any,
) -> Order:
    """An order of two days ago by customer C1; `total` is the sum of its lines unless it is given."""
    lines = (line(),) if items is None else tuple(items)
    sent = () if shipped is None and delivered is None else (parcel(shipped, delivered),)
    values: dict[str, Any] = {
        "order_id": "A1",
        "customer_id": "C1",
        "placed_at": days_ago(2),
        "paid_at": None if status == "unpaid" else days_ago(2),
        "total": yuan(total) if total else Money(sum(one.line_total for one in lines), "CNY"),
        "shipping_address": "上海市徐汇区",
        "extra": {} if postage is None else {"shipping_fee": postage},
        "shipments": sent,
    }
    return Order(status=OrderStatus(status), items=lines, **values | fields)


def product(skus: Sequence[Sku] = (), **fields: Any) -> Product:
    values: dict[str, Any] = {
        "product_id": "P1",
        "title": "亚麻连衣裙",
        "category": "女装",
        "brand": "云织",
        "description": "透气的亚麻面料",
        "attributes": {},
        "image": "",
        "extra": {},
    }
    return Product(skus=tuple(skus), **values | fields)


def sku(sku_id: str = "S1", price: str = "100.00", stock: int = 3) -> Sku:
    return Sku(sku_id, "P1", {"颜色": "白色"}, {"colour": "white"}, yuan(price), stock)


def photo(attachment_id: str = "photo-1", conversation_id: str = "talk", kind: str = "product") -> Attachment:
    """A picture that a customer sent; `kind` "order" is a screenshot of an order's page."""
    return Attachment(
        attachment_id=attachment_id,
        conversation_id=conversation_id,
        kind=kind,
        media_type="image/jpeg",
        width=800,
        height=600,
        sha256="0" * 64,
        reading={},
        metadata={},
        created_at=NOW,
    )


class Records:
    """Writes rows into a shop's database."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def customer(self, customer_id: str = "C1", phone: str = PHONE) -> None:
        await self._insert(
            t.customers,
            {
                "customer_id": customer_id,
                "name": "林小雨",
                "phone": phone,
                "email": "",
                "language": "zh",
                "extra": {},
            },
        )

    async def order(self, kept: Order) -> None:
        """The order with its lines, parcels and goods; its customer must be there."""
        await fill(self.store, kept, new_customer=False)

    async def proof(
        self,
        conversation_id: str = "talk",
        customer_id: str = "C1",
        expires_in: timedelta = timedelta(hours=12),
    ) -> None:
        """Somebody has proven in the conversation to be the customer."""
        async with self.store.writing() as unit:
            await unit.identities.put(
                Identity(conversation_id, customer_id, "order+phone", NOW, NOW + expires_in)
            )

    async def picture(self, sent: Attachment) -> None:
        async with self.store.writing() as unit:
            await unit.attachments.add(sent)

    async def conversation(self, conversation_id: str = "talk") -> None:
        async with self.store.writing() as unit:
            await unit.conversations.touch(conversation_id, "web", "zh", NOW)

    async def count(self, table: sa.Table) -> int:
        async with self.store.reading() as unit:
            query = sa.select(sa.func.count()).select_from(table)
            return int((await unit.connection.execute(query)).scalar_one())

    async def _insert(self, table: sa.Table, *rows: Mapping[str, Any]) -> None:
        if not rows:
            return
        async with self.store.writing() as unit:
            await unit.connection.execute(sa.insert(table), [dict(row) for row in rows])
