"""Texts in the one form that the claim gate reads: width folded, numbers in figures, no numbering of its own.

Contract: pure; `normalise` is for answers and sources alike, `without_own_numbering` for answers only.
"""

from __future__ import annotations

import re
import unicodedata

from support.guard.numerals import spelled_numbers_to_digits


def normalise(text: str) -> str:
    """Width folded, spelled-out numbers as digits, and the answer's own list markers and citations taken
    out.
    """
    text = re.sub(r"[①-⓿❶-➓]|\d\uFE0F?\u20E3", " ", text)
    # A full-width comma ends a clause; folded, it would stand in a number: ￥79，780 克.
    text = unicodedata.normalize("NFKC", text.replace("，", ", "))
    text = re.sub(r"(?<=\d)\s*[x×*]\s*(?=\d)", " x ", text)
    return spelled_numbers_to_digits(_STUCK.sub(" ", text))


# GPS18小时 is 18 hours of GPS.
_STUCK = re.compile(r"(?<=[A-Za-z])(?=\d+(?:\.\d+)?\s*(?:个?小时|分钟|天|元|个月|次|件))")


def without_own_numbering(text: str) -> str:
    """Drop what an answer numbers itself: list markers, steps, citation marks, "three ways"."""
    for pattern in _OWN_NUMBERING:
        text = pattern.sub(" ", text)
    return text


_OWN_NUMBERING = [
    re.compile(r"^[\s>*-]*\(?\d{1,2}(?:[.)、:](?!\d))", re.MULTILINE),
    re.compile(r"[\[【]\d{1,2}(?:\s*,\s*\d{1,2})*[\]】]"),
    re.compile(r"第\s*\d+\s*[步点条种]|步骤\s*\d+|\bstep \d+", re.IGNORECASE),
    re.compile(r"(?:以下|如下|下面|这)\s*\d\s*[点步项条]"),
    re.compile(
        r"(?<!\d)\d\s*(?:个|种)(?:步骤|选择|尺?码|颜色|型号|版本|款式|办法|方法|方式|途径|渠道|选项|"
        r"方案|建议|原因|情况|条件|可能|问题)|"
        r"\b\d (?:\w+ )?(?:ways|options|sizes|colou?rs|models|steps|things|reasons|points|questions|"
        r"choices|methods|cases)\b",
        re.IGNORECASE,
    ),
]
