"""model_calls: how long the model took, and what became of what it said"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from support.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("first_token_ms", sa.Integer(), nullable=True),
        sa.Column("total_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_calls")),
    )
    op.create_index(op.f("ix_model_calls_at"), "model_calls", ["at"])
    op.create_index(op.f("ix_model_calls_conversation_id"), "model_calls", ["conversation_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_model_calls_conversation_id"), table_name="model_calls")
    op.drop_index(op.f("ix_model_calls_at"), table_name="model_calls")
    op.drop_table("model_calls")
