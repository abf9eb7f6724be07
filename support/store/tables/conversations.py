"""Conversations: who holds them, their messages, their pictures, and what was thought of them."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import Json, counter, json, metadata, number, text, time

conversations = sa.Table(
    "conversations",
    metadata,
    text("conversation_id", primary_key=True),
    text("holder"),  # bot, queue, person, closed
    text("language"),
    text("channel"),
    # What the address that it began at was turned into: the same for all that began there, and no address.
    text("origin", server_default="", index=True),
    time("created_at"),
    time("updated_at"),
    # Who answers in it at the moment, and until when nobody else may.
    text("lease_by", nullable=True),
    time("lease_until", nullable=True),
    time("customer_read_at", nullable=True),
    time("staff_read_at", nullable=True),
)
# Every change of the holder. The chain of a conversation begins with the bot and ends with its holder.
transitions = sa.Table(
    "transitions",
    metadata,
    counter(),
    text("conversation_id"),
    sa.Column("handover_id", sa.BigInteger, nullable=True),
    text("from_state"),
    text("to_state"),
    text("by_kind"),  # customer, bot, staff, system
    text("by_name"),
    text("why"),
    time("at"),
    text("to_name"),  # the person who has it after that
    text("note"),
    sa.Index("ix_transitions_conversation_id_id", "conversation_id", "id"),
)
handovers = sa.Table(
    "handovers",
    metadata,
    counter(),
    text("conversation_id", index=True),
    text("status"),  # waiting, taken, closed
    text("reason"),
    json("packet"),
    time("opened_at"),
    text("taken_by", nullable=True),
    text("taken_name", nullable=True),
    time("taken_at", nullable=True),
    time("seen_at", nullable=True),
    time("customer_said_at", nullable=True),
    time("person_said_at", nullable=True),
    time("promised_at", nullable=True),
    time("closed_at", nullable=True),
    text("closed_why", nullable=True),
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
    text("conversation_id", primary_key=True),
    text("message_id", primary_key=True),
    text("text"),
    json("attachments"),
    time("received_at"),
    sa.Column("reply", Json, nullable=True),
)
# What a conversation's page is told after the fact: a person's words, a change of holder.
conversation_events = sa.Table(
    "conversation_events",
    metadata,
    counter(),
    text("conversation_id"),
    text("kind"),
    json("payload"),
    time("at"),
    sa.Index("ix_conversation_events_conversation_id_id", "conversation_id", "id"),
)
attachments = sa.Table(
    "attachments",
    metadata,
    text("attachment_id", primary_key=True),
    text("conversation_id", index=True),
    text("kind"),
    text("media_type"),
    number("width"),
    number("height"),
    text("sha256"),
    json("reading"),
    json("metadata"),
    time("created_at"),
)
ratings = sa.Table(
    "ratings",
    metadata,
    counter(),
    text("conversation_id", index=True),
    number("score"),
    text("words"),
    time("at"),
)
