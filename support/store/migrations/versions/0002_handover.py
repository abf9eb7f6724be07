"""handover: leases and read times of conversations, presence and promises of handovers, transitions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from support.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLUMNS = {
    "conversations": (
        ("lease_by", sa.Text()),
        ("lease_until", UtcDateTime),
        ("customer_read_at", UtcDateTime),
        ("staff_read_at", UtcDateTime),
    ),
    "handovers": (
        ("taken_name", sa.Text()),
        ("seen_at", UtcDateTime),
        ("customer_said_at", UtcDateTime),
        ("person_said_at", UtcDateTime),
        ("promised_at", UtcDateTime),
    ),
}


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_handovers_conversation_id"), "handovers", ["conversation_id"])
    op.create_table(
        "transitions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=True),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("by_kind", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions")),
    )
    op.create_index("ix_transitions_conversation_id_id", "transitions", ["conversation_id", "id"])


def downgrade() -> None:
    op.drop_table("transitions")
    op.drop_index(op.f("ix_handovers_conversation_id"), table_name="handovers")
    for table, columns in reversed(_COLUMNS.items()):
        for name, _ in columns:
            op.drop_column(table, name)
