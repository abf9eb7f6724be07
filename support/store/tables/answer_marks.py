"""What people think of the assistant's open-ended answers, and what they would have said instead."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, json, metadata, text, time

# An answer is named by the message of the customer that it answers: its own place in a reply may change.
answer_marks = sa.Table(
    "answer_marks",
    metadata,
    counter(),
    text("conversation_id"),
    text("message_id"),  # of the customer's message
    text("kind"),  # customer, reviewer, agent: who judges; an agent judges the draft, the others the answer
    text("login"),  # empty for a customer
    text("verdict"),  # good, bad
    text("better", nullable=True),
    text("question"),
    text("said"),  # the words that were judged
    json("sources"),  # {citations: ids of passages, records: texts} that they stand on
    time("at"),
    sa.UniqueConstraint("conversation_id", "message_id", "kind", "login"),
    sa.Index("ix_answer_marks_at", "at"),
)
