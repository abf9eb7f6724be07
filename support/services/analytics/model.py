"""How fast the language model answers, and what becomes of what it says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from support.period import Period
from support.store import Unit
from support.store.analytics import Speeds


@dataclass(frozen=True)
class Purpose:
    """What the model was asked for. `ok`: used; `withdrawn`: the claim gate rejected it; `no_answer`: it said
    that it does not know; `failed`: anything else, by time-out or error.
    """

    name: str
    calls: int
    ok: int
    withdrawn: int
    no_answer: int
    failed: int


@dataclass(frozen=True)
class Model:
    """The calls of the period. Speeds are of answers to customers (`answer`, `product`) that came, also of
    those that were not used: `first` to the first token, `total` to the last.
    """

    first: Speeds
    total: Speeds
    purposes: Sequence[Purpose]

    @property
    def calls(self) -> int:
        return sum(one.calls for one in self.purposes)


async def model_of(unit: Unit, period: Period) -> Model:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in await unit.analytics.model_calls(period):
        counts[one.purpose][one.outcome] += one.count
    return Model(
        first=await first_words_of(unit, period),
        total=await unit.analytics.speeds(period, "total_ms"),
        purposes=[_purpose(name, counts[name]) for name in sorted(counts)],
    )


async def first_words_of(unit: Unit, period: Period) -> Speeds:
    """`Model.first` alone, for comparing periods."""
    return await unit.analytics.speeds(period, "first_token_ms")


def _purpose(name: str, outcomes: Counter[str]) -> Purpose:
    known = outcomes["ok"], outcomes["withdrawn"], outcomes["no_answer"]
    return Purpose(name, outcomes.total(), *known, outcomes.total() - sum(known))
