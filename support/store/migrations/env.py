"""Alembic's entry: runs the migrations on the database that the caller connected to."""

from __future__ import annotations

from alembic import context

from support.store.tables import is_compared, metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
    include_object=is_compared,
)
with context.begin_transaction():
    context.run_migrations()
