"""analytics: indexes that hold what is counted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CONVERSATION = [
    "started_at",
    "conversation_id",
    "is_test",
    "channel",
    "language",
    "outcome",
    "handover_reason",
    "handed_over_at",
    "person_messages",
    "customer_messages",
    "customer_id",
    "last_customer_at",
    "rating",
]
_MESSAGE = ["at", "conversation_id", "intent", "answered", "confidence"]


def upgrade() -> None:
    op.create_index(op.f("ix_review_conversations_counted"), "review_conversations", _CONVERSATION)
    tests = sa.text("is_test")
    op.create_index(
        op.f("ix_review_conversations_tests"),
        "review_conversations",
        ["conversation_id"],
        sqlite_where=tests,
        postgresql_where=tests,
    )
    op.create_index(op.f("ix_review_messages_counted"), "review_messages", _MESSAGE)


def downgrade() -> None:
    op.drop_index(op.f("ix_review_messages_counted"), table_name="review_messages")
    op.drop_index(op.f("ix_review_conversations_tests"), table_name="review_conversations")
    op.drop_index(op.f("ix_review_conversations_counted"), table_name="review_conversations")
