"""The language model's calls: how fast, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from support.period import Period, day_of
from support.store import tables as t
from support.store.analytics.parts import Counting, no_test, within

# What a customer waits for, unlike a summary for the staff.
_HEARD = ("answer", "product")
_ANSWERED = ("ok", "trimmed", "withdrawn", "no_answer")


@dataclass(frozen=True)
class Speed:
    """Milliseconds by nearest rank: half of the calls took at most `median`, 95 of 100 at most `p95`."""

    count: int
    median: int
    p95: int


@dataclass(frozen=True)
class Speeds:
    """Of the whole period, None without calls; and of each day that had some."""

    all: Speed | None
    by_day: Mapping[date, Speed]


@dataclass(frozen=True)
class Calls:
    """How many calls were made for this and ended like this."""

    purpose: str
    outcome: str
    count: int


@dataclass(frozen=True)
class VariantCalls:
    """What one model or adapter did: all its calls, how often its words were not used, and how many tokens
    of its prompts came from the prefix cache (of those calls whose server reports that).
    """

    model: str
    calls: int
    withdrawn: int
    no_answer: int
    prompt_tokens: int
    cached_tokens: int


class CountedCalls(Counting):
    """What the model did."""

    async def model_calls(self, period: Period) -> list[Calls]:
        """Every call, whatever became of it."""
        table = t.model_calls
        keys = (table.c.purpose, table.c.outcome)
        query = (
            sa.select(*keys, sa.func.count())
            .where(*within(table.c.at, period), no_test(table.c.conversation_id))
            .group_by(*keys)
        )
        return [Calls(*row) for row in await self._all(query)]

    async def variants(self, period: Period) -> list[VariantCalls]:
        """Every call, by who answered it."""
        table = t.model_calls
        prompt = sa.case((table.c.cached_tokens.is_not(None), table.c.prompt_tokens), else_=0)
        ended = (
            sa.func.sum(sa.case((table.c.outcome == name, 1), else_=0)) for name in ("withdrawn", "no_answer")
        )
        tokens = (sa.func.coalesce(sa.func.sum(count), 0) for count in (prompt, table.c.cached_tokens))
        query = (
            sa.select(table.c.model, sa.func.count(), *ended, *tokens)
            .where(*within(table.c.at, period), no_test(table.c.conversation_id))
            .group_by(table.c.model)
        )
        return [VariantCalls(*row) for row in await self._all(query)]

    async def first_words_by_model(self, period: Period) -> Mapping[str, Speed]:
        """How soon each model answers customers."""
        table = t.model_calls
        model, ms = table.c.model, table.c.first_token_ms
        ranked = (
            sa.select(
                model,
                ms.label("ms"),
                sa.func.row_number().over(partition_by=model, order_by=ms).label("rank_model"),
                sa.func.count().over(partition_by=model).label("count_model"),
            )
            .where(*self._answered(ms, period))
            .subquery()
        )
        speeds = (_at(ranked, "model", percent) for percent in (50, 95))
        columns = (ranked.c.model, sa.func.max(ranked.c.count_model), *speeds)
        rows = await self._all(sa.select(*columns).group_by(ranked.c.model))
        return {row[0]: Speed(*row[1:]) for row in rows}

    async def speeds(self, period: Period, of: str) -> Speeds:
        """How soon the model answers customers; `of` is first_token_ms or total_ms."""
        ranked = self._ranked(period, t.model_calls.c[of])
        by_day = (_at(ranked, "day", percent) for percent in (50, 95))
        overall = (_at(ranked, "all", percent) for percent in (50, 95))
        counts = (sa.func.max(ranked.c[name]) for name in ("count_day", "count_all"))
        query = sa.select(ranked.c.day, *counts, *by_day, *overall).group_by(ranked.c.day)
        rows = await self._all(query)
        if not rows:
            return Speeds(None, {})
        # Each of the two calls whose rank is asked for belongs to one of the days.
        median, p95 = (next(row[place] for row in rows if row[place] is not None) for place in (5, 6))
        days = {day_of(row.day): Speed(row[1], row[3], row[4]) for row in rows}
        return Speeds(Speed(rows[0][2], median, p95), days)

    def _ranked(self, period: Period, column: sa.ColumnElement[int]) -> sa.Subquery:
        """Each call's place among those of its day and among all."""
        table = t.model_calls
        day = self._day(table.c.at, period)
        number, count = sa.func.row_number(), sa.func.count()
        return (
            sa.select(
                day.label("day"),
                column.label("ms"),
                number.over(partition_by=day, order_by=column).label("rank_day"),
                count.over(partition_by=day).label("count_day"),
                number.over(order_by=column).label("rank_all"),
                count.over().label("count_all"),
            )
            .where(*self._answered(column, period))
            .subquery()
        )

    def _answered(self, column: sa.ColumnElement[int], period: Period) -> list[sa.ColumnElement[bool]]:
        """Calls that a customer waited for and that brought an answer, used or not."""
        table = t.model_calls
        return [
            *within(table.c.at, period),
            column.is_not(None),
            table.c.purpose.in_(_HEARD),
            table.c.outcome.in_(_ANSWERED),
            no_test(table.c.conversation_id),
        ]


def _at(ranked: sa.Subquery, part: str, percent: int) -> sa.ColumnElement[int]:
    """The milliseconds of the call at this rank, None where it is not in the group."""
    place = (ranked.c[f"count_{part}"] * percent + 99) // 100
    return sa.func.max(sa.case((ranked.c[f"rank_{part}"] == place, ranked.c.ms)))
