"""In which states a text says that an order, a refund or an article's stock may be.

Each thing goes through a few stages; what is said of it leaves some of them open:

    "hasn't left our warehouse"  ->  order in {unpaid, paid, cancelled, refunded}
    已在派送                      ->  order in {out for delivery}

Two statements of the same thing contradict each other where they leave no stage in common, however they are
worded. So a new wording is a few characters in the lexicon (`state_words`), and what follows from what needs
no rules: what is out for delivery was shipped and is not delivered.

Contract: `states(clause)` gives what a clause asserts as (thing, stages); a condition or a question ("once it
has shipped", 已发货的订单, 有货吗) asserts nothing. `mentioned` leaves these in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from support.guard.state_words import LEXICON, Thing

State = tuple[Thing, frozenset[str]]

_ANY = re.compile("|".join(f"(?P<s{n}>{words})" for n, (_, _, words) in enumerate(LEXICON)), re.IGNORECASE)
_STATE: dict[str, State] = {f"s{n}": (thing, frozenset(at)) for n, (thing, at, _) in enumerate(LEXICON)}

# Before a state, within its clause: it is supposed, asked for or spoken of in general.
_SUPPOSED = re.compile(
    r"如果?|若|假如|假设|要是|一旦|倘若|万一|凡|是否|有没有|无论|不管|只要|等到|(?<!同)等(?!待)|当|直到|"
    r"除非|每次|只有|怎么|什么|哪|"
    r"在.{0,8}(?:前|后)$|\b(?:if|once|when|whenever|after|before|until|till|unless|whether|as soon as|"
    r"while|any|anything|everything|"
    r"every|orders|items|parcels|products|goods|refunds|requests|returns|claims|can|may|could|should|would|"
    r"must|will|won't|usually|normally|always|provided|"
    r"assuming|in case|how|where|what|which|that (?:have|has|are|is|was|were)|who|"
    r"those(?= who| that| which))\b|'ll\b|"
    r"(?<![\w-])to (?!a\b|the\b|your\b)|\d\s*(?:分钟|小时|天|日)(?:以|之)?内(?:还|仍|都)?$",
    re.IGNORECASE,
)
# What is said not to be so, without a word of the lexicon's.
_DENIED = re.compile(
    r"(?:\b(?:nothing|nobody|none|no|not|never|without|neither)|n't|[不没未无别非](?:能|可以?|会|再|需要?|"
    r"用|必|有|支持){0,2})\s*(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
# Right after it.
_ATTRIBUTE = re.compile(
    r"\s*(?:的(?!$|[,。;!是])|就(?!是)|才|便|即可|会|将|之?后|之?前|时|以后|以前|吗|与否|、|没有|没$|不到|"
    r"日期|时间|通知)|"
    r"[^,。]{0,14}?(?:的话|吗|\?)|\s*(?:,|and)?\s*(?:yet)?\?|\s+(?:items?|goods|products|orders|parcels)\b",
    re.IGNORECASE,
)


def states(clause: str) -> list[State]:
    """What the clause asserts; see the module."""
    return list(dict.fromkeys(state for state, _, _ in placed_states(clause)))


@lru_cache(maxsize=4_096)
def placed_states(clause: str) -> tuple[tuple[State, int, int], ...]:
    """The same with the places of the words that say it."""
    return tuple(match for match in _matches(clause) if _asserted(clause, match[1], match[2]))


def mentioned(text: str) -> frozenset[State]:
    """What a text speaks of, in whatever mood."""
    return frozenset(state for state, _, _ in _matches(text))


def _matches(text: str) -> Iterator[tuple[State, int, int]]:
    for match in _ANY.finditer(text):
        yield _STATE[match.lastgroup or ""], match.start(), match.end()


def _asserted(clause: str, start: int, end: int) -> bool:
    before = clause[:start]
    return not (_SUPPOSED.search(before) or _DENIED.search(before) or _ATTRIBUTE.match(clause, end))
