"""The shop's own records, which imports replace."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, json, metadata, number, text, time
from support.store.tables.review import Tokens

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
)
# What a product is found by where there are too many to keep them in memory (`support.products.tokens`).
product_tokens = sa.Table(
    "product_tokens",
    metadata,
    counter(),
    sa.Column("product_id", sa.ForeignKey("products.product_id"), nullable=False, unique=True),
    sa.Column("low", sa.Float, nullable=False),  # its prices, in whole units of their currency
    sa.Column("high", sa.Float, nullable=False),
    sa.Column("in_stock", sa.Boolean, nullable=False),
    sa.Column("document", Tokens, nullable=False),
    sa.Index("ix_product_tokens_low", "low"),
    sa.Index("ix_product_tokens_high", "high"),
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
