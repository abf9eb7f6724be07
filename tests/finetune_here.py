"""Runs `llm_server.finetune` where only the torchvision that is built for CUDA can be had.

    .venv/finetune-cpu/bin/python tests/finetune_here.py base FOLDER     # the tiny Qwen3-VL, into FOLDER
    .venv/finetune-cpu/bin/python tests/finetune_here.py CONFIG [--resume] [--dry-run]

The import below defines the two operators that this torchvision lacks without CUDA. They go when the variable
that holds them goes, so this module stays loaded while the program runs.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import tiny_qwen  # type: ignore[import-not-found]

if __name__ == "__main__":
    if sys.argv[1] == "base":
        tiny_qwen.build(Path(sys.argv[2]))
    else:
        sys.path.insert(0, str(Path(__file__).parents[1]))
        runpy.run_module("llm_server.finetune", run_name="__main__", alter_sys=True)
