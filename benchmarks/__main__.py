"""Twenty callers against the whole running system: `make bench`, `python -m benchmarks [--seconds N]`.

Starts the system with the demo shop on free ports (SQLite, no model), sends mixed turns through the gateway,
and writes `results/latest.json`: turns per second and percentiles of the time to the whole answer, in all and
by kind.
The figures belong to the machine named in them; compare only what ran side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks import mix
from tests.stack import Stack, running_stack

CALLERS = 20
_RESULTS = Path(__file__).parent / "results" / "latest.json"
_TIMEOUT_S = 60

Times = dict[str, list[float]]


async def _caller(
    client: httpx.AsyncClient, customers: list[mix.Customer], number: int, until: float, times: Times
) -> None:
    """Holds one conversation after another until the time is up; an error stops the benchmark."""
    while time.perf_counter() < until:
        conversation_id = uuid.uuid4().hex
        customer = customers[number % len(customers)]
        for kind, text in mix.conversation(customer, number):
            if time.perf_counter() >= until:
                return
            body = {"conversation_id": conversation_id, "text": text, "language": customer.language}
            started = time.perf_counter()
            answer = await client.post("/api/chat/messages", json=body)
            answer.raise_for_status()
            if not answer.json()["messages"]:
                raise RuntimeError(f"no answer to {text!r}: {answer.text}")
            times[kind].append(time.perf_counter() - started)
        number += CALLERS


async def _load(stack: Stack, callers: int, seconds: float) -> dict[str, Any]:
    times: Times = defaultdict(list)
    customers = mix.customers(stack.guide)
    limits = httpx.Limits(max_connections=callers, max_keepalive_connections=callers)
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=_TIMEOUT_S, limits=limits) as client:
        started = time.perf_counter()
        until = started + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(callers):
                group.create_task(_caller(client, customers, number, until, times))
        took = time.perf_counter() - started
    every = [seconds for kind in times.values() for seconds in kind]
    return {
        "callers": callers,
        "turns": len(every),
        "turns_per_s": round(len(every) / took, 1),
        **_percentiles(every),
        "kinds": {
            kind: {"turns": len(spent), **_percentiles(spent)} for kind, spent in sorted(times.items())
        },
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        name: round(cuts[cut - 1] * 1000, 1) for name, cut in (("p50_ms", 50), ("p95_ms", 95), ("p99_ms", 99))
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long the callers call")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        print("warming up ...", flush=True)
        asyncio.run(_load(stack, 2, 5))
        print("one caller ...", flush=True)
        one = asyncio.run(_load(stack, 1, seconds / 4))
        print(f"{CALLERS} callers ...", flush=True)
        many = asyncio.run(_load(stack, CALLERS, seconds))
    result = {
        **many,
        "one_caller_p50_ms": one["p50_ms"],
        "one_caller": one,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "database": "sqlite",
    }
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"one caller: p50 {one['p50_ms']} ms")
    percentiles = ", ".join(f"{name} {many[f'{name}_ms']} ms" for name in ("p50", "p95", "p99"))
    print(f"{CALLERS} callers: {many['turns_per_s']} turns/s, {percentiles}")
    for kind, figures in many["kinds"].items():
        print(
            f"  {kind:14} {figures['turns']:5} turns, p50 {figures['p50_ms']} ms, p95 {figures['p95_ms']} ms"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
