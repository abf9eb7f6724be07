"""The desk's words in both languages: `words/<page>.yml`, `key: [中文, English]`.

    t = words.of("en")
    t("inbox.count", n=3)     # "3 messages", from "{n} {n:message|messages}"

A key that does not exist is a mistake of ours and raises; a test compares the templates with the files.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.model import Language

_FOLDER = Path(__file__).parent / "words"
_PLACE: dict[Language, int] = {"zh": 0, "en": 1}

Words = Callable[..., str]


class _Plurals(string.Formatter):
    """`{n:message|messages}` is the first form where `n` is one."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, parted, many = format_spec.partition("|")
        if not parted:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else many


_plurals = _Plurals()


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
        return _plurals.format(all_words()[key][place], **values)

    return t


def of_code(language: Language, prefix: str, code: str) -> str:
    """The words under `<prefix><code>` for a code from the database; the code itself where there are none."""
    both = all_words().get(prefix + code)
    return both[_PLACE[language]] if both else code
