"""Percentiles, as every benchmark here gives them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    named = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": max(seconds)}
    return {"queries": len(seconds)} | {name: round(took * 1000, 1) for name, took in named.items()}
