"""Refunds: what policy would say, and the one way in which money goes back.

`request` writes only with every proof: a verified identity, the ownership of the order, a policy rule, the id
of the customer's confirming message, and the evidence that the rule asks for. All of it happens in one
transaction; a repeat returns the first result; each decision is a row of the ledger.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from support.model import Decision, Money, Order, OrderItem, OrderStatus, Outcome, Reason
from support.policy import Policy
from support.services import evidence, identity, picture
from support.services.evidence import Assessment
from support.store import LedgerEntry, Refund, Store, Unit

# A yes that is older says nothing about what is asked for now.
CONFIRMED_WITHIN = timedelta(hours=24)
_DECIDED = {"approved": Outcome.APPROVE, "review": Outcome.REVIEW, "refused": Outcome.REFUSE}


class NotVerified(PermissionError):
    """Nobody has proven who they are in this conversation."""


class NotFound(LookupError):
    """The order is not this customer's, or does not exist: nobody learns which."""


class NotConfirmed(ValueError):
    """Policy would allow it, but the customer's explicit yes is missing, old, or was said to something
    else.
    """


@dataclass(frozen=True)
class Wish:
    """What a customer asks for. `evidence` are attachment ids, `confirming_message` the id of their yes."""

    order_id: str
    sku_ids: tuple[str, ...]
    reason: Reason
    note: str = ""
    evidence: tuple[str, ...] = ()
    confirming_message: str | None = None

    @property
    def key(self) -> str:
        """The same items of the same order are the same wish, whatever the reason or the time."""
        return idempotency_key("refund", self.order_id, self.sku_ids)


@dataclass(frozen=True)
class Verdict:
    """What a person decides where policy leaves it to a person, and why."""

    approve: bool
    reason: str


class Judgement(NamedTuple):
    """What policy says to a wish whose photos were assessed, and what it is worth."""

    decision: Decision
    amount: Money
    assessment: Assessment


@dataclass(frozen=True)
class Result:
    """What became of it. `refund` is None for refusals; `repeated` when it had been decided before."""

    decision: Decision
    amount: Money
    refund: Refund | None = None
    repeated: bool = False


def idempotency_key(action: str, order_id: str, sku_ids: Sequence[str] = ()) -> str:
    """One key for one (order, items, action)."""
    return hashlib.sha256("\n".join((action, order_id, *sorted(sku_ids))).encode()).hexdigest()


async def left_to_refund(unit: Unit, order: Order) -> tuple[OrderItem, ...]:
    """The lines of the order that no approved or pending refund covers."""
    taken = {
        sku
        for refund in await unit.refunds.of_order(order.order_id)
        if refund.status != "refused"
        for sku in refund.sku_ids
    }
    return tuple(line for line in order.items if line.sku_id not in taken)


def decide(policy: Policy, order: Order, wish: Wish, now: datetime, before: int = 0) -> Decision:
    """What policy says to the wish; `before` is what was promised back of the order already."""
    lines = order.lines(wish.sku_ids)
    return policy.decide_refund(order, lines, wish.reason, now, evidence=bool(wish.evidence), before=before)


async def judge(unit: Unit, policy: Policy, order: Order, wish: Wish, now: datetime) -> Judgement:
    """What policy says to the wish, and what it is worth; photos that leave doubt lead to a person.

    The last part of an order that was not sent yet gets what is left of the total, postage included.
    """
    amount = order.refundable(order.lines(wish.sku_ids), wish.reason)
    earlier = [one for one in await unit.refunds.of_order(order.order_id) if one.status != "refused"]
    before = sum(one.amount.minor for one in earlier)
    covered = {sku for one in earlier for sku in one.sku_ids} | set(wish.sku_ids)
    if order.status is OrderStatus.PAID and covered == {line.sku_id for line in order.items}:
        amount = replace(amount, minor=order.total.minor - before)
    assessment = await evidence.assess(unit, order, wish, now)
    decision = evidence.guarded(decide(policy, order, wish, now, before), assessment)
    return Judgement(decision, amount, assessment)


async def request(store: Store, policy: Policy, conversation_id: str, wish: Wish, now: datetime) -> Result:
    """Decide and carry out. NotVerified, NotFound, NotConfirmed, or KeyError for items of another order."""
    async with store.writing() as unit:
        return await request_in(unit, policy, conversation_id, wish, now)


async def request_in(
    unit: Unit, policy: Policy, conversation_id: str, wish: Wish, now: datetime, *, actor: str = ""
) -> Result:
    """As `request`, inside the caller's transaction. `actor` is who asks for it, else the customer."""
    if not wish.sku_ids:
        raise ValueError("a refund of no items")
    order = await locked_order(unit, conversation_id, wish.order_id, now)
    wish = await with_own_evidence(unit, conversation_id, replace(wish, order_id=order.order_id))
    earlier = await _earlier(unit, order, wish)
    if earlier:
        return Result(_as_decided(earlier), earlier.amount, earlier, repeated=True)
    judged = await judge(unit, policy, order, wish, now)
    decision, amount, _ = judged
    refund = None
    if decision.outcome is not Outcome.REFUSE:
        write = Write("refund", order.order_id, wish.confirming_message, by_customer=not actor)
        await require_yes(unit, conversation_id, write, now)
        refund = await _carry_out(unit, order, wish, decision, amount, now)
    actor = actor or f"customer:{order.customer_id}"
    await unit.ledger.append(_entry(conversation_id, actor, wish, judged, refund, now))
    return Result(decision, amount, refund)


async def locked_order(unit: Unit, conversation_id: str, order_id: str, now: datetime) -> Order:
    """The verified customer's order, which nobody else changes until the unit ends; NotVerified, NotFound."""
    customer_id = await identity.current(unit, conversation_id, now)
    if customer_id is None:
        raise NotVerified(conversation_id)
    order = await unit.orders.lock_owned(order_id, customer_id)
    if order is None:
        raise NotFound(order_id)
    return order


@dataclass(frozen=True)
class Write:
    """What a message is to be the yes to; `by_customer`: without a person who has read it."""

    action: str
    order_id: str
    confirming_message: str | None
    by_customer: bool


async def require_yes(unit: Unit, conversation_id: str, write: Write, now: datetime) -> None:
    """NotConfirmed unless the message is a recent one of the customer's in this conversation.

    What nobody but the customer asks for needs a yes of its own: one that was said to another write is none.
    A conversation of which the front door keeps no messages (`rasa shell`, Rasa's own channels on this
    machine) has nothing to hold the id against.
    """
    if not write.confirming_message:
        raise NotConfirmed(write.order_id)
    message = await unit.conversations.message(conversation_id, write.confirming_message)
    if message is None and await unit.conversations.last_messages(conversation_id, 1):
        raise NotConfirmed(write.order_id)
    if message and now - message.received_at > CONFIRMED_WITHIN:
        raise NotConfirmed(write.order_id)
    if write.by_customer:
        before = await unit.ledger.confirmed_by(conversation_id, write.confirming_message)
        if any((one.action, one.order_id) != (write.action, write.order_id) for one in before):
            raise NotConfirmed(write.order_id)


async def with_own_evidence(unit: Unit, conversation_id: str, wish: Wish) -> Wish:
    """Evidence counts only if it was sent in this conversation and shows the goods, not an order page."""
    own = await unit.attachments.of_conversation(conversation_id, wish.evidence)
    return replace(wish, evidence=picture.evidence(own))


def _as_decided(refund: Refund) -> Decision:
    return Decision(_DECIDED[refund.status], refund.rule, {})


async def _earlier(unit: Unit, order: Order, wish: Wish) -> Refund | None:
    """The refund that already covers any of these items: the same wish again, or an overlapping one."""
    same = await unit.refunds.by_key(wish.key)
    if same:
        return same
    wanted = set(wish.sku_ids)
    return next(
        (
            refund
            for refund in await unit.refunds.of_order(order.order_id)
            if refund.status != "refused" and wanted & set(refund.sku_ids)
        ),
        None,
    )


async def _carry_out(
    unit: Unit, order: Order, wish: Wish, decision: Decision, amount: Money, now: datetime
) -> Refund:
    approved = decision.outcome is Outcome.APPROVE
    refund = Refund(
        refund_id=_new_id(now),
        key=wish.key,
        order_id=order.order_id,
        customer_id=order.customer_id,
        status="approved" if approved else "review",
        sku_ids=tuple(sorted(wish.sku_ids)),
        reason=wish.reason.value,
        note=wish.note,
        evidence=wish.evidence,
        amount=amount,
        rule=decision.rule,
        created_at=now,
    )
    await unit.refunds.add(refund)
    await evidence.keep(unit, refund)
    if approved:
        await settle(unit, order)
    return refund


async def settle(unit: Unit, order: Order) -> None:
    """An order of which everything was given back is a refunded one."""
    given_back = {
        sku
        for one in await unit.refunds.of_order(order.order_id)
        if one.status == "approved"
        for sku in one.sku_ids
    }
    if given_back >= {line.sku_id for line in order.items}:
        await unit.orders.set_status(order.order_id, OrderStatus.REFUNDED)


async def of_cancelled(unit: Unit, order: Order, decision: Decision, now: datetime) -> Refund | None:
    """Give back what a cancelled order's customer paid and has not been promised yet; None for nothing."""
    promised = [one for one in await unit.refunds.of_order(order.order_id) if one.status != "refused"]
    rest = order.total.minor - sum(one.amount.minor for one in promised)
    if order.status is OrderStatus.UNPAID or rest <= 0:
        return None
    refund = Refund(
        refund_id=_new_id(now),
        key=idempotency_key("cancel", order.order_id),
        order_id=order.order_id,
        customer_id=order.customer_id,
        status="approved",
        sku_ids=tuple(line.sku_id for line in await left_to_refund(unit, order)),
        reason="cancelled",
        note="",
        evidence=(),
        amount=Money(rest, order.total.currency),
        rule=decision.rule,
        created_at=now,
    )
    await unit.refunds.add(refund)
    return refund


def _new_id(now: datetime) -> str:
    return f"R{now:%y%m%d}{secrets.token_hex(3).upper()}"


def _entry(
    conversation_id: str,
    actor: str,
    wish: Wish,
    judged: Judgement,
    refund: Refund | None,
    now: datetime,
) -> LedgerEntry:
    decision, amount, assessment = judged
    return LedgerEntry(
        at=now,
        action="refund",
        actor=actor,
        conversation_id=conversation_id,
        order_id=wish.order_id,
        rule=decision.rule,
        outcome=decision.outcome.value,
        confirming_message=wish.confirming_message,
        inputs={
            "sku_ids": sorted(wish.sku_ids),
            "reason": wish.reason.value,
            "note": wish.note,
            "evidence": list(wish.evidence),
        }
        | assessment.as_json(),
        result={
            "refund_id": refund.refund_id if refund else None,
            "amount_minor": amount.minor,
            "currency": amount.currency,
        },
    )


async def states(unit: Unit, conversation_id: str, now: datetime) -> list[Refund]:
    """The verified customer's refunds, the newest first; NotVerified when there is none."""
    customer_id = await identity.current(unit, conversation_id, now)
    if customer_id is None:
        raise NotVerified(conversation_id)
    return await unit.refunds.of_customer(customer_id)
