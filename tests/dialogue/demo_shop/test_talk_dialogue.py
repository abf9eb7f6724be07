"""What belongs to no capability: small talk, both languages in one conversation, what is not our business."""

from __future__ import annotations

import pytest

from support.model import Language, OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records


@pytest.mark.parametrize(
    ("language", "words", "fragments"),
    [
        ("zh", "你好", ("您好", "在的")),
        ("en", "hello", ("Hi!", "Hello!")),
        ("zh", "谢谢", ("不客气", "应该的")),
        ("en", "thanks a lot", ("You're welcome", "Any time")),
        ("zh", "你是机器人吗", ("机器人", "智能助手")),
        ("en", "what can you do?", ("Here's what I can do",)),
    ],
)
def test_small_talk_is_one_line(
    talk: Talk, language: Language, words: str, fragments: tuple[str, ...]
) -> None:
    chat = talk(language)
    assert len(chat.say(words)) == 1
    chat.heard_one_of(*fragments)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "帮我写一首关于月亮的诗"),
        ("zh", "今天上海天气怎么样"),
        ("en", "write me a poem about the moon"),
        ("en", "who won the football last night?"),
    ],
)
def test_what_is_not_the_shops_business_is_declined(talk: Talk, language: Language, words: str) -> None:
    chat = talk(language)
    chat.say(words)
    chat.heard("帮不上忙" if language == "zh" else "outside what I can do")
    chat.is_with("bot")


def test_the_answer_is_in_the_language_of_each_message(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("运费怎么算？")
    chat.heard("包邮", "shipping-fees.zh")
    chat.say("how much is shipping?")
    chat.heard("shipping-fees.en")
    chat.say("谢谢")
    chat.heard_one_of("不客气", "应该的")


async def test_a_form_goes_on_in_the_other_language(talk: Talk, people: Customers, records: Records) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"取消订单{mine.order_id}")
    chat.heard("确定要取消")
    chat.say("how long does delivery take?")
    chat.heard("Are you sure you want to cancel")
    chat.say("yes, cancel it")
    chat.heard("is cancelled")
    assert await records.status(mine) is OrderStatus.CANCELLED


def test_a_digit_is_answered_in_the_pages_language(talk: Talk) -> None:
    chat = talk("en")
    chat.say("I want to rate you")
    chat.say("5")
    chat.heard("Anything you'd like to add")


async def test_small_talk_inside_a_form_comes_back_to_its_question(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"取消订单{mine.order_id}")
    chat.say("在吗")
    chat.heard("确定要取消")
    assert await records.status(mine) is OrderStatus.PAID


async def test_a_form_left_for_another_is_offered_again(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine, other = people.with_two_orders(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}我要退款")
    chat.say(f"先帮我取消订单{other.order_id}")
    chat.heard(other.order_id, "确定要取消")
    chat.say("确认取消")
    chat.heard("已取消", f"订单 {mine.order_id} 的退款", "要继续吗")
    chat.say("好的，继续")
    chat.heard("原因")
    assert await records.status(other) is OrderStatus.CANCELLED
    assert await records.refunds(mine) == []


def test_a_yes_that_nothing_waits_for_does_nothing(talk: Talk) -> None:
    chat = talk("en")
    chat.say("yes")
    chat.is_with("bot")
    chat.heard_one_of("Anything else", "I'm here")
