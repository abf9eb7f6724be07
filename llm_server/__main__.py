"""Starts the model server: `make llm`, `python -m llm_server`. Settings: `llm_server/settings.py`.

make llm                               # the largest profile that fits this machine
make llm PROFILE=qwen3-vl-8b           # or the path of a profile of your own, ending in .yml
make llm DRY_RUN=1                     # only print the commands
make llm ARGS=--list                   # the profiles, and which fit
make llm ARGS='-- --max-num-seqs 8'    # what follows -- goes to vLLM as it is
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from llm_server import Trouble, profiles, weights
from llm_server.adapters import check, registry
from llm_server.command import Adapter, Command, engine_command, interpreter
from llm_server.machine import Machine, this_machine
from llm_server.profiles import Profile
from llm_server.settings import Settings, with_secrets


@dataclass(frozen=True)
class Choice:
    """What will be served on this machine; `extra` are flags for vLLM from the command line."""

    settings: Settings
    machine: Machine
    profile: Profile
    adapters: tuple[Adapter, ...]
    warnings: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def python(self) -> str:
        """The interpreter that runs vLLM."""
        return interpreter("llm-cpu" if self.profile.device == "cpu" else "llm-gpu")

    def command(self, model: str) -> Command:
        """vLLM's, with a key of its own."""
        return engine_command(
            self.profile,
            python=self.python,
            weights=model,
            key=secrets.token_urlsafe(32),
            port=self.settings.llm_engine_port,
            gpu=self.machine.gpu,
            adapters=self.adapters,
            extra=self.extra,
        )


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments say; Trouble when it cannot be done."""
    given = _arguments(arguments)
    if given.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    settings, machine = _settings(), this_machine()
    if given.list:
        print(f"This machine: {machine}\n\n{profiles.table(profiles.load().values(), machine)}")
        return
    choice = _choice(given.profile or settings.llm_profile, settings, machine, tuple(given.engine))
    for warning in choice.warnings:
        print(f"WARNING: {warning}", file=sys.stderr, flush=True)
    if given.dry_run:
        print(shown(choice))
    else:
        _serve(choice)


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m llm_server", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--profile", default="", help="a name from --list, or a file")
    parser.add_argument("--dry-run", action="store_true", help="print the commands and do nothing")
    parser.add_argument("--list", action="store_true", help="print the profiles")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    parser.add_argument("engine", nargs="*", metavar="-- flag", help="flags for vLLM, after --")
    return parser.parse_args(arguments)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise Trouble("\n".join(["The settings are not right:", *wrong])) from None


def _choice(name: str, settings: Settings, machine: Machine, extra: tuple[str, ...]) -> Choice:
    known, promoted = profiles.load(), registry.served(settings.llm_adapters)
    if name:
        profile = profiles.named(known, name, machine)
    elif settings.llm_weights not in weights.HUBS:
        profile = weights.recognised(weights.own_folder(settings.llm_weights), known.values(), machine)
    else:
        profile = profiles.choose(known, machine, adapters=bool(promoted))
    adapters, warnings = usable(promoted, profile)
    return Choice(settings, machine, profile, adapters, warnings, extra)


def usable(
    promoted: Sequence[tuple[str, Path]], profile: Profile
) -> tuple[tuple[Adapter, ...], tuple[str, ...]]:
    """Those that vLLM can be started with, and why others are left out: the model itself has to come up."""
    adapters: list[Adapter] = []
    warnings: list[str] = []
    for name, folder in promoted:
        wrong = check.problems(folder, profile.model)
        if not profile.adapters:
            wrong = [f"{profile.name} serves none; see its notes, or take another profile"]
        if wrong:
            warnings.append(f"the adapter {name} is left out: {'; '.join(wrong)}")
        else:
            adapters.append(Adapter(name, folder.absolute(), check.rank(folder)))
    return tuple(adapters), tuple(warnings)


def shown(choice: Choice) -> str:
    """What would be run, for people; without secrets, and without asking the network."""
    settings, profile, source = choice.settings, choice.profile, choice.settings.llm_weights
    if hub := weights.HUBS.get(source):
        folder = weights.cached(profile, hub)
        model = str(folder or weights.model_id(profile, hub))
        where = (
            "already here" if folder else f"{profile.download_gb:g} GB to download if they are not here yet"
        )
    else:
        model, where = str(weights.own_folder(source)), "a folder"
    return "\n".join(
        [
            f"# {profile.title} ({profile.name}): {profile.misfit(choice.machine) or 'fits this machine'}",
            *(f"# {note.strip()}" for note in profile.notes),
            f"# Weights: {source}, {where}",
            "",
            "# vLLM, on the loopback; its key is made at each start",
            choice.command(model).shown(),
            "",
            f"# The guard proxy, http://{settings.llm_host}:{settings.llm_port}/v1; it starts vLLM as above",
            shlex.join([choice.python, "-m", "llm_server", "--profile", profile.name]),
        ]
    )


def _serve(choice: Choice) -> None:
    # Here, not above: lists and dry runs need neither aiohttp nor vLLM.
    import uvloop

    from llm_server.serving import Plan, check_ports, serve

    settings, machine, profile = choice.settings, choice.machine, choice.profile
    if misfit := profile.misfit(machine):
        raise Trouble(
            f"{profile.title} {misfit}.\n\n{profiles.table(profiles.load().values(), machine)}\n\n"
            "Free some memory, or choose another: make llm PROFILE=name"
        )
    if not os.access(choice.python, os.X_OK):
        raise Trouble(f"vLLM is not installed at {choice.python}: `make llm` installs it")
    check_ports(settings)
    print(f"{profile.title} ({profile.name}) on {machine}", flush=True)
    print(_replicas(machine, settings), end="", flush=True)
    folder = weights.find(profile, settings.llm_weights)
    print(f"starting vLLM with {folder}", flush=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    plan = Plan(
        with_secrets(settings), profile, choice.command(str(folder)), choice.adapters, choice.warnings
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(plan))


def _replicas(machine: Machine, settings: Settings) -> str:
    if len(machine.gpus) < 2 or not machine.gpu:
        return ""
    return (
        f"This server uses GPU {machine.gpu.index}, one of {len(machine.gpus)}. Each of these models fits one"
        " card, and a server for each card does more than one spread over several. Start another with\n"
        f"  SHOPCLERK_LLM_PORT={settings.llm_port + 10}"
        f" SHOPCLERK_LLM_ENGINE_PORT={settings.llm_engine_port + 10} make llm\n"
        "and give the assistant all their addresses in SHOPCLERK_LLM_URL, separated by commas.\n"
    )


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    # Until the server takes over: a kill ends a download as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
