"""The shop's rules: `policy.yml`, checked when it is read, and the decisions that follow from it.

Rules are tried from top to bottom and the first that matches decides; what no rule covers goes to a person.
Every decision names its rule. Nothing here writes anything: `support.services.refund` does, and only with a
decision from here. The schema is explained in the demo shop's `policy.yml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from support.hours import Desk
from support.model import Decision, HandoffReason, Money, Order, OrderItem, OrderStatus, Outcome, Reason

NO_RULE = Decision(
    Outcome.REVIEW,
    "no-rule",
    {"zh": "这种情况需要同事看一下。", "en": "A colleague needs to take a look at this one."},
)
# What a rule approves, and still a person has to see: by the order's value, or for want of a photo.
HIGH_VALUE = "high-value"
EVIDENCE_RISK = "evidence-risk"
_HIGH_VALUE_EXPLAINED = {
    "zh": "这个订单金额较高，退款需要同事确认后办理。",
    "en": "Because of the order's value, a colleague confirms the refund before it goes out.",
}
# Nobody is told that their photos leave doubt: mostly there is a good reason, which a person will see.
_RISK_EXPLAINED = {
    "zh": "这笔退款由同事确认后办理。",
    "en": "A colleague confirms this refund before it goes out.",
}
_NO_EVIDENCE_EXPLAINED = {
    "zh": "因为没有照片，需要同事先和您核实一下。",
    "en": "Without a photo, a colleague has to check it with you first.",
}


class PolicyError(ValueError):
    """`policy.yml` cannot be used; the message says where and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Part):
    """Conditions of a rule; those left out hold."""

    states: frozenset[OrderStatus] | None = None
    reasons: frozenset[Reason] | None = None
    within_days: int | None = Field(default=None, ge=0)
    since: Literal["delivered", "shipped", "placed", "paid"] = "delivered"
    categories: frozenset[str] | None = None
    amount_over: Decimal | None = None
    amount_up_to: Decimal | None = None

    def holds(
        self, order: Order, items: Sequence[OrderItem], reason: Reason | None, amount: Money, now: datetime
    ) -> bool:
        return (
            (self.states is None or order.status in self.states)
            and (self.reasons is None or reason in self.reasons)
            and (self.categories is None or any(item.category in self.categories for item in items))
            and (self.amount_over is None or amount.decimal > self.amount_over)
            and (self.amount_up_to is None or amount.decimal <= self.amount_up_to)
            and (self.within_days is None or self._within(order, now))
        )

    def _within(self, order: Order, now: datetime) -> bool:
        start = {
            "delivered": order.delivered_at,
            "shipped": order.shipped_at,
            "placed": order.placed_at,
            "paid": order.paid_at,
        }[self.since]
        return start is not None and now - start <= timedelta(days=self.within_days or 0)


class Rule(_Part):
    """One rule for refunds or cancellations."""

    id: str
    when: When = When()
    decision: Outcome
    evidence: tuple[Literal["photo"], ...] = ()
    explain: Mapping[str, str]
    alternatives: Mapping[str, str] = {}

    def decide(self) -> Decision:
        return Decision(self.decision, self.id, self.explain, self.alternatives, self.evidence)


class Policy(_Part):
    """The whole file."""

    currency: str = "CNY"
    timezone: str = "UTC"
    refund: tuple[Rule, ...] = ()
    cancel: tuple[Rule, ...] = ()
    handoff: Desk = Desk()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is not a time zone such as Asia/Shanghai") from None
        return name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def decide_refund(
        self,
        order: Order,
        items: Sequence[OrderItem],
        reason: Reason,
        now: datetime,
        *,
        evidence: bool = True,
        before: int = 0,
    ) -> Decision:
        """Whether `items` of `order` may be refunded for `reason`; `evidence`: it is there if asked for.

        `before` is what was promised back of this order already, in minor units: a limit holds for the order,
        not for each of the parts that somebody cuts it into.

        What a rule approves still goes to a person from an order value of `handoff.high_value` on, or when
        the evidence is missing: that alone never refuses.
        """
        part = order.refundable(tuple(items), reason)
        amount = replace(part, minor=part.minor + before)
        decision = _first(self.refund, order, items, reason, amount, now)
        if decision.outcome is Outcome.APPROVE and self._is_high_value(order):
            return _high_value(decision)
        if decision.outcome is not Outcome.REFUSE and decision.evidence and not evidence:
            return replace(decision, outcome=Outcome.REVIEW, explain=_NO_EVIDENCE_EXPLAINED)
        return decision

    def decide_cancel(self, order: Order, now: datetime) -> Decision:
        """Whether the order may be cancelled; where money goes back, `handoff.high_value` holds here too."""
        decision = _first(self.cancel, order, order.items, None, order.total, now)
        money_moves = decision.outcome is Outcome.APPROVE and order.status is not OrderStatus.UNPAID
        return _high_value(decision) if money_moves and self._is_high_value(order) else decision

    def _is_high_value(self, order: Order) -> bool:
        limit = self.handoff.high_value
        return limit is not None and order.total.decimal >= limit

    def hopeless_refund(self, order: Order, now: datetime) -> Decision | None:
        """The refusal, if no items and no reason can get this order refunded: no need to ask for them."""
        decisions = [
            self.decide_refund(order, (item,), reason, now) for item in order.items for reason in Reason
        ]
        refused = all(decision.outcome is Outcome.REFUSE for decision in decisions)
        return decisions[0] if decisions and refused else None

    def hopeless_cancel(self, order: Order, now: datetime) -> Decision | None:
        """The refusal, if the order cannot be cancelled."""
        decision = self.decide_cancel(order, now)
        return decision if decision.outcome is Outcome.REFUSE else None

    def is_open(self, now: datetime) -> bool:
        """Whether people answer now; a shop without stated hours always does."""
        return self.handoff.is_open(now, self.zone)

    def promise(self, now: datetime, at_least: timedelta = timedelta(0)) -> datetime | None:
        """By when somebody who begins to wait now is answered; see `Desk.promise`."""
        return self.handoff.promise(now, self.zone, at_least)


def reason_for_person(decision: Decision) -> HandoffReason:
    """Why a decision that needs a person does."""
    return HandoffReason.HIGH_VALUE if decision.rule == HIGH_VALUE else HandoffReason.POLICY


def _high_value(decision: Decision) -> Decision:
    """What a rule approves, for a person to decide."""
    return replace(decision, outcome=Outcome.REVIEW, rule=HIGH_VALUE, explain=_HIGH_VALUE_EXPLAINED)


def evidence_risk(decision: Decision) -> Decision:
    """What a rule approves on photos that leave doubt, for a person to decide."""
    return replace(decision, outcome=Outcome.REVIEW, rule=EVIDENCE_RISK, explain=_RISK_EXPLAINED)


def _first(
    rules: Sequence[Rule],
    order: Order,
    items: Sequence[OrderItem],
    reason: Reason | None,
    amount: Money,
    now: datetime,
) -> Decision:
    for rule in rules:
        if rule.when.holds(order, items, reason, amount, now):
            return rule.decide()
    return NO_RULE


def load(path: Path) -> Policy:
    """Read and check `policy.yml`; PolicyError names the file, the place in it and what is wrong."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Policy.model_validate(content or {})
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: not UTF-8; save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{path}: not valid YAML: {error}") from error
    except ValidationError as error:
        places = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PolicyError(f"{path}: " + "; ".join(places)) from error
