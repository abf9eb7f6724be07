"""The passages as they were published at one time, for reading; see `support.knowledge.index`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from support import lazy
from support.knowledge import rows
from support.knowledge.counts import Counts, Published
from support.knowledge.passages import Passage
from support.knowledge.ranking import Candidate, Statistics

if TYPE_CHECKING:
    import lancedb.query
else:
    lancedb = lazy.module("lancedb")

# A shop with no more passages than this has them all in memory, and only the full text on disk.
_KEPT = 5_000

_Place = tuple[str, str]  # an article and a language


class Snapshot:
    """One version of the table, with its counts. `vector_size` is 0 when it has no vectors."""

    def __init__(self, table: Any, counts: Counts, vector_size: int) -> None:
        self._table, self._counts = table, counts
        self.vector_size = vector_size
        self._kept: Mapping[int, Candidate] = {}  # by row id; empty when there are too many
        self._articles: Mapping[_Place, list[Candidate]] = {}

    @classmethod
    async def open(cls, table: Any, counts: Counts) -> Snapshot:
        await table.checkout(counts.published.table_version)
        schema = await table.schema()
        size = schema.field("vector").type.list_size if "vector" in schema.names else 0
        snapshot = cls(table, counts, size)
        if counts.published.passages <= _KEPT:
            await snapshot._keep()
        return snapshot

    async def _keep(self) -> None:
        found = await self._table.query().with_row_id().select(_ORDERED).to_list()
        found.sort(key=_in_order)
        self._kept = {row["_rowid"]: rows.candidate(row["card"]) for row in found}
        self._articles = _by_place(self._kept.values())

    @property
    def published(self) -> Published:
        return self._counts.published

    def statistics(self, terms: Iterable[str]) -> Statistics:
        """How rare each of these tokens is."""
        return self._counts.of(terms)

    async def match(
        self, terms: Collection[str], by: Collection[str], limits: Sequence[tuple[str, int]]
    ) -> list[Candidate]:
        """The passages with most of the terms `by` by BM25: of each language, as many as its limit says."""
        cards = rows.Cards(terms)
        found = await asyncio.gather(
            *(self._matching(cards, rows.terms(by, language), limit) for language, limit in limits)
        )
        return [one for of_language in found for one in of_language]

    async def near(self, vector: list[float], limit: int) -> list[tuple[float, Passage]]:
        """The passages nearest to a vector, with their cosine similarity."""
        query = self._table.query().nearest_to(vector).distance_type("cosine").limit(limit)
        found = await query.select(["card", "_distance"]).to_list()
        return [(1 - row["_distance"], rows.passage(row["card"])) for row in found]

    async def sections(
        self, places: Collection[_Place], terms: Collection[str]
    ) -> Mapping[_Place, list[Candidate]]:
        """All of these articles in these languages, in order, their known wordings with them."""
        if self._kept or not places:
            return self._articles
        names = ", ".join(sorted({quoted(article) for article, _ in places}))
        cards = rows.Cards(terms)
        return _by_place(map(cards.candidate, await self._where(f"article IN ({names})")))

    async def where(self, **equal: str) -> list[Passage]:
        """The passages whose fields have these values, in the article's order; no known wordings."""
        condition = " AND ".join(f"{field} = {quoted(value)}" for field, value in equal.items())
        return [one for one in map(rows.passage, await self._where(condition)) if not one.asked_as]

    async def _where(self, condition: str) -> list[str]:
        """Cards, in order."""
        found = await self._table.query().where(condition).select(_ORDERED).to_list()
        return [row["card"] for row in sorted(found, key=_in_order)]

    async def _matching(self, cards: rows.Cards, terms: str, limit: int) -> list[Candidate]:
        query = self._table.query().nearest_to_text(lancedb.query.MatchQuery(terms, "tokens")).limit(limit)
        if self._kept:
            ids = (await query.with_row_id().select(["_score"]).to_arrow())["_rowid"].to_pylist()
            return [self._kept[one] for one in ids]
        found = (await query.select(["card", "_score"]).to_arrow())["card"].to_pylist()
        return [cards.candidate(card) for card in found]


_ORDERED = ["source", "place", "card"]


def _in_order(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["source"], row["place"]


def _by_place(candidates: Iterable[Candidate]) -> dict[_Place, list[Candidate]]:
    found: dict[_Place, list[Candidate]] = defaultdict(list)
    for one in candidates:
        found[one.passage.article, one.passage.language].append(one)
    return dict(found)


def quoted(value: str) -> str:
    """A value in a condition."""
    return "'" + value.replace("'", "''") + "'"
