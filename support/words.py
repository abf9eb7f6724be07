"""Cuts a text into the words that search compares: Chinese by jieba, in its search mode, the rest by letters.

    words("亚麻方领连衣裙 V2.0 Dress")  ->  ["亚麻", "方领", "连衣", "衣裙", "连衣裙", "v2.0", "dress"]

Lower case, full-width forms folded to ordinary ones, in the order of the text, repetitions kept. What is
stored for search and what is searched for must both have been cut here.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator

import jieba

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+(?:\.\d+[^\W_{_HAN}]*)*")

# Otherwise it reports the loading of its dictionary on standard error.
jieba.setLogLevel(logging.WARNING)


def words(text: str) -> list[str]:
    """The words of `text`; empty when it has none. The first call loads the dictionary (about a second)."""
    return list(_words(unicodedata.normalize("NFKC", text).lower()))


def _words(text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        if run["han"]:
            yield from jieba.cut_for_search(run["han"])
        else:
            yield run[0]
