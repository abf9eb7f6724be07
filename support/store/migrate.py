"""Bring a database to the current schema: `python -m support.store.migrate` (uses the settings).

Also `python -m support.store.migrate --new "what changed"` writes the next migration from the difference
between `tables.py` and the database.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from support.settings import read_settings
from support.store import DatabaseUnavailable, Store


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(store: Store, revision: str = "head") -> None:
    """Apply every migration that this database has not seen, up to and with `revision`.

    Raises DatabaseUnavailable: what brings a database up to date is the first that needs it.
    """
    await store.reach()
    async with store.writing() as unit:
        await unit.connection.run_sync(lambda sync: command.upgrade(_config(sync), revision))


async def schema_state(url: str) -> Literal["none", "old", "current"]:
    """Whether a database is there and has seen every migration; asking makes and changes nothing."""
    file = sa.engine.make_url(url).database
    if url.startswith("sqlite") and not (file and Path(file).exists()):
        return "none"
    store = Store(url)
    try:
        await store.reach()
        async with store.reading() as unit:
            return await unit.connection.run_sync(_schema_state)
    finally:
        await store.close()


def _schema_state(connection: sa.Connection) -> Literal["none", "old", "current"]:
    seen = set(MigrationContext.configure(connection).get_current_heads())
    if not seen:
        return "none"
    return "current" if seen == set(ScriptDirectory.from_config(_config(connection)).get_heads()) else "old"


async def _main(new: str | None) -> None:
    store = Store(read_settings().database_url)
    await migrate(store)
    if new:
        async with store.writing() as unit:
            await unit.connection.run_sync(
                lambda sync: command.revision(_config(sync), message=new, autogenerate=True)
            )
    await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--new", metavar="MESSAGE", help="write a migration for the changed tables")
    try:
        asyncio.run(_main(parser.parse_args().new))
    except DatabaseUnavailable as error:
        sys.exit(str(error))
