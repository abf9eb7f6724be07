"""How many order screenshots are read exactly: `python -m evals.screenshots SHOP_FOLDER`.

`evaluate` takes a folder made by `python -m demo.make_shop`, sends each picture listed in
screenshots/truth.json through `examine`, as a customer's would go, and counts a screenshot as exact when
the first order number and the total are both right. States are counted beside it: right is also to have
seen none, because not every app shows one.
"""

import asyncio
import json
import statistics
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.vision import OcrPool, OrderClaim, examine

COUNTED = ("exact", "order_number", "total", "state")


def evaluate(folder: Path) -> dict[str, Any]:
    """`screenshot_exact` (0 to 1), the counts behind it, the median time and every miss in full."""
    return asyncio.run(_evaluate(folder / "screenshots"))


async def _evaluate(folder: Path) -> dict[str, Any]:
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    counts = dict.fromkeys(COUNTED, 0)
    misses, seconds = [], []
    pool = OcrPool(workers=1)
    await pool.start()
    try:
        for truth in truths:
            started = time.perf_counter()
            reading = await examine((folder / truth["file"]).read_bytes(), pool)
            seconds.append(time.perf_counter() - started)
            right = _right(truth, reading.claim)
            for name in counts:
                counts[name] += right[name]
            if not right["exact"]:
                misses.append(_miss(truth, reading.claim))
    finally:
        await pool.close()
    return {
        "screenshot_exact": counts["exact"] / len(truths),
        "screenshots": len(truths),
        "counts": counts,
        "median_ms": round(statistics.median(seconds) * 1000),
        "misses": misses,
    }


def _right(truth: dict[str, Any], claim: OrderClaim | None) -> dict[str, bool]:
    if claim is None:
        return dict.fromkeys(COUNTED, False)
    number = claim.order_numbers[:1] == (truth["order_id"],)
    sums = int(Decimal(truth["total"]) * 100), truth["currency"]
    total = (claim.total_minor, claim.currency) == sums
    state = not claim.states or truth["status"] in claim.states
    return {"exact": number and total, "order_number": number, "total": total, "state": state}


def _miss(truth: dict[str, Any], claim: OrderClaim | None) -> dict[str, Any]:
    return {
        "file": truth["file"],
        "order_id": truth["order_id"],
        "read_order_ids": list(claim.order_numbers) if claim else [],
        "total": truth["total"],
        "read_total_minor": claim.total_minor if claim else None,
    }


if __name__ == "__main__":
    print(json.dumps(evaluate(Path(sys.argv[1])), ensure_ascii=False, indent=1))
