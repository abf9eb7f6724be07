"""A backup back into an empty system."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.backup.archive import BackupError, Manifest, unpack
from support.backup.keep import Progress
from support.pictures import PictureStore
from support.settings import Settings
from support.store import Store, copying
from support.store.migrate import migrate

# Whoever was signed out, or had an invitation withdrawn, since the backup was made would be let in again.
_WAYS_IN = ("staff_sessions", "staff_links", "staff_tries")


async def restore(settings: Settings, path: Path, progress: Progress) -> Manifest:
    """Put everything back; BackupError, and nothing is written, unless the file is whole and all is empty.

    Rows go in within one transaction, after the pictures and files that they name. The staff's sessions and
    one-time links stay behind.
    """
    store = Store(settings.database_url)
    tracker = Store(settings.tracker_url)
    try:
        await store.reach()
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            progress(f"checking {path.name}")
            manifest = unpack(path, folder)
            await _refuse_unless_empty(settings, store, tracker)
            await migrate(store, manifest.revision)
            await _pictures(folder / "pictures", PictureStore(settings.attachments_url), progress)
            for name, target in (("shop", settings.shop), ("models", settings.models)):
                if (folder / name).is_dir():
                    shutil.copytree(folder / name, target, dirs_exist_ok=True)
            await _rows(folder, store, tracker, progress)
            await migrate(store)
    finally:
        await tracker.close()
        await store.close()
    return manifest


async def _refuse_unless_empty(settings: Settings, store: Store, tracker: Store) -> None:
    full = (
        "{what} already: a backup goes into an empty system. Name another one (SHOPCLERK_VAR=folder, "
        "SHOPCLERK_SHOP, SHOPCLERK_MODELS, SHOPCLERK_DATABASE_URL), or move what is there away"
    )
    # Named by settings of their own, they may be those of a system that runs elsewhere.
    for folder in (settings.shop, settings.models):
        if folder.is_dir() and any(folder.iterdir()):
            raise BackupError(full.format(what=f"There are files in {folder}"))
    async with store.reading() as unit:
        for table in copying.tables():
            if await copying.has_rows(unit, table):
                raise BackupError(full.format(what=f"The database has rows in `{table.name}`"))
    async with tracker.reading() as told:
        if await copying.has_rows(told, copying.tracker_events):
            raise BackupError(full.format(what="Rasa's tracker store has conversations"))
    if await PictureStore(settings.attachments_url).keys():
        raise BackupError(full.format(what=f"There are pictures in {settings.attachments_url}"))


async def _pictures(folder: Path, pictures: PictureStore, progress: Progress) -> None:
    files = [one for one in folder.rglob("*") if one.is_file()]
    for file in files:
        await pictures.put(str(file.relative_to(folder)), file.read_bytes())
    progress(f"pictures: {len(files):,} files")


async def _rows(folder: Path, store: Store, tracker: Store, progress: Progress) -> None:
    async with store.writing() as unit:
        for table in copying.tables():
            file = folder / "tables" / f"{table.name}.jsonl"
            wanted = file.exists() and table.name not in _WAYS_IN
            count = await copying.fill(unit, table, _lines(file)) if wanted else 0
            if count:
                progress(f"tables/{table.name}: {count:,} rows")
    async with tracker.writing() as told:
        await copying.ready_tracker(told)
        count = await copying.fill(told, copying.tracker_events, _lines(folder / "tracker" / "events.jsonl"))
        progress(f"tracker/events: {count:,} rows")


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
