"""Starts the model server in the environment that it needs, built first if need be: `make llm`.

    python3 -m tools.llm [arguments of `python -m llm_server`]

An NVIDIA GPU means vLLM's own build (`llm-gpu`), none the rebuild for the CPU (`llm-cpu`). What only lists or
prints needs no vLLM, nor does a profile that does not exist: those run in `app`. Standard library only.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from llm_server import Trouble as ModelTrouble
from llm_server.machine import environment_for, this_machine
from tools import environments
from tools.environments import ROOT, Trouble, python_of

PROFILES = ROOT / "llm_server" / "profiles"
_FOR_CPU = re.compile(r"^device: *cpu\b", re.MULTILINE)


def main(arguments: Sequence[str]) -> None:
    """Become the launcher."""
    name = environment(arguments)
    environments.main([name])
    program = python_of(name)
    if not os.access(program, os.X_OK):
        raise Trouble(
            f"The model server needs {name}, which is for Linux on x86-64. Here you can use any other server"
            " that speaks the OpenAI protocol: SHOPCLERK_LLM_URL in .env"
        )
    os.chdir(ROOT)
    os.execv(program, [str(program), "-m", "llm_server", *arguments])


def environment(arguments: Sequence[str]) -> str:
    """The environment for these arguments on this machine."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--profile", default=os.environ.get("SHOPCLERK_LLM_PROFILE", ""))
    for only_prints in ("--dry-run", "--list", "--help"):
        parser.add_argument(only_prints, dest="prints", action="store_true")
    given, _ = parser.parse_known_args(arguments)
    if given.prints:
        return "app"
    if given.profile:
        own = given.profile.endswith(".yml")
        file = Path(given.profile) if own else PROFILES / f"{given.profile}.yml"
        if not file.is_file():
            return "app"  # where the launcher says which there are
        if _FOR_CPU.search(file.read_text(encoding="utf-8")):
            return "llm-cpu"
    return environment_for(this_machine())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Trouble, ModelTrouble) as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
