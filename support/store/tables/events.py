"""Rasa's events on their way to the tables that review reads, what failed, and the projector's pulse."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, metadata, text, time

# Filled by `assistant.broker`, emptied by `support.events`: a row stays until what it says is projected.
event_queue = sa.Table(
    "event_queue",
    metadata,
    counter(),
    text("conversation_id"),
    text("data"),  # the event as Rasa published it: JSON, not looked at
    time("queued_at"),
)
event_failures = sa.Table(
    "event_failures",
    metadata,
    counter(),
    text("conversation_id"),  # empty where it could not be read
    text("body"),
    text("error"),
    time("at"),
)
# One row: when the projector was last seen, and what it struggles with.
event_pulse = sa.Table(
    "event_pulse",
    metadata,
    text("name", primary_key=True),
    time("at"),
    text("trouble"),  # empty when all is well
)
