"""Made-up Chinese and English with the frequencies of real text: a few words are everywhere, most are rare.

The words of the demo shop's articles come first, as the frequent ones; after them, words made of their
characters and of English syllables. How often a word is used falls with its rank as in Zipf's law.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Literal

from support.knowledge.passages import documents, passages_of
from support.words import words

Language = Literal["zh", "en"]

_DEMO = Path(__file__).parents[2] / "demo" / "knowledge"
_CONSONANTS, _VOWELS = "bcdfghklmnprstvwz", "aeio"
_SYLLABLES = [a + b + c for a in _CONSONANTS for b in _VOWELS for c in ("", "", "n", "r")]
_HAN = re.compile(r"[\u4e00-\u9fff]")
# A shop's articles, unlike a language, have names and models by the thousand.
_WORDS = 60_000
_EXPONENT = 1.05


class Lexicon:
    """Draws words of one language, frequent ones often."""

    def __init__(self, language: Language, rng: Random, size: int = _WORDS) -> None:
        self._rng = rng
        known = _demo_words(language)
        invented = _chinese(known, rng) if language == "zh" else _english(rng)
        every = dict.fromkeys(known)
        while len(every) < size:
            every.setdefault(next(invented))
        self.words: Sequence[str] = list(every)
        self.frequent = len(known)
        ranks = range(1, len(self.words) + 1)
        self._weights = list(itertools.accumulate(rank**-_EXPONENT for rank in ranks))

    def draw(self, count: int) -> list[str]:
        """Words as a text has them."""
        return self._rng.choices(self.words, cum_weights=self._weights, k=count)


def _demo_words(language: Language) -> list[str]:
    """The words of the demo shop's articles, the most frequent first."""
    counted: Counter[str] = Counter()
    for source, path in documents(_DEMO).items():
        for passage in passages_of(path, source):
            if passage.language == language:
                counted.update(words(f"{passage.title} {passage.text}"))
    wanted = counted if language == "en" else (word for word in counted if _HAN.match(word))
    return sorted((word for word in wanted if not word.isdigit()), key=lambda word: (-counted[word], word))


def _chinese(known: Sequence[str], rng: Random) -> Iterator[str]:
    characters = sorted({char for word in known for char in word if _HAN.match(char)})
    while True:
        yield "".join(rng.choices(characters, k=rng.choice((2, 2, 2, 3))))


def _english(rng: Random) -> Iterator[str]:
    while True:
        yield "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 2, 3, 3, 4))))
