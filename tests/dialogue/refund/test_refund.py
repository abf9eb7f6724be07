"""Giving goods back: what is asked, what is understood, what is decided, and what is written."""

from __future__ import annotations

import pytest

from support.model import HandoffReason, OrderStatus
from tests.dialogue.conversation import Conversation

MUG, FLASK, TEE, BLAZER = "P4005-01", "P4006-01", "P1013-01", "P1014-01"
BRIEFS, TABLET, PHONE, HEADPHONES = "P7001-01", "P5010-01", "P5011-01", "P5002-01"
DELIVERED = OrderStatus.DELIVERED


# --- happy -----------------------------------------------------------------------------------------


async def test_a_broken_mug_with_a_photo_is_refunded_at_once(zh: Conversation) -> None:
    order = await zh.bought(MUG, FLASK, status=DELIVERED)
    await zh.say(f"订单 {order.order_id} 里的马克杯收到就是碎的，我要退款")
    zh.expect("后四位")
    await zh.say(zh.last4)
    zh.expect("照片")
    photo = await zh.photo()
    await zh.say("", photo)
    zh.expect("照片收到了", "马克杯", "收到时破损", "¥49.00", "确认提交吗")
    zh.expect_not("保温杯")
    assert await zh.refunds(order) == []
    await zh.say("确认提交")
    (refund,) = await zh.refunds(order)
    zh.expect("退款已通过：¥49.00", refund.refund_id)
    assert (refund.status, refund.sku_ids, refund.evidence) == ("approved", (MUG,), (photo,))
    (entry,) = await zh.ledger(order)
    assert (entry.rule, entry.outcome, entry.actor) == (
        "fault-small",
        "approve",
        f"customer:{zh.customer_id}",
    )
    assert entry.confirming_message and await zh.status(order) is DELIVERED


async def test_a_whole_order_that_does_not_fit(en: Conversation) -> None:
    order = await en.bought(TEE, BLAZER, status=DELIVERED)
    await en.proven(order)
    await en.say("I want to return my order")
    en.expect("Which item")
    await en.press("All of them")
    en.expect("reason")
    await en.press("It doesn't fit")
    en.expect("tee", "blazer", "doesn't fit", "¥468.00")
    await en.press("Yes, submit it")
    en.expect("refund is approved: ¥468.00")
    assert await en.status(order) is OrderStatus.REFUNDED


async def test_a_photo_sent_with_the_first_words_is_the_evidence(en: Conversation) -> None:
    order = await en.bought(MUG, status=DELIVERED)
    await en.proven(order)
    await en.say("it arrived broken, I want a refund", await en.photo())
    en.expect("Got the photo", "arrived damaged", "¥49.00")
    await en.say("yes please")
    (refund,) = await en.refunds(order)
    assert refund.status == "approved" and len(refund.evidence) == 1


async def test_a_photo_sent_just_before_is_not_asked_for_again(zh: Conversation) -> None:
    order = await zh.bought(MUG, status=DELIVERED)
    await zh.proven(order)
    await zh.say("", await zh.photo())
    zh.expect("有问题")
    await zh.say("收到就碎了，想退货")
    zh.expect("照片收到了", "确认提交吗")


async def test_an_unsent_order_comes_back_in_full(zh: Conversation) -> None:
    order = await zh.bought(TEE)
    await zh.proven(order)
    await zh.say("我要退款，不想要了")
    zh.expect("不想要了", "¥79.00")
    await zh.say("好的")
    zh.expect("退款已通过")
    assert await zh.status(order) is OrderStatus.REFUNDED


async def test_where_a_refund_is(zh: Conversation) -> None:
    order = await zh.bought(TEE)
    await zh.proven(order)
    await zh.say("退款到哪了")
    zh.expect("没有查到")
    await zh.say("我要退款，不想要了")
    await zh.say("确认提交")
    (refund,) = await zh.refunds(order)
    await zh.say("退款到哪了")
    zh.expect(refund.refund_id, order.order_id, "¥79.00", "已通过")


async def test_a_stranger_who_asks_for_a_refunds_state_is_identified_first(en: Conversation) -> None:
    order = await en.bought(TEE)
    await en.say("where is my refund?")
    en.expect("order number")
    await en.say(f"{order.order_id} {en.last4}")
    en.expect("can't find a refund request")


# --- a person decides ------------------------------------------------------------------------------


async def test_without_a_photo_a_person_decides(zh: Conversation) -> None:
    order = await zh.bought(MUG, status=DELIVERED)
    await zh.proven(order)
    await zh.say("杯子是碎的，要退款")
    await zh.say("拍不了照")
    zh.expect("确认提交吗")
    await zh.say("确认")
    zh.expect("申请已提交：¥49.00", "没有照片")
    (refund,) = await zh.refunds(order)
    handover = await zh.handover()
    assert refund.status == "review" and zh.holder == "queue"
    assert handover and handover.reason == HandoffReason.POLICY


async def test_a_large_sum_is_reviewed(en: Conversation) -> None:
    order = await en.bought(TABLET, status=DELIVERED)
    await en.proven(order)
    await en.say("I'd like to return the tablet, I changed my mind about it")
    en.expect("¥1,599.00")
    await en.say("yes")
    en.expect("submitted your request: ¥1,599.00", "above CNY 500")
    (refund,) = await en.refunds(order)
    assert (refund.status, refund.rule) == ("review", "no-reason-large")


async def test_a_valuable_order_goes_to_a_person_for_its_value(zh: Conversation) -> None:
    order = await zh.bought(PHONE, HEADPHONES)
    await zh.proven(order)
    await zh.say("我要退款")
    await zh.say("全部")
    await zh.say("不想要了")
    await zh.say("确认提交")
    zh.expect("金额较高")
    handover = await zh.handover()
    assert handover and handover.reason == HandoffReason.HIGH_VALUE
    assert [refund.rule for refund in await zh.refunds(order)] == ["high-value"]


# --- refused ---------------------------------------------------------------------------------------


async def test_a_refusal_says_why_what_is_possible_and_offers_a_person(zh: Conversation) -> None:
    order = await zh.bought(BRIEFS, status=DELIVERED)
    await zh.proven(order)
    await zh.say("我要退货，不喜欢")
    zh.expect("没法退款", "贴身衣物", "质量问题", "转人工")
    assert await zh.refunds(order) == []
    assert [entry.outcome for entry in await zh.ledger(order)] == ["refuse"]
    await zh.say("好的")
    assert await zh.handover()


async def test_a_hopeless_order_is_refused_before_anything_is_asked(en: Conversation) -> None:
    order = await en.bought(TEE, BLAZER, status=OrderStatus.CANCELLED)
    await en.proven(order)
    await en.say("I want a refund")
    en.expect("can't refund this. This order has already been cancelled", "look up the transaction")
    assert await en.refunds(order) == []


async def test_what_was_refunded_is_not_refunded_twice(zh: Conversation) -> None:
    order = await zh.bought(TEE, BLAZER)
    await zh.proven(order)
    await zh.say(f"我要退款，订单 {order.order_id}，不想要了")
    await zh.say("全部")
    await zh.say("确认提交")
    (refund,) = await zh.refunds(order)
    await zh.say(f"我要退款，订单 {order.order_id}，不想要了")
    zh.expect("之前已经提交过", refund.refund_id)
    assert await zh.refunds(order) == [refund]


async def test_only_what_is_left_can_be_chosen(zh: Conversation) -> None:
    order = await zh.bought(TEE, BLAZER, MUG, status=DELIVERED)
    await zh.proven(order)
    await zh.say("我要退T恤，太小了")
    await zh.say("确认提交")
    await zh.say("还要退货")
    zh.expect_buttons("全部")
    assert not [title for title in zh.titles if "T恤" in title] and len(zh.titles) == 3
    await zh.say("第二个")
    await zh.say("不喜欢")
    zh.expect("马克杯", "¥49.00")


# --- correction ------------------------------------------------------------------------------------


async def test_every_part_of_the_summary_can_be_changed(zh: Conversation) -> None:
    order = await zh.bought(TEE, BLAZER, status=DELIVERED)
    other = await zh.bought(MUG, status=DELIVERED, days_ago=1)
    await zh.proven(order)
    await zh.say(f"退款 {order.order_id}，T恤太小了")
    zh.expect("T恤", "尺码不合适", "¥79.00")
    await zh.press("修改一下")
    zh.expect("要改哪一项")
    zh.expect_not("请核对")
    await zh.press("换个商品")
    zh.expect("要退哪一件")
    await zh.say("西装")
    zh.expect("西装外套", "尺码不合适", "¥389.00")
    await zh.say("改一下")
    await zh.press("换个原因")
    zh.expect("什么原因")
    await zh.say("不想要了")
    zh.expect("西装外套", "不想要了", "¥389.00")
    await zh.say("改一下")
    await zh.press("换个订单")
    zh.expect("哪个订单", other.order_id)
    await zh.say(other.order_id)
    zh.expect("什么原因")
    await zh.say("不喜欢")
    zh.expect(other.order_id, "马克杯", "¥49.00")
    await zh.say("改一下")
    await zh.press("不用改了")
    zh.expect("请核对", "马克杯")
    assert await zh.refunds(order) == await zh.refunds(other) == []


async def test_a_correction_in_one_sentence(en: Conversation) -> None:
    order = await en.bought(TEE, MUG, status=DELIVERED)
    await en.proven(order)
    await en.say("I want to return the tee, it's too small")
    en.expect("tee", "doesn't fit")
    await en.say("sorry, wrong item, I meant the mug")
    en.expect("mug")
    await en.say("actually the reason is that I changed my mind")
    en.expect("changed my mind", "Shall I submit")


async def test_another_order_may_be_named_at_any_step(zh: Conversation) -> None:
    first, second = await zh.bought(TEE, BLAZER, status=DELIVERED), await zh.bought(MUG, status=DELIVERED)
    await zh.proven(first)
    await zh.say(f"退货 {first.order_id}")
    await zh.say(f"说错了，是 {second.order_id}")
    zh.expect(second.order_id, "什么原因")
    await zh.say("不喜欢")
    zh.expect(second.order_id, "马克杯")


# --- digression ------------------------------------------------------------------------------------


async def test_questions_in_between_are_answered_and_the_form_goes_on(zh: Conversation) -> None:
    order, other = await zh.bought(TEE, BLAZER, status=DELIVERED), await zh.bought(MUG, days_ago=1)
    await zh.proven(order)
    await zh.say(f"退货 {order.order_id}")
    await zh.say("你是机器人吗")
    zh.expect("助手", "要退哪一件")
    await zh.say("有没有连衣裙")
    zh.expect("连衣裙", "要退哪一件")
    await zh.say(f"订单 {other.order_id} 到哪了")
    zh.expect(f"订单 {other.order_id}：", "要退哪一件")
    assert any("T恤" in title for title in zh.titles)
    await zh.say("T恤")
    await zh.say("不喜欢")
    zh.expect(order.order_id, "T恤", "¥79.00")


async def test_a_question_before_the_yes_is_no_yes(en: Conversation) -> None:
    order = await en.bought(TEE, status=DELIVERED)
    await en.proven(order)
    await en.say("return it please, it doesn't fit")
    await en.say("how long does a refund take?")
    en.expect("Shall I submit this?")
    assert await en.refunds(order) == []
    await en.say("ok")
    assert len(await en.refunds(order)) == 1


# --- cancellation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", ["不退了", "算了", "取消"])
async def test_giving_up_at_the_summary(zh: Conversation, stop: str) -> None:
    order = await zh.bought(TEE, status=DELIVERED)
    await zh.proven(order)
    await zh.say("退货，太小了")
    await zh.say(stop)
    zh.expect("什么都没有改动")
    assert not await zh.refunds(order) and not await zh.ledger(order)
    await zh.say("好的")
    assert await zh.refunds(order) == []


async def test_giving_up_early(en: Conversation) -> None:
    order = await en.bought(TEE, BLAZER, status=DELIVERED)
    await en.proven(order)
    await en.say("I want to return something")
    await en.say("never mind")
    en.expect("nothing was changed")


# --- invalid ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["可以退多少", "好像少了一件", "好贵啊", "等等", "嗯？", "要取消"])
async def test_nothing_but_a_yes_moves_money(zh: Conversation, text: str) -> None:
    order = await zh.bought(TEE, status=DELIVERED)
    await zh.proven(order)
    await zh.say("退货，太小了")
    zh.expect("确认提交吗")
    await zh.say(text)
    assert await zh.refunds(order) == []


async def test_a_choice_that_fits_nothing_is_asked_again(zh: Conversation) -> None:
    order = await zh.bought(TEE, BLAZER, status=DELIVERED)
    await zh.proven(order)
    await zh.say("我要退货")
    await zh.say("第九个")
    zh.expect("没对上是哪件", "要退哪一件")


async def test_an_order_page_is_no_evidence(en: Conversation) -> None:
    order = await en.bought(MUG, status=DELIVERED)
    await en.proven(order)
    await en.say("the mug arrived broken, refund please")
    claim = {"order_numbers": [order.order_id], "states": ["delivered"]}
    await en.say("", await en.photo("order", claim=claim))
    en.expect("screenshot of the order", "send a photo")
    await en.say("", await en.photo())
    en.expect("Got the photo", "Shall I submit")


async def test_somebody_elses_order_is_not_found(zh: Conversation, en: Conversation) -> None:
    mine, theirs = await zh.bought(TEE), await en.bought(MUG)
    await zh.proven(mine)
    await zh.say(f"退款 {theirs.order_id}")
    zh.expect(f"没有找到订单 {theirs.order_id}")
    assert await zh.refunds(theirs) == []
