"""What conversations are searched by: one set of short tokens a conversation, the same on both databases.

Facts are tokens with a colon (`intent:refund`, `slot:refund_reason=damaged`, `holder:bot`), words are
tokens without one. Chinese and Japanese have no blanks between words, so each run of characters gives its
neighbouring pairs: 退货政策 is 退货, 货政, 政策 and, for words of one character, 策. Other words stand as
they are in lower case and are found by their beginning, from three letters on: "refund" finds "refunded".

Standard library only: the projector loads no dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

# Chinese characters and kana: what is written without blanks.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_SHORTEST_BEGINNING = 3
_LONGEST_WORD = 40
_LONGEST_VALUE = 60
# Of one line: nobody types more, and what a colleague pastes is found by its beginning.
_READ = 10_000


def words(text: str) -> set[str]:
    """The tokens of a text that is to be found."""
    return {word for piece in _pieces(text) for word in _stored(piece)}


def searched(text: str) -> list[tuple[str, bool]]:
    """The tokens that a text must have to be found by these words, each with whether as a beginning only."""
    return list(dict.fromkeys(one for piece in _pieces(text) for one in _wanted(piece)))


def fact(kind: str, value: str) -> str:
    """The token of a fact; a slot's value is `name=value`."""
    short = unicodedata.normalize("NFKC", value).casefold()[:_LONGEST_VALUE]
    return f"{kind}:{''.join(char if _is_plain(char) else f'%{ord(char):x}' for char in short)}"


def slot_facts(name: str, value: Any) -> Iterator[str]:
    """That a slot was set, and to what, where that is short enough to ask for."""
    yield fact("slot", name)
    values = value if isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, str | int | float) and len(str(one)) <= _LONGEST_VALUE:
            yield fact("slot", f"{name}={one}")


def _is_plain(char: str) -> bool:
    return char.isalnum() or char in "_-.="


def _pieces(text: str) -> Iterable[str]:
    folded = unicodedata.normalize("NFKC", text[:_READ]).casefold()
    return (piece[:_LONGEST_WORD] if not _is_unspaced(piece) else piece for piece in _PIECES.findall(folded))


def _is_unspaced(piece: str) -> bool:
    return bool(_IS_UNSPACED.match(piece))


def _pairs(piece: str) -> list[str]:
    return [one + other for one, other in pairwise(piece)]


def _stored(piece: str) -> list[str]:
    return [*_pairs(piece), piece[-1]] if _is_unspaced(piece) else [piece]


def _wanted(piece: str) -> list[tuple[str, bool]]:
    if _is_unspaced(piece):
        return [(pair, False) for pair in _pairs(piece)] or [(piece, True)]
    return [(piece, len(piece) >= _SHORTEST_BEGINNING)]
