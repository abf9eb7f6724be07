"""Refunds and cancellations on both databases: every proof is needed, nothing is done twice, all is noted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from support.model import Money, Order, OrderStatus, Outcome, Reason
from support.policy import load
from support.services import cancel_order, identity, refund
from support.services.refund import NotConfirmed, NotFound, NotVerified, Wish
from support.store import Store, is_away
from support.store import tables as t
from tests.records import NOW, delivered, fill, item, order, phone_of, picture, shipped

POLICY = load(Path(__file__).parents[2] / "demo" / "policy.yml")
HERE = "conversation"


async def verified(store: Store, *orders: Order) -> None:
    """The customer of the first order has proven who they are in the conversation `HERE`."""
    await fill(store, *orders)
    last4 = phone_of(orders[0].customer_id)[-4:]
    proof = await identity.prove_by_order(store, HERE, orders[0].order_id, last4, NOW)
    assert proof.outcome == "verified"


def wish(for_order: Order, reason: Reason = Reason.CHANGED_MIND, **changes: Any) -> Wish:
    """All of the order, confirmed."""
    skus = tuple(line.sku_id for line in for_order.items)
    return replace(Wish(for_order.order_id, skus, reason, confirming_message="m1"), **changes)


async def ask(store: Store, wished: Wish, conversation: str = HERE) -> refund.Result:
    return await refund.request(store, POLICY, conversation, wished, NOW)


async def insist(store: Store, wished: Wish) -> refund.Result:
    """As the gateway does: asked again while the database has no place for it."""
    while True:
        try:
            return await ask(store, wished)
        except Exception as error:
            if not is_away(error):
                raise


async def status_of(store: Store, one: Order) -> OrderStatus:
    async with store.reading() as unit:
        found = await unit.orders.owned(one.order_id, one.customer_id)
    assert found
    return found.status


async def count(store: Store, table: sa.Table) -> int:
    async with store.reading() as unit:
        return int(await unit.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


# --- each proof is needed --------------------------------------------------------------------------


async def test_no_refund_without_a_proven_identity(store: Store) -> None:
    one = delivered()
    await fill(store, one)
    with pytest.raises(NotVerified):
        await ask(store, wish(one))
    assert await count(store, t.refunds) == 0


async def test_no_refund_once_the_identity_has_expired(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    with pytest.raises(NotVerified):
        await refund.request(store, POLICY, HERE, wish(one), NOW + timedelta(hours=13))


async def test_an_order_of_somebody_else_and_one_that_does_not_exist_are_the_same(store: Store) -> None:
    mine, theirs = delivered(), delivered(item("S2", "50.00"), customer_id="C2")
    await verified(store, mine, theirs)
    for order_id in (theirs.order_id, "0000000000000"):
        with pytest.raises(NotFound):
            await ask(store, wish(theirs, order_id=order_id))
    assert await count(store, t.refunds) == 0


async def test_no_refund_without_the_customers_yes(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    with pytest.raises(NotConfirmed):
        await ask(store, wish(one, confirming_message=None))
    assert await count(store, t.refunds) == await count(store, t.ledger) == 0


async def say(store: Store, message_id: str, conversation: str = HERE, ago: timedelta = timedelta(0)) -> None:
    """The customer's message comes in through the front door."""
    async with store.writing() as unit:
        await unit.conversations.touch(conversation, "web", "zh", NOW)
        await unit.conversations.receive(conversation, message_id, "好的", (), NOW - ago)


async def test_the_yes_must_be_a_message_of_this_conversation(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    await say(store, "m7")
    await say(store, "m1", "another conversation")
    with pytest.raises(NotConfirmed):
        await ask(store, wish(one))
    assert (await ask(store, wish(one, confirming_message="m7"))).refund


async def test_a_yes_of_the_day_before_is_none(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    await say(store, "m1", ago=timedelta(hours=25))
    with pytest.raises(NotConfirmed):
        await ask(store, wish(one))


async def test_one_yes_is_good_for_one_order_only(store: Store) -> None:
    one, other = delivered(), delivered(item("S2", "50.00"))
    await verified(store, one, other)
    await ask(store, wish(one))
    with pytest.raises(NotConfirmed):
        await ask(store, wish(other))
    assert (await ask(store, wish(other, confirming_message="m2"))).refund


async def test_a_limit_is_not_got_around_by_asking_in_parts(store: Store) -> None:
    """Up to 500 is approved at once; each of the two lines alone would be."""
    one = delivered(item("S1", "300.00"), item("S2", "300.00"))
    await verified(store, one)
    first = await ask(store, wish(one, sku_ids=("S1",)))
    second = await ask(store, wish(one, sku_ids=("S2",), confirming_message="m2"))
    assert (first.decision.outcome, first.decision.rule) == (Outcome.APPROVE, "no-reason-small")
    assert (second.decision.outcome, second.decision.rule) == (Outcome.REVIEW, "no-reason-large")


async def test_the_database_itself_refuses_a_second_refund_of_a_line(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    made = (await ask(store, wish(one))).refund
    assert made
    with pytest.raises(sa.exc.IntegrityError):
        async with store.writing() as unit:
            await unit.refunds.add(replace(made, refund_id="R2", key="another"))


async def test_a_refusal_needs_no_yes_and_is_noted(store: Store) -> None:
    one = delivered(days_ago=30)
    await verified(store, one)
    result = await ask(store, wish(one, confirming_message=None))
    assert (result.decision.outcome, result.refund) == (Outcome.REFUSE, None)
    assert (await count(store, t.refunds), await count(store, t.ledger)) == (0, 1)


async def test_a_photo_decides_about_a_fault(store: Store) -> None:
    one, photo = delivered(), picture(HERE)
    await verified(store, one)
    async with store.writing() as unit:
        await unit.attachments.add(photo)
    result = await ask(store, wish(one, Reason.DAMAGED, evidence=(photo.attachment_id,)))
    assert (result.decision.outcome, result.decision.rule) == (Outcome.APPROVE, "fault-small")
    assert result.refund and result.refund.evidence == (photo.attachment_id,)


@pytest.mark.parametrize(("conversation", "kind"), [("another", "photo"), (HERE, "order")])
async def test_a_photo_of_another_conversation_or_of_an_order_page_proves_nothing(
    store: Store, conversation: str, kind: str
) -> None:
    one, foreign = delivered(), picture(conversation, kind)
    await verified(store, one)
    async with store.writing() as unit:
        await unit.attachments.add(foreign)
    result = await ask(store, wish(one, Reason.DAMAGED, evidence=(foreign.attachment_id, "no-such-picture")))
    assert result.decision.outcome is Outcome.REVIEW
    assert result.refund and (result.refund.status, result.refund.evidence) == ("review", ())


async def test_items_of_another_order_are_refused(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    with pytest.raises(KeyError):
        await ask(store, wish(one, sku_ids=("S9",)))
    with pytest.raises(ValueError, match="no items"):
        await ask(store, wish(one, sku_ids=()))


# --- what is written -------------------------------------------------------------------------------


async def test_an_approved_refund_of_everything_closes_the_order(store: Store) -> None:
    one = delivered(item("S1", "100.00"), item("S2", "50.00"))
    await verified(store, one)
    result = await ask(store, wish(one))
    assert (result.amount, result.repeated) == (Money(15_000, "CNY"), False)
    assert await status_of(store, one) is OrderStatus.REFUNDED


async def test_an_order_is_refunded_when_its_last_part_is(store: Store) -> None:
    one = delivered(item("S1", "100.00"), item("S2", "50.00"))
    await verified(store, one)
    await ask(store, wish(one, sku_ids=("S1",)))
    assert await status_of(store, one) is OrderStatus.DELIVERED
    await ask(store, wish(one, sku_ids=("S2",)))
    assert await status_of(store, one) is OrderStatus.REFUNDED


async def test_a_part_that_a_person_still_looks_at_keeps_the_order_open(store: Store) -> None:
    one = delivered(item("S1", "100.00"), item("S2", "50.00"))
    await verified(store, one)
    await ask(store, wish(one, Reason.DAMAGED, sku_ids=("S1",)))
    await ask(store, wish(one, sku_ids=("S2",)))
    assert await status_of(store, one) is OrderStatus.DELIVERED


async def test_the_ledger_says_who_what_why_and_by_which_rule(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    result = await ask(store, wish(one, note="不想要了"))
    async with store.reading() as unit:
        (entry,) = await unit.ledger.of_order(one.order_id)
    assert (entry.action, entry.actor, entry.rule, entry.outcome) == (
        "refund",
        "customer:C1",
        "no-reason-small",
        "approve",
    )
    assert (entry.confirming_message, entry.inputs["note"]) == ("m1", "不想要了")
    assert result.refund and entry.result["refund_id"] == result.refund.refund_id
    assert entry.result["amount_minor"] == 10_000


@pytest.mark.parametrize("statement", [sa.update(t.ledger).values(outcome="approve"), sa.delete(t.ledger)])
async def test_nothing_changes_the_ledger(store: Store, statement: sa.Update | sa.Delete) -> None:
    one = delivered()
    await verified(store, one)
    await ask(store, wish(one))
    with pytest.raises(sa.exc.DBAPIError, match="append"):
        async with store.writing() as unit:
            await unit.connection.execute(statement)
    assert await count(store, t.ledger) == 1


# --- nothing is done twice -------------------------------------------------------------------------


async def test_a_repeat_returns_the_first_result(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    first = await ask(store, wish(one))
    again = await ask(store, wish(one, Reason.SIZE, confirming_message="m2"))
    assert again.repeated and again.refund == first.refund
    assert (await count(store, t.refunds), await count(store, t.ledger)) == (1, 1)


async def test_an_overlapping_wish_is_answered_with_the_refund_that_covers_it(store: Store) -> None:
    one = delivered(item("S1", "100.00"), item("S2", "50.00"))
    await verified(store, one)
    first = await ask(store, wish(one, sku_ids=("S1",)))
    again = await ask(store, wish(one))
    assert again.repeated and again.refund == first.refund


async def test_an_order_number_in_other_letters_is_no_second_refund(store: Store) -> None:
    one = delivered(order_id="#AB-10293")
    await verified(store, one)
    first = await ask(store, wish(one))
    for spelled in ("ab-10293", "AB-10293", "#ab-10293"):
        again = await ask(store, wish(one, order_id=spelled))
        assert again.repeated and again.refund == first.refund


async def test_fifty_at_once_make_one_refund(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    results = await asyncio.gather(*(insist(store, wish(one, confirming_message=f"m{n}")) for n in range(50)))
    assert len({result.refund.refund_id for result in results if result.refund}) == 1
    assert sum(not result.repeated for result in results) == 1
    assert (await count(store, t.refunds), await count(store, t.ledger)) == (1, 1)


async def test_a_thousand_at_once_from_two_processes_make_one_refund(store: Store) -> None:
    one = delivered()
    await verified(store, one)
    other = Store(store.engine.url.render_as_string(hide_password=False))
    asked = (insist(store if n % 2 else other, wish(one)) for n in range(1_000))
    results = await asyncio.gather(*asked)
    await other.close()
    assert len({result.refund.refund_id for result in results if result.refund}) == 1
    assert sum(not result.repeated for result in results) == 1
    assert (await count(store, t.refunds), await count(store, t.ledger)) == (1, 1)
    assert await status_of(store, one) is OrderStatus.REFUNDED


async def test_refunds_of_parts_at_once_never_exceed_the_order(store: Store) -> None:
    one = delivered(item("S1", "100.00"), item("S2", "50.00"))
    await verified(store, one)
    parts = [("S1",), ("S2",), ("S1", "S2")] * 8
    await asyncio.gather(*(insist(store, wish(one, sku_ids=skus)) for skus in parts))
    async with store.reading() as unit:
        made = await unit.refunds.of_order(one.order_id)
    taken = [sku for one_refund in made for sku in one_refund.sku_ids]
    assert len(taken) == len(set(taken))
    assert sum(one_refund.amount.minor for one_refund in made) <= one.total.minor


# --- cancelling ------------------------------------------------------------------------------------


async def cancel(store: Store, one: Order, yes: str | None = "m1") -> cancel_order.Result:
    return await cancel_order.request(store, POLICY, HERE, one.order_id, yes, NOW)


async def test_cancelling_needs_the_same_proofs(store: Store) -> None:
    mine, theirs = order(), order(item("S2", "5.00"), customer_id="C2")
    await fill(store, mine, theirs)
    with pytest.raises(NotVerified):
        await cancel(store, mine)
    await identity.prove_by_order(store, HERE, mine.order_id, "0001", NOW)
    with pytest.raises(NotFound):
        await cancel(store, theirs)
    with pytest.raises(NotConfirmed):
        await cancel(store, mine, None)
    assert await status_of(store, mine) is OrderStatus.PAID
    assert await status_of(store, theirs) is OrderStatus.PAID


async def test_a_paid_order_is_cancelled_and_paid_back(store: Store) -> None:
    one = order()
    await verified(store, one)
    result = await cancel(store, one)
    assert result.refund and (result.refund.amount, result.refund.status) == (one.total, "approved")
    assert await status_of(store, one) is OrderStatus.CANCELLED
    async with store.reading() as unit:
        (entry,) = await unit.ledger.of_order(one.order_id)
    assert (entry.action, entry.rule, entry.result["amount_minor"]) == ("cancel", "cancel-unshipped", 10_000)


async def test_an_unpaid_order_is_cancelled_without_a_refund(store: Store) -> None:
    one = order(status=OrderStatus.UNPAID, paid_at=None)
    await verified(store, one)
    assert (await cancel(store, one)).refund is None
    assert await count(store, t.refunds) == 0


async def test_cancelling_after_a_partial_refund_gives_back_the_rest_only(store: Store) -> None:
    one = order(item("S1", "100.00"), item("S2", "50.00"))
    await verified(store, one)
    await ask(store, wish(one, sku_ids=("S1",)))
    result = await cancel(store, one, "m2")
    assert result.refund and (result.refund.amount.minor, result.refund.sku_ids) == (5_000, ("S2",))


async def test_a_sent_order_stays_as_it_is_and_the_refusal_is_noted(store: Store) -> None:
    one = shipped()
    await verified(store, one)
    result = await cancel(store, one, None)
    assert (result.decision.outcome, result.decision.rule) == (Outcome.REFUSE, "cancel-shipped")
    assert await status_of(store, one) is OrderStatus.SHIPPED
    assert await count(store, t.ledger) == 1


async def test_fifty_cancellations_at_once_make_one(store: Store) -> None:
    one = order()
    await verified(store, one)
    results = await asyncio.gather(*(cancel(store, one) for _ in range(50)))
    assert sum(not result.repeated for result in results) == 1
    assert (await count(store, t.refunds), await count(store, t.ledger)) == (1, 1)


async def test_a_cancellation_and_a_refund_at_once_pay_once(store: Store) -> None:
    one = order()
    await verified(store, one)
    await asyncio.gather(*(cancel(store, one) for _ in range(5)), *(ask(store, wish(one)) for _ in range(5)))
    async with store.reading() as unit:
        made = await unit.refunds.of_order(one.order_id)
    assert sum(one_refund.amount.minor for one_refund in made) == one.total.minor
