"""What the model was asked for, how long it took and what became of it; in a table beside it, the words."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import Json, counter, metadata, text, time

model_calls = sa.Table(
    "model_calls",
    metadata,
    counter(),
    text("conversation_id", index=True),
    time("at"),
    text("purpose"),  # answer, product, picture, summary
    sa.Column("first_token_ms", sa.Integer, nullable=True),  # null: no token came
    sa.Column("total_ms", sa.Integer, nullable=False),
    text("outcome"),  # ok, trimmed, withdrawn, no_answer, or the reason of a `ModelUnavailable`
    sa.Column("prompt_tokens", sa.Integer, nullable=True),
    sa.Column("completion_tokens", sa.Integer, nullable=True),
    text("message_id", nullable=True),  # of the customer's message that it was for, if there was one
    text("model", server_default=""),  # the variant that answered: a model or an adapter, as served
    text("endpoint", server_default=""),  # host and port of the server that did
    sa.Column("cached_tokens", sa.Integer, nullable=True),  # of the prompt, served from the prefix cache
    sa.Index("ix_model_calls_at", "at"),
)
# What was said to the model and by it, so that people's corrections can teach it. Pictures are references.
model_texts = sa.Table(
    "model_texts",
    metadata,
    sa.Column(
        "call_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    sa.Column("messages", Json, nullable=False),
    text("reply"),
)
