"""Refunds, cancellations and decisions by agents: the same proofs as ever, nothing twice, all noted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.model import HandoffReason, Order, OrderStatus, Outcome, Reason
from support.policy import load
from support.services import handoff, identity, refund, staff_writes
from support.services.desk import DeskError
from support.services.refund import Verdict, Wish
from support.services.staff import SignedIn
from support.store import LedgerEntry, Store
from tests.records import NOW, delivered, fill, item, order, phone_of, picture, shipped

POLICY = load(Path(__file__).parents[2] / "demo" / "policy.yml")
HERE = "conversation"
LIN = SignedIn("lin", "小林", ("agent",), "zh", "")
WANG = SignedIn("wang", "小王", ("agent",), "zh", "")


async def mine(store: Store, *orders: Order, language: str = "zh") -> None:
    """LIN has the conversation `HERE`, whose customer is proven to be the first order's and has said yes."""
    await fill(store, *orders)
    await identity.prove_by_order(store, HERE, orders[0].order_id, phone_of(orders[0].customer_id)[-4:], NOW)
    await waiting(store, HERE, language)
    async with store.reading() as unit:
        handover = await unit.handovers.current(HERE)
    assert handover
    await handoff.take(store, handover.id, LIN.login, NOW, name=LIN.name)


async def waiting(store: Store, conversation_id: str, language: str = "zh") -> None:
    async with store.writing() as unit:
        await unit.conversations.touch(conversation_id, "web", language, NOW)
        await unit.conversations.receive(conversation_id, "m-yes", "可以，退吧", (), NOW)
    packet = {"language": language}
    await handoff.open(store, POLICY, conversation_id, HandoffReason.POLICY, packet, NOW)


def wish(of: Order, reason: Reason = Reason.CHANGED_MIND, **changes: Any) -> Wish:
    """All of the order, with the customer's yes."""
    skus = tuple(line.sku_id for line in of.items)
    return replace(Wish(of.order_id, skus, reason, confirming_message="m-yes"), **changes)


async def give(
    store: Store, wished: Wish, verdict: Verdict | None = None, by: SignedIn = LIN
) -> staff_writes.Done:
    return await staff_writes.refund(store, POLICY, by, HERE, wished, NOW, verdict=verdict)


async def cancel(
    store: Store, of: Order, yes: str | None = "m-yes", verdict: Verdict | None = None
) -> staff_writes.Done:
    return await staff_writes.cancel(store, POLICY, LIN, HERE, of.order_id, yes, NOW, verdict=verdict)


async def decide(store: Store, refund_id: str, approve: bool, by: SignedIn = LIN) -> staff_writes.Done:
    return await staff_writes.decide_review(store, POLICY, by, refund_id, Verdict(approve, "看过照片"), NOW)


async def refused(doing: Awaitable[object]) -> str:
    """The code with which something is refused."""
    with pytest.raises(DeskError) as refusal:
        await doing
    return refusal.value.code


async def ledger(store: Store, of: Order) -> list[LedgerEntry]:
    async with store.reading() as unit:
        return await unit.ledger.of_order(of.order_id)


async def status(store: Store, of: Order) -> OrderStatus:
    async with store.reading() as unit:
        found = await unit.orders.owned(of.order_id, of.customer_id)
    assert found
    return found.status


async def told(store: Store) -> list[str]:
    """What the customer has been told in the conversation."""
    async with store.reading() as unit:
        events = await unit.conversations.events(HERE, 0)
    return [str(event.payload["text"]) for event in events if event.kind == "message"]


# --- proofs ------------------------------------------------------------------------------------------------


async def test_what_policy_approves_is_done_noted_and_told(store: Store) -> None:
    one = order()
    await mine(store, one)
    done = await give(store, wish(one))
    assert done.refund and (done.refund.status, done.refund.amount) == ("approved", one.total)
    (entry,) = await ledger(store, one)
    assert (entry.actor, entry.action, entry.outcome, entry.confirming_message) == (
        "staff:lin", "refund", "approve", "m-yes",
    )  # fmt: skip
    assert await status(store, one) is OrderStatus.REFUNDED
    assert await told(store) == [f"退款已经办好：¥100.00，退款编号 {done.refund.refund_id}，款项原路退回。"]


async def test_the_customer_is_told_in_their_language(store: Store) -> None:
    one = order()
    await mine(store, one, language="en")
    await give(store, wish(one))
    assert (await told(store))[0].startswith("Your refund of ¥100.00 is done, reference R")


async def test_each_proof_is_needed(store: Store) -> None:
    one, theirs = order(), order(item("S2", "5.00"), customer_id="C2")
    await fill(store, theirs)
    await mine(store, one)
    assert await refused(give(store, wish(one, confirming_message=None))) == "no_yes"
    assert await refused(give(store, wish(one, confirming_message="m-other"))) == "unknown_yes"
    assert await refused(give(store, wish(theirs))) == "not_their_order"
    assert await refused(give(store, wish(one, sku_ids=("S9",)))) == "not_their_order"
    assert await refused(give(store, wish(one), by=WANG)) == "with_colleague"
    assert (await ledger(store, one), await ledger(store, theirs)) == ([], [])
    assert await status(store, one) is OrderStatus.PAID


async def test_without_a_proven_identity_nothing_is_done(store: Store) -> None:
    one = order()
    await fill(store, one)
    await waiting(store, HERE)
    assert await refused(give(store, wish(one))) == "take_first"
    async with store.reading() as unit:
        handover = await unit.handovers.current(HERE)
    assert handover
    await handoff.take(store, handover.id, LIN.login, NOW)
    assert await refused(give(store, wish(one))) == "not_verified"
    assert await refused(cancel(store, one)) == "not_verified"


async def test_a_picture_of_another_conversation_is_no_evidence(store: Store) -> None:
    one = delivered(item("S1", "50.00"))
    await mine(store, one)
    stranger, own = picture("somewhere-else"), picture(HERE)
    async with store.writing() as unit:
        await unit.attachments.add(stranger)
        await unit.attachments.add(own)
    async with store.reading() as unit:
        weighed = [
            await staff_writes.preview_refund(
                unit, POLICY, HERE, wish(one, Reason.DAMAGED, evidence=(shown.attachment_id,)), NOW
            )
            for shown in (stranger, own)
        ]
    assert [one.decision.outcome for one in weighed] == [Outcome.REVIEW, Outcome.APPROVE]


async def test_what_policy_refuses_no_agent_can_do(store: Store) -> None:
    one = order(status=OrderStatus.UNPAID, paid_at=None)
    await mine(store, one)
    done = await give(store, wish(one), Verdict(True, "老顾客"))
    assert (done.decision.outcome, done.decision.rule) == (Outcome.REFUSE, "unpaid-nothing-to-refund")
    assert (done.refund, await told(store)) == (None, [])
    assert [entry.outcome for entry in await ledger(store, one)] == ["refuse"]


async def test_a_preview_says_the_same_and_does_nothing(store: Store) -> None:
    one = order(item("S1", "30.00"), item("S2", "70.00"))
    await mine(store, one)
    async with store.reading() as unit:
        shown = await staff_writes.preview_refund(
            unit, POLICY, HERE, wish(one, sku_ids=("S2",), confirming_message=None), NOW
        )
    assert (shown.amount.minor, shown.decision.rule, shown.needs_yes) == (7_000, "unshipped-any-reason", True)
    assert await ledger(store, one) == []


# --- once --------------------------------------------------------------------------------------------------


async def test_twenty_presses_at_once_are_one_refund_and_one_line(store: Store) -> None:
    one = order()
    await mine(store, one)
    results = await asyncio.gather(*(give(store, wish(one)) for _ in range(20)))
    assert len({done.refund.refund_id for done in results if done.refund}) == 1
    assert sum(not done.repeated for done in results) == 1
    assert (len(await ledger(store, one)), len(await told(store))) == (1, 1)


async def test_an_agent_and_the_customer_at_once_pay_once(store: Store) -> None:
    one = order()
    await mine(store, one)
    await asyncio.gather(
        *(give(store, wish(one)) for _ in range(5)),
        *(refund.request(store, POLICY, HERE, wish(one), NOW) for _ in range(5)),
        *(cancel(store, one) for _ in range(5)),
    )
    async with store.reading() as unit:
        made = await unit.refunds.of_order(one.order_id)
    assert sum(each.amount.minor for each in made) == one.total.minor


# --- decisions ---------------------------------------------------------------------------------------------


async def in_review(store: Store, **changes: Any) -> tuple[Order, str]:
    """A refund that waits for a decision."""
    one = shipped(**changes)
    await mine(store, one)
    done = await give(store, wish(one))
    assert done.refund and done.refund.status == "review"
    return one, done.refund.refund_id


async def test_a_review_is_approved_with_a_reason(store: Store) -> None:
    one, refund_id = await in_review(store)
    done = await decide(store, refund_id, True)
    assert done.refund and done.refund.status == "approved"
    assert await status(store, one) is OrderStatus.REFUNDED
    entry = (await ledger(store, one))[-1]
    assert (entry.action, entry.actor, entry.outcome, entry.inputs["verdict"]) == (
        "review", "staff:lin", "approve", "看过照片",
    )  # fmt: skip
    assert (await told(store))[-1] == f"您的退款 {refund_id} 审核通过：¥100.00，款项原路退回。"


async def test_a_refused_review_frees_the_items_and_tells_the_customer(store: Store) -> None:
    one, refund_id = await in_review(store)
    await decide(store, refund_id, False)
    async with store.reading() as unit:
        assert await refund.left_to_refund(unit, one) == one.items
        assert await unit.refunds.in_review() == []
    assert await status(store, one) is OrderStatus.SHIPPED
    assert "没有通过审核" in (await told(store))[-1]
    again = await refund.request(store, POLICY, HERE, wish(one), NOW)
    assert (again.repeated, again.decision.outcome) == (True, Outcome.REFUSE)


async def test_of_ten_who_decide_at_once_one_does(store: Store) -> None:
    one, refund_id = await in_review(store)
    doing = [decide(store, refund_id, bool(n % 2), (LIN, WANG)[n % 2]) for n in range(10)]
    results = await asyncio.gather(*doing, return_exceptions=True)
    lost = [result for result in results if isinstance(result, DeskError)]
    assert (len(results) - len(lost), {error.code for error in lost}) == (1, {"decided_already"})
    assert [entry.action for entry in await ledger(store, one)] == ["refund", "review"]
    assert len(await told(store)) == 2


async def test_a_decision_needs_a_reason_and_a_refund(store: Store) -> None:
    _, refund_id = await in_review(store)
    blank = staff_writes.decide_review(store, POLICY, LIN, refund_id, Verdict(True, "  "), NOW)
    assert await refused(blank) == "reason_empty"
    assert await refused(decide(store, "R000", True)) == "not_found"


async def test_an_agent_may_request_and_decide_in_one_step(store: Store) -> None:
    one = shipped()
    await mine(store, one)
    done = await give(store, wish(one), Verdict(True, "快递确认丢件"))
    assert done.refund and done.refund.status == "approved"
    assert [(entry.action, entry.outcome) for entry in await ledger(store, one)] == [
        ("refund", "review"),
        ("review", "approve"),
    ]
    assert len(await told(store)) == 1


# --- cancelling --------------------------------------------------------------------------------------------


async def test_a_paid_order_is_cancelled_paid_back_and_told(store: Store) -> None:
    one = order()
    await mine(store, one)
    done = await cancel(store, one)
    assert done.refund and done.refund.amount == one.total
    assert await status(store, one) is OrderStatus.CANCELLED
    assert await told(store) == [f"订单 {one.order_id} 已取消。已付的 ¥100.00 原路退回。"]
    assert (await cancel(store, one)).repeated
    assert [(entry.actor, entry.action) for entry in await ledger(store, one)] == [("staff:lin", "cancel")]


async def test_a_cancellation_needs_the_yes_and_a_rule(store: Store) -> None:
    one, sent = order(), shipped(item("S2", "20.00"))
    await mine(store, one, sent)
    assert await refused(cancel(store, one, None)) == "no_yes"
    done = await cancel(store, sent, verdict=Verdict(True, "求情"))
    assert (done.decision.outcome, done.decision.rule) == (Outcome.REFUSE, "cancel-shipped")
    assert await status(store, sent) is OrderStatus.SHIPPED


@pytest.mark.parametrize(
    ("verdict", "becomes"),
    [
        (None, OrderStatus.PAID),
        (Verdict(False, "已打包"), OrderStatus.PAID),
        (Verdict(True, "核实过"), OrderStatus.CANCELLED),
    ],
)
async def test_a_valuable_order_is_cancelled_only_when_the_agent_decides_so(
    store: Store, verdict: Verdict | None, becomes: OrderStatus
) -> None:
    one = order(item("S1", "5000.00"))
    await mine(store, one)
    done = await cancel(store, one, verdict=verdict)
    assert done.decision.rule == "high-value"
    assert await status(store, one) is becomes
    assert (await ledger(store, one))[-1].inputs.get("verdict") == (verdict and verdict.reason)


async def test_a_verdict_on_a_cancellation_needs_a_reason(store: Store) -> None:
    one = order(item("S1", "5000.00"))
    await mine(store, one)
    assert await refused(cancel(store, one, verdict=Verdict(True, ""))) == "reason_empty"
    assert await status(store, one) is OrderStatus.PAID


async def test_a_conversation_that_was_passed_on_is_not_mine_any_more(store: Store) -> None:
    one = order()
    await mine(store, one)
    async with store.reading() as unit:
        handover = await unit.handovers.current(HERE)
    assert handover
    await handoff.transfer(store, handover.id, LIN.login, NOW, to=WANG.login, to_name=WANG.name)
    assert await refused(give(store, wish(one))) == "with_colleague"
    assert (await give(store, wish(one), by=WANG)).refund
