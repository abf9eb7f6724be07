"""answer_marks: verdicts on the assistant's answers, and better words for them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from support.store.tables.base import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_marks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("better", sa.Text(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_marks")),
        sa.UniqueConstraint(
            "conversation_id",
            "message_id",
            "kind",
            "login",
            name=op.f("uq_answer_marks_conversation_id_message_id_kind_login"),
        ),
    )
    op.create_index("ix_answer_marks_at", "answer_marks", ["at"])


def downgrade() -> None:
    op.drop_index("ix_answer_marks_at", table_name="answer_marks")
    op.drop_table("answer_marks")
