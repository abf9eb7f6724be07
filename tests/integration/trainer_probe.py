"""Reads the files of a training set as a trainer does, and renders each row by the tiny model's template.

    PYTHONPATH=tests .venv/finetune-cpu/bin/python tests/integration/trainer_probe.py DATASET MODEL_FOLDER

Prints, by file, each row's number of tokens, number of places for pictures, and text, as one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# First of all: it makes the picture processors importable (see there).
from tiny_qwen import build  # type: ignore[import-not-found]

# isort: split
from datasets import load_dataset  # type: ignore[import-not-found]
from PIL import Image
from transformers import AutoProcessor
from trl.data_utils import is_conversational  # type: ignore[import-not-found]


def told(folder: Path, path: Path, processor: Any, cache: Path) -> list[tuple[int, int, str]]:
    rows = load_dataset("json", data_files=str(path), split="train", cache_dir=str(cache))
    return [_row(folder, row, processor) for row in rows]


def _row(folder: Path, row: dict[str, Any], processor: Any) -> tuple[int, int, str]:
    assert is_conversational(row)
    turns = row.get("messages") or row["prompt"] + (row.get("completion") or row["chosen"])
    pictures = [Image.open(folder / name) for name in row["images"]] or None
    text = processor.apply_chat_template(turns, tokenize=False)
    tokens = processor(text=[text], images=pictures)
    return len(tokens["input_ids"][0]), text.count("<|image_pad|>"), text


def main(folder: Path, work: Path) -> None:
    build(work)
    processor = AutoProcessor.from_pretrained(work)
    files = [path for path in sorted(folder.glob("*.*.jsonl")) if path.stat().st_size]
    print(json.dumps({path.name: told(folder, path, processor, work / "cache") for path in files}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
