"""Synonyms: groups of phrases that mean one thing in this shop, in both languages (`synonyms.yml`).

A group is a concept. Wherever one of its phrases occurs, in a passage or in a question, the concept's token is added,
so that 邮费 finds 运费 and, across languages, "postage". The file's comments say how phrases are written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.knowledge.text import fold, stems

DEFAULT_SYNONYMS = Path(__file__).with_name("synonyms.yml")
_GAP = "…"
_LONGEST_GAP = 6


@dataclass(frozen=True)
class Found:
    """A concept's token and the characters or words that expressed it."""

    concept: str
    phrase: str


class Synonyms:
    """Finds the concepts of a text. Raises `ValueError` naming the group when the file is malformed."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self.chinese_phrases: list[str] = []
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        self._english: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for name, phrases in groups.items():
            self._add(f"~{name}", phrases)
        self._longest = max(map(len, self._english), default=0)

    @classmethod
    def load(cls, path: Path = DEFAULT_SYNONYMS) -> Synonyms:
        groups = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for name, phrases in groups.items():
            if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
                raise ValueError(f"{path.name}: {name} must be a list of phrases")
        return cls(groups)

    def find(self, text: str) -> list[Found]:
        """Every concept in the text, once for each phrase that expresses it."""
        folded = fold(text)
        chinese = [Found(name, match[0]) for name, pattern in self._patterns for match in pattern.finditer(folded)]
        return chinese + list(self._find_english(stems(folded)))

    def _add(self, name: str, phrases: Sequence[str]) -> None:
        chinese = [phrase for phrase in map(fold, phrases) if not phrase.isascii()]
        self.chinese_phrases += [phrase for phrase in chinese if _GAP not in phrase and "..." not in phrase]
        if chinese:
            longest_first = sorted(chinese, key=len, reverse=True)
            self._patterns.append((name, re.compile("|".join(map(_pattern, longest_first)))))
        for phrase in phrases:
            if phrase.isascii():
                self._english[tuple(stems(phrase))].add(name)

    def _find_english(self, words: list[str]) -> Iterator[Found]:
        for start in range(len(words)):
            for size in range(1, min(self._longest, len(words) - start) + 1):
                phrase = tuple(words[start : start + size])
                for name in self._english.get(phrase, ()):
                    yield Found(name, " ".join(phrase))


def _pattern(phrase: str) -> str:
    gap = rf"[^，。！？；,.!?;]{{0,{_LONGEST_GAP}}}?"
    return gap.join(re.escape(part) for part in phrase.replace("...", _GAP).split(_GAP))


