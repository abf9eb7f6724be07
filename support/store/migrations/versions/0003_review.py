"""the queue of Rasa's events, and the tables of conversation review"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from support.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TOKENS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")

# How each database finds conversations by their tokens. PostgreSQL keeps the tokens out of the rows, which
# other filters read by the hundred thousand; no pending list, so that no reader has to go through it.
# SQLite's triggers are those that its manual gives for a full text table over another table (FTS5, 4.4.3).
_SEARCH = {
    "postgresql": [
        "ALTER TABLE review_conversations ALTER COLUMN document SET STORAGE EXTERNAL",
        "ALTER TABLE review_conversations SET (toast_tuple_target = 512)",
        "ALTER TABLE review_conversations ALTER COLUMN document SET STATISTICS 1000",
        "CREATE INDEX ix_review_conversations_document ON review_conversations USING gin (document) "
        "WITH (fastupdate = off)",
    ],
    "sqlite": [
        "CREATE VIRTUAL TABLE review_search USING fts5(document, content='review_conversations', "
        "content_rowid='id', tokenize=\"unicode61 remove_diacritics 0 tokenchars ':=_-.%'\")",
        "CREATE TRIGGER review_search_added AFTER INSERT ON review_conversations BEGIN "
        "INSERT INTO review_search (rowid, document) VALUES (new.id, new.document); END",
        "CREATE TRIGGER review_search_removed AFTER DELETE ON review_conversations BEGIN "
        "INSERT INTO review_search (review_search, rowid, document) "
        "VALUES ('delete', old.id, old.document); END",
        "CREATE TRIGGER review_search_changed AFTER UPDATE OF document ON review_conversations "
        "WHEN old.document <> new.document BEGIN "
        "INSERT INTO review_search (review_search, rowid, document) "
        "VALUES ('delete', old.id, old.document); "
        "INSERT INTO review_search (rowid, document) VALUES (new.id, new.document); END",
    ],
}


def upgrade() -> None:
    _events()
    _projected()
    _reviewed()
    for statement in _SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)


def _events() -> None:
    op.create_table(
        "event_queue",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_queue")),
    )
    op.create_table(
        "event_failures",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_failures")),
    )
    op.create_table(
        "event_pulse",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_event_pulse")),
    )


def _projected() -> None:
    op.create_table(
        "review_events",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_events")),
        sa.UniqueConstraint("key", name=op.f("uq_review_events_key")),
    )
    op.create_index(op.f("ix_review_events_conversation_id_at"), "review_events", ["conversation_id", "at"])
    op.create_table(
        "review_conversations",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("last_customer_at", UtcDateTime, nullable=True),
        sa.Column("customer_messages", sa.Integer(), nullable=False),
        sa.Column("bot_messages", sa.Integer(), nullable=False),
        sa.Column("person_messages", sa.Integer(), nullable=False),
        sa.Column("lowest_confidence", sa.Float(), nullable=True),
        sa.Column("slowest_ms", sa.Integer(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("handover_reason", sa.Text(), nullable=False),
        sa.Column("handed_over_at", UtcDateTime, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("last_text", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("document", TOKENS, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_conversations")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_review_conversations_conversation_id")),
    )
    op.create_index(
        op.f("ix_review_conversations_customer_id_started_at"),
        "review_conversations",
        ["customer_id", "started_at"],
    )
    op.create_index(
        op.f("ix_review_conversations_customer_messages"), "review_conversations", ["customer_messages"]
    )
    op.create_index(op.f("ix_review_conversations_last_at_id"), "review_conversations", ["last_at", "id"])
    op.create_index(
        op.f("ix_review_conversations_lowest_confidence"), "review_conversations", ["lowest_confidence"]
    )
    op.create_table(
        "review_messages",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("ranking", JSON, nullable=False),
        sa.Column("entities", JSON, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("corrected_intent", sa.Text(), nullable=True),
        sa.Column("handled_by", sa.Text(), nullable=True),
        sa.Column("handled_at", UtcDateTime, nullable=True),
        sa.Column("flagged_by", sa.Text(), nullable=True),
        sa.Column("flagged_at", UtcDateTime, nullable=True),
        sa.Column("flagged_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_review_messages_key")),
    )
    op.create_index(op.f("ix_review_messages_conversation_id"), "review_messages", ["conversation_id"])
    op.create_index(op.f("ix_review_messages_state_at"), "review_messages", ["state", "at"])
    op.create_table(
        "review_values",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_review_values")),
    )
    op.create_table(
        "review_changes",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_changes")),
    )


def _reviewed() -> None:
    op.create_table(
        "review_states",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_review_states")),
    )
    op.create_table(
        "conversation_labels",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "label", name=op.f("pk_conversation_labels")),
    )
    op.create_table(
        "review_history",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("undone_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_history")),
    )
    op.create_index(op.f("ix_review_history_conversation_id"), "review_history", ["conversation_id"])
    op.create_table(
        "saved_filters",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("staff", "name", name=op.f("uq_saved_filters_staff_name")),
    )


_TABLES = (
    "event_queue",
    "event_failures",
    "event_pulse",
    "review_events",
    "review_conversations",
    "review_messages",
    "review_values",
    "review_changes",
    "review_states",
    "conversation_labels",
    "review_history",
    "saved_filters",
)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE review_search")
    for table in reversed(_TABLES):
        op.drop_table(table)
