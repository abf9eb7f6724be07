"""Prints the claim gate's figures: `python -m evals.trust.claims [--dev] [--failures]`."""

from __future__ import annotations

import argparse
from typing import Any

from evals.trust.claims.run import run, run_dev


def _print(figures: dict[str, Any], failures: bool) -> None:
    for name in ("claim_catch", "claim_false_block", "cases", "milliseconds_median", "milliseconds_p95"):
        print(f"{name:24} {figures[name]}")
    for table in ("catch_by_mutation", "catch_by_language", "false_block_by_kind", "false_block_by_language"):
        print(f"\n{table}")
        for name, part in figures[table].items():
            print(f"  {name:12} {part['share']:7.1%}  {part['count']} of {part['of']}")
    if failures:
        print()
    for one in figures["failures"] if failures else ():
        print(f"{one['id']}: {one['what']} {one['objections']}\n  {one['answer']}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.trust.claims", description=__doc__)
    parser.add_argument("--failures", action="store_true", help="print each answer that was judged wrongly")
    parser.add_argument("--dev", action="store_true", help="the part that the gate is developed on")
    given = parser.parse_args()
    _print(run_dev() if given.dev else run(), given.failures)


if __name__ == "__main__":
    main()
