"""Where an order is: the customer is identified first, and only the records are believed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.bootstrap import Shop
from support.model import HandoffReason, OrderStatus
from tests.dialogue.conversation import Conversation
from tests.records import parcel_of

KETTLE, MUG, TENT = "P4001-01", "P4005-01", "P6001-01"


# --- happy -----------------------------------------------------------------------------------------


async def test_number_and_phone_in_one_message_are_enough(zh: Conversation) -> None:
    order = await zh.bought(KETTLE, status=OrderStatus.SHIPPED)
    await zh.say(f"我的订单 {order.order_id} 到哪了？（手机尾号 {zh.last4}）")
    zh.expect(f"订单 {order.order_id}：已发货，运输中", "电热水壶", "实付 ¥159.00", "顺丰速运", "预计")
    assert await zh.identity() == zh.customer_id


async def test_a_stranger_is_asked_for_number_and_phone(en: Conversation) -> None:
    order = await en.bought(KETTLE, status=OrderStatus.SHIPPED)
    await en.say("where is my parcel?")
    en.expect("order number")
    await en.say(order.order_id)
    en.expect("last four digits")
    en.expect_not("kettle")
    await en.say(f"it's {en.last4}")
    en.expect(f"Order {order.order_id}: shipped, on its way", "kettle", "Paid ¥159.00", "Expected on")
    assert await en.identity() == en.customer_id


async def test_digits_typed_on_a_chinese_keyboard_are_digits(zh: Conversation) -> None:
    order = await zh.bought(KETTLE)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    await zh.say(f"帮我查下订单{order.order_id.translate(wide)}，尾号{zh.last4.translate(wide)}")
    zh.expect(f"订单 {order.order_id}：已付款，待发货")


async def test_a_known_customer_chooses_from_several_orders(zh: Conversation) -> None:
    kettle = await zh.bought(KETTLE, days_ago=1)
    mug = await zh.bought(MUG, status=OrderStatus.DELIVERED, days_ago=5)
    tent = await zh.bought(TENT, status=OrderStatus.SHIPPED, days_ago=3)
    await zh.proven(mug)
    await zh.say("我的订单到哪了")
    zh.expect("哪个订单", kettle.order_id, tent.order_id, mug.order_id)
    assert len(zh.titles) == 3
    await zh.say("第二个")
    zh.expect(f"订单 {tent.order_id}：")
    await zh.say("给我看所有订单")
    await zh.say("马克杯那单")
    zh.expect(f"订单 {mug.order_id}：已送达")
    await zh.say("给我看所有订单")
    await zh.press(zh.titles[0])
    zh.expect(f"订单 {kettle.order_id}：")


async def test_a_known_customer_chooses_in_english(en: Conversation) -> None:
    mug = await en.bought(MUG, status=OrderStatus.DELIVERED, days_ago=5)
    tent = await en.bought(TENT, status=OrderStatus.SHIPPED, days_ago=3)
    await en.proven(mug)
    await en.say("show me my orders")
    en.expect("Which order", tent.order_id, mug.order_id)
    await en.say("the one with the mug")
    en.expect(f"Order {mug.order_id}: delivered")


async def test_the_only_order_is_meant_without_asking(en: Conversation) -> None:
    order = await en.bought(KETTLE)
    await en.proven(order)
    await en.say("has my order shipped yet?")
    en.expect(f"Order {order.order_id}: paid, not shipped yet")


@pytest.mark.parametrize("words", ["{}", "你好 {}", "不是，是{}", "嗯 {}"])
async def test_a_number_shows_its_order_whatever_the_words_around_it(zh: Conversation, words: str) -> None:
    order, other = await zh.bought(KETTLE), await zh.bought(MUG)
    await zh.proven(other)
    await zh.say(words.format(order.order_id))
    zh.expect(f"订单 {order.order_id}：")


async def test_the_parcels_number_finds_its_order(en: Conversation) -> None:
    order, other = await en.bought(KETTLE, status=OrderStatus.SHIPPED), await en.bought(MUG)
    await en.proven(other)
    await en.say(f"where is {order.shipments[0].tracking_no}")
    en.expect(f"Order {order.order_id}:")


async def test_a_late_parcel_is_admitted_and_a_person_offered(zh: Conversation, shop: Shop) -> None:
    late = parcel_of(
        shipped_at=shop.clock() - timedelta(days=8), expected_at=shop.clock() - timedelta(days=1)
    )
    order = await zh.bought(KETTLE, status=OrderStatus.SHIPPED, shipments=(late,))
    await zh.proven(order)
    await zh.say("我的快递到哪了")
    zh.expect("比预计的慢")
    await zh.say("好的")
    handover = await zh.handover()
    assert handover and handover.reason == HandoffReason.ASKED
    assert handover.packet["order"]["order_id"] == order.order_id


async def test_a_customer_in_a_hurry_is_not_promised_anything(en: Conversation) -> None:
    order = await en.bought(KETTLE)
    await en.proven(order)
    await en.say("please hurry up and ship my order")
    en.expect("can't speed up")
    en.expect_buttons("Talk to a person")
    await en.say("no")
    assert await en.handover() is None


# --- correction ------------------------------------------------------------------------------------


async def test_a_wrong_number_is_corrected_while_the_phone_is_asked_for(zh: Conversation) -> None:
    order, meant = await zh.bought(KETTLE), await zh.bought(MUG)
    await zh.say("查订单")
    await zh.say(order.order_id)
    await zh.say(f"发错了，是{meant.order_id}")
    zh.expect("后四位")
    await zh.say(zh.last4)
    zh.expect(f"订单 {meant.order_id}：")


async def test_a_wrong_phone_can_be_tried_again(en: Conversation) -> None:
    order = await en.bought(KETTLE)
    await en.say(f"where is order {order.order_id}")
    await en.say("0000" if en.last4 != "0000" else "1111")
    en.expect("don't match", "4 tries left", "last four digits")
    assert await en.identity() is None
    await en.say(en.last4)
    en.expect(f"Order {order.order_id}:")


# --- digression ------------------------------------------------------------------------------------


async def test_why_the_phone_is_needed_is_answered_and_then_asked_again(zh: Conversation) -> None:
    order = await zh.bought(KETTLE)
    await zh.say(f"订单{order.order_id}到哪了")
    await zh.say("为什么要手机号")
    zh.expect("确认是您本人", "后四位")
    await zh.say("有没有连衣裙")
    zh.expect("连衣裙", "后四位")
    await zh.say(f"尾号{zh.last4}")
    zh.expect(f"订单 {order.order_id}：")


async def test_a_list_of_orders_is_left_lying_when_something_else_comes_up(zh: Conversation) -> None:
    order = await zh.bought(KETTLE)
    await zh.bought(MUG)
    await zh.proven(order)
    await zh.say("我的订单到哪了")
    await zh.say("有没有连衣裙")
    zh.expect("连衣裙")
    zh.expect_not("哪个订单")


# --- cancellation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", ["算了", "不查了", "取消"])
async def test_giving_up(zh: Conversation, stop: str) -> None:
    await zh.say("我的订单到哪了")
    await zh.say(stop)
    zh.expect("什么都没有改动")
    await zh.say("谢谢")
    zh.expect_not("订单号")


async def test_giving_up_in_english(en: Conversation) -> None:
    await en.say("where is my order")
    await en.say("never mind")
    en.expect("nothing was changed")


# --- invalid ---------------------------------------------------------------------------------------


async def test_somebody_elses_order_and_a_wrong_number_get_the_same_words(
    zh: Conversation, en: Conversation
) -> None:
    mine, theirs = await zh.bought(KETTLE), await en.bought(MUG)
    await zh.proven(mine)
    answers = []
    for order_id in (theirs.order_id, "7999999999999"):
        await zh.say(f"订单 {order_id} 到哪了")
        answers.append(zh.text.replace(order_id, "N"))
    assert answers[0] == answers[1] and "没有找到订单 N" in answers[0]


async def test_the_fifth_wrong_phone_brings_a_person_and_no_data(zh: Conversation) -> None:
    order = await zh.bought(KETTLE)
    await zh.say(f"订单 {order.order_id} 到哪了")
    wrong = [four for four in ("0000", "1111", "2222", "3333", "4444", "5555") if four != zh.last4][:5]
    for left, four in zip((4, 3, 2, 1), wrong, strict=False):
        await zh.say(four)
        zh.expect(f"还可以试 {left} 次")
    await zh.say(wrong[4])
    zh.expect("请同事来帮您核对")
    zh.expect_not("电热水壶")
    handover = await zh.handover()
    assert handover and (handover.reason, handover.packet["customer"]) == (HandoffReason.POLICY, None)
    assert (await zh.identity(), zh.holder) == (None, "queue")


@pytest.mark.parametrize(
    ("text", "answer"),
    [("不记得了", "同事可以用别的方式"), ("13812349876", "没有看到订单号"), ("20元", "没有看到订单号")],
)
async def test_what_is_no_order_number_is_asked_for_again(zh: Conversation, text: str, answer: str) -> None:
    await zh.say("我的订单到哪了")
    await zh.say(text)
    zh.expect(answer, "请把订单号发给我")


async def test_a_number_that_is_too_short_for_a_phone(en: Conversation) -> None:
    order = await en.bought(KETTLE)
    await en.say(f"where is order {order.order_id}")
    await en.say("12")
    en.expect("don't see four digits", "last four digits")
