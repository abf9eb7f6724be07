"""The shop's own records: customers, products, orders. Read here; written by `support.importer`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from support import model
from support.store import tables as t


# What turns ask for is built once: building a statement costs as much as carrying it out.
def _several(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, expanding=True)


class Customers:
    """Customers by id."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def get(self, customer_id: str) -> model.Customer | None:
        row = (
            await self._db.execute(sa.select(t.customers).where(t.customers.c.customer_id == customer_id))
        ).one_or_none()
        return model.Customer(row.customer_id, row.name, row.phone, row.language, row.email) if row else None


class Products:
    """The catalogue."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def get_many(self, product_ids: Iterable[str]) -> list[model.Product]:
        """Products in the order of their ids as given; unknown ids are left out."""
        wanted = list(dict.fromkeys(product_ids))
        found = await self._load(_PRODUCTS, {"ids": wanted})
        return sorted(found, key=lambda product: wanted.index(product.product_id))

    async def all(self) -> list[model.Product]:
        return await self._load(sa.select(t.products).order_by(t.products.c.product_id))

    async def _load(
        self, query: sa.Select[Any], values: Mapping[str, Any] | None = None
    ) -> list[model.Product]:
        rows = (await self._db.execute(query, values)).all()
        skus: dict[str, list[model.Sku]] = {}
        for row in await self._db.execute(_SKUS, {"ids": [row.product_id for row in rows]}):
            skus.setdefault(row.product_id, []).append(_sku(row))
        return [_product(row, skus.get(row.product_id, [])) for row in rows]


_PRODUCTS = sa.select(t.products).where(t.products.c.product_id.in_(_several("ids")))
_SKUS = sa.select(t.skus).where(t.skus.c.product_id.in_(_several("ids"))).order_by(t.skus.c.sku_id)


def _spellings(order_id: str) -> list[str]:
    """The order's number, also when it was typed in other letters, or with or without the leading #."""
    bare = order_id.lstrip("#")
    return sorted({order_id, bare, bare.upper(), bare.lower(), f"#{bare}", f"#{bare.upper()}"})


class Orders:
    """Orders. Every read that serves a customer names the customer: ownership is checked in the query."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def owned(self, order_id: str, customer_id: str) -> model.Order | None:
        """The order if it is this customer's; None both when it is not and when it does not exist."""
        values = {"spellings": _spellings(order_id), "customer_id": customer_id, "most": 1}
        return next(iter(await self._load(_OWNED, values)), None)

    async def lock_owned(self, order_id: str, customer_id: str) -> model.Order | None:
        """As `owned`, and nobody else changes the order until the transaction ends."""
        query = sa.select(t.orders.c.order_id).where(_IS_ORDER, _IS_CUSTOMERS)
        values = {"spellings": _spellings(order_id), "customer_id": customer_id}
        if (await self._db.execute(query.with_for_update(), values)).first() is None:
            return None
        return await self.owned(order_id, customer_id)

    async def of_customer(self, customer_id: str, limit: int = 20) -> list[model.Order]:
        """A customer's orders, the newest first."""
        return await self._load(_OF_CUSTOMER, {"customer_id": customer_id, "most": limit})

    async def owner_by_phone(self, order_id: str, phone_last4: str) -> str | None:
        """The customer id, if the order exists and its customer's phone ends so. For identity only."""
        query = (
            sa.select(t.customers.c.customer_id, t.customers.c.phone)
            .join(t.orders, t.orders.c.customer_id == t.customers.c.customer_id)
            .where(_IS_ORDER)
        )
        row = (await self._db.execute(query, {"spellings": _spellings(order_id)})).first()
        return row.customer_id if row and row.phone and row.phone[-4:] == phone_last4 else None

    async def set_status(self, order_id: str, status: model.OrderStatus) -> None:
        await self._db.execute(
            sa.update(t.orders).where(t.orders.c.order_id == order_id).values(status=status.value)
        )

    async def _load(self, query: sa.Select[Any], values: Mapping[str, Any]) -> list[model.Order]:
        """Orders in the order in which the query names them, one row for each of their lines."""
        rows = (await self._db.execute(query, values)).all()
        orders = {row.order_id: row for row in rows}
        items: dict[str, list[model.OrderItem]] = {one: [] for one in orders}
        for row in rows:
            if row.sku_id is not None:
                items[row.order_id].append(_item(row))
        parcels = await self._shipments(list(orders))
        return [_order(row, items[one], parcels.get(one, ())) for one, row in orders.items()]

    async def _shipments(self, order_ids: Sequence[str]) -> dict[str, list[model.Shipment]]:
        found: dict[str, list[model.Shipment]] = {}
        if order_ids:
            for row in await self._db.execute(_SHIPMENTS, {"ids": order_ids}):
                found.setdefault(row.order_id, []).append(_shipment(row))
        return found


def _orders(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest orders that meet these, with their lines; an order without any has one empty line."""
    newest = sa.select(t.orders).where(*conditions).order_by(t.orders.c.placed_at.desc())
    orders = newest.limit(sa.bindparam("most", type_=sa.Integer)).subquery()
    return (
        sa.select(
            orders,
            t.order_items.c.sku_id,
            t.order_items.c.quantity,
            t.order_items.c.unit_price_minor,
            t.skus.c.options,
            t.skus.c.extra.label("sku_extra"),
            t.products.c.product_id,
            t.products.c.title,
            t.products.c.category,
            t.products.c.extra.label("product_extra"),
        )
        .outerjoin(t.order_items, t.order_items.c.order_id == orders.c.order_id)
        .outerjoin(t.skus, t.skus.c.sku_id == t.order_items.c.sku_id)
        .outerjoin(t.products, t.products.c.product_id == t.skus.c.product_id)
        .order_by(orders.c.placed_at.desc(), orders.c.order_id, t.order_items.c.sku_id)
    )


_IS_ORDER = t.orders.c.order_id.in_(_several("spellings"))
_IS_CUSTOMERS = t.orders.c.customer_id == sa.bindparam("customer_id")
_OWNED, _OF_CUSTOMER = _orders(_IS_ORDER, _IS_CUSTOMERS), _orders(_IS_CUSTOMERS)
_SHIPMENTS = (
    sa.select(t.shipments)
    .where(t.shipments.c.order_id.in_(_several("ids")))
    .order_by(t.shipments.c.tracking_no)
)


def _sku(row: sa.Row[Any]) -> model.Sku:
    return model.Sku(
        sku_id=row.sku_id,
        product_id=row.product_id,
        options=row.options,
        options_en=row.extra.get("options_en") or row.options,
        price=model.Money(row.price_minor, row.currency),
        stock=row.stock,
    )


def _product(row: sa.Row[Any], skus: Iterable[model.Sku]) -> model.Product:
    return model.Product(
        product_id=row.product_id,
        title=row.title,
        category=row.category,
        brand=row.brand,
        description=row.description,
        attributes=row.attributes,
        image=row.image,
        extra=row.extra,
        skus=tuple(skus),
    )


def _item(row: sa.Row[Any]) -> model.OrderItem:
    return model.OrderItem(
        sku_id=row.sku_id,
        quantity=row.quantity,
        unit_price=model.Money(row.unit_price_minor, row.currency),
        product_id=row.product_id,
        title=row.title,
        title_en=row.product_extra.get("title_en") or row.title,
        category=row.category,
        options=row.options,
        options_en=row.sku_extra.get("options_en") or row.options,
    )


def _shipment(row: sa.Row[Any]) -> model.Shipment:
    expected = row.extra.get("expected_at")
    return model.Shipment(
        carrier=row.carrier,
        carrier_en=row.extra.get("carrier_en") or row.carrier,
        tracking_no=row.tracking_no,
        status=row.status,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        events=tuple(
            model.ParcelEvent(datetime.fromisoformat(event["at"]), event["text"]) for event in row.events
        ),
        expected_at=datetime.fromisoformat(expected) if expected else None,
    )


def _order(
    row: sa.Row[Any], items: Iterable[model.OrderItem], parcels: Iterable[model.Shipment]
) -> model.Order:
    return model.Order(
        order_id=row.order_id,
        customer_id=row.customer_id,
        status=model.OrderStatus(row.status),
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        total=model.Money(row.total_minor, row.currency),
        shipping_address=row.shipping_address,
        extra=row.extra,
        items=tuple(items),
        shipments=tuple(parcels),
    )
