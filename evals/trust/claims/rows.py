"""The answers of the evaluation: what was said, what it stands on, and where they are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, TypedDict

_DATA = Path(__file__).parents[2] / "data"
_HELD_OUT, _DEV = _DATA / "claims.jsonl", _DATA / "claims.dev.jsonl"


class Row(TypedDict):
    """A true answer. `sources` as the model was shown them; `ledger` with the store's names of fields."""

    id: str
    language: Literal["zh", "en"]
    kind: Literal["policy", "product", "order", "refund", "mixed", "smalltalk"]
    answer: str
    sources: list[str]
    ledger: list[dict[str, Any]]


class DevRow(Row):
    """An answer of the dev part, true or false. `mutation` is what made it false, None for a true one."""

    true: bool
    mutation: str | None


def load() -> list[Row]:
    """The held-out answers, all true; `mutate.mutated` makes the false ones."""
    return _lines(_HELD_OUT)


def load_dev() -> list[DevRow]:
    """The answers that the gate may be developed on."""
    return _lines(_DEV)


def _lines(file: Path) -> list[Any]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
