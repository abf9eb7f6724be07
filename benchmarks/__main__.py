"""This project beside stock Rasa: `make bench`, `python -m benchmarks [--rounds N] [--seconds N]`.

Starts both with the demo shop (SQLite, no model server) and holds the conversations of `benchmarks.mix` at
Rasa's REST channel, the action server and the SQL stores on. The sides take turns, round by round, and one
stands still while the other is asked, so that what else the machine does falls on both. Figures are medians
over the rounds. Before that: what the gateway adds, and whether a long conversation costs more.

Writes `results/latest.json` and `.svg`. The figures belong to the machine named in them; ratios travel.
`--short` is for CI: 20 callers and one question, whether the ratio to stock is at least 3. It writes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.report import BUSY, Figures, summary, table, write
from benchmarks.sides import running_ours
from benchmarks.stock import Training, running_stock, trained

CALLERS = (1, 2, 5, 10, 20, 40)
LEAST_RATIO = 3
_RESULTS = Path(__file__).parent / "results"
# Enough for the words of the mix to be understood.
_SHORT = Training(epochs=6, every=4)
_SHORT_ROUNDS, _SHORT_S = 3, 6.0


def main() -> int:
    options = _options()
    # So that a benchmark which is stopped stops what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    training = _SHORT if options.short else Training(epochs=options.stock_epochs)
    model = trained(training)
    with tempfile.TemporaryDirectory() as scratch:
        print("starting both sides ...", flush=True)
        with (
            running_ours(Path(scratch) / "ours") as (ours, stack),
            running_stock(Path(scratch) / "stock", stack.settings, model) as stock,
        ):
            figures = asyncio.run(_measure(Bench(ours, stock, stack), options, str(training)))
    print(table(figures))
    if not options.short:
        write(figures, _RESULTS)
        print(summary(figures))
        return 0
    ratio = figures.ratio()
    print(f"{ratio:.2f} times stock's turns a second; at least {LEAST_RATIO} are wanted")
    return 0 if ratio >= LEAST_RATIO else 1


async def _measure(bench: Bench, options: argparse.Namespace, training: str) -> Figures:
    await bench.warm_up()
    if options.short:
        rounds = await bench.rounds([BUSY], _SHORT_ROUNDS, _SHORT_S)
        return Figures(rounds, training, await bench.held(_SHORT_S))
    gateway, growth = await bench.gateway(), await bench.grown(options.long)
    rounds = await bench.rounds(options.callers, options.rounds, options.seconds)
    return Figures(rounds, training, await bench.held(options.seconds), growth, gateway)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is asked, at each load")
    parser.add_argument("--seconds", type=float, default=10, help="how long a round lasts")
    parser.add_argument("--callers", type=int, nargs="+", default=CALLERS, help=f"with {BUSY} among them")
    parser.add_argument("--long", type=int, default=4, help="conversations of 200 turns, 0 for none")
    parser.add_argument("--stock-epochs", type=int, default=Training.epochs, help="for stock's networks")
    parser.add_argument("--short", action="store_true", help="the form for CI")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
