"""What a message may mean: the intents of the training data, each with a line about it and some examples.

The lines are ours for the intents that Shopclerk comes with (`words/intent.yml`); a shop's own intents are
explained by their examples alone.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from desk import words
from gateway.texts import language_of
from support.model import Language
from support.training import Training
from support.training.yaml_files import read_folder

_EXAMPLES = 3
_LONGEST = 40


@dataclass(frozen=True)
class Intent:
    """One to choose. `examples` are in the reader's language where there are any."""

    name: str
    about: str
    examples: tuple[str, ...]


async def known(training: Training, language: Language) -> list[Intent]:
    """All that examples can be added to, by name. Problem `bad_yaml` when the files cannot be read."""
    folder = training.project.nlu
    return await asyncio.to_thread(lambda: list(_read(folder, _stamp(folder), language)))


def about(name: str, language: Language) -> str:
    """A line about an intent; empty for one that we do not know."""
    found = words.all_words().get(f"intent.{name}")
    return found[language == "en"] if found else ""


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """What changes when a file does."""
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*.yml")))


@lru_cache(maxsize=4)
def _read(folder: Path, _stamps: tuple[tuple[str, int], ...], language: Language) -> tuple[Intent, ...]:
    # Parsing all of the files takes a second: once for each state of them.
    files = read_folder(folder)
    same: dict[str, list[str]] = defaultdict(list)
    other: dict[str, list[str]] = defaultdict(list)
    for one in (one for file in files.files for one in file.known() if len(one.text) <= _LONGEST):
        (same if language_of(one.text, language) == language else other)[one.intent].append(one.text)
    return tuple(
        Intent(name, about(name, language), tuple((same[name] or other[name])[:_EXAMPLES]))
        for name in files.intents
    )
