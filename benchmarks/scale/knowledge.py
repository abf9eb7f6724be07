"""Retrieval over made-up passages: fills an index as an import does, asks it, and says how long that took.

What is measured of a question is everything: reading it, both searches, ranking, the sections to show.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.scale.figures import ROUNDS, asked
from benchmarks.scale.passages import Articles
from benchmarks.scale.words import Language
from support.knowledge import Knowledge
from support.knowledge.index import Index
from support.knowledge.ranking import Analyser
from support.knowledge.synonyms import Synonyms

_AT_ONCE = 20_000


async def measure(folder: Path, sizes: Sequence[int], questions: int) -> list[dict[str, Any]]:
    """One row for each size, the index built anew each time."""
    articles = await asyncio.to_thread(lambda: Articles(Analyser(Synonyms.load())))
    cut_per_s = round(articles.cut_per_s())
    rows = []
    for size in sizes:
        index = folder / f"passages-{size}"
        built = await _build(index, articles, size)
        answers = await asked(_search(Knowledge(index)), articles.questions(size, ROUNDS * questions))
        rows.append({"passages": size, **answers, **built, "cut_per_s_and_core": cut_per_s})
    return rows


async def _build(folder: Path, articles: Articles, size: int) -> dict[str, Any]:
    index = Index(folder)
    await index.prepare(0)
    begun = time.perf_counter()
    made = articles.entries(size)
    while entries := list(islice(made, _AT_ONCE)):
        await index.put((), entries, 0)
    put = time.perf_counter()
    await index.publish("made up", "")
    return {
        "stored_in_s": round(put - begun, 1),
        "indexed_in_s": round(time.perf_counter() - put, 1),
        "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) >> 20,
        "memory_of_import_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def _search(knowledge: Knowledge) -> Callable[[str, Language], Awaitable[bool]]:
    async def found(question: str, language: Language) -> bool:
        return bool(await knowledge.search(question, language))

    return found
