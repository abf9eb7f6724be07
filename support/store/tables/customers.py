"""Who a customer is, and what was written on a customer's behalf."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, json, metadata, number, text, time

verified_identity = sa.Table(
    "verified_identity",
    metadata,
    text("conversation_id", primary_key=True),
    text("customer_id"),
    text("method"),
    time("verified_at"),
    time("expires_at"),
)
identity_tries = sa.Table(
    "identity_tries",
    metadata,
    counter(),
    text("conversation_id", index=True),
    text("order_id", index=True),
    time("at"),
)

refunds = sa.Table(
    "refunds",
    metadata,
    text("refund_id", primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    text("order_id", index=True),
    text("customer_id", index=True),
    text("status"),  # approved, review, refused (by a person, after review)
    json("sku_ids"),
    text("reason"),
    text("note"),
    json("evidence"),
    number("amount_minor"),
    text("currency"),
    text("rule"),
    time("created_at"),
)
# The lines that refunds cover, while nobody has refused them: the database itself refuses a second refund.
refund_lines = sa.Table(
    "refund_lines",
    metadata,
    text("order_id", primary_key=True),
    text("sku_id", primary_key=True),
    sa.Column("refund_id", sa.ForeignKey("refunds.refund_id"), nullable=False, index=True),
)
# Append-only: the migration adds triggers that refuse UPDATE and DELETE.
ledger = sa.Table(
    "ledger",
    metadata,
    counter(),
    time("at"),
    text("action"),
    text("actor"),
    text("conversation_id", index=True),
    text("order_id", index=True),
    text("rule"),
    text("outcome"),
    text("confirming_message", nullable=True),
    json("inputs"),
    json("result"),
)
