"""The words that products are stored under and searched for, cut as the knowledge index cuts its passages.

    words("亚麻方领连衣裙 Dresses")  ->  ["亚麻", "方领", "连衣", "衣裙", "连衣裙", "dress"]

For reading questions about goods; see `support.products.query`.
"""

from __future__ import annotations

from functools import cache

from support.knowledge.text import Cutter


@cache
def _cutter() -> Cutter:
    return Cutter()


def words(text: str) -> list[str]:
    """Chinese words and the words within them, English stems, all in lower case, stop words left out.

    In the order of the text, repetitions kept. The first call loads a dictionary, which takes about a second.
    """
    return _cutter().words(text, overlapping=True)
