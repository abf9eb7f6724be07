"""Where is my order: who may know, from the records only."""

from __future__ import annotations

import pytest

from support.model import Language, OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Owned, Records


def _unknown(owned: Owned) -> str:
    """A number that no order has, and no other test tries."""
    return f"99{owned.order_id[2:]}"


def _wrong(last4: str, turn: int) -> str:
    """Four digits that are not these."""
    return f"{(int(last4) + turn) % 10_000:04}"


async def test_order_and_phone_prove_the_customer_and_show_the_order(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("zh")
    chat.say("我的订单到哪了")
    chat.heard("订单号")
    chat.say(mine.order_id)
    chat.heard("后四位")
    assert await records.customer_id(chat.id) is None
    chat.say(mine.last4)
    chat.heard(mine.order_id, "已发货", mine.title("zh"), mine.order.shipments[0].tracking_no)
    assert await records.customer_id(chat.id) == mine.customer_id


async def test_number_and_phone_in_one_english_sentence_are_enough(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("en")
    chat.say(f"Where's my parcel {mine.order_id}? My phone ends in {mine.last4}")
    chat.heard(mine.order_id, "shipped", mine.title("en"))
    assert await records.customer_id(chat.id) == mine.customer_id


def test_a_signed_in_customer_chooses_among_own_orders(talk: Talk, people: Customers) -> None:
    mine, _ = people.with_two_orders(OrderStatus.PAID, OrderStatus.SHIPPED)
    chat = talk("en", mine.customer_id)
    chat.say("where is my order?")
    chat.heard("Which order")
    chat.say("the first one")
    chat.heard("placed on")


def test_a_wrong_order_number_can_be_corrected(talk: Talk, people: Customers) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("en")
    unknown = _unknown(mine)
    chat.say(f"where is order {unknown}")
    chat.heard("last four digits")
    chat.say(mine.last4)
    chat.heard("don't match", unknown)
    chat.say(f"sorry, the order number is {mine.order_id}")
    chat.say(mine.last4)
    chat.heard(mine.order_id, "shipped")


def test_a_question_while_the_phone_is_asked_for_is_answered_and_the_phone_asked_again(
    talk: Talk, people: Customers
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("zh")
    chat.say(f"订单{mine.order_id}到哪了")
    chat.say("运费怎么算？")
    chat.heard("99 元", "shipping-fees", "后四位")
    chat.say(mine.last4)
    chat.heard(mine.order_id, "已发货")


def test_why_the_phone_is_asked_for_is_explained(talk: Talk, people: Customers) -> None:
    chat = talk("en")
    chat.say(f"where is order {people.with_order(OrderStatus.SHIPPED).order_id}")
    chat.say("why do you need that?")
    chat.heard("shows me that it's you", "last four digits")


def test_giving_up_the_proof_ends_it(talk: Talk, people: Customers) -> None:
    chat = talk("zh")
    chat.say(f"订单{people.with_order(OrderStatus.SHIPPED).order_id}到哪了")
    chat.say("算了，不查了")
    chat.heard("不办了")
    chat.not_heard("后四位")


def test_what_is_no_phone_number_is_asked_for_again(talk: Talk, people: Customers) -> None:
    chat = talk("zh")
    chat.say(f"订单{people.with_order(OrderStatus.SHIPPED).order_id}到哪了")
    chat.say("12")
    chat.heard("没有看到四位数字", "后四位")


async def test_five_wrong_phones_lock_the_proof_and_fetch_a_person(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("zh")
    chat.say(f"订单{mine.order_id}到哪了")
    for turn in range(1, 5):
        chat.say(_wrong(mine.last4, turn))
        chat.heard("对不上", f"{5 - turn} 次")
    chat.say(_wrong(mine.last4, 5))
    chat.heard("试的次数有点多")
    chat.is_with("queue")
    handover = await records.handover(chat.id)
    assert handover and handover.reason == "policy"
    assert await records.tries(mine.order_id) == 5


async def test_a_locked_order_stays_locked_for_the_right_phone_in_another_conversation(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    guesser = talk("en")
    guesser.say(f"where is order {mine.order_id}")
    for turn in range(1, 6):
        guesser.say(_wrong(mine.last4, turn))
    other = talk("en")
    other.say(f"where is order {mine.order_id}, phone ending in {mine.last4}")
    other.heard("too many tries")
    assert await records.customer_id(other.id) is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_order_of_somebody_else_and_an_unknown_one_get_the_same_words(
    talk: Talk, people: Customers, language: Language
) -> None:
    mine, theirs = people.with_order(OrderStatus.SHIPPED), people.with_order(OrderStatus.SHIPPED)
    answers = []
    for order_id in (theirs.order_id, _unknown(theirs)):
        chat = talk(language, mine.customer_id)
        chat.say(f"订单{order_id}到哪了" if language == "zh" else f"where is order {order_id}")
        answers.append(chat.answer.replace(order_id, "N"))
    assert answers[0] == answers[1]
    assert "N" in answers[0]


def test_a_guest_learns_nothing_about_whether_an_order_exists(talk: Talk, people: Customers) -> None:
    theirs = people.with_order(OrderStatus.SHIPPED)
    answers = []
    for order_id in (theirs.order_id, _unknown(theirs)):
        chat = talk("zh")
        chat.say(f"订单{order_id}到哪了")
        first = chat.answer
        chat.say(_wrong(theirs.last4, 1))
        answers.append((first + chat.answer).replace(order_id, "N"))
    assert answers[0] == answers[1]
