"""Runs the claim gate over the held-out answers: `run()`, or `python -m evals.trust.claims` for a table.

`claim_catch` is the share of the false answers that the gate objects to, `claim_false_block` the share of the
true ones. It is called as the assistant calls it: without the marks of citation, with the conversation's
ledger. Times are of one answer on this machine, in milliseconds.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.trust.claims.mutate import mutated
from evals.trust.claims.rows import Row, load, load_dev
from support.guard import unsupported_claims

_CITED = re.compile(r"\[\d{1,2}\]")


@dataclass(frozen=True)
class Result:
    """One answer before the gate. `mutation` is "" for a true one; `objections` are the gate's."""

    id: str
    answer: str
    language: str
    kind: str
    mutation: str
    objections: tuple[str, ...]
    milliseconds: float

    @property
    def right(self) -> bool:
        return bool(self.objections) == bool(self.mutation)


def run() -> dict[str, Any]:
    """The figures of the held-out set, as `evals/results/trust.json` has them."""
    return summary(results(load()))


def run_dev() -> dict[str, Any]:
    """The same of the part that the gate is developed on, in which the false answers are written out."""
    return summary([_judged(row, row["id"], row["answer"], row["mutation"] or "") for row in load_dev()])


def results(rows: Sequence[Row]) -> list[Result]:
    """Every true answer, then every false one."""
    true = [_judged(row, row["id"], row["answer"]) for row in rows]
    false = [_judged(one.row, one.id, one.answer, one.kind) for one in mutated(rows)]
    return [*true, *false]


def _judged(row: Row, name: str, answer: str, mutation: str = "") -> Result:
    text = _CITED.sub("", answer)
    started = time.perf_counter()
    objections = unsupported_claims(text, row["sources"], row["ledger"])
    took = 1000 * (time.perf_counter() - started)
    return Result(name, answer, row["language"], row["kind"], mutation, tuple(objections), took)


def summary(judged: Sequence[Result]) -> dict[str, Any]:
    """Rates between 0 and 1 with the counts behind them, times, and what went wrong."""
    true, false = [one for one in judged if not one.mutation], [one for one in judged if one.mutation]
    times = [one.milliseconds for one in judged]
    return {
        "claim_catch": _share([one.right for one in false]),
        "claim_false_block": _share([not one.right for one in true]),
        "cases": len(judged),
        "true": len(true),
        "false": len(false),
        "catch_by_mutation": _rates(false, lambda one: one.mutation, right=True),
        "catch_by_language": _rates(false, lambda one: one.language, right=True),
        "false_block_by_kind": _rates(true, lambda one: one.kind, right=False),
        "false_block_by_language": _rates(true, lambda one: one.language, right=False),
        "milliseconds_median": round(statistics.median(times), 3),
        "milliseconds_p95": round(statistics.quantiles(times, n=20)[-1], 3),
        "failures": [_told(one) for one in judged if not one.right],
    }


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4) if flags else 0.0


def _rates(
    judged: Iterable[Result], by: Callable[[Result], str], right: bool
) -> dict[str, dict[str, float | int]]:
    """For each part: how many there are, how many were judged so, and the share."""
    parts: dict[str, list[bool]] = {}
    for one in judged:
        parts.setdefault(by(one), []).append(one.right == right)
    return {
        name: {"share": _share(flags), "count": sum(flags), "of": len(flags)}
        for name, flags in sorted(parts.items())
    }


def _told(one: Result) -> dict[str, Any]:
    return {
        "id": one.id,
        "what": f"{one.mutation} let through" if one.mutation else "true, but blocked",
        "objections": list(one.objections),
        "answer": one.answer,
    }
