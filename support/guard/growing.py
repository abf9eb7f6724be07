"""What of an answer that is still being written may be shown already: what stands without the rest.

    growing = Growing(sources, said=question)
    growing.shown("You can return it within 7 days, and we will pay you ")
    ->  "You can return it within 7 days,"

Both judges of the whole answer, `grounding` and the claim gate, are asked about its beginning, so that
nothing is seen that they would refuse by itself. A figure waits for the end of its clause, since what it is
said of may follow it, and a word for its last letter. What is said of a beginning holds for that beginning
only: the whole may still be refused, and what was shown is then withdrawn.

Contract: with `written` growing, what `shown` returns only ever grows, and `written` begins with it. The
judges are asked only where a clause ended or some words came, since each asking reads the sources again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from support.guard.claims import judge
from support.guard.grounding import LEAST_SHARE, grounded

# With the citation that belongs to it. A point or a comma may be in the middle of a number.
_CLAUSE_END = re.compile(r"(?:[。！？；，!?;\n]|[.,:](?=\s)|：)(?:\s*\[\d{1,2}\])*")
_FIGURE = re.compile(r"[\d¥￥$€£%零〇一二两三四五六七八九十百千万半第\[]")
_HALF_WORD = re.compile(r"[A-Za-z'’-]+$")
# Characters between two askings within a clause.
_SOME_WORDS = 8


class Growing:
    """One answer while it is written. `least` is that of `grounded`."""

    def __init__(self, sources: Sequence[str], *, said: str, least: float = LEAST_SHARE) -> None:
        self._sources, self._said, self._least = sources, said, least
        self._asked = self._stands = ""
        self._clause_end = 0

    def shown(self, written: str) -> str:
        """The longest beginning of `written` that was found to stand."""
        clause_end = max((found.end() for found in _CLAUSE_END.finditer(written)), default=0)
        beginning = _whole_words(written, clause_end)
        if clause_end > self._clause_end or len(beginning) >= len(self._asked) + self._wait:
            self._clause_end, self._asked = clause_end, beginning
            if self._may_be_said(beginning):
                self._stands = beginning
        return self._stands

    @property
    def _wait(self) -> int:
        return _SOME_WORDS if self._asked else 1

    def _may_be_said(self, beginning: str) -> bool:
        told = grounded(beginning, self._sources, self._said, least=self._least) == beginning
        return told and judge(beginning, self._sources, said=self._said).stands


def _whole_words(written: str, clause_end: int) -> str:
    """All whole clauses, and of the next what stands before its first figure, without half a word."""
    rest = written[clause_end:]
    figure = _FIGURE.search(rest)
    return written[:clause_end] + (rest[: figure.start()] if figure else _HALF_WORD.sub("", rest))
