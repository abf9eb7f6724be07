"""What people did: handovers on their way, ratings, and the ledger's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from support.period import Period
from support.store import tables as t
from support.store.analytics.parts import Counting, key, no_test, within


@dataclass(frozen=True)
class Person:
    """A handover on its way: None for what has not happened. `handled_s` is how long people had it."""

    opened_at: datetime
    taken_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    closed_why: str | None
    handled_s: int | None


@dataclass(frozen=True)
class Decisions:
    """Ledger entries alike; `amount` is the sum in minor units. `action`: refund, cancel, review."""

    action: str
    rule: str
    outcome: str
    currency: str
    count: int
    amount: int


class CountedPeople(Counting):
    """What customers and the shop's people did."""

    async def persons(self, period: Period) -> list[Person]:
        """Handovers that were opened in the period."""
        table, held = t.handovers, self._held(period)
        query = (
            sa.select(
                table.c.opened_at,
                held.c.taken_at,
                _first_words().label("answered_at"),
                table.c.closed_at,
                table.c.closed_why,
                held.c.handled_s,
            )
            .outerjoin(held, held.c.handover_id == table.c.id)
            .where(*within(table.c.opened_at, period), no_test(table.c.conversation_id))
        )
        return [Person(*row) for row in await self._all(query)]

    async def ratings(self, period: Period) -> Mapping[int, int]:
        """How often each score was given: of a conversation's ratings in the period, the last."""
        table = t.ratings
        given = sa.select(sa.func.max(table.c.id)).where(*within(table.c.at, period))
        query = (
            sa.select(table.c.score, sa.func.count())
            .where(table.c.id.in_(given.group_by(table.c.conversation_id)), no_test(table.c.conversation_id))
            .group_by(table.c.score)
        )
        return {row.score: row[1] for row in await self._all(query)}

    async def decisions(self, period: Period) -> list[Decisions]:
        """What the ledger says of refunds, cancellations, and refunds that a person looked at."""
        table = t.ledger
        currency = sa.func.coalesce(table.c.result["currency"].as_string(), "").label("currency")
        amount = sa.cast(table.c.result["amount_minor"].as_string(), sa.BigInteger)
        keys = (table.c.action, table.c.rule, table.c.outcome, currency)
        query = (
            sa.select(*keys, sa.func.count(), sa.func.coalesce(sa.func.sum(amount), 0))
            .where(
                *within(table.c.at, period),
                table.c.action.in_(("refund", "cancel", "review")),
                no_test(table.c.conversation_id),
            )
            .group_by(*map(key, keys))
        )
        return [
            Decisions(action, rule, outcome, unit, count, int(total))
            for action, rule, outcome, unit, count, total in await self._all(query)
        ]

    def _held(self, period: Period) -> sa.Subquery:
        """By handover: when a person first took it, and for how many seconds people had it."""
        table = t.transitions
        at = self._seconds(table.c.at)
        until = sa.func.lead(at).over(partition_by=table.c.handover_id, order_by=table.c.id)
        by_person = table.c.to_state == "person"
        steps = (
            sa.select(
                table.c.handover_id,
                sa.case((by_person, table.c.at)).label("taken_at"),
                sa.case((by_person, until - at)).label("held_s"),
            )
            .join(t.handovers, t.handovers.c.id == table.c.handover_id)
            .where(*within(t.handovers.c.opened_at, period))
        ).subquery()
        return (
            sa.select(
                steps.c.handover_id,
                sa.func.min(steps.c.taken_at, type_=t.UtcDateTime).label("taken_at"),
                sa.cast(sa.func.sum(steps.c.held_s), sa.BigInteger).label("handled_s"),
            )
            .group_by(steps.c.handover_id)
            .subquery()
        )


def _first_words() -> sa.ScalarSelect[datetime]:
    """When a person first spoke after the handover was opened."""
    table = t.conversation_events
    return (
        sa.select(sa.func.min(table.c.at, type_=t.UtcDateTime))
        .where(
            table.c.conversation_id == t.handovers.c.conversation_id,
            table.c.kind == "message",
            table.c.payload["from"].as_string().is_not(None),
            table.c.at >= t.handovers.c.opened_at,
            sa.or_(t.handovers.c.closed_at.is_(None), table.c.at <= t.handovers.c.closed_at),
        )
        .scalar_subquery()
    )
