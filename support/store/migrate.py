"""Bring a database to the current schema: `python -m support.store.migrate` (uses the settings).

Also `python -m support.store.migrate --new "what changed"` writes the next migration from the difference
between `tables.py` and the database.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from support.settings import read_settings
from support.store import Store


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(store: Store, revision: str = "head") -> None:
    """Apply every migration that this database has not seen, up to and with `revision`."""
    async with store.writing() as unit:
        await unit.connection.run_sync(lambda sync: command.upgrade(_config(sync), revision))


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
    asyncio.run(_main(parser.parse_args().new))
