"""The adapters of the model: list, check, try, evaluate, promote, roll back. `make adapters ARGS="..."`.

    make adapters                                   # the list
    make adapters ARGS="check winter"               # its files, and its answers where it is served
    make adapters ARGS="try winter"                 # served from the next `make llm` on, to no customer yet
    make adapters ARGS="evaluate winter"            # against the current one
    make adapters ARGS="promote winter"
    make adapters ARGS="rollback --why 'too terse'"

Works on the machine that holds `var/adapters`; the model is asked over HTTP, at SHOPCLERK_LLM_URL. What is
served changes at the next start of `make llm`, what customers get by SHOPCLERK_MODEL_SHARES: both are said.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

from llm_server import Trouble
from llm_server.adapters import check, registry
from llm_server.settings import Settings as ModelSettings
from support.settings import read_settings

_PATIENCE_S = 10


class Adapters:
    """The commands. Paths, addresses and names come from the settings unless the command line has them."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._given, self._settings = arguments, read_settings()
        model = ModelSettings()
        self._folder: Path = arguments.folder or model.llm_adapters
        self._base: str = arguments.base or self._settings.llm_model
        host = model.llm_host.replace("0.0.0.0", "127.0.0.1")
        known: str = arguments.url or self._settings.llm_url or f"http://{host}:{model.llm_port}/v1"
        self._url = known.split(",")[0].strip()  # several servers serve the same: one is asked
        secrets = dotenv_values(self._settings.var / "secrets.env")  # where `make llm` keeps the key it made
        self._key = model.llm_key.get_secret_value() or secrets.get("SHOPCLERK_LLM_KEY") or ""

    def list(self) -> None:
        found = registry.listing(self._folder, self._base)
        if not found:
            print(f"no adapter in {self._folder}; `make finetune` makes one")
        for one in found:
            print(_described(one))
        names = [self._base, *(name for name, _ in registry.served(self._folder))]
        print(f"\n`make llm` serves {', '.join(names)}; the current one is", end=" ")
        print(f"{registry.current(self._folder) or self._base}. Who gets which is SHOPCLERK_MODEL_SHARES'.")

    def check(self) -> None:
        name = self._given.name
        self._expect_in_order(name)
        print(f"{name}: its files are in order, for {self._base}")
        try:
            self._expect_served(name)
        except Trouble as trouble:
            print(f"what it answers was not looked at: {trouble}")
            return
        difference = asyncio.run(check.difference(self._url, self._key, self._base, name))
        size = f"{difference.largest} nats, where asking {self._base} twice gives {difference.noise}"
        if not difference.is_real:
            raise Trouble(f"{name} is served and changes nothing: the largest difference is {size}")
        print(f"its answers differ from those of {self._base}: by up to {size}")

    def try_(self) -> None:
        name = self._given.name
        registry.start_trial(self._folder, name, self._base, self._given.by)
        print(f"{name} is on trial: restart `make llm`, then")
        print(f"    make adapters ARGS='evaluate {name}'")

    def drop(self) -> None:
        registry.end_trial(self._folder, self._given.name, self._given.by)
        print(f"{self._given.name} is not served any more from the next start of `make llm` on")

    def evaluate(self) -> None:
        # Loads what searches and judges, which takes seconds that a listing need not wait for.
        from evals.answers import run

        name = self._given.name
        current, candidate = self._opponents(name)
        found = run.evaluate(
            current,
            candidate,
            server=(self._url, self._key),
            settings=self._settings,
            folder=self._folder / name,
            data=self._given.data,
            limit=self._given.rows,
            at_once=self._given.at_once,
        )
        print(f"\n{found}")

    def promote(self) -> None:
        name = self._given.name
        before = registry.promote(
            self._folder, name, self._base, self._given.by, anyway=self._given.anyway or ""
        )
        self._say_what_next(name, before or self._base)

    def rollback(self) -> None:
        was, now = registry.rollback(self._folder, self._given.by, self._given.why)
        print(f"{was} is taken back; the current one is {now or self._base}.")
        print(f'Now, in the assistant\'s .env:  SHOPCLERK_MODEL_SHARES="{now or self._base}=100"')

    def _say_what_next(self, name: str, before: str) -> None:
        print(f"{name} is promoted. Next:")
        print("  1. restart `make llm`, unless it serves it already")
        print("  2. give it a share of the customers, in the assistant's .env, and restart the assistant:")
        print(f'         SHOPCLERK_MODEL_SHARES="{before}=90,{name}=10"')
        print(f"  back: make adapters ARGS='rollback --why REASON'; {before} stays served")

    def _opponents(self, name: str) -> tuple[tuple[str, str], tuple[str, str]]:
        """The current model and the candidate, as name and fingerprint, both known to the server."""
        self._expect_in_order(name)
        entry = registry.read(self._folder).current
        current = (entry.name, entry.sha256) if entry else (self._base, "")
        self._expect_served(current[0], name)
        return current, (name, registry.fingerprint(self._folder / name))

    def _expect_in_order(self, name: str) -> None:
        if found := check.problems(self._folder / name, self._base):
            raise Trouble("\n".join([f"{name} cannot be served:", *(f"  - {problem}" for problem in found)]))

    def _expect_served(self, *names: str) -> None:
        request = urllib.request.Request(f"{self._url}/models")
        if self._key:
            request.add_header("Authorization", f"Bearer {self._key}")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=_PATIENCE_S) as response:
                served = [str(model["id"]) for model in json.load(response)["data"]]
        except (OSError, ValueError, KeyError) as error:
            raise Trouble(f"{self._url} does not answer: {error}") from error
        for name in names:
            if name not in served:
                raise Trouble(
                    f"{self._url} does not serve {name} (it has {', '.join(served)}): "
                    f"make adapters ARGS='try {name}', then restart `make llm`"
                )


def _described(one: registry.Listed) -> str:
    training = one.training
    metrics = training.get("metrics") or {}
    before, after = (metrics.get(name) for name in ("dev_loss_before", "dev_loss"))
    loss = f"dev loss {f'{before:.2f} -> ' if before else ''}{after:.2f}" if after else ""
    facts = [training.get("method"), training.get("base"), training.get("dataset"), loss]
    made = f"made {training['created_at']}" if training.get("created_at") else ""
    lines = [
        f"{one.name}: {one.state}{f' since {one.since}' if one.since else ''}",
        "; ".join(str(fact) for fact in (*facts, made) if fact),
        one.why,
    ]
    return "\n    ".join(line for line in lines if line)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make adapters", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, help="instead of SHOPCLERK_LLM_ADAPTERS")
    parser.add_argument("--base", help="the model that adapters are for, instead of SHOPCLERK_LLM_MODEL")
    parser.add_argument("--url", default="", help="the server to ask, instead of SHOPCLERK_LLM_URL")
    parser.add_argument("--by", default=getpass.getuser(), help="who does it, for the record")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list", help="all adapters, and where each stands")
    for name, what in _NAMED.items():
        commands.add_parser(name, help=what).add_argument("name")
    evaluate = commands.choices["evaluate"]
    evaluate.add_argument("--data", type=Path, help="rows, instead of var/dataset/evaluation.jsonl")
    evaluate.add_argument("--rows", type=int, help="the first so many only")
    evaluate.add_argument("--at-once", type=int, default=4, help="rows on their way at a time")
    commands.choices["promote"].add_argument("--anyway", metavar="REASON", help="without an evaluation")
    commands.add_parser("rollback", help="back to the one before").add_argument("--why", default="")
    return parser.parse_args(argv)


_NAMED = {
    "check": "is an adapter in order, and does it change anything?",
    "try": "serve it to nobody yet, so that it can be evaluated",
    "drop": "end its trial",
    "evaluate": "does it answer better than the current one?",
    "promote": "make it the current one",
}


def main(argv: Sequence[str]) -> int:
    arguments = _arguments(argv)
    try:
        adapters = Adapters(arguments)
        getattr(adapters, {None: "list", "try": "try_"}.get(arguments.command, arguments.command))()
    except (Trouble, OSError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
