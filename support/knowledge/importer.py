"""Brings the index in line with a folder of documents: reads what changed, forgets what vanished.

A file's stamp is a hash of its content and of everything else that its entries depend on: how text is cut,
the synonyms, the embedding model. Equal stamps mean that nothing need be done. When the embedding endpoint
is down, or goes down on the way, changed files are stored from then on without vectors, under a stamp that
says so, and the next import makes up for it. Another embedding model means that all is embedded anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from support.endpoint import EndpointUnavailable
from support.knowledge.embedder import Embedder
from support.knowledge.index import Index
from support.knowledge.passages import Problem, Unreadable, content_hash, documents, passages_of
from support.knowledge.ranking import Analyser
from support.knowledge.rows import Entry
from support.knowledge.text import TEXT_VERSION

log = logging.getLogger(__name__)

# Their passages are held in memory at the same time.
_FILES_AT_ONCE = 5_000


@dataclass(frozen=True)
class Refreshed:
    """What an import did, counted in files; `passages` is how many there are now."""

    added: int
    updated: int
    removed: int
    unchanged: int
    passages: int
    problems: list[Problem]
    version: str


class _Vectors(NamedTuple):
    """What the index's vectors are to be: `size` 0 for none, `available` False while the endpoint is down."""

    model: str
    size: int
    available: bool


async def refresh(
    index: Index, analyser: Analyser, synonyms: Path, embedder: Embedder | None, folder: Path
) -> Refreshed:
    """One import. Raises `FileNotFoundError` when the folder is not there."""
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of documents at {folder}")
    snapshot = await index.open()
    vectors = await _vectors(snapshot.vector_size if snapshot else 0, embedder)
    model = snapshot.published.embedding_model if snapshot else ""
    if model and model != vectors.model:
        log.info("the index's vectors are of %s; now: %s", model, vectors.model or "none")
    await index.prepare(vectors.size)
    before, files = await index.stamps(), await asyncio.to_thread(documents, folder)
    work = _Import(index, analyser, synonyms, embedder, vectors, before, files)
    await work.run()
    version = _digest(map(repr, sorted(work.stored.items())))[:12]
    if index.version != version and (before or work.stored):
        await index.publish(version, vectors.model)
    return Refreshed(
        added=len(work.stored.keys() - before.keys()),
        updated=sum(source in before for source in work.changed if source in work.stored),
        removed=len(before.keys() - work.stored.keys()),
        unchanged=len(files) - len(work.changed),
        passages=index.passages,
        problems=work.problems,
        version=index.version,
    )


async def problems(index: Index, synonyms: Path, embedder: Embedder | None, folder: Path) -> list[Problem]:
    """The documents that cannot be read. What the index has as it is was read once and is not read again."""
    before = await index.stamps() if await index.open() else {}
    files = await asyncio.to_thread(documents, folder)
    # Whether there are vectors says nothing about the text: the endpoint is not asked.
    vectors = _Vectors(embedder.model if embedder else "", 0, False)
    stamps = await asyncio.to_thread(_stamps, files, synonyms, vectors, before)
    changed = {source: path for source, path in files.items() if before.get(source) != stamps[source]}
    return await asyncio.to_thread(lambda: list(_unreadable(changed)))


def _unreadable(files: Mapping[str, Path]) -> Iterator[Problem]:
    for source, path in files.items():
        try:
            passages_of(path, source)
        except Unreadable as error:
            yield Problem(source, str(error))


class _Import:
    """Goes through the changed files, some thousand at a time.

    `stored`: the stamps of the files that are in the index afterwards.
    """

    def __init__(
        self,
        index: Index,
        analyser: Analyser,
        synonyms: Path,
        embedder: Embedder | None,
        vectors: _Vectors,
        before: Mapping[str, str],
        files: Mapping[str, Path],
    ) -> None:
        self._index, self._analyser, self._synonyms = index, analyser, synonyms
        self._embedder, self._vectors = embedder, vectors
        self._before, self._files = before, files
        self._owners: dict[str, str] = {}
        self.stored: dict[str, str] = {}
        self.changed: list[str] = []
        self.problems: list[Problem] = []

    async def run(self) -> None:
        stamps = await self._stamps(self._files)
        self.changed = [source for source in self._files if stamps[source] != self._before.get(source)]
        self.stored = {source: stamps[source] for source in stamps.keys() - set(self.changed)}
        for start in range(0, len(self.changed), _FILES_AT_ONCE):
            await self._some(self.changed[start : start + _FILES_AT_ONCE])
        if gone := self._before.keys() - self._files.keys():
            await self._index.put(gone, [], self._vectors.size)

    async def _some(self, sources: Sequence[str]) -> None:
        entries = await asyncio.to_thread(self._read, sources)
        if self._embedder and self._vectors.available:
            try:
                entries = await _with_vectors(entries, self._embedder)
            except EndpointUnavailable:
                self._vectors = self._vectors._replace(available=False)
        stamps = await self._stamps({source: self._files[source] for source in sources})
        entries = [replace(entry, stamp=stamps[entry.passage.source]) for entry in entries]
        await self._index.put(self._before.keys() & set(sources), entries, self._vectors.size)
        failed = {problem.file for problem in self.problems}
        self.stored |= {source: stamp for source, stamp in stamps.items() if source not in failed}

    async def _stamps(self, files: Mapping[str, Path]) -> dict[str, str]:
        return await asyncio.to_thread(_stamps, files, self._synonyms, self._vectors, self._before)

    def _read(self, sources: Iterable[str]) -> list[Entry]:
        entries: list[Entry] = []
        for source in sources:
            try:
                passages = passages_of(self._files[source], source)
            except Unreadable as error:
                self.problems.append(Problem(source, str(error)))
                continue
            if passages and (other := self._owners.get(passages[0].id)):
                message = f"has the same name and language as {other}; rename one of them"
                self.problems.append(Problem(source, message))
                continue
            if passages:
                self._owners[passages[0].id] = source
            entries += [Entry(one, self._analyser.tokens(one), "", len(passages)) for one in passages]
        return entries


async def _vectors(size: int, embedder: Embedder | None) -> _Vectors:
    if embedder is None:
        return _Vectors("", 0, False)
    try:
        [vector] = await embedder.embed(["size"])
    except EndpointUnavailable:
        return _Vectors(embedder.model, size, False)
    return _Vectors(embedder.model, len(vector), True)


def _stamps(
    files: Mapping[str, Path], synonyms: Path, vectors: _Vectors, before: Mapping[str, str]
) -> dict[str, str]:
    common = f"{TEXT_VERSION} {content_hash(synonyms)}"
    stamps = {}
    for source, path in files.items():
        plain = _digest([common, content_hash(path)])
        embedded = _digest([plain, vectors.model])
        already = vectors.model and before.get(source) == embedded
        stamps[source] = embedded if vectors.available or already else plain
    return stamps


async def _with_vectors(entries: list[Entry], embedder: Embedder) -> list[Entry]:
    vectors = await embedder.embed([entry.passage.in_full for entry in entries])
    return [replace(entry, vector=vector) for entry, vector in zip(entries, vectors, strict=True)]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
