"""the hash of pictures that nothing compared is gone: claims are compared by their points (evidence)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("attachments", "phash")


def downgrade() -> None:
    op.add_column("attachments", sa.Column("phash", sa.Text(), nullable=False, server_default=""))
