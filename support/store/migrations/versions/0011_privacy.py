"""privacy: what is kept how long, and who was erased

Rows of the ledger and of the staff's log that an older version wrote are rewritten here, once: customers' ids
become pseudonyms, and what people typed moves to `free_words`. Nothing else ever changes one.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from support.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# As 0001 and 0005 made them, but that rows of the staff's log may go when they are half a year old.
_DROP = {
    "sqlite": [
        f"DROP TRIGGER {table}_refuses_{event}"
        for table in ("ledger", "staff_log")
        for event in ("UPDATE", "DELETE")
    ],
    "postgresql": [f"DROP TRIGGER {table}_refuses ON {table}" for table in ("ledger", "staff_log")],
}
_SQLITE_REFUSES = "BEGIN SELECT RAISE(ABORT, '{} is append-only'); END"
_LEDGER, _LOG = (_SQLITE_REFUSES.format(named) for named in ("the ledger", "the staff log"))
_MAKE = {
    "sqlite": [
        f"CREATE TRIGGER ledger_refuses_UPDATE BEFORE UPDATE ON ledger {_LEDGER}",
        f"CREATE TRIGGER ledger_refuses_DELETE BEFORE DELETE ON ledger {_LEDGER}",
        f"CREATE TRIGGER staff_log_refuses_UPDATE BEFORE UPDATE ON staff_log {_LOG}",
        "CREATE TRIGGER staff_log_refuses_DELETE BEFORE DELETE ON staff_log "
        f"WHEN OLD.at > datetime('now', '-180 days') {_LOG}",
    ],
    "postgresql": [
        "CREATE TRIGGER ledger_refuses BEFORE UPDATE OR DELETE ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuses()",
        "CREATE OR REPLACE FUNCTION staff_log_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '180 days' THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'the staff log is append-only'; END $$",
        "CREATE TRIGGER staff_log_refuses BEFORE UPDATE OR DELETE ON staff_log "
        "FOR EACH ROW EXECUTE FUNCTION staff_log_refuses()",
    ],
}
_MAKE_AS_BEFORE = {
    "sqlite": [
        f"CREATE TRIGGER {table}_refuses_{event} BEFORE {event} ON {table} {refuses}"
        for table, refuses in (("ledger", _LEDGER), ("staff_log", _LOG))
        for event in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION staff_log_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the staff log is append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuses()"
            for table in ("ledger", "staff_log")
        ),
    ],
}
# The fields that people typed, as `support.store.free_words` has them.
_TYPED_LEDGER = ("note", "verdict")
_TYPED_STAFF_LOG = ("label", "name", "text", "why")

_ledger = sa.table(
    "ledger", *map(sa.column, ("id", "actor", "conversation_id", "order_id")), sa.column("inputs", JSON)
)
_staff_log = sa.table("staff_log", *map(sa.column, ("id", "conversation_id")), sa.column("details", JSON))
_pseudonyms = sa.table("pseudonyms", sa.column("customer_id"), sa.column("pseudonym"))
_free_words = sa.table(
    "free_words",
    *map(sa.column, ("source", "row_id", "name", "words", "conversation_id", "order_id")),
)


def upgrade() -> None:
    _tables()
    database = op.get_bind().dialect.name
    _execute(_DROP[database])
    _rewrite_ledger()
    _rewrite_staff_log()
    _execute(_MAKE[database])


def _tables() -> None:
    op.create_table(
        "pseudonyms",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_pseudonyms")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_pseudonyms_pseudonym")),
    )
    op.create_table(
        "free_words",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_free_words")),
    )
    for columns in (["conversation_id"], ["order_id"], ["source", "row_id"]):
        op.create_index(op.f(f"ix_free_words_{'_'.join(columns)}"), "free_words", columns)
    op.create_table(
        "erased",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_erased")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("remains", JSON, nullable=False),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Column("lease_until", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("result", JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )


def _execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _rewrite_ledger() -> None:
    database = op.get_bind()
    names: dict[str, str] = {}
    for row in database.execute(sa.select(_ledger)).all():
        typed, rest = _parted(row.inputs, _TYPED_LEDGER)
        actor = row.actor
        if actor.startswith("customer:"):
            customer_id = actor.removeprefix("customer:")
            if customer_id not in names:
                names[customer_id] = f"~{secrets.token_hex(8)}"
            actor = f"customer:{names[customer_id]}"
        if typed or actor != row.actor:
            _keep("ledger", row.id, typed, row.conversation_id, row.order_id)
            changed = sa.update(_ledger).where(_ledger.c.id == row.id)
            database.execute(changed.values(actor=actor, inputs=rest))
    for customer_id, pseudonym in names.items():
        insert = sa.insert(_pseudonyms).values(customer_id=customer_id, pseudonym=pseudonym)
        database.execute(insert)


def _rewrite_staff_log() -> None:
    database = op.get_bind()
    for row in database.execute(sa.select(_staff_log)).all():
        typed, rest = _parted(row.details, _TYPED_STAFF_LOG)
        if typed:
            _keep("staff_log", row.id, typed, row.conversation_id, "")
            changed = sa.update(_staff_log).where(_staff_log.c.id == row.id)
            database.execute(changed.values(details=rest))


def _parted(values: Mapping[str, Any], names: Collection[str]) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    typed = {name: value for name, value in values.items() if name in names and isinstance(value, str)}
    return typed, {name: value for name, value in values.items() if name not in typed}


def _keep(source: str, row_id: int, typed: Mapping[str, str], conversation_id: str, order_id: str) -> None:
    for name, words in typed.items():
        row = {"source": source, "row_id": row_id, "name": name, "words": words}
        row |= {"conversation_id": conversation_id, "order_id": order_id}
        op.get_bind().execute(sa.insert(_free_words).values(**row))


def downgrade() -> None:
    database = op.get_bind().dialect.name
    _execute(_DROP[database])
    _execute(_MAKE_AS_BEFORE[database])
    for table in ("jobs", "erasures", "erased", "free_words", "pseudonyms"):
        op.drop_table(table)
