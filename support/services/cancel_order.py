"""Cancelling an order that was not sent yet, with the same proofs and the same ledger as a refund."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from support.model import Decision, Order, OrderStatus, Outcome
from support.policy import Policy
from support.services import refund as refunds
from support.services.refund import Verdict
from support.store import LedgerEntry, Refund, Store, Unit


@dataclass(frozen=True)
class Result:
    """What became of it; `refund` gives back what was paid, `repeated`: it had been cancelled before."""

    decision: Decision
    order: Order
    refund: Refund | None = None
    repeated: bool = False


async def request(
    store: Store,
    policy: Policy,
    conversation_id: str,
    order_id: str,
    confirming_message: str | None,
    now: datetime,
) -> Result:
    """Decide and carry out in one transaction; NotVerified, NotFound or NotConfirmed without a proof."""
    async with store.writing() as unit:
        return await request_in(unit, policy, conversation_id, order_id, confirming_message, now)


async def request_in(
    unit: Unit,
    policy: Policy,
    conversation_id: str,
    order_id: str,
    confirming_message: str | None,
    now: datetime,
    *,
    actor: str = "",
    verdict: Verdict | None = None,
) -> Result:
    """As `request`, inside the caller's transaction. `actor` is who asks for it, else the customer; `verdict`
    is a person's, and counts only where policy leaves it to a person.
    """
    order = await refunds.locked_order(unit, conversation_id, order_id, now)
    decision = policy.decide_cancel(order, now)
    if order.status is OrderStatus.CANCELLED:
        return Result(decision, order, repeated=True)
    if decision.outcome is Outcome.REVIEW and verdict:
        decision = replace(decision, outcome=Outcome.APPROVE if verdict.approve else Outcome.REFUSE)
    if decision.outcome is not Outcome.REFUSE:
        write = refunds.Write("cancel", order.order_id, confirming_message, by_customer=not actor)
        await refunds.require_yes(unit, conversation_id, write, now)
    refund = None
    if decision.outcome is Outcome.APPROVE:
        await unit.orders.set_status(order.order_id, OrderStatus.CANCELLED)
        refund = await refunds.of_cancelled(unit, order, decision, now)
    await unit.ledger.append(
        LedgerEntry(
            at=now,
            action="cancel",
            actor=actor or f"customer:{order.customer_id}",
            conversation_id=conversation_id,
            order_id=order.order_id,
            rule=decision.rule,
            outcome=decision.outcome.value,
            confirming_message=confirming_message,
            inputs={"status": order.status.value} | ({"verdict": verdict.reason} if verdict else {}),
            result={
                "refund_id": refund.refund_id if refund else None,
                "amount_minor": refund.amount.minor if refund else 0,
                "currency": order.total.currency,
            },
        )
    )
    return Result(decision, order, refund)
