"""Asks questions one after the other and says how long that took."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from benchmarks.scale.words import Language

Questions = Sequence[tuple[str, Language]]

ROUNDS = 4
"""Of so many rounds of questions, all different, the last is what is measured. The first ones bring what they
need from the disk into memory."""


async def asked(found: Callable[[str, Language], Awaitable[bool]], questions: Questions) -> dict[str, Any]:
    """Of the last round of the questions.

    `found` asks one and says whether it has an answer. `first_p95_ms` is of the first round, `cpu_ms` a
    question's share of this process's processor time.
    """
    size = len(questions) // ROUNDS
    first, _ = await _spent(found, questions[:size])
    await _spent(found, questions[size:-size])
    cpu = time.process_time()
    spent, hits = await _spent(found, questions[-size:])
    cpu_ms = (time.process_time() - cpu) / len(spent) * 1000
    return {
        **_percentiles(spent),
        "first_p95_ms": _percentiles(first)["p95_ms"],
        "cpu_ms": round(cpu_ms, 1),
        "found_something": hits / len(spent),
    }


async def _spent(
    found: Callable[[str, Language], Awaitable[bool]], questions: Questions
) -> tuple[list[float], int]:
    spent, hits = [], 0
    for text, language in questions:
        begun = time.perf_counter()
        hits += await found(text, language)
        spent.append(time.perf_counter() - begun)
    return spent, hits


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    named = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": max(seconds)}
    return {"queries": len(seconds)} | {name: round(took * 1000, 1) for name, took in named.items()}
