"""The shop's own records: customers, products, orders. Read here; written by `support.importer`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from support import model
from support.store import tables as t


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
        found = await self._load(sa.select(t.products).where(t.products.c.product_id.in_(wanted)))
        return sorted(found, key=lambda product: wanted.index(product.product_id))

    async def all(self) -> list[model.Product]:
        return await self._load(sa.select(t.products).order_by(t.products.c.product_id))

    async def _load(self, query: sa.Select[Any]) -> list[model.Product]:
        rows = (await self._db.execute(query)).all()
        ids = [row.product_id for row in rows]
        skus: dict[str, list[model.Sku]] = {}
        for row in await self._db.execute(
            sa.select(t.skus).where(t.skus.c.product_id.in_(ids)).order_by(t.skus.c.sku_id)
        ):
            skus.setdefault(row.product_id, []).append(_sku(row))
        return [_product(row, skus.get(row.product_id, [])) for row in rows]


def _is_order(order_id: str) -> sa.ColumnElement[bool]:
    """The order, also when its number was typed in other letters, or with or without the leading #."""
    bare = order_id.lstrip("#")
    spellings = {order_id, bare, bare.upper(), bare.lower(), f"#{bare}", f"#{bare.upper()}"}
    return t.orders.c.order_id.in_(sorted(spellings))


class Orders:
    """Orders. Every read that serves a customer names the customer: ownership is checked in the query."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def owned(self, order_id: str, customer_id: str) -> model.Order | None:
        """The order if it is this customer's; None both when it is not and when it does not exist."""
        condition = _is_order(order_id) & (t.orders.c.customer_id == customer_id)
        return next(iter(await self._load(condition)), None)

    async def lock_owned(self, order_id: str, customer_id: str) -> model.Order | None:
        """As `owned`, and nobody else changes the order until the transaction ends."""
        query = sa.select(t.orders.c.order_id).where(
            _is_order(order_id), t.orders.c.customer_id == customer_id
        )
        if (await self._db.execute(query.with_for_update())).first() is None:
            return None
        return await self.owned(order_id, customer_id)

    async def of_customer(self, customer_id: str, limit: int = 20) -> list[model.Order]:
        """A customer's orders, the newest first."""
        return await self._load(t.orders.c.customer_id == customer_id, limit)

    async def owner_by_phone(self, order_id: str, phone_last4: str) -> str | None:
        """The customer id, if the order exists and its customer's phone ends so. For identity only."""
        query = (
            sa.select(t.customers.c.customer_id, t.customers.c.phone)
            .join(t.orders, t.orders.c.customer_id == t.customers.c.customer_id)
            .where(_is_order(order_id))
        )
        row = (await self._db.execute(query)).first()
        return row.customer_id if row and row.phone and row.phone[-4:] == phone_last4 else None

    async def set_status(self, order_id: str, status: model.OrderStatus) -> None:
        await self._db.execute(
            sa.update(t.orders).where(t.orders.c.order_id == order_id).values(status=status.value)
        )

    async def _load(self, condition: sa.ColumnElement[bool], limit: int = 1) -> list[model.Order]:
        query = sa.select(t.orders).where(condition)
        rows = (await self._db.execute(query.order_by(t.orders.c.placed_at.desc()).limit(limit))).all()
        ids = [row.order_id for row in rows]
        items = await self._items(ids)
        parcels = await self._shipments(ids)
        return [_order(row, items.get(row.order_id, ()), parcels.get(row.order_id, ())) for row in rows]

    async def _items(self, order_ids: Sequence[str]) -> dict[str, tuple[model.OrderItem, ...]]:
        query = (
            sa.select(
                t.order_items,
                t.orders.c.currency,
                t.skus.c.options,
                t.skus.c.extra.label("sku_extra"),
                t.products.c.product_id,
                t.products.c.title,
                t.products.c.category,
                t.products.c.extra.label("product_extra"),
            )
            .join(t.orders, t.orders.c.order_id == t.order_items.c.order_id)
            .join(t.skus, t.skus.c.sku_id == t.order_items.c.sku_id)
            .join(t.products, t.products.c.product_id == t.skus.c.product_id)
            .where(t.order_items.c.order_id.in_(order_ids))
            .order_by(t.order_items.c.order_id, t.order_items.c.sku_id)
        )
        found: dict[str, tuple[model.OrderItem, ...]] = {}
        for row in await self._db.execute(query):
            found[row.order_id] = (*found.get(row.order_id, ()), _item(row))
        return found

    async def _shipments(self, order_ids: Sequence[str]) -> dict[str, tuple[model.Shipment, ...]]:
        query = sa.select(t.shipments).where(t.shipments.c.order_id.in_(order_ids))
        found: dict[str, tuple[model.Shipment, ...]] = {}
        for row in await self._db.execute(query.order_by(t.shipments.c.tracking_no)):
            found[row.order_id] = (*found.get(row.order_id, ()), _shipment(row))
        return found


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
    row: sa.Row[Any], items: tuple[model.OrderItem, ...], parcels: tuple[model.Shipment, ...]
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
        items=items,
        shipments=parcels,
    )
