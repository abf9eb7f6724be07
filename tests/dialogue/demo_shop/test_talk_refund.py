"""Refunds by words: every way through the form, and what is written in the end."""

from __future__ import annotations

import pytest

from support.model import Language, OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Owned, Records
from tests.stack import Stack


def _recent(people: Customers, items: int = 1, *, up_to: int = 450, over: int = 0) -> Owned:
    """An order inside the seven days; no more than 500 yuan unless asked for."""
    return people.with_order(
        OrderStatus.DELIVERED, delivered_days=(0, 6), items=items, up_to=up_to, over=over
    )


_WORDS = {
    "zh": ("订单{}我要退货", "尺码不合适", "确认提交", "退款已通过"),
    "en": ("I want to return order {}", "It doesn't fit", "Yes, submit it", "refund is approved"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_within_seven_days_a_refund_is_approved_at_the_customers_yes(
    talk: Talk, people: Customers, records: Records, language: Language
) -> None:
    mine, (wish, why, yes, approved) = _recent(people), _WORDS[language]
    chat = talk(language, mine.customer_id)
    chat.say(wish.format(mine.order_id))
    chat.say(why)
    chat.heard(mine.order_id, mine.title(language), why if language == "zh" else "doesn't fit")
    assert await records.refunds(mine) == []
    chat.say(yes)
    chat.heard(approved)
    (refund,) = await records.refunds(mine)
    assert (refund.status, refund.reason, refund.rule) == ("approved", "size", "no-reason-small")
    assert refund.refund_id in chat.answer
    assert await records.status(mine) is OrderStatus.REFUNDED


async def test_the_ledger_keeps_who_confirmed_what_and_by_which_rule(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = _recent(people)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}尺码不合适，我要退货")
    chat.say("确认提交")
    (refund,) = await records.refunds(mine)
    (entry,) = await records.ledger(mine.order_id)
    assert (entry.action, entry.outcome, entry.rule) == ("refund", "approve", "no-reason-small")
    assert (entry.conversation_id, entry.actor) == (chat.id, f"customer:{mine.customer_id}")
    assert entry.confirming_message
    assert entry.result["refund_id"] == refund.refund_id


async def test_a_guest_proves_the_order_on_the_way_to_a_refund(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = _recent(people)
    chat = talk("zh")
    chat.say("我要退货")
    chat.say(mine.order_id)
    chat.heard("后四位")
    chat.say(mine.last4)
    chat.heard("什么原因")
    chat.say("不想要了")
    chat.say("确认提交")
    chat.heard("退款已通过")
    assert [one.customer_id for one in await records.refunds(mine)] == [mine.customer_id]


async def test_one_item_of_two_is_refunded_and_the_order_stays(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = _recent(people, items=2, up_to=490)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}我要退货")
    chat.heard("要退哪一件", "全部")
    chat.say("第一个")
    chat.say("不想要了")
    chat.heard(mine.title("zh"))
    chat.say("确认提交")
    (refund,) = await records.refunds(mine)
    assert refund.sku_ids == (mine.order.items[0].sku_id,)
    assert await records.status(mine) is OrderStatus.DELIVERED


async def test_a_small_fault_is_approved_on_a_photo(
    talk: Talk, people: Customers, records: Records, stack: Stack
) -> None:
    mine = _recent(people, up_to=190)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}的东西收到时就碎了，我要退款")
    chat.heard("照片")
    chat.send(stack.shop_folder / "faults" / "broken-mug.jpg")
    chat.heard("照片收到了", "收到时破损", "确认提交")
    chat.say("确认")
    chat.heard("退款已通过")
    (refund,) = await records.refunds(mine)
    assert (refund.reason, refund.rule, len(refund.evidence)) == ("damaged", "fault-small", 1)


async def test_a_screenshot_of_the_order_is_no_evidence(
    talk: Talk, people: Customers, records: Records, stack: Stack
) -> None:
    mine = _recent(people, up_to=190)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}有质量问题，我要退货")
    chat.send(stack.shop_folder / "screenshots" / "order-15.png")
    chat.heard("订单截图", "照片")
    assert await records.refunds(mine) == []


async def test_without_a_photo_a_person_decides(talk: Talk, people: Customers, records: Records) -> None:
    mine = _recent(people, up_to=190)
    chat = talk("en", mine.customer_id)
    chat.say(f"I want a refund for order {mine.order_id}, it arrived damaged")
    chat.heard("photo")
    chat.say("No photo")
    chat.say("Yes, submit it")
    chat.heard("Without a photo")
    chat.is_with("queue")
    assert [one.status for one in await records.refunds(mine)] == ["review"]


async def test_a_reviewed_refund_silences_the_bot_until_the_customer_wants_it_back(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = _recent(people, up_to=2_900, over=600)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}我要退货")
    chat.say("不想要了")
    chat.say("确认提交")
    chat.heard("申请已提交", "返回助手")
    assert [one.status for one in await records.refunds(mine)] == ["review"]
    handover = await records.handover(chat.id)
    assert handover and (handover.status, handover.reason) == ("waiting", "policy")
    assert handover.packet["order"]["order_id"] == mine.order_id
    assert chat.say("有人吗？") == []
    chat.say("返回助手")
    chat.is_with("bot")
    chat.say("退款到哪了")
    chat.heard("审核中")
    assert await records.handover(chat.id) is None


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_too_late_is_refused_with_what_else_is_possible(
    talk: Talk, people: Customers, records: Records, language: Language
) -> None:
    mine = people.with_order(OrderStatus.COMPLETED, delivered_days=(20, 300), items=1)
    chat = talk(language, mine.customer_id)
    chat.say(_WORDS[language][0].format(mine.order_id))
    chat.say("不想要了" if language == "zh" else "I changed my mind")
    chat.heard(*(("没法退款", "保修") if language == "zh" else ("can't refund", "warranty")))
    assert await records.refunds(mine) == []
    assert [one.outcome for one in await records.ledger(mine.order_id)] == ["refuse"]
    assert await records.status(mine) is OrderStatus.COMPLETED


async def test_the_same_refund_again_is_done_once(talk: Talk, people: Customers, records: Records) -> None:
    mine = _recent(people)
    first = talk("zh", mine.customer_id)
    first.say(f"订单{mine.order_id}尺码不合适，我要退货")
    first.say("确认提交")
    again = talk("zh", mine.customer_id)
    again.say(f"订单{mine.order_id}尺码不合适，我要退货")
    again.heard_one_of("已经提交过", "已经退过款")
    assert len(await records.refunds(mine)) == 1


async def test_the_reason_can_be_corrected_at_the_summary(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = _recent(people)
    chat = talk("en", mine.customer_id)
    chat.say(f"I want to return order {mine.order_id}, it's too small")
    chat.heard("doesn't fit")
    chat.say("Change something")
    chat.heard("Which part")
    chat.say("Another reason")
    chat.say("I changed my mind")
    chat.heard("changed my mind", "Shall I submit")
    chat.say("Yes, submit it")
    assert [one.reason for one in await records.refunds(mine)] == ["changed_mind"]


async def test_another_order_can_be_named_in_the_middle(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine, other = people.with_two_orders(OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}我要退货")
    chat.say(f"说错了，是订单{other.order_id}")
    chat.heard(other.order_id)
    chat.say("算了，不退了")
    assert await records.refunds(mine) == await records.refunds(other) == []


async def test_a_question_inside_the_form_is_answered_and_the_form_goes_on(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = _recent(people)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}我要退货")
    chat.say("运费怎么算？")
    chat.heard("99 元", "什么原因")
    chat.say("尺码不合适")
    chat.say("晴雨伞多少钱？")
    chat.heard("¥", "确认提交吗")
    chat.say("确认提交")
    chat.heard("退款已通过")
    assert len(await records.refunds(mine)) == 1


@pytest.mark.parametrize(("language", "words"), [("zh", "算了，不退了"), ("en", "Never mind")])
async def test_giving_up_at_the_summary_changes_nothing(
    talk: Talk, people: Customers, records: Records, language: Language, words: str
) -> None:
    mine, (wish, why, *_) = people.with_order(OrderStatus.PAID, items=1), _WORDS[language]
    chat = talk(language, mine.customer_id)
    chat.say(wish.format(mine.order_id))
    chat.say(why)
    chat.say(words)
    chat.heard("什么都没有改动" if language == "zh" else "nothing was changed")
    assert await records.refunds(mine) == []
    assert await records.ledger(mine.order_id) == []


async def test_giving_up_and_beginning_again_still_refunds(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID, items=1)
    chat = talk("en", mine.customer_id)
    chat.say(f"I want to return order {mine.order_id}, it doesn't fit")
    chat.say("Never mind")
    chat.say("actually I do want to return it, it doesn't fit")
    chat.heard(mine.order_id, "Shall I submit")
    chat.say("yes")
    chat.heard("approved")
    assert len(await records.refunds(mine)) == 1


async def test_what_is_no_clear_yes_moves_no_money(talk: Talk, people: Customers, records: Records) -> None:
    mine = people.with_order(OrderStatus.PAID, items=1)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}尺码不合适，我要退货")
    chat.heard("确认提交吗")
    for words in ("应该可以退多少？", "在吗", "紫色大象"):
        chat.say(words)
        chat.heard("确认提交吗")
    assert await records.refunds(mine) == []


async def test_an_intent_typed_by_a_customer_is_only_words(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine, theirs = people.with_order(OrderStatus.SHIPPED), people.with_order(OrderStatus.DELIVERED)
    chat = talk("zh", mine.customer_id)
    chat.say(f'/refund{{"order_id":"{theirs.order_id}"}}')
    chat.not_heard(theirs.title("zh"), "确认提交吗")
    chat.say("/affirm")
    chat.say("我的订单到哪了")
    chat.heard("订单")
    assert await records.refunds(theirs) == []
    assert await records.ledger(theirs.order_id) == []


async def test_an_order_of_somebody_else_is_not_refunded(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine, theirs = people.with_order(OrderStatus.SHIPPED), people.with_order(OrderStatus.DELIVERED)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{theirs.order_id}尺码不合适，我要退货")
    chat.heard("没有找到订单", theirs.order_id)
    chat.not_heard(theirs.title("zh"))
    assert await records.refunds(theirs) == []


def test_no_refund_yet_is_said_so(talk: Talk, people: Customers) -> None:
    chat = talk("en", people.with_order(OrderStatus.SHIPPED).customer_id)
    chat.say("where is my refund?")
    chat.heard("can't find a refund request")


async def test_an_order_not_sent_yet_is_refunded_for_any_reason(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID, items=1)
    chat = talk("en", mine.customer_id)
    chat.say(f"refund order {mine.order_id} please, I bought it elsewhere cheaper")
    chat.say("Yes, submit it")
    chat.heard("approved")
    assert [one.rule for one in await records.refunds(mine)] == ["unshipped-any-reason"]


async def test_an_order_of_high_value_goes_to_a_person(talk: Talk, stack: Stack, records: Records) -> None:
    mine = stack.guide["zh"]["more"]["high_value"]
    chat = talk("zh", mine["customer_id"])
    for words in (f"订单{mine['order_id']}我要退款", "全部", "不想要了", "确认提交"):
        chat.say(words)
    chat.heard("申请已提交", "金额较高")
    handover = await records.handover(chat.id)
    assert handover
    assert handover.reason == "high_value"
    assert [one.rule for one in await records.ledger(mine["order_id"])] == ["high-value"]


async def test_underwear_is_not_taken_back_without_a_fault(
    talk: Talk, stack: Stack, records: Records
) -> None:
    mine = stack.guide["zh"]["more"]["underwear"]
    chat = talk("zh", mine["customer_id"])
    for words in (f"订单{mine['order_id']}我要退货", "全部", "不想要了"):
        chat.say(words)
    chat.heard("没法退款", "贴身衣物", "转人工")
    assert [one.rule for one in await records.ledger(mine["order_id"])] == ["excluded-no-reason"]


async def test_a_reason_that_is_not_understood_is_said_to_be(talk: Talk, people: Customers) -> None:
    mine = people.with_order(OrderStatus.DELIVERED, delivered_days=(0, 6))
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}我要退货")
    if "要退哪一件" in chat.answer:
        chat.say("第一个")
    chat.say("不合适")
    chat.heard("尺码不合适", "可退金额")


async def test_a_refund_wished_for_with_a_change_of_mind_is_no_cancellation(
    talk: Talk, people: Customers
) -> None:
    mine = people.with_order(OrderStatus.DELIVERED, delivered_days=(0, 6))
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}不想要了，退款")
    chat.not_heard("取消不了")
