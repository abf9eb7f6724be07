"""Runs the faults, prints a table, and writes `evals/results/chaos.json`: `make chaos`.

    python -m evals.chaos [--list] [--callers N] [--out FILE] [FAULT ...]

A run of some faults takes the places of theirs in the file and leaves the others there.
Ends with status 1 when a message was lost or doubled, an answer came late, or a part took too long to be
back.
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
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.chaos.faults import FAULTS, Fault, StandName
from evals.chaos.stand import Stand, clock_stand, large_stand, small_stand
from evals.chaos.trial import Row, trial

_RESULTS = Path(__file__).parents[1] / "results" / "chaos.json"
_LINE = "{0:<21} {1:>8} {2:>8} {3:>7} {4:>5} {5:>7} {6:>6} {7:>7}  {8}"


async def run(faults: Sequence[Fault], callers: int, out: Path) -> list[Row]:
    """Each row is in the file as soon as it is there."""
    rows: list[Row] = []
    print(_LINE.format("fault", "messages", "in 5 s", "slowest", "lost", "doubled", "ended", "back s", ""))
    with tempfile.TemporaryDirectory(prefix="shopclerk-chaos-") as folder:
        for name in ("small", "clock", "large"):
            if chosen := [fault for fault in faults if fault.stand == name]:
                async with _stand(name, Path(folder) / name) as stand:
                    for fault in chosen:
                        row = await trial(stand, fault, callers)
                        rows.append(row)
                        _print(row)
                        _keep(row, out)
    return rows


def _stand(name: StandName, folder: Path) -> AbstractAsyncContextManager[Stand]:
    return {"small": small_stand, "clock": clock_stand, "large": large_stand}[name](folder)


def _print(row: Row) -> None:
    back = "never" if row.back_s is None else f"{row.back_s:.1f}"
    ended = f"{row.reached_their_end}/{row.conversations}"
    kinds = ", ".join(f"{kind} {count}" for kind, count in row.kinds.items())
    figures = (row.messages, row.answered_within_5s, f"{row.slowest_s:.1f}", len(row.lost), len(row.doubled))
    print(_LINE.format(row.fault, *figures, ended, back, kinds), flush=True)
    for sentence in [*row.lost, *row.doubled, *row.unfinished]:
        print(f"    {sentence}", flush=True)


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The five figures, and each fault's own."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "messages": sum(row["messages"] for row in rows),
        "answered_within_5s": sum(row["answered_within_5s"] for row in rows),
        "lost": sum(len(row["lost"]) for row in rows),
        "doubled": sum(len(row["doubled"]) for row in rows),
        "faults": rows,
    }


def _keep(row: Row, out: Path) -> None:
    """In the place of the same fault's earlier one."""
    earlier = json.loads(out.read_text(encoding="utf-8"))["faults"] if out.exists() else []
    found = {one["fault"]: one for one in [*earlier, row.as_json()]}
    rows = [found[fault.name] for fault in FAULTS if fault.name in found]
    out.write_text(json.dumps(summary(rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="those to run; all without any")
    parser.add_argument("--list", action="store_true", help="name the faults")
    parser.add_argument("--callers", type=int, default=6, help="conversations at a time")
    parser.add_argument("--out", type=Path, default=_RESULTS)
    arguments = parser.parse_args()
    known = {fault.name: fault for fault in FAULTS}
    if unknown := set(arguments.faults) - set(known):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    if arguments.list:
        print("\n".join(f"{one.name:<22} {one.part:<12} {one.how}" for one in FAULTS))
        return 0
    chosen = [known[name] for name in arguments.faults] or list(FAULTS)
    rows = asyncio.run(run(chosen, arguments.callers, arguments.out))
    found = json.loads(arguments.out.read_text(encoding="utf-8"))
    told = ("messages", "answered_within_5s", "lost", "doubled")
    print("  ".join(f"{name}: {found[name]}" for name in told), f" faults: {len(found['faults'])}")
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
