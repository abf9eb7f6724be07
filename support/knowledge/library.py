"""The shop's knowledge: import a folder of documents, search it, fetch a passage to show.

knowledge = Knowledge(Path("var/knowledge"))
report = await knowledge.refresh(Path("shop/knowledge"))     # added, updated, removed, problems
hits = await knowledge.search("几天能到？", "zh")
if is_answer("几天能到？", hits): ...

Contract: building one does no I/O. A search never fails because of an embedder or a reranker: without one, or
with one that is down, slow or of another model than the index, it goes by words. A reranker changes the order
of what was found and never whether it is an answer. A document that cannot be used is a problem in the
report, and the rest loads. Several processes may use one index folder; imports belong to one of them at a
time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from support.endpoint import EndpointUnavailable
from support.knowledge import importer
from support.knowledge.embedder import Embedder
from support.knowledge.importer import Refreshed
from support.knowledge.index import Index
from support.knowledge.passages import Passage, Problem
from support.knowledge.ranking import (
    Analyser,
    Ranked,
    Terms,
    best_section,
    by_article,
    fuse,
    rank,
    reordered,
    telling,
)
from support.knowledge.reranker import Reranker
from support.knowledge.snapshot import Snapshot
from support.knowledge.synonyms import DEFAULT_SYNONYMS, Synonyms
from support.knowledge.text import detect_language

log = logging.getLogger(__name__)

# BM25 chooses this many for the exact ranking: enough for all passages of the articles in question. It goes
# by the terms that say most: what else a long question has is read slowly and changes no first place.
_CANDIDATES, _CANDIDATES_OTHER_LANGUAGE, _TERMS = 100, 60, 12
# Below this cosine similarity two texts are unrelated, above the other they say the same;
# in between, similarity counts as score in proportion. Holds for common multilingual embedding models.
_UNRELATED, _SAME = 0.35, 0.85
_QUERY_EMBEDDING_S = 1.0
# So many are read again by the reranker, and for so long it is waited for.
_RERANKED, _RERANKING_S = 20, 0.4


class Knowledge:
    """Retrieval over the documents of one shop; `folder` is the index's own."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder | None = None,
        reranker: Reranker | None = None,
        *,
        synonyms: Path = DEFAULT_SYNONYMS,
    ) -> None:
        self._index = Index(folder)
        self._embedder, self._reranker = embedder, reranker
        self._misfit = ""  # the last complaint about vectors that do not fit the index
        self._synonyms = synonyms
        self._analyser: Analyser | None = None
        self._importing = asyncio.Lock()

    @property
    def version(self) -> str:
        """Identifies what was imported, as far as this process has seen; empty before the first use."""
        return self._index.version

    async def current_version(self) -> str:
        """Identifies what is there now, whichever process imported it; empty before the first import."""
        return await self._index.current_version()

    async def current_passages(self) -> int:
        """How many passages there are now, whichever process imported them."""
        return await self._index.current_passages()

    async def problems(self, documents: Path) -> list[Problem]:
        """What of a folder an import would leave out because it cannot be read; changes nothing."""
        return await importer.problems(self._index, self._synonyms, self._embedder, documents)

    async def refresh(self, documents: Path) -> Refreshed:
        """Import what changed in a folder, forget what vanished. Raises `FileNotFoundError` without the
        folder.

        Raises `ValueError` when the synonym file is malformed, naming the group.
        """
        async with self._importing:
            self._analyser = None  # the synonyms may have been edited
            analyser = await self._get_analyser()
            return await importer.refresh(self._index, analyser, self._synonyms, self._embedder, documents)

    async def search(
        self, query: str, language: str | None = None, limit: int = 3, *, one_per_article: bool = True
    ) -> list[Passage]:
        """The best passages, the customer's language first, each from another article unless told
        otherwise.
        """
        snapshot = await self._index.open()
        if not query.strip() or snapshot is None:
            return []
        language = language or detect_language(query)
        terms = (await self._get_analyser()).terms(query)
        lexical, dense = await asyncio.gather(
            self._lexical(snapshot, terms, language), self._dense(snapshot, query)
        )
        ranked = fuse([lexical, dense]) if dense else lexical
        several = max(limit, _RERANKED) if self._reranker else limit
        if one_per_article:
            groups = by_article(ranked)[:several]
            found = await _to_show(snapshot, terms, groups, language)
        else:
            found = [one.scored for one in ranked if not one.passage.asked_as][:several]
        return (await self._reranked(query, found))[:limit]

    async def passage(self, passage_id: str) -> Passage | None:
        """The passage that a citation names; None when it is gone."""
        snapshot = await self._index.open()
        found = await snapshot.where(id=passage_id) if snapshot else []
        return found[0] if found else None

    async def article(self, article: str, language: str) -> list[Passage]:
        """All passages of an article in one language, in order; empty when there is none."""
        snapshot = await self._index.open()
        return await snapshot.where(article=article, language=language) if snapshot else []

    async def _lexical(self, snapshot: Snapshot, terms: Terms, language: str) -> list[Ranked]:
        if not terms.weights:
            return []
        other = "en" if language == "zh" else "zh"
        limits = [(language, _CANDIDATES), (other, _CANDIDATES_OTHER_LANGUAGE)]
        statistics = snapshot.statistics(terms.weights)
        candidates = await snapshot.match(terms.weights, telling(terms, statistics, _TERMS), limits)
        return rank(terms, candidates, statistics, language)

    async def _dense(self, snapshot: Snapshot, query: str) -> list[Ranked]:
        size, model = snapshot.vector_size, snapshot.published.embedding_model
        if self._embedder is None or not size:
            return []
        if model != self._embedder.model:
            return self._without_vectors(f"of {model}", f"of {self._embedder.model}")
        try:
            vector = await self._embedder.embed_question(query, _QUERY_EMBEDDING_S)
        except EndpointUnavailable:
            return []
        if len(vector) != size:
            return self._without_vectors(f"{size} long", f"{len(vector)} long")
        near = await snapshot.near(vector, _CANDIDATES)
        return [Ranked(similarity, _as_score(similarity), passage) for similarity, passage in near]

    def _without_vectors(self, indexed: str, asked: str) -> list[Ranked]:
        misfit = f"the index's vectors are {indexed}, a question's are {asked}"
        if misfit != self._misfit:
            log.error("%s: searching by words until the documents are imported again", misfit)
        self._misfit = misfit
        return []

    async def _reranked(self, query: str, found: list[Passage]) -> list[Passage]:
        if self._reranker is None or len(found) < 2:
            return found
        texts = [one.in_full for one in found[:_RERANKED]]
        try:
            relevance = await self._reranker.relevance(query, texts, within_s=_RERANKING_S)
        except EndpointUnavailable:
            return found
        return reordered(found[:_RERANKED], relevance) + found[_RERANKED:]

    async def _get_analyser(self) -> Analyser:
        if self._analyser is None:
            self._analyser = await asyncio.to_thread(lambda: Analyser(Synonyms.load(self._synonyms)))
        return self._analyser


async def _to_show(
    snapshot: Snapshot, terms: Terms, groups: Sequence[Sequence[Ranked]], language: str
) -> list[Passage]:
    """Of each article the section that answers; none of an article that only has wordings left."""
    places = {_place(group, language) for group in groups if not group[0].passage.vetted_answer}
    sections, shown = await snapshot.sections(places, terms.content), []
    for group in groups:
        leader = group[0]
        known = sections.get(_place(group, language), [])
        best = leader.passage if leader.passage.vetted_answer else best_section(terms, known)
        if best:
            shown.append(best.scored(leader.score))
    return shown


def _place(group: Sequence[Ranked], language: str) -> tuple[str, str]:
    """An article that was found, in the customer's language if it was found in that."""
    found_in = {one.passage.language for one in group}
    leader = group[0].passage
    return leader.article, language if language in found_in else leader.language


def _as_score(similarity: float) -> float:
    return min(1.0, max(0.0, (similarity - _UNRELATED) / (_SAME - _UNRELATED)))
