"""Retrieval: is the right article among the first three, and are questions that no article answers refused?

`questions` is a table of question, article and language, tab-separated; several right articles are joined
by `|`. `none` is a table of question and language. Without dense vectors, as a shop has it that runs no
model.

Synonyms and weights were tuned on `data/retrieval_tuning.tsv` and on the odd lines of both tables. `halves`
reports the even lines apart: they were kept out of it, and are what to believe.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from support.knowledge import Knowledge, is_answer


class _Result(NamedTuple):
    question: str
    language: str
    line: int
    right: frozenset[str]  # empty: nothing answers it
    found: list[str]
    answered: bool


def evaluate(documents: Path, questions: Path, none: Path, index: Path) -> dict[str, Any]:
    """Rates from 0 to 1, the counts behind them, and the questions that went wrong."""
    return asyncio.run(_evaluate(documents, questions, none, index))


async def _evaluate(documents: Path, questions: Path, none: Path, index: Path) -> dict[str, Any]:
    knowledge = Knowledge(index)
    report = await knowledge.refresh(documents)
    if report.problems:
        raise RuntimeError(f"documents that could not be used: {report.problems}")
    results = [await _ask(knowledge, line, *row) for line, row in enumerate(_rows(questions), 1)]
    refusals = [await _ask(knowledge, line, row[0], "", row[1]) for line, row in enumerate(_rows(none), 1)]
    halves = {
        name: _rates([r for r in results if r.line % 2 == rest], [r for r in refusals if r.line % 2 == rest])
        for name, rest in (("odd", 1), ("even", 0))
    }
    languages = {
        language: _rates(
            [r for r in results if r.language == language], [r for r in refusals if r.language == language]
        )
        for language in ("zh", "en")
    }
    return _rates(results, refusals) | {
        "counts": {"questions": len(results), "unanswerable": len(refusals), "passages": report.passages},
        "halves": halves,
        "languages": languages,
        "misses": [_shown(r) for r in results if not r.right & set(r.found)],
        "refused_though_answerable": [_shown(r) for r in results if not r.answered],
        "answered_though_unanswerable": [_shown(r) for r in refusals if r.answered],
    }


def _rows(table: Path) -> list[list[str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]


async def _ask(knowledge: Knowledge, line: int, question: str, articles: str, language: str) -> _Result:
    hits = await knowledge.search(question, language)
    right = frozenset(filter(None, articles.split("|")))
    return _Result(question, language, line, right, [hit.article for hit in hits], is_answer(question, hits))


def _rates(results: Sequence[_Result], refusals: Sequence[_Result]) -> dict[str, Any]:
    return {
        "retrieval_at_3": _share([bool(r.right & set(r.found[:3])) for r in results]),
        "retrieval_at_1": _share([bool(r.right & set(r.found[:1])) for r in results]),
        "answerable_kept": _share([r.answered for r in results]),
        "no_answer_refused": _share([not r.answered for r in refusals]),
    }


def _share(outcomes: Sequence[bool]) -> float:
    return round(sum(outcomes) / len(outcomes), 4) if outcomes else 0.0


def _shown(result: _Result) -> dict[str, Any]:
    return {"question": result.question, "right": sorted(result.right), "found": result.found}
