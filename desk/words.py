"""The desk's words in both languages: `words/<page>.yml`, `key: [中文, English]`.

    t = words.of("en")
    t("queue.waiting", n=3)     # "3 waiting"

A key that does not exist is a mistake of ours and raises; a test compares the templates with the files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.model import Language

_FOLDER = Path(__file__).parent / "words"
_PLACE: dict[Language, int] = {"zh": 0, "en": 1}

Words = Callable[..., str]


@cache
def all_words() -> dict[str, tuple[str, str]]:
    """Every key of every file, `<page>.<key>`, with its Chinese and its English."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(_FOLDER.glob("*.yml")):
        for key, both in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            chinese, english = both
            found[f"{path.stem}.{key}"] = (str(chinese), str(english))
    return found


def of(language: Language) -> Words:
    """The function that turns a key and its values into words."""
    place = _PLACE[language]

    def t(key: str, /, **values: Any) -> str:
        return all_words()[key][place].format(**values)

    return t
