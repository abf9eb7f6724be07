"""The shop's own records, which imports replace."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import json, metadata, number, text, time

customers = sa.Table(
    "customers",
    metadata,
    text("customer_id", primary_key=True),
    text("name"),
    text("phone"),
    text("email"),
    text("language"),
    json("extra"),
)
products = sa.Table(
    "products",
    metadata,
    text("product_id", primary_key=True),
    text("title"),
    text("category"),
    text("brand"),
    text("description"),
    json("attributes"),
    text("image"),
    json("extra"),
    # Words of title, category, brand and attributes, cut for search (see `support.services.ask_product`).
    text("search_words"),
)
skus = sa.Table(
    "skus",
    metadata,
    text("sku_id", primary_key=True),
    sa.Column("product_id", sa.ForeignKey("products.product_id"), nullable=False, index=True),
    json("options"),
    number("price_minor"),
    text("currency"),
    number("stock"),
    json("extra"),
)
orders = sa.Table(
    "orders",
    metadata,
    text("order_id", primary_key=True),
    sa.Column("customer_id", sa.ForeignKey("customers.customer_id"), nullable=False),
    text("status"),
    time("placed_at"),
    time("paid_at", nullable=True),
    text("currency"),
    number("total_minor"),
    text("shipping_address"),
    json("extra"),
    sa.Index("ix_orders_customer_id_placed_at", "customer_id", "placed_at"),
)
order_items = sa.Table(
    "order_items",
    metadata,
    sa.Column("order_id", sa.ForeignKey("orders.order_id"), primary_key=True),
    sa.Column("sku_id", sa.ForeignKey("skus.sku_id"), primary_key=True),
    number("quantity"),
    number("unit_price_minor"),
    json("extra"),
)
shipments = sa.Table(
    "shipments",
    metadata,
    sa.Column("order_id", sa.ForeignKey("orders.order_id"), primary_key=True),
    text("tracking_no", primary_key=True),
    text("carrier"),
    text("status"),
    time("shipped_at", nullable=True),
    time("delivered_at", nullable=True),
    json("events"),
    json("extra"),
)
