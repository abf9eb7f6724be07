"""evidence: what photos of claims look like, what they are said to show, and challenges"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from support.store.tables.base import Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprints")),
        sa.UniqueConstraint("picture", name=op.f("uq_fingerprints_picture")),
    )
    op.create_table(
        "fingerprint_words",
        sa.Column("word", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "fingerprint_id", name=op.f("pk_fingerprint_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "claim_pictures",
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("picture", "refund_id", name=op.f("pk_claim_pictures")),
    )
    op.create_index("ix_claim_pictures_refund_id", "claim_pictures", ["refund_id"])
    op.create_table(
        "picture_views",
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("sku_ids", Json, nullable=False),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("confidence", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("picture", "order_id", name=op.f("pk_picture_views")),
    )
    op.create_table(
        "challenges",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("pictures", Json, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "order_id", name=op.f("pk_challenges")),
    )
    op.create_index("ix_challenges_order_id", "challenges", ["order_id"])


def downgrade() -> None:
    for table in ("challenges", "picture_views", "claim_pictures", "fingerprint_words", "fingerprints"):
        op.drop_table(table)
