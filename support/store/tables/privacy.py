"""Pseudonyms, words beside rows that nothing changes, what was erased, and jobs done now and then."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, json, metadata, number, text, time

# Who a pseudonym of the ledger is. Erasing a customer deletes the row: the ledger then names nobody.
pseudonyms = sa.Table(
    "pseudonyms",
    metadata,
    text("customer_id", primary_key=True),
    text("pseudonym", unique=True),
)
# What people typed into a row of the ledger or of the staff's log, neither of which anything can change.
free_words = sa.Table(
    "free_words",
    metadata,
    counter(),
    text("source"),  # ledger, staff_log
    number("row_id"),
    text("name"),  # of the field
    text("words"),
    text("conversation_id", index=True),
    text("order_id", index=True),  # empty where the row is about none
    sa.Index("ix_free_words_source_row_id", "source", "row_id"),
)
# Whom an import must not bring back, and conversations of which late events must not be projected. Hashes.
erased = sa.Table(
    "erased",
    metadata,
    text("key", primary_key=True),
    time("at"),
)
# What was erased, by whom, and what of it is still to be done: files, rows of Rasa's own database.
erasures = sa.Table(
    "erasures",
    metadata,
    counter(),
    time("at"),
    text("kind"),  # customer, conversation
    text("pseudonym"),  # under which the customer's orders and decisions stay; empty for a conversation
    text("by"),  # a login, or "command"
    text("reason"),  # one of a few codes: words would name the person again
    json("counts"),
    json("remains"),  # {} when nothing is
    time("finished_at", nullable=True),
)
# Work that one process at a time does now and then.
jobs = sa.Table(
    "jobs",
    metadata,
    text("name", primary_key=True),
    text("by"),
    time("began_at"),
    time("lease_until"),
    time("ended_at", nullable=True),  # of the last run that came to its end
    json("result"),
)
