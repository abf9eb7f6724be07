"""products are found by tokens; the words that nothing searched are gone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TOKENS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")

# As for conversations (0003), but on PostgreSQL the tokens stay in the rows, since searches go through some
# of them; and there is a pending list, since an import adds products by the ten thousand, and empties it.
_SEARCH = {
    "postgresql": [
        "ALTER TABLE product_tokens ALTER COLUMN document SET STORAGE MAIN",
        "ALTER TABLE product_tokens ALTER COLUMN document SET STATISTICS 1000",
        "CREATE INDEX ix_product_tokens_document ON product_tokens USING gin (document)",
    ],
    "sqlite": [
        "CREATE VIRTUAL TABLE product_search USING fts5(document, content='product_tokens', "
        "content_rowid='id', detail=none, "
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars ':-_.%/'\")",
        "CREATE TRIGGER product_search_added AFTER INSERT ON product_tokens BEGIN "
        "INSERT INTO product_search (rowid, document) VALUES (new.id, new.document); END",
        "CREATE TRIGGER product_search_removed AFTER DELETE ON product_tokens BEGIN "
        "INSERT INTO product_search (product_search, rowid, document) "
        "VALUES ('delete', old.id, old.document); END",
        "CREATE TRIGGER product_search_changed AFTER UPDATE OF document ON product_tokens "
        "WHEN old.document <> new.document BEGIN "
        "INSERT INTO product_search (product_search, rowid, document) "
        "VALUES ('delete', old.id, old.document); "
        "INSERT INTO product_search (rowid, document) VALUES (new.id, new.document); END",
    ],
}


def upgrade() -> None:
    op.create_table(
        "product_tokens",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("document", TOKENS, nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.product_id"], name="fk_product_tokens_product_id"),
        sa.PrimaryKeyConstraint("id", name="pk_product_tokens"),
        sa.UniqueConstraint("product_id", name="uq_product_tokens_product_id"),
    )
    op.create_index("ix_product_tokens_low", "product_tokens", ["low"])
    op.create_index("ix_product_tokens_high", "product_tokens", ["high"])
    for statement in _SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_column("products", "search_words")


def downgrade() -> None:
    op.add_column("products", sa.Column("search_words", sa.Text(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE product_search")
    op.drop_table("product_tokens")
