"""How fast the language model answers, and what becomes of what it says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from support.period import Period
from support.store import Unit
from support.store.analytics import Speed, Speeds


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
class Variant:
    """One model or adapter, by the name under which it is served; empty for calls of before that was kept.

    `first` is of answers to customers, as in `Model`; all else counts every call. `cached`: the share of the
    prompts' tokens that the prefix cache served, where the server reports it.
    """

    name: str
    calls: int
    withdrawn: int
    no_answer: int
    first: Speed | None
    cached: float | None


@dataclass(frozen=True)
class Model:
    """The calls of the period. Speeds are of answers to customers (`answer`, `product`) that came, also of
    those that were not used: `first` to the first token, `total` to the last.
    """

    first: Speeds
    total: Speeds
    purposes: Sequence[Purpose]
    variants: Sequence[Variant]

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
        variants=await _variants(unit, period),
    )


async def first_words_of(unit: Unit, period: Period) -> Speeds:
    """`Model.first` alone, for comparing periods."""
    return await unit.analytics.speeds(period, "first_token_ms")


async def _variants(unit: Unit, period: Period) -> list[Variant]:
    """The most called first."""
    first = await unit.analytics.first_words_by_model(period)
    found = sorted(await unit.analytics.variants(period), key=lambda one: (-one.calls, one.model))
    return [
        Variant(
            one.model,
            one.calls,
            one.withdrawn,
            one.no_answer,
            first.get(one.model),
            one.cached_tokens / one.prompt_tokens if one.prompt_tokens else None,
        )
        for one in found
    ]


def _purpose(name: str, outcomes: Counter[str]) -> Purpose:
    known = outcomes["ok"] + outcomes["trimmed"], outcomes["withdrawn"], outcomes["no_answer"]
    return Purpose(name, outcomes.total(), *known, outcomes.total() - sum(known))
