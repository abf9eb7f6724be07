"""Trains an adapter in the environment for it, built first if need be: `make finetune`.

    python3 -m tools.finetune CONFIG [--resume] [--dry-run]

An NVIDIA GPU means `finetune-gpu`, none `finetune-cpu`. Standard library only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from llm_server import Trouble as ModelTrouble
from llm_server.machine import this_machine
from tools import environments
from tools.environments import ROOT, Trouble, python_of


def main(arguments: Sequence[str]) -> None:
    """Become the training."""
    name = "finetune-gpu" if this_machine().gpus else "finetune-cpu"
    environments.main([name])
    program = python_of(name)
    if not os.access(program, os.X_OK):
        raise Trouble(f"Training needs {name}, which is for Linux on x86-64.")
    os.chdir(ROOT)
    os.execv(program, [str(program), "-m", "llm_server.finetune", *arguments])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Trouble, ModelTrouble) as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
