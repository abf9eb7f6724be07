"""What makes the assistant better: examples for its training, runs that train and compare, testers' links."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import Json, counter, metadata, text, time

training_examples = sa.Table(
    "training_examples",
    metadata,
    counter(),
    text("text"),  # personal data masked
    text("key"),  # what examples have in common that say the same
    text("intent"),
    text("language"),
    text("state"),  # new, exported, dropped
    text("staff"),
    text("conversation_id", nullable=True),
    text("message_id", nullable=True),
    text("place", nullable=True),  # once exported: data/nlu/refund.yml:17
    time("created_at"),
    time("changed_at"),
)
# A second click adds nothing, and one text waits for one intent only.
sa.Index(
    "uq_training_examples_new",
    training_examples.c.key,
    unique=True,
    sqlite_where=training_examples.c.state == "new",
    postgresql_where=training_examples.c.state == "new",
)
model_runs = sa.Table(
    "model_runs",
    metadata,
    counter(),
    text("kind"),  # export, train, compare, activate
    text("staff"),
    text("state"),  # running, done, failed, cancelled
    text("model"),  # the model that it is about; empty before there is one
    text("progress"),  # its last lines
    sa.Column("result", Json, nullable=True),
    time("started_at"),
    time("beat_at"),  # a run that has stopped beating was lost with its process
    time("finished_at", nullable=True),
)
# One at a time, whoever asks and in whichever process.
sa.Index(
    "uq_model_runs_running",
    model_runs.c.state,
    unique=True,
    sqlite_where=model_runs.c.state == "running",
    postgresql_where=model_runs.c.state == "running",
)
# Only hashes of tokens are kept: who reads the database cannot open a link.
guest_links = sa.Table(
    "guest_links",
    metadata,
    counter(),
    text("token_hash", unique=True),
    text("name"),
    text("staff"),
    time("created_at"),
    time("expires_at"),
    time("revoked_at", nullable=True),
    time("opened_at", nullable=True),  # last
)
# Who came by which link.
guest_conversations = sa.Table(
    "guest_conversations",
    metadata,
    text("conversation_id", primary_key=True),
    sa.Column("link_id", sa.BigInteger, nullable=False, index=True),
)
