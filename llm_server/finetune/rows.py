"""Reads and checks the rows of a dataset folder, as `make dataset` writes it.

    sft  {"images": ["images/1f.jpg"], "messages": [{"role": "user", "content": [{"type": "image"}]}, ...]}
    kto  {"images": [], "prompt": [...], "completion": [one message], "label": true}
    dpo  {"images": [], "prompt": [...], "chosen": [one message], "rejected": [one message]}

A row becomes a prompt and one answer (two for dpo): of a conversation only the last answer is taught, for it
is the one that a person has confirmed. In every message pictures stand before the text, as they do when they
are asked about: so vLLM can reuse what it has computed for them. Keys that are not named here are ignored.
Trouble names file and line of what is wrong.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_server import Trouble
from llm_server.finetune.config import Method

Message = dict[str, Any]

# What a row of each method has to have, besides the pictures.
KEYS: dict[Method, tuple[str, ...]] = {
    "sft": ("messages",),
    "kto": ("prompt", "completion", "label"),
    "dpo": ("prompt", "chosen", "rejected"),
}
MOST_NAMED = 5  # mistakes in one message
_CHINESE, _ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Row:
    """One example. `answers` by TRL's names: `completion`, or `chosen` and `rejected`; `label` is kto's."""

    images: tuple[Path, ...]
    prompt: tuple[Message, ...]
    answers: Mapping[str, str]
    label: bool | None = None

    @property
    def wanted(self) -> str:
        """The answer that a person wants; for kto's bad ones, the one that nobody does."""
        return self.answers.get("chosen") or self.answers["completion"]


@dataclass(frozen=True)
class Rows:
    """What a run learns from, and the held-out part that it is measured on."""

    train: tuple[Row, ...]
    dev: tuple[Row, ...]
    digest: str  # of the rows' files
    manifest: str  # of what `make dataset` says about them; empty when there is nothing


def read(folder: Path, method: Method) -> Rows:
    """The method's rows; Trouble when there are none, or when any is not as it has to be."""
    if not folder.is_dir():
        raise Trouble(f"The dataset {folder} does not exist. `make dataset` writes it.")
    digest = hashlib.sha256()
    parts = {}
    for part in ("train", "dev"):
        path = folder / f"{method}.{part}.jsonl"
        if not path.is_file():
            raise Trouble(f"{path} does not exist, so there is nothing for {method}. {_others(folder)}")
        digest.update(path.read_bytes())
        parts[part] = tuple(_rows_of(path, method))
        if not parts[part]:
            raise Trouble(f"{path} is empty. {_EMPTY[part].format(others=_others(folder))}")
    manifest = folder / "manifest.json"
    made = hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.is_file() else ""
    rows = Rows(parts["train"], parts["dev"], digest.hexdigest(), made)
    if method == "kto":
        balance(rows.train)
    return rows


_EMPTY = {
    "train": "{others}",
    "dev": "Without held-out rows nobody could tell whether the model learnt or only memorised; with more"
    " conversations `make dataset` fills it.",
}


def _others(folder: Path) -> str:
    """What the folder would do for."""
    there = [method for method in KEYS if _has_rows(folder / f"{method}.train.jsonl")]
    if there:
        return f"The dataset has rows for: {', '.join(there)}; set `method:` so, or export again."
    return "The dataset has no training rows at all: `make dataset` says what it needs from the desk."


def _has_rows(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _rows_of(path: Path, method: Method) -> Iterator[Row]:
    mistakes = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield row_of(json.loads(line), method, path.parent)
            except ValueError as error:
                mistakes.append(f"{path}:{number}: {error}")
            except (AttributeError, KeyError, TypeError):
                mistakes.append(f"{path}:{number}: not the form that llm_server/finetune/rows.py describes")
    if mistakes:
        more = len(mistakes) - MOST_NAMED
        raise Trouble("\n".join(mistakes[:MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])))


def row_of(given: Any, method: Method, folder: Path) -> Row:
    """One line of a file, checked; ValueError says what is wrong with it."""
    if not isinstance(given, dict):
        raise ValueError("a row is a JSON object")
    if missing := [key for key in KEYS[method] if key not in given]:
        raise ValueError(
            f"a row for {method} needs {', '.join(KEYS[method])}; not there: {', '.join(missing)}"
        )
    if method == "sft":
        *prompt, last = given["messages"] or [{}]
        answers = {"completion": _answer([last])}
    else:
        prompt = given["prompt"]
        answers = {key: _answer(given[key]) for key in KEYS[method] if key not in ("prompt", "label")}
    if method == "kto" and not isinstance(given["label"], bool):
        raise ValueError(f"label has to be true or false, not {given['label']!r}")
    images = tuple(folder / name for name in given.get("images") or ())
    if absent := [image.name for image in images if not image.is_file()]:
        raise ValueError(f"the picture {absent[0]} is not in {folder / 'images'}")
    return Row(images, _prompt(prompt, len(images)), answers, given.get("label"))


def _answer(messages: Sequence[Message]) -> str:
    if len(messages) != 1 or messages[0].get("role") != "assistant":
        raise ValueError("the answer has to be one message of the assistant, the last one")
    text = "".join(part.get("text") or "" for part in _parts(messages[0]))
    if not text.strip():
        raise ValueError("the answer is empty")
    return text


def _prompt(messages: Sequence[Message], pictures: int) -> tuple[Message, ...]:
    if not messages or messages[-1].get("role") != "user":
        raise ValueError("before the answer there has to be a message of the user")
    ordered = tuple({"role": message["role"], "content": _pictures_first(message)} for message in messages)
    places = sum(part["type"] == "image" for message in ordered for part in message["content"])
    if places != pictures:
        raise ValueError(f"the messages have places for {places} pictures, and {pictures} are listed")
    return ordered


def _pictures_first(message: Message) -> list[dict[str, str]]:
    parts = _parts(message)
    texts = [{"type": "text", "text": part["text"]} for part in parts if part.get("type") == "text"]
    return [{"type": "image"} for part in parts if part.get("type") == "image"] + texts


def _parts(message: Message) -> list[dict[str, Any]]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def balance(rows: Sequence[Row]) -> tuple[int, int]:
    """kto: how many rows are wanted, and how many are not; Trouble unless there are both."""
    good = sum(row.label is True for row in rows)
    if good in (0, len(rows)):
        raise Trouble(
            "kto compares wanted answers with unwanted ones, and all rows to learn from have the same label."
            " Collect ratings of both kinds, or use sft."
        )
    return good, len(rows) - good


def ordered(rows: Sequence[Row], seed: int) -> list[Row]:
    """Shuffled, always the same way for a seed; kto's labels spread evenly.

    TRL keeps this order for kto, whose estimate and margins need both labels in a batch.
    """
    shuffled = random.Random(seed).sample(rows, len(rows))
    place: dict[int, float] = {}
    for label in (True, False, None):
        same = [index for index, row in enumerate(shuffled) if row.label is label]
        place |= {index: (rank + 0.5) / len(same) for rank, index in enumerate(same)}
    by_place = sorted(place, key=place.__getitem__)
    return [shuffled[index] for index in by_place]


def language(row: Row) -> str:
    """`zh` or `en`, by the answer: a prompt may quote passages in either."""
    chinese = len(_CHINESE.findall(row.wanted))
    return "zh" if chinese > len(_ENGLISH.findall(row.wanted)) else "en"
