"""writes: where a conversation began, and lines of orders that no second refund may cover"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from support.store.tables.base import Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_REFUNDS = sa.table(
    "refunds",
    sa.column("refund_id", sa.Text),
    sa.column("order_id", sa.Text),
    sa.column("status", sa.Text),
    sa.column("sku_ids", Json),
)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_conversations_origin", "conversations", ["origin"])
    lines = op.create_table(
        "refund_lines",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("sku_id", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.refund_id"], name="fk_refund_lines_refund_id"),
        sa.PrimaryKeyConstraint("order_id", "sku_id", name="pk_refund_lines"),
    )
    op.create_index("ix_refund_lines_refund_id", "refund_lines", ["refund_id"])
    _fill(lines)


def _fill(lines: sa.Table) -> None:
    """With what is promised already."""
    covered: dict[tuple[str, str], str] = {}
    promised = sa.select(_REFUNDS).where(_REFUNDS.c.status != "refused")
    for refund in op.get_bind().execute(promised).all():
        for sku_id in refund.sku_ids:
            covered.setdefault((refund.order_id, sku_id), refund.refund_id)
    for (order_id, sku_id), refund_id in covered.items():
        op.get_bind().execute(sa.insert(lines).values(order_id=order_id, sku_id=sku_id, refund_id=refund_id))


def downgrade() -> None:
    op.drop_index("ix_refund_lines_refund_id", table_name="refund_lines")
    op.drop_table("refund_lines")
    op.drop_index("ix_conversations_origin", table_name="conversations")
    op.drop_column("conversations", "origin")
