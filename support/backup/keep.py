"""Making a backup, also of a running system."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from support.backup.archive import Manifest, Writer, writing
from support.pictures import PictureStore
from support.settings import Settings
from support.store import Store, copying

Progress = Callable[[str], None]


async def back_up(settings: Settings, path: Path, now: datetime, progress: Progress) -> Manifest:
    """Write everything into `path`; what the manifest says is in it."""
    store = Store(settings.database_url)
    tracker = Store(settings.tracker_url)
    pictures = PictureStore(settings.attachments_url)
    try:
        await store.reach()
        with tempfile.TemporaryDirectory() as scratch:
            return await _back_up(settings, store, tracker, pictures, path, Path(scratch), now, progress)
    finally:
        await tracker.close()
        await store.close()


async def _back_up(
    settings: Settings,
    store: Store,
    tracker: Store,
    pictures: PictureStore,
    path: Path,
    scratch: Path,
    now: datetime,
    progress: Progress,
) -> Manifest:
    # The tracker first: an answer that it does not know of yet is at worst asked for again.
    async with tracker.snapshot() as told, store.snapshot() as unit:
        revision, kind = await copying.schema_revision(unit), store.engine.dialect.name
        with writing(path, Manifest(now.isoformat(timespec="seconds"), revision, kind)) as writer:
            events = copying.rows(told, copying.tracker_events)
            await _add_rows(writer, scratch, "tracker/events", events, progress)
            for table in copying.tables():
                rows = copying.rows(unit, table)
                await _add_rows(writer, scratch, f"tables/{table.name}", rows, progress)
            await _add_pictures(writer, scratch, pictures, progress)
            _add_folder(writer, "shop", settings.shop, progress)
            _add_folder(writer, "models", settings.models, progress)
            return writer.manifest


async def _add_rows(
    writer: Writer, scratch: Path, name: str, rows: AsyncIterator[Mapping[str, Any]], progress: Progress
) -> None:
    file, count = scratch / "rows.jsonl", 0
    with file.open("w", encoding="utf-8") as out:
        async for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    writer.manifest.rows[name.partition("/")[2]] = count
    writer.add(f"{name}.jsonl", file)
    if count:
        progress(f"{name}: {count:,} rows")


async def _add_pictures(writer: Writer, scratch: Path, pictures: PictureStore, progress: Progress) -> None:
    file, count = scratch / "picture", 0
    for key in await pictures.keys():
        if (data := await pictures.get(key)) is not None:  # or it was erased meanwhile
            file.write_bytes(data)
            writer.add(f"pictures/{key}", file)
            count += 1
    progress(f"pictures: {count:,} files")


def _add_folder(writer: Writer, name: str, folder: Path, progress: Progress) -> None:
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    for file in files:
        writer.add(f"{name}/{file.relative_to(folder)}", file)
    progress(f"{name}: {len(files):,} files")
