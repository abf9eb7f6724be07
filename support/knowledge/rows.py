"""The table's columns: how a passage becomes a row, and a row a passage again.

All that ranking and showing need is one column, `card`: a hundred hits cost a hundred reads in every column
that they are wanted from. The other columns are what rows are found by. In `tokens`, each token has its
passage's language in front, so that a search in one language reads nothing of the other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from support import lazy
from support.knowledge.passages import Passage
from support.knowledge.ranking import Candidate, Tokens

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = lazy.module("pyarrow")

_FOUND_BY = ("id", "article", "language", "source")


@dataclass(frozen=True)
class Entry:
    """A passage ready to be stored; `stamp` is that of its whole file, which has `siblings` passages in
    all.
    """

    passage: Passage
    tokens: Tokens
    stamp: str
    siblings: int
    vector: list[float] | None = None


def schema(vector_size: int) -> pa.Schema:
    fields = [pa.field(name, pa.string()) for name in (*_FOUND_BY, "stamp", "tokens", "card")]
    fields.append(pa.field("place", pa.int32()))
    if vector_size:
        fields.append(pa.field("vector", pa.list_(pa.float32(), vector_size)))
    return pa.schema(fields)


def table(entries: Iterable[Entry], vector_size: int) -> pa.Table:
    return pa.Table.from_pylist([_row(entry) for entry in entries], schema=schema(vector_size))


def _row(entry: Entry) -> Mapping[str, Any]:
    passage, (head, body) = entry.passage, entry.tokens
    row = {name: getattr(passage, name) for name in _FOUND_BY} | {
        "stamp": entry.stamp,
        "place": int(passage.id.rpartition("#")[2]),
        # The head once more: a title says what the whole is about.
        "tokens": terms((*head, *head, *body), passage.language),
        "card": _card(entry),
    }
    return row | ({"vector": entry.vector} if entry.vector else {})


def terms(tokens: Iterable[str], language: str) -> str:
    """Tokens as the index has them."""
    return " ".join(f"{language}:{token}" for token in tokens)


def _card(entry: Entry) -> str:
    passage = asdict(entry.passage)
    del passage["score"]
    head, body = map(_listed, entry.tokens)
    return json.dumps([passage, head, body, entry.siblings], ensure_ascii=False, separators=(",", ":"))


def _listed(tokens: Iterable[str]) -> str:
    """Each with a space on both sides of its own, so that it can be counted without cutting the list up."""
    return "".join(map(_alone, tokens))


def _alone(token: str) -> str:
    return f" {token} "


class Cards:
    """Reads cards for a question: of a passage's hundreds of tokens, only the question's are looked for."""

    def __init__(self, terms: Collection[str]) -> None:
        self._terms = [(term, _alone(term)) for term in terms]

    def candidate(self, card: str) -> Candidate:
        passage, head, body, siblings = json.loads(card)
        in_head = frozenset(term for term, alone in self._terms if alone in head)
        in_body = {term: body.count(alone) for term, alone in self._terms if alone in body}
        return Candidate(Passage(**passage), in_head, in_body, siblings)


def passage(card: str) -> Passage:
    return Passage(**json.loads(card)[0])


def candidate(card: str) -> Candidate:
    """With all of its tokens."""
    passage, head, body, siblings = json.loads(card)
    return Candidate(Passage(**passage), frozenset(head.split()), Counter(body.split()), siblings)


def tokens_of(cards: Sequence[str]) -> Iterable[set[str]]:
    """The distinct tokens of each passage."""
    return ({*one.head, *one.body} for one in map(candidate, cards))
