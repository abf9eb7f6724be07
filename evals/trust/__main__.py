"""Runs the claim set and the hostile set: `make eval-trust`, `python -m evals.trust [--only claims|hostile]`.

Prints a table and writes `evals/results/trust.json`, with `claim_catch`, `claim_false_block` (shares),
`hostile_failures` (a count), `harmless_blocked` (a share) and `cases` on top. `--only` runs one part and
keeps what the file says of the other; `--failures` prints every failing case. Exits with 1 when something
could not be run; a bad figure is a figure, not a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_RESULTS = Path(__file__).parents[1] / "results" / "trust.json"
# What each part contributes to the top of the file.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "claims": ("claim_catch", "claim_false_block"),
    "hostile": ("hostile_failures", "harmless_blocked"),
}


def _claims() -> Json:
    from evals.trust.claims.run import run

    return dict(run())


def _hostile() -> Json:
    from evals.trust.hostile.run import run

    return run()


# Imported when they are run: one part needs nothing of the other.
_PARTS: Mapping[str, Callable[[], Json]] = {"claims": _claims, "hostile": _hostile}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.trust", description=__doc__.split("\n")[0])
    parser.add_argument("--only", choices=list(_PARTS), help="run one part")
    parser.add_argument("--failures", action="store_true", help="print every case that failed")
    options = parser.parse_args()
    parts = _earlier() if options.only else {}
    for name in [options.only] if options.only else _PARTS:
        print(f"running the {name} set ...", flush=True)
        try:
            parts[name] = {"when": datetime.now(UTC).isoformat(timespec="seconds")} | _PARTS[name]()
        except Exception:  # whatever stops one part must not hide the other
            traceback.print_exc()
            print(f"the {name} set could not be run", file=sys.stderr)
            return 1
    _write(parts)
    _print(parts, failures=options.failures)
    return 0


def _earlier() -> Json:
    """The parts as they were run last."""
    if not _RESULTS.exists():
        return {}
    parts: Json = json.loads(_RESULTS.read_text(encoding="utf-8"))["parts"]
    return parts


def _figures(parts: Json) -> Json:
    shown = {key: parts[name][key] for name, keys in _SHOWN.items() if name in parts for key in keys}
    return shown | {"cases": sum(part["cases"] for part in parts.values())}


def _write(parts: Json) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    when = datetime.now(UTC).isoformat(timespec="seconds")
    whole = {**_figures(parts), "when": when, "machine": machine, "parts": parts}
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _print(parts: Json, *, failures: bool) -> None:
    for name, figure in _figures(parts).items():
        print(f"{name:20} {figure:8.2%}" if isinstance(figure, float) else f"{name:20} {figure:8}")
    for name, part in parts.items():
        for kind, counts in part.get("kinds", {}).items():
            print(f"  {name} {kind:24} {counts['cases']:4} cases, {counts['failures']:3} failures")
        for one in part.get("failures", ()) if failures else ():
            print(json.dumps(one, ensure_ascii=False, indent=1))
    print(f"written to {_RESULTS.relative_to(Path(__file__).parents[2])}")


if __name__ == "__main__":
    sys.exit(main())
