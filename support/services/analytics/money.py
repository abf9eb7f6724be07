"""Refunds: what was decided, by which rule, and how much it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from support import model
from support.model import Outcome
from support.period import Period
from support.store import Unit
from support.store.analytics import Decisions

# approve: money went back; review: left to a person; refuse: none.
OUTCOMES = (Outcome.APPROVE.value, Outcome.REVIEW.value, Outcome.REFUSE.value)


@dataclass(frozen=True)
class Money:
    """The ledger's decisions in the period about refunds, cancellations, and refunds that a person looked at.

    Each is counted when it was made: a refund that goes to a person is one decision, what the person then
    decides is another. A refusal's amount is what was asked for.
    """

    decisions: Sequence[Decisions]

    @property
    def by_rule(self) -> list[tuple[str, str, Counter[str]]]:
        """Action, rule, and how often each outcome; the most frequent first."""
        counted: dict[tuple[str, str], Counter[str]] = {}
        for one in self.decisions:
            counted.setdefault((one.action, one.rule), Counter())[one.outcome] += one.count
        found = [(action, rule, outcomes) for (action, rule), outcomes in counted.items()]
        return sorted(found, key=lambda one: (-one[2].total(), one[0], one[1]))

    @property
    def given_back(self) -> list[model.Money]:
        """What was approved, by currency."""
        sums = Counter[str]()
        for one in self.decisions:
            if one.outcome == Outcome.APPROVE and one.amount:
                sums[one.currency] += one.amount
        return [model.Money(minor, currency) for currency, minor in sorted(sums.items())]

    @property
    def approved(self) -> int:
        """Decisions by which money went back."""
        return sum(one.count for one in self.decisions if one.outcome == Outcome.APPROVE and one.amount)


async def money_of(unit: Unit, period: Period) -> Money:
    found = await unit.analytics.decisions(period)
    order = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    key = {one: (one.action, one.rule, order.get(one.outcome, len(order)), one.currency) for one in found}
    return Money(sorted(found, key=key.__getitem__))
