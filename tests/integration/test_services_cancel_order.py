"""Cancelling on a real database: the same proofs as a refund, and what was paid goes back once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import pytest_asyncio

from support.model import Order, OrderStatus, Outcome, Reason
from support.services import cancel_order, refund
from support.services.refund import NotConfirmed, NotFound, NotVerified, Wish
from support.store import LedgerEntry, Refund, Store
from support.store import tables as t
from tests.builders import NOW, Records, demo_policy, line, order, yuan

POLICY = demo_policy()


@pytest_asyncio.fixture
async def records(store: Store) -> Records:
    """Customer C1 with orders A1 (paid), A2 (unpaid) and A3 (sent), who has proven so in `talk`."""
    kept = Records(store)
    await kept.customer("C1")
    await kept.order(
        order("paid", [line("S1", "100.00"), line("S2", "50.00")], total="158.00", postage="8.00")
    )
    await kept.order(order("unpaid", [line("S3")], order_id="A2"))
    await kept.order(order("shipped", [line("S4")], order_id="A3", shipped=1))
    await kept.proof("talk", "C1")
    return kept


async def cancel(
    records: Records, order_id: str = "A1", yes: str | None = "m1", conversation: str = "talk"
) -> cancel_order.Result:
    return await cancel_order.request(records.store, POLICY, conversation, order_id, yes, NOW)


async def kept_order(records: Records, order_id: str = "A1") -> Order:
    async with records.store.reading() as unit:
        found = await unit.orders.owned(order_id, "C1")
    assert found is not None
    return found


async def refunds(records: Records, order_id: str = "A1") -> list[Refund]:
    async with records.store.reading() as unit:
        return await unit.refunds.of_order(order_id)


async def ledger(records: Records, order_id: str = "A1") -> list[LedgerEntry]:
    async with records.store.reading() as unit:
        return await unit.ledger.of_order(order_id)


async def assert_nothing_was_written(records: Records) -> None:
    assert (await records.count(t.refunds), await records.count(t.ledger)) == (0, 0)
    assert (await kept_order(records)).status is OrderStatus.PAID


# --- every proof is needed ---------------------------------------------------------------------------------


async def test_a_conversation_without_identity_cancels_nothing(records: Records) -> None:
    with pytest.raises(NotVerified):
        await cancel(records, conversation="another talk")
    await assert_nothing_was_written(records)


async def test_an_identity_that_has_expired_is_none(records: Records) -> None:
    await records.proof("talk", "C1", timedelta(seconds=0))
    with pytest.raises(NotVerified):
        await cancel(records)
    await assert_nothing_was_written(records)


async def test_the_order_of_somebody_else_is_not_found(records: Records) -> None:
    await records.customer("C2", "13900009999")
    await records.proof("other", "C2")
    with pytest.raises(NotFound):
        await cancel(records, conversation="other")
    await assert_nothing_was_written(records)


async def test_an_order_that_does_not_exist_is_not_found(records: Records) -> None:
    with pytest.raises(NotFound):
        await cancel(records, "A9")


@pytest.mark.parametrize("confirming", [None, ""])
async def test_without_the_customers_yes_nothing_happens(records: Records, confirming: str | None) -> None:
    with pytest.raises(NotConfirmed):
        await cancel(records, yes=confirming)
    await assert_nothing_was_written(records)


# --- what is written ---------------------------------------------------------------------------------------


async def test_an_order_that_was_not_sent_is_cancelled(records: Records) -> None:
    await cancel(records)
    assert (await kept_order(records)).status is OrderStatus.CANCELLED


async def test_everything_that_was_paid_goes_back_postage_included(records: Records) -> None:
    await cancel(records)
    assert [one.amount for one in await refunds(records)] == [yuan("158.00")]


async def test_the_refund_of_a_cancelled_order_is_approved_at_once(records: Records) -> None:
    await cancel(records)
    assert [one.status for one in await refunds(records)] == ["approved"]


async def test_the_refund_covers_every_line(records: Records) -> None:
    await cancel(records)
    assert [set(one.sku_ids) for one in await refunds(records)] == [{"S1", "S2"}]


async def test_an_unpaid_order_is_cancelled(records: Records) -> None:
    await cancel(records, "A2")
    assert (await kept_order(records, "A2")).status is OrderStatus.CANCELLED


async def test_an_unpaid_order_gives_nothing_back(records: Records) -> None:
    await cancel(records, "A2")
    assert await records.count(t.refunds) == 0


async def test_the_ledger_names_the_rule_and_the_yes(records: Records) -> None:
    await cancel(records, yes="m7")
    found = [(entry.action, entry.rule, entry.confirming_message) for entry in await ledger(records)]
    assert found == [("cancel", "cancel-unshipped", "m7")]


async def test_the_ledger_names_the_refund_and_its_amount(records: Records) -> None:
    made = (await cancel(records)).refund
    assert made is not None
    expected = {"refund_id": made.refund_id, "amount_minor": 15800, "currency": "CNY"}
    assert [entry.result for entry in await ledger(records)] == [expected]


async def test_a_sent_order_stays_as_it_is(records: Records) -> None:
    await cancel(records, "A3")
    assert (await kept_order(records, "A3")).status is OrderStatus.SHIPPED


async def test_a_refusal_is_told_without_asking_for_a_yes(records: Records) -> None:
    assert (await cancel(records, "A3", yes=None)).decision.outcome is Outcome.REFUSE


async def test_a_refusal_is_a_row_of_the_ledger(records: Records) -> None:
    await cancel(records, "A3")
    assert [entry.outcome for entry in await ledger(records, "A3")] == ["refuse"]


# --- once --------------------------------------------------------------------------------------------------


async def test_a_repeat_says_that_it_is_one(records: Records) -> None:
    await cancel(records)
    assert (await cancel(records)).repeated


async def test_a_repeat_writes_nothing(records: Records) -> None:
    await cancel(records)
    await cancel(records)
    assert (await records.count(t.refunds), await records.count(t.ledger)) == (1, 1)


async def test_an_order_number_in_other_letters_is_a_repeat_all_the_same(records: Records) -> None:
    await cancel(records, "A1")
    assert (await cancel(records, "#a1")).repeated


async def test_fifty_cancellations_at_once_make_one_refund_and_one_ledger_row(records: Records) -> None:
    results = await asyncio.gather(*(cancel(records) for _ in range(50)))
    assert Counter(one.repeated for one in results) == {False: 1, True: 49}
    assert (await records.count(t.refunds), await records.count(t.ledger)) == (1, 1)


# --- after a refund ----------------------------------------------------------------------------------------


async def give_back(records: Records, *sku_ids: str) -> refund.Result:
    one = Wish("A1", sku_ids, Reason.CHANGED_MIND, confirming_message="m0")
    return await refund.request(records.store, POLICY, "talk", one, NOW)


async def test_cancelling_after_a_part_was_refunded_gives_the_rest_back(records: Records) -> None:
    await give_back(records, "S1")
    made = (await cancel(records)).refund
    assert made is not None and made.amount == yuan("58.00")


async def test_cancelling_after_a_part_was_refunded_covers_the_other_lines(records: Records) -> None:
    await give_back(records, "S1")
    made = (await cancel(records)).refund
    assert made is not None and made.sku_ids == ("S2",)


async def test_a_refunded_order_cannot_be_cancelled(records: Records) -> None:
    await give_back(records, "S1", "S2")
    assert (await cancel(records)).decision.rule == "cancel-already-refunded"


async def test_a_cancelled_order_gives_no_second_refund(records: Records) -> None:
    await cancel(records)
    assert (await give_back(records, "S1")).repeated


async def test_refunding_and_cancelling_at_once_gives_back_what_was_paid(records: Records) -> None:
    await asyncio.gather(
        *(give_back(records, "S1") for _ in range(5)),
        *(cancel(records) for _ in range(5)),
        *(give_back(records, "S2") for _ in range(5)),
    )
    assert sum(one.amount.minor for one in await refunds(records)) <= 15800
