"""Synonyms: groups of phrases that mean one thing in this shop, in both languages (`synonyms.yml`).

A group is a concept. Wherever one of its phrases occurs, in a passage or in a question, the concept's token
is added, so that 邮费 finds 运费 and, across languages, "postage". The file's comments say how phrases are
written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.knowledge.text import fold, stems

DEFAULT_SYNONYMS = Path(__file__).with_name("synonyms.yml")
_GAP = "…"
_Span = tuple[int, int, "Found"]


@dataclass(frozen=True)
class Found:
    """A concept's token and the words that expressed it."""

    concept: str
    phrase: str


class _Finder:
    """Finds phrases in a sequence of units: the characters of a Chinese text, or the stems of an English
    one.
    """

    def __init__(self, joint: str, gap: str) -> None:
        self._joint, self._gap = joint, gap
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._lengths: dict[str, set[int]] = defaultdict(set)  # of the phrases that begin with a unit
        self._gapped: list[tuple[str, str, re.Pattern[str]]] = []  # concept, how it begins, the whole

    def add(self, concept: str, parts: Sequence[Sequence[str]]) -> None:
        """A phrase of several parts, each of them units in a row, with a gap between the parts."""
        joined = [self._joint.join(part) for part in parts]
        if len(parts) == 1:
            self._whole[joined[0]].add(concept)
            self._lengths[parts[0][0]].add(len(parts[0]))
        else:
            bound = r"\b" if self._joint else ""
            pattern = self._gap.join(f"{bound}{re.escape(part)}{bound}" for part in joined)
            self._gapped.append((concept, joined[0], re.compile(pattern)))

    def find(self, units: Sequence[str]) -> list[Found]:
        spans: list[_Span] = []
        for start, unit in enumerate(units):
            for length in self._lengths.get(unit, ()):
                end = min(start + length, len(units))
                phrase = self._joint.join(units[start:end])
                spans += [(start, end, Found(name, phrase)) for name in self._whole.get(phrase, ())]
        text = self._joint.join(units)
        gapped = [
            Found(name, match[0])
            for name, beginning, pattern in self._gapped
            if beginning in text
            for match in pattern.finditer(text)
        ]
        return _outermost(spans) + gapped


class Synonyms:
    """Finds the concepts of a text."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self.chinese_phrases: list[str] = []
        self._chinese = _Finder("", r"[^，。！？；,.!?;]{0,6}?")
        self._english = _Finder(" ", r"(?: \S+){0,3}? ")
        for name, phrases in groups.items():
            for phrase in phrases:
                self._add(f"~{name}", fold(phrase).replace("...", _GAP).split(_GAP))

    @classmethod
    def load(cls, path: Path = DEFAULT_SYNONYMS) -> Synonyms:
        """Read a synonym file. Raises `ValueError` naming the group that is malformed."""
        groups = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for name, phrases in groups.items():
            if not isinstance(phrases, list) or not all(
                isinstance(one, str | int | float) for one in phrases
            ):
                raise ValueError(f"{path.name}: {name} must be a list of phrases")
        return cls({name: [str(phrase) for phrase in phrases] for name, phrases in groups.items()})

    def find(self, text: str) -> list[Found]:
        """Every concept in the text, once for each phrase that expresses it."""
        return self._chinese.find(fold(text)) + self._english.find(stems(text))

    def _add(self, concept: str, parts: list[str]) -> None:
        if all(part.isascii() for part in parts):
            self._english.add(concept, [stems(part) for part in parts])
        else:
            self._chinese.add(concept, [part.strip() for part in parts])
            self.chinese_phrases += parts if len(parts) == 1 else []


def _outermost(spans: Iterable[_Span]) -> list[Found]:
    """Without those inside a longer one: 礼品卡 is no gift, and "in my account" is no login."""
    kept: list[_Span] = []
    for start, end, found in sorted(spans, key=lambda span: span[0] - span[1]):
        if not any(a <= start and end <= b and b - a > end - start for a, b, _ in kept):
            kept.append((start, end, found))
    return [found for _, _, found in kept]
