"""The passages on disk: one LanceDB table with full text and, when there is an embedder, vectors.

Contract: `replace` is one atomic commit, so a search during an import sees the old passages or the new
ones. Other processes see it too: every read looks for the newest version. Token counts lie beside the table
in `statistics.json`, written last; until then a reader ranks with the old counts, which is harmless.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from lancedb.index import FTS
from lancedb.query import MatchQuery

from support.knowledge.passages import Passage
from support.knowledge.ranking import Candidate, Statistics, Tokens, count

_TABLE = "passages"
# Of the table's columns. An index of another layout counts as empty, and the next import builds it anew.
_LAYOUT = 3
_TEXTS = ("id", "article", "title", "heading", "text", "language", "source")
_MARKS = ("vetted_answer", "asked_as")
_SHOWN = [*_TEXTS, *_MARKS, "siblings", "head_tokens", "body_tokens"]
# The tokens are cut before they come here: the index must not cut, fold or stem them again.
_FULL_TEXT = FTS(
    base_tokenizer="whitespace",
    lower_case=False,
    stem=False,
    remove_stop_words=False,
    ascii_folding=False,
    max_token_length=None,
)
# Old versions are kept this long for readers that are still using one.
_KEEP_VERSIONS = timedelta(minutes=10)


@dataclass(frozen=True)
class Entry:
    """A passage ready to be stored; `stamp` is that of its whole file, which has `siblings` passages in
    all.
    """

    passage: Passage
    tokens: Tokens
    stamp: str
    siblings: int
    vector: list[float] | None = None


class Index:
    """The table in `folder`, which is made on the first `replace`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._statistics_file = folder / "statistics.json"
        self._table: Any = None
        self._read_at: int | None = None
        self.statistics = Statistics(0, {})
        self.version = ""
        self.embedding_model = ""  # what its vectors are of; empty when it was imported without

    async def open(self) -> bool:
        """Make the newest statistics current; whether there is anything to search."""
        try:
            changed = self._statistics_file.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if changed != self._read_at:
            stored = json.loads(self._statistics_file.read_text(encoding="utf-8"))
            if stored.get("layout") != _LAYOUT:
                return False
            self.statistics = Statistics(stored["passages"], stored["frequency"])
            self.version, self.embedding_model = stored["version"], stored["embedding_model"]
            self._read_at, self._table = changed, None
        if self._table is None:
            self._table = await (await self._connect()).open_table(_TABLE)
        return True

    async def stamps(self) -> dict[str, str]:
        """The stamp of every file that is in the table."""
        if not await self.open():
            return {}
        rows = await self._table.query().select(["source", "stamp"]).to_list()
        return {row["source"]: row["stamp"] for row in rows}

    async def vector_size(self) -> int:
        """0 when the table has no vectors."""
        if not await self.open():
            return 0
        names = (await self._table.schema()).names
        return int((await self._table.schema()).field("vector").type.list_size) if "vector" in names else 0

    async def replace(
        self,
        sources: Iterable[str],
        entries: Sequence[Entry],
        version: str,
        vector_size: int,
        embedding_model: str,
    ) -> None:
        """Put `entries` in the place of all that came from `sources`. A change of `vector_size` needs a
        `drop`.
        """
        schema = _schema(vector_size)
        table = await (await self._connect()).create_table(_TABLE, schema=schema, exist_ok=True)
        rows = pa.Table.from_pylist([_row(entry) for entry in entries], schema=schema)
        merge = table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
        if gone := ", ".join(map(_quoted, sources)):
            merge = merge.when_not_matched_by_source_delete(f"source IN ({gone})")
        # Null vectors are rows that await the embedder; without this, LanceDB takes them for mistakes.
        await merge.execute(rows, on_bad_vectors="null")
        await self._index(table)
        await self._store_statistics(table, version, embedding_model)

    async def drop(self) -> None:
        """Forget everything."""
        self._table, self._read_at = None, None
        self._statistics_file.unlink(missing_ok=True)
        await (await self._connect()).drop_table(_TABLE, ignore_missing=True)

    async def match(self, terms: Iterable[str], language: str | None, limit: int) -> list[Candidate]:
        """The passages with most of the terms by BM25, in one language or in any."""
        query = self._table.query().nearest_to_text(MatchQuery(" ".join(terms), "tokens"))
        return await self._candidates(query, language, limit)

    async def near(self, vector: list[float], limit: int) -> list[tuple[float, Passage]]:
        """The passages nearest to a vector, with their cosine similarity."""
        query = self._table.query().nearest_to(vector).distance_type("cosine").limit(limit)
        rows = await query.select([*_SHOWN, "_distance"]).to_list()
        return [(1 - row["_distance"], _passage(row)) for row in rows]

    async def sections(self, article: str, language: str) -> list[Candidate]:
        """All of an article in one language, in order, its known wordings with it."""
        condition = f"article = {_quoted(article)} AND language = {_quoted(language)}"
        rows = await self._table.query().where(condition).select([*_SHOWN, "place"]).to_list()
        return [
            Candidate(_passage(row), _tokens(row), row["siblings"])
            for row in sorted(rows, key=lambda row: (row["source"], row["place"]))
        ]

    async def where(self, **equal: str) -> list[Passage]:
        """The passages whose fields have these values, in the article's order; no known wordings."""
        condition = " AND ".join(f"{field} = {_quoted(value)}" for field, value in equal.items())
        condition += " AND NOT asked_as"
        rows = await self._table.query().where(condition).select([*_SHOWN, "place"]).to_list()
        return [_passage(row) for row in sorted(rows, key=lambda row: (row["source"], row["place"]))]

    async def _candidates(self, query: Any, language: str | None, limit: int) -> list[Candidate]:
        if language:
            query = query.where(f"language = {_quoted(language)}")
        rows = await query.limit(limit).select([*_SHOWN, "_score"]).to_list()
        return [Candidate(_passage(row), _tokens(row), row["siblings"]) for row in rows]

    async def _connect(self) -> Any:
        self._folder.mkdir(parents=True, exist_ok=True)
        return await lancedb.connect_async(self._folder, read_consistency_interval=timedelta(0))

    async def _index(self, table: Any) -> None:
        if await table.list_indices():
            await table.optimize(cleanup_older_than=_KEEP_VERSIONS)
        elif await table.count_rows():
            await table.create_index("tokens", config=_FULL_TEXT)

    async def _store_statistics(self, table: Any, version: str, embedding_model: str) -> None:
        rows = await table.query().select(["head_tokens", "body_tokens"]).to_list()
        counted = count(map(_tokens, rows))
        stored = {"passages": counted.passages, "frequency": counted.frequency}
        stored |= {"layout": _LAYOUT, "version": version, "embedding_model": embedding_model}
        waiting = self._statistics_file.with_suffix(".new")
        waiting.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        waiting.replace(self._statistics_file)
        await self.open()


def _schema(vector_size: int) -> pa.Schema:
    fields = [
        pa.field(name, pa.string()) for name in (*_TEXTS, "stamp", "head_tokens", "body_tokens", "tokens")
    ]
    fields += [
        *(pa.field(name, pa.bool_()) for name in _MARKS),
        pa.field("place", pa.int32()),
        pa.field("siblings", pa.int32()),
    ]
    if vector_size:
        fields.append(pa.field("vector", pa.list_(pa.float32(), vector_size)))
    return pa.schema(fields)


def _row(entry: Entry) -> Mapping[str, Any]:
    head, body = " ".join(entry.tokens.head), " ".join(entry.tokens.body)
    row = {name: getattr(entry.passage, name) for name in (*_TEXTS, *_MARKS)} | {
        "stamp": entry.stamp,
        "siblings": entry.siblings,
        "place": int(entry.passage.id.rpartition("#")[2]),
        "head_tokens": head,
        "body_tokens": body,
        "tokens": f"{head} {head} {body}",  # once more: a title says what the whole is about
    }
    return row | ({"vector": entry.vector} if entry.vector else {})


def _tokens(row: Mapping[str, Any]) -> Tokens:
    return Tokens(row["head_tokens"].split(), row["body_tokens"].split())


def _passage(row: Mapping[str, Any]) -> Passage:
    return Passage(**{name: row[name] for name in (*_TEXTS, *_MARKS)})


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
