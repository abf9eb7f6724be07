"""The passages on disk: one LanceDB table with full text and, when there is an embedder, vectors.

Contract: an import puts pieces (`put`) and ends with `publish`. Until then, readers in every process stay
with the version of the table that was published last; then they go over to the new one at their next
question. An import that broke off is taken up by the next one, which finds its pieces by their stamps.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support import lazy
from support.knowledge import counts, rows
from support.knowledge.counts import Published
from support.knowledge.rows import Entry
from support.knowledge.snapshot import Snapshot, quoted

if TYPE_CHECKING:
    import lancedb
else:
    lancedb = lazy.module("lancedb")

_TABLE = "passages"
# Of the table's columns. An index of another layout counts as empty, and the next import builds it anew.
_LAYOUT = 5
# The tokens are cut before they come here: the index must not cut, fold or stem them again.
_AS_THEY_ARE = {
    "base_tokenizer": "whitespace",
    "lower_case": False,
    "stem": False,
    "remove_stop_words": False,
    "ascii_folding": False,
}
# Old versions are kept this long for readers that are still using one.
_KEEP_VERSIONS, _KEEP_ALL = timedelta(minutes=10), timedelta(days=36_500)
_NAMES_A_DELETION = 500


class Index:
    """The table in `folder`, which is made on the first `put`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "published.db"
        self._read_at: tuple[int, int] | None = None
        self._snapshot: Snapshot | None = None

    @property
    def version(self) -> str:
        """Of what this process has seen last; empty for nothing."""
        return self._snapshot.published.version if self._snapshot else ""

    @property
    def passages(self) -> int:
        return self._snapshot.published.passages if self._snapshot else 0

    async def open(self) -> Snapshot | None:
        """What was published last; None when there is nothing to search."""
        written_at = counts.written_at(self._file)
        if written_at != self._read_at:
            self._snapshot = await self._newest() if written_at else None
            self._read_at = written_at
        return self._snapshot

    async def current_version(self) -> str:
        """What was published last, without opening the table; empty for nothing."""
        published = await self._published()
        return published.version if published else ""

    async def current_passages(self) -> int:
        """How many were published last, without opening the table."""
        published = await self._published()
        return published.passages if published else 0

    async def _published(self) -> Published | None:
        if not counts.written_at(self._file):
            return None
        published = (await asyncio.to_thread(counts.Counts, self._file)).published
        return published if published.layout == _LAYOUT else None

    async def _newest(self) -> Snapshot | None:
        found = counts.Counts(self._file)
        if found.published.layout != _LAYOUT:
            return None
        table = await (await self._connect()).open_table(_TABLE)
        return await Snapshot.open(table, found)

    async def prepare(self, vector_size: int) -> None:
        """Forget everything if the table is of another layout or has other vectors."""
        database = await self._connect()
        if _TABLE in (await database.list_tables()).tables:
            table = await database.open_table(_TABLE)
            same = (await table.schema()).equals(rows.schema(vector_size))
            stranger = self._file.exists() and counts.Counts(self._file).published.layout != _LAYOUT
            if same and not stranger:
                return
        await asyncio.to_thread(shutil.rmtree, self._folder)
        self._snapshot = self._read_at = None

    async def stamps(self) -> dict[str, str]:
        """The stamp of every file that is in the table, published or not."""
        database, found = await self._connect(), dict[str, str]()
        if _TABLE not in (await database.list_tables()).tables:
            return found
        table = await database.open_table(_TABLE)
        async for batch in await table.query().select(["source", "stamp"]).to_batches():
            found.update(zip(batch["source"].to_pylist(), batch["stamp"].to_pylist(), strict=True))
        return found

    async def put(self, sources: Collection[str], entries: Sequence[Entry], vector_size: int) -> None:
        """Put `entries` in the place of all that came from `sources`; `prepare` has been called."""
        schema = rows.schema(vector_size)
        table = await (await self._connect()).create_table(_TABLE, schema=schema, exist_ok=True)
        names = sorted(sources)
        for start in range(0, len(names), _NAMES_A_DELETION):
            some = ", ".join(map(quoted, names[start : start + _NAMES_A_DELETION]))
            await table.delete(f"source IN ({some})")
        if entries:
            # Null vectors are rows that await the embedder; without this, LanceDB takes them for mistakes.
            await table.add(await asyncio.to_thread(rows.table, entries, vector_size), on_bad_vectors="null")

    async def publish(self, version: str, embedding_model: str) -> None:
        """Bring the indices up to date and let readers have what was put."""
        table = await (await self._connect()).open_table(_TABLE)
        await self._bring_up_to_date(table)
        passages, frequency = 0, Counter[str]()
        async for batch in await table.query().select(["card"]).to_batches():
            passages += batch.num_rows
            await asyncio.to_thread(_count, frequency, batch["card"].to_pylist())
        published = Published(_LAYOUT, await table.version(), passages, version, embedding_model)
        await asyncio.to_thread(counts.write, self._file, published, frequency)
        await table.optimize(cleanup_older_than=_KEEP_VERSIONS)
        await self.open()

    async def _bring_up_to_date(self, table: Any) -> None:
        # The pieces of the import become few large ones now, not when readers are told of them already.
        # What is published must not be cleaned away before something else is.
        await table.optimize(cleanup_older_than=_KEEP_ALL)
        if not await table.list_indices() and await table.count_rows():
            words = lancedb.index.FTS(**_AS_THEY_ARE, max_token_length=None)
            await table.create_index("tokens", config=words)
            for column in ("article", "id", "source"):
                await table.create_index(column, config=lancedb.index.BTree())

    async def _connect(self) -> Any:
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(lazy.load, lancedb)
        return await lancedb.connect_async(self._folder)


def _count(frequency: Counter[str], cards: Sequence[str]) -> None:
    for tokens in rows.tokens_of(cards):
        frequency.update(tokens)
