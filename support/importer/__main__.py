"""The command: `python -m support.importer FOLDER [--skip-bad] [--restore-erased]`.

Exits with 1 when nothing was loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from support.bootstrap import embedder
from support.importer import NothingToImportError, Report, import_folder
from support.importer.report import lines
from support.knowledge import Knowledge
from support.settings import read_settings
from support.store import DatabaseUnavailable, Store
from support.store.migrate import migrate
from support.var_folder import keep_private

_PROGRESS_STEP = 20_000


class _Progress:
    """One line that is overwritten on a terminal; elsewhere a line for every so many rows of long files."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __call__(self, file: str, done: int, total: int) -> None:
        if self._terminal:
            print(f"\r\033[K{file}: {done:,} of {total:,}", end="", file=sys.stderr, flush=True)
        elif total > _PROGRESS_STEP and (done % _PROGRESS_STEP == 0 or done == total):
            print(f"{file}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


async def _import(folder: Path, skip_bad: bool, restore_erased: bool) -> Report:
    settings = read_settings()
    keep_private(settings.var)
    store = Store(settings.database_url)
    vectors = embedder(settings)
    knowledge = Knowledge(settings.var / "knowledge", vectors)
    progress = _Progress()
    try:
        await migrate(store)
        return await import_folder(
            folder,
            store,
            knowledge,
            settings.shop,
            skip_bad=skip_bad,
            restore_erased=restore_erased,
            progress=progress,
        )
    finally:
        progress.clear()
        await store.close()
        if vectors:
            await vectors.close()


def _main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m support.importer", description="Load a folder of the shop's data."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out bad rows and documents, and what refers to them, instead of stopping",
    )
    parser.add_argument(
        "--restore-erased",
        action="store_true",
        help="load customers who were erased, too, who are left out otherwise",
    )
    arguments = parser.parse_args()
    try:
        report = asyncio.run(_import(arguments.folder, arguments.skip_bad, arguments.restore_erased))
    except NothingToImportError as error:
        print(f"Nothing to import: {error}")
        return 1
    except DatabaseUnavailable as error:
        print(f"Nothing was loaded: {error}")
        return 1
    for line in lines(report, str(arguments.folder)):
        print(line)
    return 0 if report.loaded else 1


if __name__ == "__main__":
    sys.exit(_main())
