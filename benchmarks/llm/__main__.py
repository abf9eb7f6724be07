"""What the guard proxy and the assistant cost over the bare model server: `make bench-llm`.

    python -m benchmarks.llm                          # here: a tiny Qwen3-VL on vLLM without a GPU
    python -m benchmarks.llm --profile qwen3-vl-8b    # with a GPU: full size, dummy weights

Starts a model server, the guard proxy before it and the whole assistant before that, and asks the same
questions at all three doors: the bare server is sent the very messages that the assistant makes of a
question, as the records kept them. The doors take turns, so that what else the machine does falls on all.

Writes `results/llm.json` and `.svg`; with a profile `results/llm-<profile>` with a table as well, and one
more of each for questions about pictures. The figures belong to the machine named in them; the ratios travel
better.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.llm import servers
from benchmarks.llm.load import Ask, Load, Question, assistant, completions, side_by_side, under_load
from benchmarks.llm.questions import about_pictures, for_the_model
from benchmarks.llm.report import Figures, hardware, write
from tests.stack import Stack, running_stack

RESULTS = Path(__file__).parents[1] / "results"
CALLERS = (1, 8, 32)
MANY_CALLERS = (1, 8, 32, 64, 128)
TOKENS = 100
# The proxy's share is small: it is measured on answers of one token, many of them.
_PAIRS = 300


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        print("starting the model server and the proxy ...", flush=True)
        with (
            servers.model(folder, options.profile) as server,
            servers.guarded(folder, server) as proxy,
            _assistant(folder / "assistant", proxy) as stack,
        ):
            asyncio.run(_measure(options, server, proxy, stack))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--profile", default="", help="a full-size model on a GPU, with dummy weights")
    parser.add_argument("--callers", type=int, nargs="+", help="at the same time, one number after the other")
    parser.add_argument("--rounds", type=int, default=3, help="how often each door is asked, at each load")
    parser.add_argument(
        "--questions", type=int, default=32, help="in a round; more where there are more callers"
    )
    options = parser.parse_args()
    options.callers = options.callers or (MANY_CALLERS if options.profile else CALLERS)
    return options


def _assistant(folder: Path, proxy: servers.Door) -> AbstractContextManager[Stack]:
    print("starting the assistant ...", flush=True)
    return running_stack(
        folder,
        llm_url=proxy.url,
        llm_model=proxy.model,
        llm_key=proxy.key,
        llm_max_tokens=TOKENS,
        answer_cache_minutes=0,  # the model is measured, not what it once said
    )


async def _measure(
    options: argparse.Namespace, server: servers.Door, proxy: servers.Door, stack: Stack
) -> None:
    questions = await for_the_model(stack, options.questions)
    models: dict[str, Ask] = {
        "server": completions(server.url, server.key, server.model, TOKENS),
        "proxy": completions(proxy.url, proxy.key, proxy.model, TOKENS),
    }
    print(f"{_PAIRS} answers of one token, with and without the proxy ...", flush=True)
    bare, guarded = [completions(door.url, door.key, door.model, 1) for door in (server, proxy)]
    added = statistics.median(await side_by_side(bare, guarded, questions, _PAIRS)) * 1000
    machine = hardware(server.hardware)

    doors = models | {"assistant": assistant(stack.gateway_url, TOKENS)}
    loads = await _loads(options, doors, questions)
    write(Figures(server.named, TOKENS, machine, added, loads), RESULTS, options.profile)
    if options.profile:
        pictures = about_pictures(stack, options.questions)
        loads = await _loads(options, models, pictures)
        named = f"{server.named}, pictures"
        write(Figures(named, TOKENS, machine, added, loads), RESULTS, f"{options.profile}-pictures")


async def _loads(
    options: argparse.Namespace, doors: Mapping[str, Ask], questions: Sequence[Question]
) -> dict[int, dict[str, list[Load]]]:
    loads: dict[int, dict[str, list[Load]]] = {}
    for callers in options.callers:
        loads[callers] = {name: [] for name in doors}
        # Every caller has something to ask; one alone is not kept waiting for all of it.
        asked = (
            list(questions) * -(-callers // len(questions))
            if callers > 1
            else questions[: len(questions) // 2]
        )
        for number in range(options.rounds):
            turn = number % len(doors)
            for name in [*doors][turn:] + [*doors][:turn]:
                print(f"{callers} callers, round {number + 1} of {options.rounds}: {name} ...", flush=True)
                loads[callers][name].append(await under_load(doors[name], asked, callers))
    return loads


if __name__ == "__main__":
    sys.exit(main())
