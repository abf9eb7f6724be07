"""What the desk's benchmark asks: every filter alone and in combinations, rare and common, first pages and
deep.

The values are those of the data: a sample of the conversations says which are common and which are rare.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import asyncpg

from benchmarks.desk_data import DAYS
from support.model import Holder
from support.review.filters import Filters
from support.review.summary import Outcome
from support.store.review import Place

_COMBINATIONS = 150
_SEARCHES = 150
_PAGES = 3  # of each value: the first, and others somewhere further down
_SAMPLE = """
    SELECT token, count(*) AS seen
    FROM (SELECT document FROM review_conversations TABLESAMPLE SYSTEM (5) REPEATABLE (1)) AS sampled,
         unnest(tsvector_to_array(document)) AS token
    GROUP BY token ORDER BY seen DESC, token
"""
_RANGES: dict[str, list[Any]] = {
    "confidence_below": [0.05, 0.3, 0.6, 0.95],
    "confidence_above": [0.2, 0.9, 0.99],
    "shortest": [2, 5, 12, 25],
    "longest": [1, 3, 8],
    "holder": [*Holder],
    "outcome": [*Outcome],
    "flagged": [False],
    "test": [False, True],
}
_REGEXES = ["退款.{0,4}订单", "(order|parcel) .*refund", "[0-9]{4}", "^the "]


@dataclass(frozen=True)
class Question:
    """One page to ask for. `name` is the filter's, `kind` which of the goals it counts for."""

    name: str
    kind: Literal["list", "search"]
    filters: Filters
    before: str | None


async def questions(dsn: str, chance: random.Random) -> list[Question]:
    """In random order."""
    connection = await asyncpg.connect(dsn)
    tokens = [row["token"] for row in await connection.fetch(_SAMPLE)]
    lines = await connection.fetch(
        "SELECT said FROM review_conversations TABLESAMPLE SYSTEM (0.1) REPEATABLE (1)"
    )
    newest = await connection.fetchval("SELECT max(last_at) FROM review_conversations")
    await connection.close()
    values = _values(tokens, newest)
    asked = [*_alone(values), *_combined(values, chance), *_searches(tokens, lines, chance)]
    asked += [("regex", {"regex": regex}) for regex in _REGEXES]
    pages = [
        Question(name, "search" if "text" in given else "list", Filters(**given), before)
        for name, given in asked
        for before in _places(newest, chance)
    ]
    chance.shuffle(pages)
    return pages


Given = dict[str, Any]


def _places(newest: datetime, chance: random.Random) -> Iterator[str | None]:
    yield None
    for _ in range(_PAGES - 1):
        yield str(Place(newest - timedelta(days=DAYS * chance.random() ** 2), 0))


def _values(tokens: list[str], newest: datetime) -> dict[str, list[Any]]:
    """By filter: the most common value, some between, the rarest."""
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for token in tokens:
        kind, colon, value = token.partition(":")
        if colon and kind not in ("flagged", "test"):
            by_kind[kind].append(int(value) if kind == "rating" else value)
    spread = {kind: _spread(found) for kind, found in by_kind.items()}
    times = [newest - timedelta(days=days) for days in (1, 7, 90, 300)]
    return spread | _RANGES | {"since": times, "until": times}


def _spread(found: list[Any]) -> list[Any]:
    places = {0, 1, len(found) // 10, len(found) // 2, len(found) - 1}
    return [found[place] for place in sorted(places) if place < len(found)]


def _alone(values: dict[str, list[Any]]) -> Iterator[tuple[str, Given]]:
    yield "no filter", {}
    for name, some in values.items():
        for value in some:
            yield name, {name: value}


def _combined(values: dict[str, list[Any]], chance: random.Random) -> Iterator[tuple[str, Given]]:
    for _ in range(_COMBINATIONS):
        names = chance.sample(sorted(values), chance.randint(2, 4))
        yield f"{len(names)} filters", {name: chance.choice(values[name]) for name in names}


def _searches(tokens: list[str], lines: list[Any], chance: random.Random) -> Iterator[tuple[str, Given]]:
    """Words of either language, common to rare, one to three at a time; whole phrases; with a filter."""
    words = [token for token in tokens if ":" not in token]
    by_language = {
        "zh": [word for word in words if len(word) == 2 and not word.isascii()],
        "en": [word for word in words if len(word) > 2 and word.isascii()],
    }
    for number in range(_SEARCHES):
        language = ("zh", "en")[number % 2]
        if number % 5 == 4:
            yield "phrase", {"text": _phrase(str(chance.choice(lines)["said"]), chance)}
            continue
        some = by_language[language]
        drawn = [some[int(len(some) * chance.random() ** 4)] for _ in range(1 + number % 3)]
        narrowed = {"language": language} if number % 7 == 0 else {}
        yield f"{len(drawn)} {language} words", {"text": " ".join(drawn), **narrowed}


def _phrase(said: str, chance: random.Random) -> str:
    line = chance.choice(said.split("\n"))
    start = chance.randrange(max(len(line) - 8, 1))
    return line[start : start + chance.randint(4, 12)]
