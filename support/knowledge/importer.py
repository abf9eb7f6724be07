"""Brings the index in line with a folder of documents: reads what changed, forgets what vanished.

A file's stamp is a hash of its content and of everything else that its entries depend on: how text is cut,
the synonyms, the embedding model. Equal stamps mean that nothing need be done. When the embedding endpoint
is down, or goes down on the way, changed files are stored without vectors under a stamp that says so, and the
next import makes up for it. Another embedding model means that all is embedded anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from support.endpoint import EndpointUnavailable
from support.knowledge.embedder import Embedder
from support.knowledge.index import Entry, Index
from support.knowledge.passages import Problem, Unreadable, content_hash, documents, passages_of
from support.knowledge.ranking import Analyser
from support.knowledge.text import TEXT_VERSION

log = logging.getLogger(__name__)


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
    vectors = await _vectors(index, embedder)
    if not await index.open() or vectors.size != await index.vector_size():
        await index.drop()
    if index.embedding_model and index.embedding_model != vectors.model:
        log.info("the index's vectors are of %s; now: %s", index.embedding_model, vectors.model or "none")
    before = await index.stamps()
    files = await asyncio.to_thread(documents, folder)
    now = await asyncio.to_thread(_stamps, files, synonyms, vectors, before)
    changed = [source for source in files if now[source] != before.get(source)]
    entries, problems = await asyncio.to_thread(
        _read, analyser, {source: files[source] for source in changed}, now
    )
    if embedder and vectors.available:
        try:
            entries = await _with_vectors(entries, embedder)
        except EndpointUnavailable:
            lost = vectors._replace(available=False)
            now = await asyncio.to_thread(_stamps, files, synonyms, lost, before)
            entries = [replace(entry, stamp=now[entry.passage.source]) for entry in entries]
    failed = {problem.file for problem in problems}
    stored = {source: stamp for source, stamp in now.items() if source not in failed}
    gone = [source for source in before if before[source] != stored.get(source)]
    if entries or gone:
        version = _digest(map(repr, sorted(stored.items())))[:12]
        await index.replace(gone, entries, version, vectors.size, vectors.model)
    return Refreshed(
        added=len(stored.keys() - before.keys()),
        updated=sum(source in before for source in changed if source in stored),
        removed=len(before.keys() - stored.keys()),
        unchanged=len(files) - len(changed),
        passages=index.statistics.passages,
        problems=problems,
        version=index.version,
    )


async def _vectors(index: Index, embedder: Embedder | None) -> _Vectors:
    if embedder is None:
        return _Vectors("", 0, False)
    try:
        [vector] = await embedder.embed(["size"])
    except EndpointUnavailable:
        return _Vectors(embedder.model, await index.vector_size(), False)
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


def _read(
    analyser: Analyser, files: Mapping[str, Path], stamps: Mapping[str, str]
) -> tuple[list[Entry], list[Problem]]:
    entries: list[Entry] = []
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for source, path in files.items():
        try:
            passages = passages_of(path, source)
        except Unreadable as error:
            problems.append(Problem(source, str(error)))
            continue
        if passages and (other := owners.get(passages[0].id)):
            problems.append(Problem(source, f"has the same name and language as {other}; rename one of them"))
            continue
        owners |= {passage.id: source for passage in passages}
        entries += [Entry(one, analyser.tokens(one), stamps[source], len(passages)) for one in passages]
    return entries, problems


async def _with_vectors(entries: list[Entry], embedder: Embedder) -> list[Entry]:
    vectors = await embedder.embed([entry.passage.in_full for entry in entries])
    return [replace(entry, vector=vector) for entry, vector in zip(entries, vectors, strict=True)]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
