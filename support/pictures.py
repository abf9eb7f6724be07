"""Where pictures lie: a folder, or an S3 bucket, by one URL (`file:///…`, `s3://bucket/prefix`).

obstore speaks both. Keys are made by us, never taken from a client.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url

# With less than that, somebody should make room before customers notice.
_ROOM_BYTES = 200_000_000
# So long a picture that could not be kept counts as a sign that none can.
_REMEMBERED_S = 20


class NotKept(Exception):
    """The folder is full, or the bucket cannot be reached: this picture was not stored."""


class PictureStore:
    """Bytes by key. Connects on first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: ObjectStore | None = None
        self._failed_at: float | None = None

    @property
    def _folder(self) -> Path | None:
        """None for a bucket."""
        parts = urlsplit(self._url)
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            if self._folder:
                self._folder.mkdir(parents=True, exist_ok=True)
            self._opened = from_url(self._url)
        return self._opened

    async def put(self, key: str, data: bytes) -> None:
        """Keep it; `NotKept` when there is no room for it."""
        try:
            await self._store.put_async(key, data)
        except (BaseError, OSError) as error:
            self._failed_at = time.monotonic()
            raise NotKept(type(error).__name__) from error
        self._failed_at = None

    def health(self) -> Literal["ok", "degraded", "down"]:
        """Whether pictures can be kept; degraded while there is little room. Asks no bucket."""
        if self._failed_at is not None and time.monotonic() - self._failed_at < _REMEMBERED_S:
            return "down"
        if (folder := self._folder) is None:
            return "ok"
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            return "down"
        return "ok" if shutil.disk_usage(folder).free >= _ROOM_BYTES else "degraded"

    async def keys(self) -> list[str]:
        """Of everything that lies here."""
        return [one["path"] async for some in obstore.list(self._store) for one in some]

    async def older(self, before: datetime) -> list[str]:
        """The keys of what was put here before then; a folder that is not there yet is not made."""
        if self._folder and not self._folder.exists():
            return []
        pages = obstore.list(self._store)
        return [one["path"] async for some in pages for one in some if one["last_modified"] < before]

    async def remove(self, keys: Iterable[str]) -> None:
        """Those that are not there are removed already."""
        for key in keys:
            with suppress(NotFoundError, FileNotFoundError):
                await self._store.delete_async(key)

    async def get(self, key: str) -> bytes | None:
        """The bytes; None when there are none under this key."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
