"""What ten million conversations a day would take, from the coefficients that were measured here.

    python -m benchmarks.plan [--conversations 10000000]

A plan on paper, printed as Markdown: reads `results/latest.json` and `results/workers.json`. It assumes what
`Assumed` says and that a process on a server's core works as fast as one here.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import BUSY

_RESULTS = Path(__file__).parent / "results"
_DAY_S = 86_400


@dataclass(frozen=True)
class Assumed:
    """What nobody can measure here. `peak`: the busiest minutes over the day's mean."""

    turns: float = 8.0  # of a conversation
    peak: float = 3.0
    busy: float = 0.6  # of a core, so that waiting stays short
    pooled: int = 20  # connections that a process keeps to the database at most


@dataclass(frozen=True)
class Coefficients:
    """What a turn takes: milliseconds of each process, bytes and transactions of the database."""

    milliseconds: Mapping[str, float]
    bytes: float
    transactions: float
    events: float
    memory_mb: Mapping[str, float]


def coefficients(latest: Mapping[str, Any], workers: Mapping[str, Any]) -> Coefficients:
    """Of the two results: times from SQLite's run, where stock stood beside; storage from PostgreSQL's."""
    spent = dict(latest["callers"][str(BUSY)]["ours"]["processor_ms_per_turn"])
    spent.pop("all")
    one = workers["workers"]["1"]
    held = latest["held"]["ours"]
    return Coefficients(
        spent | {"gateway": latest["gateway"]["processor"]},
        one["bytes_per_turn"],
        one["transactions_per_turn"],
        held["events_per_turn"],
        held["memory_mb"],
    )


def plan(measured: Coefficients, conversations: float, assumed: Assumed) -> list[tuple[str, str]]:
    """Lines of what is needed, and how much of it."""
    mean = conversations * assumed.turns / _DAY_S
    peak = mean * assumed.peak
    needed = {name: math.ceil(peak * ms / 1000 / assumed.busy) for name, ms in measured.milliseconds.items()}
    pools = sum(count for name, count in needed.items() if name != "projector") * assumed.pooled
    a_day = conversations * assumed.turns
    return [
        ("turns a second, mean and peak", f"{mean:,.0f}, {peak:,.0f}"),
        ("Rasa workers", f"{needed['rasa']:,}"),
        ("action servers", f"{needed['actions']:,}"),
        ("gateways", f"{needed['gateway']:,}"),
        ("projectors, and Kafka partitions at least", f"{needed['projector']:,}"),
        ("cores in all, without databases and models", f"{sum(needed.values()):,}"),
        ("memory of these, GB", f"{_memory_gb(measured, needed):,.0f}"),
        ("events a second at the peak", f"{peak * measured.events:,.0f}"),
        ("database transactions a second at the peak", f"{peak * measured.transactions:,.0f}"),
        ("database connections, if every pool is full", f"{pools:,}"),
        ("disk a day, GB", f"{a_day * measured.bytes / 1e9:,.0f}"),
    ]


def _memory_gb(measured: Coefficients, needed: Mapping[str, int]) -> float:
    return sum(count * measured.memory_mb.get(name, 0) for name, count in needed.items()) / 1000


def ceilings(measured: Coefficients) -> list[tuple[str, str]]:
    """How many turns a second one process of each kind can do, with its core full."""
    return [(f"one {name}", f"{1000 / ms:,.0f}") for name, ms in measured.milliseconds.items() if ms]


def markdown(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [head, ("---", "---:"), *rows]
    return "\n".join(f"| {name} | {value} |" for name, value in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--conversations", type=float, default=10_000_000, help="a day")
    conversations = parser.parse_args().conversations
    latest, workers = (
        json.loads((_RESULTS / f"{name}.json").read_text(encoding="utf-8")) for name in ("latest", "workers")
    )
    measured = coefficients(latest, workers)
    print(markdown(("at most", "turns/s"), ceilings(measured)), end="\n\n")
    print(
        markdown((f"{conversations:,.0f} conversations a day", ""), plan(measured, conversations, Assumed()))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
