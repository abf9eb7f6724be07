"""Conversation review: what the projector makes of Rasa's events, and what reviewers make of that.

`review_events`, `review_messages` and `review_conversations` are derived: `support.services.projection` can
make each row again from the events and from what other tables say. The rest is what people did.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from support.store.tables.base import counter, json, metadata, text, time


class Tokens(sa.types.TypeDecorator[Collection[str]]):
    """A set of tokens (`support.review.tokens`), without blanks, quotes or backslashes in them.

    Lexemes on PostgreSQL, under a GIN index; on SQLite a text, over which lies the full text table
    `review_search`.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        quote = "'" if dialect.name == "postgresql" else ""
        return " ".join(f"{quote}{token}{quote}" for token in sorted(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Collection[str] | None:
        return None if value is None else frozenset(one.strip("'") for one in value.split())


# What only one of the databases has, made by the migration: no table here says it.
_SEARCH_TABLES = ("review_search", "product_search")
_SEARCH_INDEXES = ("ix_review_conversations_document", "ix_product_tokens_document")


def is_compared(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Alembic's `include_object`: whether what the database has is to be compared with the tables."""
    if kind == "table":
        return not (name or "").startswith(_SEARCH_TABLES)
    return kind != "index" or name not in _SEARCH_INDEXES


def _count(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable)


# The story, one row an event; `data` is the part of the event that the story shows (`support.review.events`).
review_events = sa.Table(
    "review_events",
    metadata,
    counter(),
    text("conversation_id"),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    time("at"),
    text("type"),
    text("name"),
    json("data"),
    sa.Index("ix_review_events_conversation_id_at", "conversation_id", "at"),
)
# One row a conversation, so that the list reads one table.
review_conversations = sa.Table(
    "review_conversations",
    metadata,
    counter(),
    sa.Column("conversation_id", sa.Text, nullable=False, unique=True),
    text("channel"),
    text("language"),  # the one that most of the customer's messages are in
    sa.Column("is_test", sa.Boolean, nullable=False),
    text("customer_id", nullable=True),  # proven, see verified_identity
    text("model_id"),  # of Rasa's model that answered last
    time("started_at"),
    time("last_at"),
    time("last_customer_at", nullable=True),
    _count("customer_messages"),
    _count("bot_messages"),
    _count("person_messages"),
    sa.Column("lowest_confidence", sa.Float, nullable=True),
    _count("slowest_ms", nullable=True),  # the longest that the customer waited for the assistant
    text("holder"),
    text("outcome"),  # support.review.summary.Outcome
    text("handover_reason"),  # of the last handover; empty for none
    time("handed_over_at", nullable=True),  # the first time
    _count("rating", nullable=True),  # the last one given
    text("state"),  # unreviewed, reviewed, saved
    _count("flagged"),  # how many messages are flagged
    json("labels"),
    text("last_text"),
    text("said"),  # all words, one message a line: what regular expressions look at
    sa.Column("document", Tokens, nullable=False),  # what the list is searched by
    sa.Index("ix_review_conversations_last_at_id", "last_at", "id"),
    sa.Index("ix_review_conversations_customer_id_started_at", "customer_id", "started_at"),
    sa.Index("ix_review_conversations_lowest_confidence", "lowest_confidence"),
    sa.Index("ix_review_conversations_customer_messages", "customer_messages"),
)
# A customer's messages with what the model made of them, and what reviewers say of that.
review_messages = sa.Table(
    "review_messages",
    metadata,
    counter(),
    text("conversation_id", index=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),  # of its event
    text("message_id"),
    time("at"),
    text("text"),
    text("intent"),  # as predicted; empty where a person was answering
    sa.Column("confidence", sa.Float, nullable=True),  # of the likeliest real intent
    json("ranking"),  # [{name, confidence}], the first three
    json("entities"),
    text("language"),
    _count("latency_ms", nullable=True),  # to the first words of the answer
    sa.Column("answered", sa.Boolean, nullable=True),  # None where a person was to answer
    text("state"),  # sure (not in the inbox), open, confirmed, relabelled, deleted
    text("corrected_intent", nullable=True),
    text("handled_by", nullable=True),
    time("handled_at", nullable=True),
    text("flagged_by", nullable=True),
    time("flagged_at", nullable=True),
    text("flagged_why", nullable=True),
    sa.Index("ix_review_messages_state_at", "state", "at"),
)
# Names that occurred, for the lists to choose from: channel, intent, action, slot, label, model ...
review_values = sa.Table(
    "review_values",
    metadata,
    text("kind", primary_key=True),
    text("value", primary_key=True),
)
# Conversations of which another table has changed since they were projected. Appended by whoever changes,
# emptied by the projector; append-only in between, so that nobody waits for anybody.
review_changes = sa.Table(
    "review_changes",
    metadata,
    counter(),
    text("conversation_id"),
)
review_states = sa.Table(
    "review_states",
    metadata,
    text("conversation_id", primary_key=True),
    text("state"),
    text("staff"),
    time("at"),
)
conversation_labels = sa.Table(
    "conversation_labels",
    metadata,
    text("conversation_id", primary_key=True),
    text("label", primary_key=True),
    text("staff"),
    time("at"),
)
# What reviewers changed, with what was there before: undo puts it back.
review_history = sa.Table(
    "review_history",
    metadata,
    counter(),
    text("conversation_id", index=True),
    sa.Column("message_id", sa.BigInteger, nullable=True),  # review_messages.id
    text("what"),  # state, label, flag, inbox
    json("before"),
    json("after"),
    text("staff"),
    time("at"),
    time("undone_at", nullable=True),
)
saved_filters = sa.Table(
    "saved_filters",
    metadata,
    counter(),
    text("staff"),
    text("name"),
    json("query"),
    time("at"),
    sa.UniqueConstraint("staff", "name"),
)
