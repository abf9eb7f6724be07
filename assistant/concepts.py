"""Concepts: words that mean the same to a shop, taken from the lookup tables of the training data.

`data/nlu/concepts/*.yml` lists what belongs to a concept ("tracking": 物流信息, in transit, ...). The
classifier learns from concepts beside words, so a word that no example holds still counts once it is listed.
A table named `goods-shoes` gives the concept `goods-shoes` and its group `goods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from assistant.text import HAN, normalise, sounds, syllable_of, units

Table = dict[tuple[str, ...], list[str]]


class Reading(NamedTuple):
    """A text seen through the lexicon."""

    concepts: list[str]
    """Every concept that occurs, in order, the ones found only by sound last."""
    outline: list[str]
    """The text with the group of a concept in place of its words, other units as `.unit`."""


class Lexicon:
    """Finds concepts in texts, by characters and words first, then by sound."""

    def __init__(self, tables: Mapping[str, Iterable[str]]) -> None:
        self._by_units: Table = {}
        self._by_sound: Table = {}
        for name in sorted(tables):
            for term in tables[name]:
                self._add(name, normalise(term))
        self._longest = max(map(len, self._by_units), default=0)
        self._longest_sound = max(map(len, self._by_sound), default=0)

    def _add(self, name: str, term: str) -> None:
        key = tuple(units(term))
        if not key:
            return
        _append(self._by_units, key, name)
        # One syllable means too much; two and more seldom do.
        if len(key) > 1 and all(HAN.match(unit) for unit in key):
            _append(self._by_sound, tuple(map(syllable_of, key)), name)

    def read(self, text: str) -> Reading:
        """What a normalised text speaks of."""
        pieces = units(text)
        spans = _spans(pieces, self._by_units, self._longest, 1)
        concepts = [name for _, _, names in _front(spans) for name in names]
        heard = _spans(sounds(text) or [], self._by_sound, self._longest_sound, 2)
        known = set(concepts)
        concepts += [name for _, _, names in _front(heard) for name in names if name not in known]
        return Reading(concepts, _outline(pieces, spans))


def group(concept: str) -> str:
    return concept.split("-", 1)[0]


Span = tuple[int, int, list[str]]


def _append(table: Table, key: tuple[str, ...], name: str) -> None:
    names = table.setdefault(key, [])
    if name not in names:
        names.append(name)


def _spans(pieces: Sequence[str], table: Table, longest: int, shortest: int) -> list[Span]:
    """The longest entry that starts at each place."""
    spans: list[Span] = []
    for start in range(len(pieces)):
        for end in range(min(start + longest, len(pieces)), start + shortest - 1, -1):
            names = table.get(tuple(pieces[start:end]))
            if names:
                spans.append((start, end, names))
                break
    return spans


def _front(spans: Sequence[Span]) -> list[Span]:
    """Spans that reach beyond all before them: parts of a longer entry say nothing new."""
    kept: list[Span] = []
    reached = -1
    for span in spans:
        if span[1] > reached:
            kept.append(span)
            reached = span[1]
    return kept


def _outline(pieces: Sequence[str], spans: Sequence[Span]) -> list[str]:
    at = {start: (end, names) for start, end, names in spans}
    outline: list[str] = []
    place = 0
    while place < len(pieces):
        end, names = at.get(place, (place + 1, []))
        outline.append(group(names[0]) if names else "." + pieces[place])
        place = end
    return outline
