"""How long a phone's screenshot takes to be read: `python -m benchmarks.ocr`, on an otherwise idle machine.

Draws the demo shop and sends its screenshots through the pool that the gateway has, one after the other; then
one customer sends ten at once and another one sends one. Writes `results/ocr.json`: times, processor time,
memory, how late the server's event loop is meanwhile, and how many are read exactly (`evals.screenshots`).
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import processes
from benchmarks.report import machine
from evals import screenshots
from support.vision import OcrPool, examine
from tools.environments import ROOT

_RESULTS = Path(__file__).parent / "results" / "ocr.json"
_MANY = 10
_TICK_S = 0.005


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        make = [sys.executable, "-m", "demo.make_shop", "--out", folder]
        subprocess.run(make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        exact = screenshots.evaluate(Path(folder))
        pictures = [one.read_bytes() for one in sorted(Path(folder, "screenshots").glob("order-*"))]
        result = asyncio.run(_measured(pictures))
    result |= {
        "exact": f"{exact['counts']['exact']} of {exact['screenshots']}",
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }
    _RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0


async def _measured(pictures: list[bytes]) -> dict[str, Any]:
    pool = OcrPool(workers=1)
    await pool.start()
    late: list[float] = []
    clock = asyncio.create_task(_lateness(late))
    try:
        await examine(pictures[0], pool)  # the first one also fills caches
        worked = processes.processor_s(os.getpid())
        seconds = [await _timed(picture, pool) for picture in pictures]
        worked = processes.processor_s(os.getpid()) - worked
        return {
            "pictures": len(pictures),
            "p50_ms": round(statistics.median(seconds) * 1000),
            "p95_ms": round(statistics.quantiles(seconds, n=20)[-1] * 1000),
            "processor_ms": round(worked / len(pictures) * 1000),
            "memory_mb": round(sum(map(processes.memory_mb, processes.children(os.getpid())))),
            **await _fairness(pictures, pool),
            "loop_late_p99_ms": round(statistics.quantiles(late, n=100)[-1] * 1000, 1),
        }
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
        await pool.close()


async def _fairness(pictures: list[bytes], pool: OcrPool) -> dict[str, int]:
    """How long the customer with one picture waits behind the one with many, and how long that one does."""
    many = [asyncio.create_task(_timed(picture, pool, "many")) for picture in pictures[:_MANY]]
    await asyncio.sleep(_TICK_S)
    single = await _timed(pictures[-1], pool, "single")
    waits = await asyncio.gather(*many)
    return {"single_beside_ten_ms": round(single * 1000), "last_of_ten_ms": round(max(waits) * 1000)}


async def _timed(picture: bytes, pool: OcrPool, owner: str = "") -> float:
    begun = time.perf_counter()
    await examine(picture, pool, owner)
    return time.perf_counter() - begun


async def _lateness(late: list[float]) -> None:
    """How much longer than asked for the event loop lets a sleeper sleep: what conversations feel."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        late.append(time.perf_counter() - begun - _TICK_S)


if __name__ == "__main__":
    sys.exit(main())
