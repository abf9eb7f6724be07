"""The phrases that a shop writes into its lists, and where a text says one of them.

    Phrase("ignore (all|your|the|) … (instructions|rules)").spans(folded_text)

What may stand in a phrase, and nothing else, so that no list can make a message take long:

    letters   as they are; case, width and accents do not matter, and Latin words stand for whole words
    (a|b|)    one of these, or none where one of them is empty; not within one another
    …         up to twenty characters without punctuation between, at most twice in a phrase
    *         at the end of a Latin word: and how it goes on (insult* finds insulting)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from support.guard.disguise import SPACED_OUT, fold

Span = tuple[int, int]

_TOKENS = re.compile(r"\(([^()]*)\)|(⋯)|([^()⋯]+)")
_GAP = r"[^。,;!?\n]{0,20}?"
_ENDING = r"[a-z]{0,12}"
# A choice of nothing leaves two of them side by side.
_BLANK = r"\s?"
_MOST_GAPS = 2
# Shorter ones are not looked for among letters that stand apart: they would be found in other words.
_SHORTEST_SPACED = 4


class BadPhrase(ValueError):
    """Not a phrase; the message says what to write instead."""


class Phrase:
    """One phrase of a list. BadPhrase where it is none."""

    def __init__(self, written: str) -> None:
        self.written = written
        self._parts = _parts(fold(written.replace("…", "⋯")))
        if not any(char.isalnum() for char in written):
            raise BadPhrase("a phrase needs a letter or a digit")
        if sum(part == "⋯" for part in self._parts) > _MOST_GAPS:
            raise BadPhrase("at most two … in a phrase: make two phrases of it")
        if "⋯" in (self._parts[0], self._parts[-1]):
            raise BadPhrase("a phrase begins and ends with a word, not with …")

    @cached_property
    def anchors(self) -> tuple[str, ...]:
        """Of these, each text that says the phrase holds one."""
        fixed = [_piece(part) for part in self._parts if isinstance(part, str) and part != "⋯"]
        choices = [tuple(map(_piece, part)) for part in self._parts if isinstance(part, tuple)]
        return max([*((one,) for one in fixed), *choices], key=lambda texts: min(map(len, texts)))

    def spans(self, text: str) -> Iterator[Span]:
        """Where a reading of a text (`disguise.readings`) says it."""
        expression = self._without_blanks if text.startswith(SPACED_OUT) else self._expression
        if expression and any(anchor in text for anchor in self.anchors):
            yield from (match.span() for match in expression.finditer(text))

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(_bounded("".join(map(_pattern, self._parts))))

    @cached_property
    def _without_blanks(self) -> re.Pattern[str] | None:
        pattern = "".join(map(_pattern, self._parts)).replace(_BLANK, "")
        return re.compile(pattern) if len(self.written) >= _SHORTEST_SPACED else None


def spans(phrases: Iterable[Phrase], text: str) -> list[Span]:
    """Where a reading says one of the phrases."""
    return [span for phrase in phrases for span in phrase.spans(text)]


def _parts(folded: str) -> list[str | tuple[str, ...]]:
    parts: list[str | tuple[str, ...]] = []
    end = 0
    while match := _TOKENS.match(folded, end):
        end = match.end()
        choice, gap, words = match.groups()
        parts.append(tuple(choice.split("|")) if choice is not None else gap or words)
    if end != len(folded) or not parts:
        raise BadPhrase("brackets hold choices, as in (a|b), and do not stand within one another")
    return parts


def _piece(words: str) -> str:
    """The longest part of it that a text holds as it is."""
    return max(words.replace("*", " ").split(), key=len, default="")


def _pattern(part: str | tuple[str, ...]) -> str:
    if part == "⋯":
        return _GAP
    if isinstance(part, str):
        return _literal(part)
    # The longest that fits is taken and not reconsidered, or a list could make a message take for ever.
    return f"(?>{'|'.join(map(_literal, sorted(part, key=len, reverse=True)))})"


def _literal(words: str) -> str:
    return re.escape(words).replace("\\ ", _BLANK).replace("\\*", _ENDING)


def _bounded(pattern: str) -> str:
    """Latin words begin and end where the phrase does; Chinese ones cannot be told apart."""
    return rf"(?<![a-z0-9](?=[a-z0-9])){pattern}(?![a-z0-9](?<=[a-z0-9]{{2}}))"
