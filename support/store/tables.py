"""The database schema, as SQLAlchemy Core tables. Alembic's migrations are compared with it by a test.

Amounts are integers in minor units beside a currency; times are UTC; ids of the shop's own records are the
strings that the shop imported. Only `support.store` imports SQLAlchemy.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware datetimes in UTC on every database; SQLite itself keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Json = sa.JSON().with_variant(JSONB(), "postgresql")


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=options.pop("nullable", False), **options)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, _Json, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _counter() -> sa.Column[int]:
    # SQLite only counts up by itself in a column of type INTEGER.
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


# --- the shop's records, replaced by imports -------------------------------------------------------
customers = sa.Table(
    "customers",
    metadata,
    _text("customer_id", primary_key=True),
    _text("name"),
    _text("phone"),
    _text("email"),
    _text("language"),
    _json("extra"),
)
products = sa.Table(
    "products",
    metadata,
    _text("product_id", primary_key=True),
    _text("title"),
    _text("category"),
    _text("brand"),
    _text("description"),
    _json("attributes"),
    _text("image"),
    _json("extra"),
    # Words of title, category, brand and attributes, cut for search (see `support.services.ask_product`).
    _text("search_words"),
)
skus = sa.Table(
    "skus",
    metadata,
    _text("sku_id", primary_key=True),
    sa.Column("product_id", sa.ForeignKey("products.product_id"), nullable=False, index=True),
    _json("options"),
    _number("price_minor"),
    _text("currency"),
    _number("stock"),
    _json("extra"),
)
orders = sa.Table(
    "orders",
    metadata,
    _text("order_id", primary_key=True),
    sa.Column("customer_id", sa.ForeignKey("customers.customer_id"), nullable=False),
    _text("status"),
    _time("placed_at"),
    _time("paid_at", nullable=True),
    _text("currency"),
    _number("total_minor"),
    _text("shipping_address"),
    _json("extra"),
    sa.Index("ix_orders_customer_id_placed_at", "customer_id", "placed_at"),
)
order_items = sa.Table(
    "order_items",
    metadata,
    sa.Column("order_id", sa.ForeignKey("orders.order_id"), primary_key=True),
    sa.Column("sku_id", sa.ForeignKey("skus.sku_id"), primary_key=True),
    _number("quantity"),
    _number("unit_price_minor"),
    _json("extra"),
)
shipments = sa.Table(
    "shipments",
    metadata,
    sa.Column("order_id", sa.ForeignKey("orders.order_id"), primary_key=True),
    _text("tracking_no", primary_key=True),
    _text("carrier"),
    _text("status"),
    _time("shipped_at", nullable=True),
    _time("delivered_at", nullable=True),
    _json("events"),
    _json("extra"),
)

# --- who a customer is -----------------------------------------------------------------------------
verified_identity = sa.Table(
    "verified_identity",
    metadata,
    _text("conversation_id", primary_key=True),
    _text("customer_id"),
    _text("method"),
    _time("verified_at"),
    _time("expires_at"),
)
identity_tries = sa.Table(
    "identity_tries",
    metadata,
    _counter(),
    _text("conversation_id", index=True),
    _text("order_id", index=True),
    _time("at"),
)

# --- writes on behalf of customers -----------------------------------------------------------------
refunds = sa.Table(
    "refunds",
    metadata,
    _text("refund_id", primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _text("order_id", index=True),
    _text("customer_id", index=True),
    _text("status"),  # approved, review, refused (by a person, after review)
    _json("sku_ids"),
    _text("reason"),
    _text("note"),
    _json("evidence"),
    _number("amount_minor"),
    _text("currency"),
    _text("rule"),
    _time("created_at"),
)
# Append-only: the migration adds triggers that refuse UPDATE and DELETE.
ledger = sa.Table(
    "ledger",
    metadata,
    _counter(),
    _time("at"),
    _text("action"),
    _text("actor"),
    _text("conversation_id", index=True),
    _text("order_id", index=True),
    _text("rule"),
    _text("outcome"),
    _text("confirming_message", nullable=True),
    _json("inputs"),
    _json("result"),
)

# --- conversations ---------------------------------------------------------------------------------
conversations = sa.Table(
    "conversations",
    metadata,
    _text("conversation_id", primary_key=True),
    _text("holder"),
    _text("language"),
    _text("channel"),
    _time("created_at"),
    _time("updated_at"),
)
handovers = sa.Table(
    "handovers",
    metadata,
    _counter(),
    _text("conversation_id"),
    _text("status"),  # waiting, taken, closed
    _text("reason"),
    _json("packet"),
    _time("opened_at"),
    _text("taken_by", nullable=True),
    _time("taken_at", nullable=True),
    _time("closed_at", nullable=True),
    _text("closed_why", nullable=True),
)
# One open handover a conversation: what makes "exactly once" true under concurrency.
sa.Index(
    "uq_handovers_open",
    handovers.c.conversation_id,
    unique=True,
    sqlite_where=handovers.c.status != "closed",
    postgresql_where=handovers.c.status != "closed",
)
# What came in and what was answered; a repeated message id gets the first answer.
messages = sa.Table(
    "messages",
    metadata,
    _text("conversation_id", primary_key=True),
    _text("message_id", primary_key=True),
    _text("text"),
    _json("attachments"),
    _time("received_at"),
    sa.Column("reply", _Json, nullable=True),
)
# What a conversation's page is told after the fact: a person's words, a change of holder.
conversation_events = sa.Table(
    "conversation_events",
    metadata,
    _counter(),
    _text("conversation_id"),
    _text("kind"),
    _json("payload"),
    _time("at"),
    sa.Index("ix_conversation_events_conversation_id_id", "conversation_id", "id"),
)
attachments = sa.Table(
    "attachments",
    metadata,
    _text("attachment_id", primary_key=True),
    _text("conversation_id", index=True),
    _text("kind"),
    _text("media_type"),
    _number("width"),
    _number("height"),
    _text("sha256"),
    _text("phash"),
    _json("reading"),
    _json("metadata"),
    _time("created_at"),
)
ratings = sa.Table(
    "ratings",
    metadata,
    _counter(),
    _text("conversation_id", index=True),
    _number("score"),
    _text("words"),
    _time("at"),
)
