"""The shop's own pictures among those that photos of refunds are compared with.

`refresh` follows the folder: new and changed files get a fingerprint (some 50 ms each), files that are gone
lose theirs. A file that is no picture is passed over: the import names it where a product wants it.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path

from support.store import Store
from support.store.evidence import CATALOGUE
from support.vision import PictureError
from support.vision.fingerprint import take
from support.vision.picture import MAX_AREA, decode, shrunk

_AT_ONCE = 50


async def refresh(store: Store, pictures: Path, now: datetime) -> int:
    """How many were taken in; `pictures` need not exist."""
    files = {_name(path, pictures): path for path in sorted(pictures.rglob("*")) if path.is_file()}
    async with store.reading() as unit:
        known = await unit.evidence.catalogue()
    new = sorted(files.keys() - known)
    for start in range(0, len(new), _AT_ONCE):
        await _take_in(store, {name: files[name] for name in new[start : start + _AT_ONCE]}, now)
    async with store.writing() as unit:
        await unit.evidence.forget(sorted(known - files.keys()))
    return len(new)


async def _take_in(store: Store, files: dict[str, Path], now: datetime) -> None:
    prints = {name: await asyncio.to_thread(_fingerprint, path) for name, path in files.items()}
    async with store.writing() as unit:
        for name, found in prints.items():
            data, words = found or (b"", [])
            await unit.evidence.add_fingerprint(name, data, now)
            await unit.evidence.index(name, words)


def _name(path: Path, pictures: Path) -> str:
    content = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return f"{CATALOGUE}{path.relative_to(pictures).as_posix()}:{content}"


def _fingerprint(path: Path) -> tuple[bytes, list[int]] | None:
    try:
        found = take(shrunk(decode(path.read_bytes()).image, MAX_AREA))
    except PictureError:
        return None
    return found.to_bytes(), found.words()
