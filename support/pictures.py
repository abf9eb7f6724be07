"""Where pictures lie: a folder, or an S3 bucket, by one URL (`file:///…`, `s3://bucket/prefix`).

obstore speaks both. Keys are made by us, never taken from a client.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import NotFoundError
from obstore.store import ObjectStore, from_url


class PictureStore:
    """Bytes by key. Connects on first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: ObjectStore | None = None

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            parts = urlsplit(self._url)
            if parts.scheme == "file":
                Path(unquote(parts.path)).mkdir(parents=True, exist_ok=True)
            self._opened = from_url(self._url)
        return self._opened

    async def put(self, key: str, data: bytes) -> None:
        await self._store.put_async(key, data)

    async def get(self, key: str) -> bytes | None:
        """The bytes; None when there are none under this key."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
