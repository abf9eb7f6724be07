"""Retrieval over a million passages, products among two million SKUs: `make bench-scale`.

    python -m benchmarks.scale [--passages N ...] [--skus N] [--only knowledge|products] [--keep]

Makes everything up, fills an index in a temporary folder and a PostgreSQL database of its own
(`make services` starts one), asks, and writes `results/scale.json`. Takes an hour, and 6 GB of disk at most.
`--keep` leaves the database of products, and asks one that was left without filling it again.
The figures belong to the machine named in them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.scale import knowledge, products
from support.store import Store
from tools import servers

DATABASE = "shopclerk_bench_scale"
GOALS_MS = {"knowledge": 30, "products": 50}
_RESULTS = Path(__file__).parents[1] / "results" / "scale.json"


async def _knowledge(sizes: Sequence[int], questions: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        return await knowledge.measure(Path(folder), sizes, questions)


async def _products(skus: int, questions: int, keep: bool) -> list[dict[str, Any]]:
    administrator = await asyncpg.connect(servers.url("postgres").replace("+asyncpg", "", 1))
    there = await administrator.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
    if not (keep and there):
        await administrator.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await administrator.execute(f"CREATE DATABASE {DATABASE}")
    store = Store(urlunsplit(urlsplit(servers.url("postgres"))._replace(path=f"/{DATABASE}")))

    async def size_mb() -> int:
        return int(await administrator.fetchval("SELECT pg_database_size($1)", DATABASE)) >> 20

    try:
        return [await products.measure(store, skus, questions, size_mb)]
    finally:
        await store.close()
        if not keep:
            await administrator.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await administrator.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--skus", type=int, default=2_000_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--keep", action="store_true", help="keep the database of products, use a kept one")
    parser.add_argument("--only", choices=GOALS_MS, help="leave the other part as it was measured last")
    given = parser.parse_args()
    result = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    if given.only != "products":
        result["knowledge"] = _stamped(asyncio.run(_knowledge(given.passages, given.questions)))
    if given.only != "knowledge":
        if not servers.listens("postgres"):
            print("PostgreSQL does not listen; `make services` starts it.", file=sys.stderr)
            return 2
        result["products"] = _stamped(asyncio.run(_products(given.skus, given.questions, given.keep)))
    _RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, goal in GOALS_MS.items():
        for row in result.get(name, {}).get("sizes", ()):
            print(f"{name}: {row}, goal {goal} ms: {'reached' if row['p95_ms'] <= goal else 'MISSED'}")
    return 0


def _stamped(sizes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "sizes": sizes,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load_at_end": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    sys.exit(main())
