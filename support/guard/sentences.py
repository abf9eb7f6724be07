"""A text as its sentences, in either language: the one splitter of what is judged, trimmed or quoted.

    sentences("Yes, ¥8.85 [1]. It arrives on the 3rd.")  ->  ["Yes, ¥8.85 [1]. ", "It arrives on the 3rd."]

Contract: together the sentences are the text, character for character. A sentence ends with its mark, what
closes a quotation or bracket after it, its citations, and the space behind; a line ends one, too. The point
of a decimal, of a list number and of "no. 14" ends none.
"""

from __future__ import annotations

import re

_POINT = r"(?<!^\d)(?<!^\d\d)(?<!\b[Nn]o)(?<!\be\.g)(?<!\bi\.e)\.(?=[”’\"')）】*]*(?:\s|\[|$))"
_SENTENCE = re.compile(
    rf".+?(?:[。！？!?\n]+|{_POINT}|\Z)[”’\"')）】*]*(?:\s*\[\d{{1,2}}\])*\s*", re.DOTALL | re.MULTILINE
)


def sentences(text: str) -> list[str]:
    """All of them in order; see the module."""
    return _SENTENCE.findall(text)
