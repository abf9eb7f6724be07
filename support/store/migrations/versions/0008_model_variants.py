"""model_calls: which variant answered, from where, and what the prefix cache saved; model_texts: the words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from support.store.tables.base import Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("model_calls") as table:
        table.add_column(sa.Column("message_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("model", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("endpoint", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("cached_tokens", sa.Integer(), nullable=True))
    op.create_table(
        "model_texts",
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("messages", Json, nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_model_texts")),
    )


def downgrade() -> None:
    op.drop_table("model_texts")
    with op.batch_alter_table("model_calls") as table:
        for column in ("cached_tokens", "endpoint", "model", "message_id"):
            table.drop_column(column)
