"""The shop's staff: who may sign in, what they did, and what they keep for their answers."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, json, metadata, text, time

staff = sa.Table(
    "staff",
    metadata,
    text("login", primary_key=True),  # lower case
    text("name"),
    text("password_hash"),
    json("roles"),  # of agent, reviewer, admin
    text("language"),
    sa.Column("active", sa.Boolean, nullable=False),
    time("created_at"),
)
# Only hashes of tokens are kept: who reads the database cannot sign in with it.
staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    text("token_hash", primary_key=True),
    sa.Column("login", sa.ForeignKey("staff.login"), nullable=False, index=True),
    text("csrf"),
    time("created_at"),
    time("expires_at"),
)
# One-time links: the first admin's, a colleague's invitation, a new password.
staff_links = sa.Table(
    "staff_links",
    metadata,
    text("token_hash", primary_key=True),
    text("login"),  # whom it gives a new password; empty for a new colleague
    json("roles"),
    text("made_by"),
    time("expires_at"),
    time("used_at", nullable=True),
)
staff_tries = sa.Table(
    "staff_tries",
    metadata,
    counter(),
    text("login", index=True),
    text("address", index=True),
    time("at"),
)
# Append-only, like the ledger.
staff_log = sa.Table(
    "staff_log",
    metadata,
    counter(),
    time("at"),
    text("login", index=True),
    text("action"),
    text("conversation_id", index=True),  # empty where there is none
    json("details"),
    text("address"),
)
canned_replies = sa.Table(
    "canned_replies",
    metadata,
    counter(),
    text("shortcut"),
    text("language"),
    text("words"),
    text("changed_by"),
    time("changed_at"),
    sa.UniqueConstraint("shortcut", "language"),
)
notes = sa.Table(
    "notes",
    metadata,
    counter(),
    text("conversation_id", index=True),
    text("login"),
    text("words"),
    time("at"),
)
