"""Leaving one errand for another and coming back: nothing that was said is lost, nothing is done unasked."""

from __future__ import annotations

from support.model import OrderStatus
from tests.dialogue.conversation import Conversation

TEE, BLAZER, KETTLE, MUG = "P1013-01", "P1014-01", "P4001-01", "P4005-01"
DELIVERED = OrderStatus.DELIVERED


async def test_a_refund_left_for_a_cancellation_goes_on_where_it_was(zh: Conversation) -> None:
    back, unsent = await zh.bought(TEE, BLAZER, status=DELIVERED), await zh.bought(KETTLE)
    await zh.proven(back)
    await zh.say(f"退款 {back.order_id}")
    await zh.say("T恤")
    await zh.say("太大了")
    await zh.say(f"还是先取消订单吧，{unsent.order_id}")
    zh.expect("确定要取消", unsent.order_id)
    await zh.say("确认取消")
    zh.expect("已取消", f"刚才订单 {back.order_id} 的退款还没办完")
    await zh.press("好的，继续")
    zh.expect(back.order_id, "T恤", "尺码不合适", "¥79.00")
    await zh.say("确认提交")
    assert [refund.sku_ids for refund in await zh.refunds(back)] == [(TEE,)]
    assert await zh.status(unsent) is OrderStatus.CANCELLED


async def test_a_change_of_mind_and_back_before_anything_was_done(en: Conversation) -> None:
    order = await en.bought(TEE, BLAZER)
    await en.proven(order)
    await en.say("I want a refund for the tee, it's too big")
    en.expect("Shall I submit this?")
    await en.say("no wait, cancel the order instead")
    en.expect("sure you want to cancel")
    await en.say("I want a refund after all")
    en.expect("Striped", "doesn't fit", "Shall I submit this?")
    assert await en.refunds(order) == []
    await en.say("yes")
    assert await en.status(order) is OrderStatus.PAID
    assert [refund.sku_ids for refund in await en.refunds(order)] == [(TEE,)]


async def test_what_makes_no_sense_any_more_is_not_offered(zh: Conversation) -> None:
    order = await zh.bought(TEE, BLAZER)
    await zh.proven(order)
    await zh.say("我要退款")
    await zh.say("取消订单")
    await zh.say("确认取消")
    zh.expect("已取消")
    zh.expect_not("还没办完")


async def test_declining_to_go_on_ends_it_for_good(en: Conversation) -> None:
    back, unsent = await en.bought(TEE, BLAZER, status=DELIVERED), await en.bought(KETTLE)
    await en.proven(back)
    await en.say(f"refund for order {back.order_id}, the tee is too small")
    await en.say(f"cancel order {unsent.order_id}")
    await en.say("yes")
    en.expect("Shall we carry on")
    await en.press("No, thanks")
    await en.say("yes")
    en.expect_not("Shall I submit")
    await en.say("I want a refund")
    en.expect_not("Shall I submit")
    assert await en.refunds(back) == []


async def test_giving_up_the_second_errand_offers_the_first(zh: Conversation) -> None:
    back, unsent = await zh.bought(TEE, status=DELIVERED), await zh.bought(KETTLE)
    await zh.proven(back)
    await zh.say(f"退款 {back.order_id}，太小了")
    await zh.say(f"取消订单 {unsent.order_id}")
    await zh.say("算了")
    zh.expect("什么都没有改动", "还没办完")
    await zh.say("好的")
    zh.expect(back.order_id, "确认提交吗")
    assert await zh.status(unsent) is OrderStatus.PAID


async def test_a_number_given_to_one_errand_serves_the_next(zh: Conversation) -> None:
    order = await zh.bought(KETTLE)
    await zh.say(f"我的订单 {order.order_id} 到哪了")
    zh.expect("后四位")
    await zh.say("取消订单")
    zh.expect("后四位")
    await zh.say(zh.last4)
    zh.expect("确定要取消", order.order_id)


async def test_a_new_refund_does_not_inherit_the_old_ones_answers(zh: Conversation) -> None:
    first, second = (
        await zh.bought(TEE, BLAZER, status=DELIVERED),
        await zh.bought(MUG, KETTLE, status=DELIVERED),
    )
    await zh.proven(first)
    await zh.say(f"退款 {first.order_id}，T恤太小了")
    await zh.say("不退了")
    await zh.say(f"退款 {second.order_id}")
    zh.expect("要退哪一件")
    await zh.say("马克杯")
    zh.expect("什么原因")
