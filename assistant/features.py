"""Features of a message: seven views of it, each a bag of terms, joined into one sparse vector.

`views` gives the terms; `Weights` learns which terms exist and how rare they are (TF-IDF with 1 + ln(tf),
each view of length one times its weight). Seven scikit-learn vectorizers would do the same; one dictionary
keeps a message near a millisecond. The weights of the views were chosen by cross-validation on the training
data.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from assistant.concepts import Lexicon, group
from assistant.text import HAN, MARKS, normalise, sounds, units, words

WEIGHTS: dict[str, float] = {
    "words": 1.3,
    "characters": 1.7,
    "concepts": 1.1,
    "pairs": 0.5,
    "outline": 0.8,
    "sounds": 0.8,
    "shape": 1.0,
}
# A term of these views that one example alone holds is noise.
_AT_LEAST_TWICE = frozenset({"characters", "outline", "sounds"})
_LONGEST_CHARACTERS = 5
# Whoever writes more has said by then what it is about.
_READ = 1000
_QUESTION = re.compile("吗|呢|么|什么|啥|怎么|咋|多少|哪|几|谁|为什么|是不是|有没有|能不能|可以")
_OPENERS = frozenset(
    [
        "what",
        "how",
        "when",
        "where",
        "whi",
        "who",
        "which",
        "can",
        "could",
        "do",
        "doe",
        "is",
        "are",
        "will",
        "whats",
        "may",
        "should",
        "did",
        "have",
        "has",
    ]
)
_EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27bf]")
_FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LATIN = re.compile(r"[a-z]{5,}")
_VOWEL = re.compile(r"[aeiouy]")
_ENDINGS = "吗呢吧了么啊呀嘛没不"

Views = dict[str, list[str]]


def views(text: str, lexicon: Lexicon) -> Views:
    """The terms of a message by view; `text` as the customer wrote it."""
    clean = normalise(text[:_READ])
    pieces = units(clean)
    reading = lexicon.read(clean)
    groups = sorted({group(concept) for concept in reading.concepts})
    return {
        "words": _ngrams(["<", *words(clean), ">"], 1, 2),
        "characters": _characters(clean),
        "concepts": [*reading.concepts, *(group(name) + "-" for name in reading.concepts if "-" in name)],
        "pairs": [f"{one}+{other}" for one, other in combinations(groups, 2)],
        "outline": _ngrams(["<", *reading.outline, ">"], 2, 3),
        "sounds": _ngrams(sounds(clean) or [], 1, 3),
        "shape": _shape(clean, pieces),
    }


def _ngrams(items: Sequence[str], shortest: int, longest: int) -> list[str]:
    return [
        " ".join(items[start : start + size])
        for size in range(shortest, longest + 1)
        for start in range(len(items) - size + 1)
    ]


def _characters(text: str) -> list[str]:
    """Pieces of 1 to 5 characters inside words that are padded with a blank."""
    padded = [f" {word} " for word in text.split()]
    return [
        word[start : start + size]
        for word in padded
        for size in range(1, _LONGEST_CHARACTERS + 1)
        for start in range(len(word) - size + 1)
    ]


def _shape(text: str, pieces: Sequence[str]) -> list[str]:
    """What a message looks like: length, question or not, what kinds of numbers it holds."""
    found = [f"length {min(6, int(math.log2(len(pieces) + 1) * 1.5))}"]
    found += [f"has {mark}" for mark in MARKS.intersection(pieces)]
    if text and text[-1] in _ENDINGS:
        found.append(f"ends {text[-1]}")
    if pieces and pieces[0] in _OPENERS:
        found += ["opens with a question", f"opens {pieces[0]}"]
    numbers_only = bool(pieces) and all(piece in ("xid", "xphone") or piece.isdigit() for piece in pieces)
    signs = {
        "question mark": "?" in text,
        "exclamation mark": "!" in text,
        "Chinese question": bool(_QUESTION.search(text)),
        "emoji": bool(_EMOJI.search(text)),
        "numbers only": numbers_only,
        "four digits": bool(_FOUR_DIGITS.search(text)),
        "keyboard noise": any(not _VOWEL.search(word) for word in _LATIN.findall(text)),
        "Chinese": bool(HAN.search(text)),
    }
    return found + [name for name, present in signs.items() if present]


class Weights:
    """The terms that training knows, each with its column and its weight."""

    def __init__(self, columns: Mapping[tuple[str, str], tuple[int, float]]) -> None:
        self._columns = columns

    @classmethod
    def learn(cls, documents: Sequence[Views]) -> Weights:
        """Rarity over the documents: ln((1 + n) / (1 + documents with the term)) + 1."""
        seen = Counter(
            (view, term) for document in documents for view, terms in document.items() for term in set(terms)
        )
        kept = [key for key, times in seen.items() if times > 1 or key[0] not in _AT_LEAST_TWICE]
        total = len(documents) + 1
        return cls({key: (at, math.log(total / (seen[key] + 1)) + 1) for at, key in enumerate(kept)})

    def __len__(self) -> int:
        return len(self._columns)

    def vector(self, document: Views) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Columns and values of one message; unknown terms are left out."""
        columns: list[int] = []
        values: list[float] = []
        for view, terms in document.items():
            known = [(self._columns.get((view, term)), times) for term, times in Counter(terms).items()]
            weighted = [(at[0], at[1] * (1 + math.log(times))) for at, times in known if at]
            length = math.sqrt(sum(value * value for _, value in weighted)) or 1.0
            columns += [at for at, _ in weighted]
            values += [WEIGHTS[view] * value / length for _, value in weighted]
        return np.array(columns, np.int32), np.array(values, np.float32)
