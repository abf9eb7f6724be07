"""Cancelling an order by words: before it is sent, with an explicit yes, once."""

from __future__ import annotations

import pytest

from support.model import Language, OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records

_WISH = {"zh": "取消订单{}", "en": "please cancel order {}"}
_YES = {"zh": "确认取消", "en": "Yes, cancel it"}
_DONE = {"zh": "已取消", "en": "is cancelled"}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_paid_order_is_cancelled_and_its_money_given_back(
    talk: Talk, people: Customers, records: Records, language: Language
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk(language, mine.customer_id)
    chat.say(_WISH[language].format(mine.order_id))
    chat.heard(mine.order_id, mine.title(language), _YES[language])
    assert await records.status(mine) is OrderStatus.PAID
    chat.say(_YES[language])
    chat.heard(mine.order_id, _DONE[language])
    assert await records.status(mine) is OrderStatus.CANCELLED
    (refund,) = await records.refunds(mine)
    assert (refund.status, refund.amount) == ("approved", mine.order.total)
    (entry,) = await records.ledger(mine.order_id)
    assert entry.rule == "cancel-unshipped"
    assert entry.confirming_message


async def test_an_unpaid_order_is_cancelled_without_a_refund(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.UNPAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"取消订单{mine.order_id}")
    chat.say("确认取消")
    chat.heard("已取消")
    assert await records.status(mine) is OrderStatus.CANCELLED
    assert await records.refunds(mine) == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_shipped_order_cannot_be_cancelled_and_what_else_is_possible_is_said(
    talk: Talk, people: Customers, records: Records, language: Language
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk(language, mine.customer_id)
    chat.say(_WISH[language].format(mine.order_id))
    chat.heard(*(("取消不了", "拦截", "申请退款") if language == "zh" else ("can't be cancelled", "refund")))
    assert await records.status(mine) is OrderStatus.SHIPPED
    assert [one.outcome for one in await records.ledger(mine.order_id)] == ["refuse"]


async def test_cancelling_again_changes_nothing(talk: Talk, people: Customers, records: Records) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    for words in (f"取消订单{mine.order_id}", "确认取消", f"取消订单{mine.order_id}"):
        chat.say(words)
    chat.heard("之前已经取消")
    assert len(await records.refunds(mine)) == 1


@pytest.mark.parametrize(("language", "words"), [("zh", "不取消了"), ("en", "No, I want to keep it")])
async def test_a_customer_who_keeps_the_order_keeps_it(
    talk: Talk, people: Customers, records: Records, language: Language, words: str
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk(language, mine.customer_id)
    chat.say(_WISH[language].format(mine.order_id))
    chat.say(words)
    chat.heard("什么都没有改动" if language == "zh" else "nothing was changed")
    assert await records.status(mine) is OrderStatus.PAID
    assert await records.ledger(mine.order_id) == []


async def test_a_change_of_mind_twice_ends_as_last_said(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    for words in (f"取消订单{mine.order_id}", "不取消了", "还是取消订单吧", "确认取消"):
        chat.say(words)
    chat.heard(mine.order_id, "已取消")
    assert await records.status(mine) is OrderStatus.CANCELLED


async def test_a_question_before_the_yes_is_answered_and_the_yes_asked_for_again(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"取消订单{mine.order_id}")
    chat.say("发货要几天？")
    chat.heard("delivery-times", "确定要取消")
    assert await records.status(mine) is OrderStatus.PAID
    chat.say("确认取消")
    assert await records.status(mine) is OrderStatus.CANCELLED


async def test_another_order_can_be_named_before_the_yes(
    talk: Talk, people: Customers, records: Records
) -> None:
    one, other = people.with_two_orders(OrderStatus.PAID)
    chat = talk("zh", one.customer_id)
    chat.say(f"取消订单{one.order_id}")
    chat.say(f"不对，是订单{other.order_id}")
    chat.heard(other.order_id, "确定要取消")
    chat.say("确认取消")
    assert await records.status(one) is OrderStatus.PAID
    assert await records.status(other) is OrderStatus.CANCELLED


async def test_words_that_are_no_yes_cancel_nothing(talk: Talk, people: Customers, records: Records) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("en", mine.customer_id)
    chat.say(f"cancel order {mine.order_id}")
    chat.say("banana")
    chat.heard("Are you sure")
    assert await records.status(mine) is OrderStatus.PAID


async def test_an_order_of_somebody_else_is_not_cancelled(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine, theirs = people.with_order(OrderStatus.SHIPPED), people.with_order(OrderStatus.PAID)
    chat = talk("en", mine.customer_id)
    chat.say(f"cancel order {theirs.order_id}")
    chat.heard("couldn't find an order")
    chat.not_heard(theirs.title("en"))
    assert await records.status(theirs) is OrderStatus.PAID


@pytest.mark.parametrize("words", ["你好", "您好", "你好呀"])
async def test_a_greeting_is_no_yes(talk: Talk, people: Customers, records: Records, words: str) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"取消订单{mine.order_id}")
    chat.say(words)
    chat.heard("确定要取消")
    assert await records.status(mine) is OrderStatus.PAID


async def test_the_button_that_keeps_the_order_keeps_it(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("en", mine.customer_id)
    chat.say(f"cancel order {mine.order_id}")
    chat.say("Keep the order")
    chat.heard("nothing was changed")
    assert await records.status(mine) is OrderStatus.PAID
