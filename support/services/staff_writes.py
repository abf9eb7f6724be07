"""Refunds and cancellations that an agent carries out, and decisions that policy leaves to a person.

The proofs are those of the customer's own path (`support.services.refund`, `cancel_order`): an identity that
was proven in this conversation, ownership, a rule, the id of the customer's yes, the evidence. Beside them
the agent must have the conversation, and the yes must be a message of it. What policy refuses no agent can
do. The ledger names `staff:<login>`; the customer is told in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from support import wording
from support.model import Decision, Language, Money, Order, OrderItem, Outcome
from support.policy import Policy
from support.services import cancel_order, customer_words, identity, staff
from support.services import refund as refunds
from support.services.desk import DeskError, checked, handed_over
from support.services.evidence import Assessment
from support.services.refund import NotConfirmed, NotFound, NotVerified, Verdict, Wish
from support.services.staff import SignedIn
from support.store import Handover, LedgerEntry, Refund, Store, Unit
from support.wording import Reader

REASON_CHARACTERS = 400


@dataclass(frozen=True)
class Preview:
    """What would happen; nothing has. `needs_yes`: it would, if only the customer's yes were named.

    `evidence` are those of the photos that count, and `assessment` is about them.
    """

    order: Order
    lines: tuple[OrderItem, ...]
    decision: Decision
    amount: Money
    needs_yes: bool
    assessment: Assessment = field(default_factory=Assessment)
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """What became of it, and the words that the customer has got; `repeated`: they had got them before."""

    conversation_id: str
    order_id: str
    decision: Decision
    amount: Money
    told: str
    refund: Refund | None = None
    repeated: bool = False


# --- before ------------------------------------------------------------------------------------------------


async def preview_refund(
    unit: Unit, policy: Policy, conversation_id: str, wish: Wish, now: datetime
) -> Preview:
    """What `refund` would do; DeskError as there."""
    order = await _own_order(unit, conversation_id, wish.order_id, now)
    wish = await refunds.with_own_evidence(unit, conversation_id, replace(wish, order_id=order.order_id))
    decision, amount, assessment = await refunds.judge(unit, policy, order, wish, now)
    needs_yes = decision.outcome is not Outcome.REFUSE and not wish.confirming_message
    return Preview(order, order.lines(wish.sku_ids), decision, amount, needs_yes, assessment, wish.evidence)


async def preview_cancel(
    unit: Unit, policy: Policy, conversation_id: str, order_id: str, confirmed: bool, now: datetime
) -> Preview:
    """What `cancel` would do."""
    order = await _own_order(unit, conversation_id, order_id, now)
    decision = policy.decide_cancel(order, now)
    needs_yes = decision.outcome is not Outcome.REFUSE and not confirmed
    paid = order.total if order.paid_at else Money(0, order.total.currency)
    return Preview(order, order.items, decision, paid, needs_yes)


async def _own_order(unit: Unit, conversation_id: str, order_id: str, now: datetime) -> Order:
    customer_id = await identity.current(unit, conversation_id, now)
    if customer_id is None:
        raise DeskError("not_verified")
    order = await unit.orders.owned(order_id, customer_id)
    if order is None:
        raise DeskError("not_their_order")
    return order


# --- doing -------------------------------------------------------------------------------------------------


async def refund(
    store: Store,
    policy: Policy,
    me: SignedIn,
    conversation_id: str,
    wish: Wish,
    now: datetime,
    *,
    verdict: Verdict | None = None,
) -> Done:
    """Refund for the customer of a conversation that is mine.

    `verdict` decides what policy leaves to a person; without one it waits for somebody's.
    """
    async with store.writing() as unit:
        handover = await _mine(unit, conversation_id, me)
        await _check_yes(unit, conversation_id, wish.confirming_message)
        with _as_desk_errors():
            actor = f"staff:{me.login}"
            result = await refunds.request_in(unit, policy, conversation_id, wish, now, actor=actor)
        decision, made = result.decision, result.refund
        if made and made.status == "review" and verdict and not result.repeated:
            made = await _decide(unit, me, conversation_id, made, verdict, now)
            decision = replace(decision, outcome=_OUTCOME[made.status])
        done = Done(conversation_id, wish.order_id, decision, result.amount, "", made, result.repeated)
        return await _finish(unit, policy, me, handover, "refund", done, now)


async def cancel(
    store: Store,
    policy: Policy,
    me: SignedIn,
    conversation_id: str,
    order_id: str,
    confirming_message: str | None,
    now: datetime,
    *,
    verdict: Verdict | None = None,
) -> Done:
    """Cancel an order of the customer of a conversation that is mine; `verdict` as for `refund`."""
    async with store.writing() as unit:
        handover = await _mine(unit, conversation_id, me)
        await _check_yes(unit, conversation_id, confirming_message)
        with _as_desk_errors():
            result = await cancel_order.request_in(
                unit,
                policy,
                conversation_id,
                order_id,
                confirming_message,
                now,
                actor=f"staff:{me.login}",
                verdict=verdict and _checked(verdict),
            )
        amount = result.refund.amount if result.refund else Money(0, result.order.total.currency)
        order_id = result.order.order_id
        done = Done(conversation_id, order_id, result.decision, amount, "", result.refund, result.repeated)
        return await _finish(unit, policy, me, handover, "cancel", done, now)


async def decide_review(
    store: Store, policy: Policy, me: SignedIn, refund_id: str, verdict: Verdict, now: datetime
) -> Done:
    """Approve or refuse a refund that waits for a person; once, whoever is first. The others hear
    DeskError `decided_already`.
    """
    async with store.writing() as unit:
        found = await unit.refunds.get(refund_id)
        if found is None:
            raise DeskError("not_found")
        conversation_id = await asked_in(unit, found)
        # In this order everywhere: first the conversation, then the order.
        await unit.conversations.hold(conversation_id)
        made = await _decide(unit, me, conversation_id, found, verdict, now)
        decision = Decision(_OUTCOME[made.status], made.rule, {})
        done = Done(conversation_id, made.order_id, decision, made.amount, "", made)
        handover = await unit.handovers.current(conversation_id)
        return await _finish(unit, policy, me, handover, "decide_refund", done, now)


async def asked_in(unit: Unit, refund: Refund) -> str:
    """The conversation in which a refund was asked for; empty when the ledger does not know."""
    for entry in await unit.ledger.of_order(refund.order_id):
        if entry.result.get("refund_id") == refund.refund_id:
            return entry.conversation_id
    return ""


async def _decide(
    unit: Unit, me: SignedIn, conversation_id: str, refund: Refund, verdict: Verdict, now: datetime
) -> Refund:
    verdict = _checked(verdict)
    order = await unit.orders.lock_owned(refund.order_id, refund.customer_id)
    found = await unit.refunds.get(refund.refund_id)
    if order is None or found is None:
        raise DeskError("not_found")
    if found.status != "review":
        raise DeskError("decided_already")
    decided = replace(found, status="approved" if verdict.approve else "refused")
    await unit.refunds.set_status(decided.refund_id, decided.status)
    if verdict.approve:
        await refunds.settle(unit, order)
    await unit.ledger.append(
        LedgerEntry(
            at=now,
            action="review",
            actor=f"staff:{me.login}",
            conversation_id=conversation_id,
            order_id=decided.order_id,
            rule=decided.rule,
            outcome=_OUTCOME[decided.status].value,
            confirming_message=None,
            inputs={"verdict": verdict.reason, "sku_ids": list(decided.sku_ids)},
            result={
                "refund_id": decided.refund_id,
                "amount_minor": decided.amount.minor,
                "currency": decided.amount.currency,
            },
        )
    )
    return decided


_OUTCOME = {"approved": Outcome.APPROVE, "refused": Outcome.REFUSE, "review": Outcome.REVIEW}


# --- what all of them have in common -----------------------------------------------------------------------


async def _mine(unit: Unit, conversation_id: str, me: SignedIn) -> Handover:
    """My handover, and nobody takes the conversation away until the unit ends."""
    await unit.conversations.hold(conversation_id)
    await handed_over(unit, conversation_id)
    handover = await unit.handovers.current(conversation_id)
    if handover is None or handover.status != "taken":
        raise DeskError("take_first")
    if handover.taken_by != me.login:
        raise DeskError("with_colleague", person=handover.taken_name or handover.taken_by or "")
    return handover


async def _check_yes(unit: Unit, conversation_id: str, message_id: str | None) -> None:
    if message_id and await unit.conversations.message(conversation_id, message_id) is None:
        raise DeskError("unknown_yes")


def _checked(verdict: Verdict) -> Verdict:
    return replace(verdict, reason=checked(verdict.reason, REASON_CHARACTERS, "reason"))


@contextmanager
def _as_desk_errors() -> Iterator[None]:
    """The proofs that are missing, by the names that the desk has words for."""
    try:
        yield
    except NotVerified as error:
        raise DeskError("not_verified") from error
    except NotConfirmed as error:
        raise DeskError("no_yes") from error
    except (NotFound, KeyError) as error:
        raise DeskError("not_their_order") from error


async def _finish(
    unit: Unit, policy: Policy, me: SignedIn, handover: Handover | None, act: str, done: Done, now: datetime
) -> Done:
    """Write it down, and tell the customer what was done for them."""
    await staff.note(
        unit,
        me.login,
        act,
        now,
        conversation_id=done.conversation_id,
        order_id=done.order_id,
        outcome=done.decision.outcome.value,
        rule=done.decision.rule,
        refund_id=done.refund.refund_id if done.refund else "",
    )
    told = "" if done.repeated else _words(act, done, Reader(await _language(unit, done), policy.zone, now))
    if told and done.conversation_id:
        mine = handover if handover and handover.taken_by == me.login else None
        line = {"text": told} | ({"from": mine.taken_name} if mine else {})
        await unit.conversations.tell(done.conversation_id, "message", line, now)
        if mine:
            await unit.handovers.change(mine.id, person_said_at=now, seen_at=now)
    return replace(done, told=told)


async def _language(unit: Unit, done: Done) -> Language:
    """As the conversation was handed over, else as the customer's record says."""
    handovers = await unit.handovers.of_conversation(done.conversation_id)
    stated = handovers[-1].packet.get("language") if handovers else None
    if stated is None and done.refund:
        customer = await unit.customers.get(done.refund.customer_id)
        stated = customer.language if customer else None
    return "en" if stated == "en" else "zh"


def _words(act: str, done: Done, reader: Reader) -> str:
    """What the customer hears; nothing where nothing was done, which is for the agent to explain."""
    outcome = done.decision.outcome
    judged = act == "decide_refund" or (act == "refund" and done.refund and outcome is Outcome.REFUSE)
    return customer_words.of(
        "decision" if judged else act,
        outcome,
        reader,
        amount=wording.money(done.amount),
        order_id=done.order_id,
        refund_id=done.refund.refund_id if done.refund else "",
    )
