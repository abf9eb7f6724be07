"""How fast reviewers get their list: `make bench-desk`, `python -m benchmarks.desk [--conversations N]
[--keep]`.

Fills a PostgreSQL database of its own (`make services` starts one) with made-up conversations, asks for
pages of the list by every filter and by combinations of them, the first pages and deep ones, for rare
values and for common ones, through the functions that the desk's pages use. Prints a table and writes
`results/desk.json`. The figures belong to the machine named in them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.desk_load import load
from benchmarks.desk_questions import Question, questions
from support.services import review
from support.store import Store
from support.store.migrate import migrate
from tools import servers

DATABASE = "shopclerk_bench_desk"
GOALS_MS = {"list": 300, "search": 500}
_RESULTS = Path(__file__).parent / "results" / "desk.json"


def _say(line: str) -> None:
    print(line, flush=True)


async def _administer(statement: str) -> None:
    connection = await asyncpg.connect(_dsn(servers.url("postgres")))
    await connection.execute(statement)
    await connection.close()


def _dsn(url: str) -> str:
    return url.replace("+asyncpg", "", 1)


async def _filled(url: str, count: int) -> bool:
    """Whether an earlier run has left the same conversations."""
    try:
        connection = await asyncpg.connect(_dsn(url))
    except asyncpg.InvalidCatalogNameError:
        return False
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM review_conversations") == count)
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


async def _ask(store: Store, asked: Sequence[Question]) -> list[float]:
    """The milliseconds that each question took."""
    spent = []
    for question in asked:
        begun = time.perf_counter()
        await review.list_conversations(store, question.filters, before=question.before)
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def _figures(spent: Sequence[float]) -> dict[str, float]:
    ordered = sorted(spent)
    p95 = statistics.quantiles(ordered, n=20, method="inclusive")[-1] if len(ordered) > 1 else ordered[0]
    named = {"median_ms": statistics.median(ordered), "p95_ms": p95, "max_ms": ordered[-1]}
    return {"queries": len(ordered)} | {name: round(value, 1) for name, value in named.items()}


def _report(asked: Sequence[Question], spent: Sequence[float]) -> dict[str, Any]:
    by_name: dict[str, list[float]] = defaultdict(list)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for question, took in zip(asked, spent, strict=True):
        by_name[question.name].append(took)
        by_kind[question.kind].append(took)
    figures = {name: _figures(times) for name, times in sorted(by_name.items())}
    totals = {kind: _figures(times) for kind, times in by_kind.items()}
    for name, row in [*figures.items(), *totals.items()]:
        _say(
            f"{name:20} {row['queries']:5} queries   median {row['median_ms']:7.1f}"
            f"   p95 {row['p95_ms']:7.1f}   max {row['max_ms']:7.1f} ms"
        )
    return {"totals": totals, "filters": figures}


async def _measure(count: int, keep: bool, seed: int, slow_ms: float | None) -> dict[str, Any]:
    parts = urlsplit(servers.url("postgres"))
    url = urlunsplit(parts._replace(path=f"/{DATABASE}"))
    loaded: dict[str, float] = {}
    store = Store(url)
    try:
        if not (keep and await _filled(url, count)):
            await _administer(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            await _administer(f"CREATE DATABASE {DATABASE}")
            _say(f"generating {count:,} conversations ...")
            await migrate(store)
            loaded = await load(_dsn(url), store, count, _say)
            _say(f"loaded: {loaded}")
        asked = await questions(_dsn(url), random.Random(seed))
        _say(f"asking {len(asked)} questions ...")
        await _ask(store, asked[:20])
        spent = await _ask(store, asked)
    finally:
        await store.close()
        if not keep:
            await _administer(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    for question, took in zip(asked, spent, strict=True):
        if slow_ms and took > slow_ms:
            _say(f"slow: {took:.0f} ms {question.filters.as_query(UTC)} before={question.before}")
    report = _report(asked, spent)
    return {
        "list_p95_ms": report["totals"]["list"]["p95_ms"],
        "search_p95_ms": report["totals"]["search"]["p95_ms"],
        "conversations": count,
        **{name: round(value) for name, value in loaded.items()},
        **report,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "database": "postgresql",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=200_000)
    parser.add_argument("--keep", action="store_true", help="leave the database, and use it if it is there")
    parser.add_argument("--seed", type=int, default=1, help="which questions are asked")
    parser.add_argument("--slow", type=float, metavar="MS", help="name the questions that took longer")
    given = parser.parse_args()
    if not servers.listens("postgres"):
        print("PostgreSQL does not listen; `make services` starts it.", file=sys.stderr)
        return 2
    result = asyncio.run(_measure(given.conversations, given.keep, given.seed, given.slow))
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for kind, goal in GOALS_MS.items():
        took = result[f"{kind}_p95_ms"]
        _say(f"{kind}: p95 {took} ms, goal {goal} ms: {'reached' if took <= goal else 'MISSED'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
