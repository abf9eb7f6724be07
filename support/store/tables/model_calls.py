"""What the model was asked for, how long it took and what became of it: figures only, no words."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, metadata, text, time

model_calls = sa.Table(
    "model_calls",
    metadata,
    counter(),
    text("conversation_id", index=True),
    time("at"),
    text("purpose"),  # answer, product, picture, summary
    sa.Column("first_token_ms", sa.Integer, nullable=True),  # null: no token came
    sa.Column("total_ms", sa.Integer, nullable=False),
    text("outcome"),  # ok, withdrawn, no_answer, or the reason of a `ModelUnavailable`
    sa.Column("prompt_tokens", sa.Integer, nullable=True),
    sa.Column("completion_tokens", sa.Integer, nullable=True),
    sa.Index("ix_model_calls_at", "at"),
)
