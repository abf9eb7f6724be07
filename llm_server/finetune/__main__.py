"""The command: `python -m llm_server.finetune CONFIG [--resume] [--dry-run]`, which is `make finetune`.

An interrupted run continues by itself when the same command is given again; `--resume` insists on that.
`--dry-run` says what would be trained and needs no weights. Exits with 1 where the user has to do something.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from pathlib import Path

from llm_server import Trouble
from llm_server.finetune import config as configs
from llm_server.finetune import rows as datasets
from llm_server.finetune import work as works
from llm_server.finetune.config import Config
from llm_server.finetune.rows import Rows
from llm_server.machine import Machine, this_machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="make finetune", description="Train an adapter from a dataset.")
    parser.add_argument("config", type=Path)
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run, and only that")
    parser.add_argument("--dry-run", action="store_true", help="say what would be trained, and stop")
    arguments = parser.parse_args()
    try:
        config = configs.read(arguments.config)
        works.refuse_if_finished(config)
        rows = datasets.read(config.dataset, config.method)
        machine = this_machine()
        _prepare_libraries(machine)
        _describe_or_train(config, rows, machine, arguments)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the same command continues from the last checkpoint", file=sys.stderr)
        return 130
    return 0


def _prepare_libraries(machine: Machine) -> None:
    """Before any of them is imported, which is when they read this."""
    # TRL tells its makers about each run unless it is told not to; nothing leaves the shop.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # the processes that read pictures are enough
    warnings.filterwarnings("ignore", category=FutureWarning)  # between the libraries, not for the user
    if machine.gpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = machine.gpu.uuid  # TRL refuses to see several
    try:
        import torchvision  # type: ignore[import-not-found]  # noqa: F401
    except RuntimeError as error:
        raise Trouble(
            "Training needs a machine with an NVIDIA GPU. (The environment finetune-cpu is for the tests: its"
            f" torchvision is built for CUDA and does not load without. {error})"
        ) from error


def _describe_or_train(config: Config, rows: Rows, machine: Machine, arguments: argparse.Namespace) -> None:
    from llm_server.finetune import run

    plan, processor = run.planned(config, rows)
    free = machine.gpu.free_gb if machine.gpu else machine.memory_gb
    print("\n".join(plan.lines(config, free)), flush=True)
    if arguments.dry_run:
        return
    with works.opened(config, rows.digest, arguments.resume) as work:
        run.train(config, rows, plan, processor, work)
    print(f"done: {config.finished}; its report: {config.finished / 'report' / 'report.md'}")


if __name__ == "__main__":
    sys.exit(main())
