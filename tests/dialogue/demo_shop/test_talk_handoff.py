"""A person: on request, for the angry, after two failures to understand; with everything, and back."""

from __future__ import annotations

import httpx
import pytest

from support.model import Language, OrderStatus
from tests.dialogue.demo_shop.at_the_desk import Desk
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records
from tests.stack import Stack


@pytest.mark.parametrize(("language", "words"), [("zh", "转人工"), ("en", "I want to talk to a person")])
async def test_a_person_is_fetched_on_request(
    talk: Talk, records: Records, language: Language, words: str
) -> None:
    chat = talk(language)
    chat.say(words)
    chat.is_with("queue")
    handover = await records.handover(chat.id)
    assert handover and (handover.reason, handover.status) == ("asked", "waiting")
    assert handover.packet["language"] == language


async def test_the_person_is_told_who_it_is_and_about_which_order(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}到哪了")
    chat.say("我要人工客服")
    handover = await records.handover(chat.id)
    assert handover
    packet = handover.packet
    assert packet["customer"]["customer_id"] == mine.customer_id
    assert packet["order"]["order_id"] == mine.order_id
    assert [(one["outcome"], one["zh"]) for one in packet["tried"]] == [("answered", "查了订单")]
    assert packet["reach"]["shown"].endswith(mine.last4) and "****" in packet["reach"]["shown"]
    assert packet["last_messages"][-1]["text"] == "我要人工客服"


async def test_the_bot_is_silent_until_the_customer_comes_back(talk: Talk, records: Records) -> None:
    chat = talk("zh")
    chat.say("转人工")
    assert chat.say("还要等多久？") == []
    assert chat.say("运费怎么算？") == []
    chat.say("返回助手")
    chat.is_with("bot")
    chat.heard("我回来了")
    chat.say("运费怎么算？")
    chat.heard("99 元")
    assert await records.handover(chat.id) is None


async def test_the_bot_answers_again_after_a_person_gave_back(
    talk: Talk, records: Records, stack: Stack
) -> None:
    chat = talk("en")
    chat.say("talk to a person")
    handover = await records.handover(chat.id)
    assert handover
    path = f"{stack.gateway_url}/api/staff/handovers/{handover.id}"
    for step, body in (("take", {"person": "Lin"}), ("give-back", {"person": "Lin"})):
        httpx.post(f"{path}/{step}", json=body, headers=stack.staff_headers).raise_for_status()
    chat.say("how much is shipping?")
    chat.is_with("bot")
    chat.heard("99")


async def test_the_person_finds_a_summary_and_a_draft_that_the_record_supports(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}到哪了")
    chat.say("我要人工客服")
    packet = (await records.briefed(chat.id)).packet
    assert mine.order_id in packet["summary"] and "顾客要求人工" in packet["summary"]
    assert mine.order_id in packet["draft"]


async def test_a_whole_handover_with_words_of_both_and_no_second_one_after_it(
    talk: Talk, records: Records, desk: Desk
) -> None:
    chat = talk("zh")
    chat.say("转人工")
    number = await desk.number(chat.id)
    desk.does(number, "take")
    assert chat.say("我的快递外包装破了") == []
    desk.does(number, "reply", text="我帮您登记补发。")
    assert chat.say("谢谢") == []
    assert desk.does(number, "close")["closed_why"] == "resolved"
    for words in ("运费怎么算？", "几天能退货？"):
        chat.say(words)
        chat.is_with("bot")
    assert await records.handover(chat.id) is None
    order = ["转人工", "我的快递外包装破了", "我帮您登记补发。", "谢谢", "运费怎么算？", "几天能退货？"]
    assert [text for text in desk.tracker(chat.id) if text in order] == order
    assert await records.states(chat.id) == ["bot", "queue", "person", "closed", "bot"]


async def test_after_the_second_unsure_answer_in_a_row_a_person_is_fetched(
    talk: Talk, records: Records
) -> None:
    chat = talk("zh")
    chat.say("你们支持以旧换新吗？")
    chat.heard("转人工")
    chat.is_with("bot")
    chat.say("你们支持以旧换新吗？")
    chat.heard("没有十足的把握")
    handover = await records.handover(chat.id)
    assert handover and handover.reason == "unsure"


async def test_a_yes_to_the_person_offered_after_an_unsure_answer_counts_as_unsure(
    talk: Talk, records: Records
) -> None:
    chat = talk("zh")
    chat.say("你们支持以旧换新吗？")
    chat.say("好的")
    handover = await records.handover(chat.id)
    assert handover and handover.reason == "unsure"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "你们太垃圾了！骗子！我要投诉！"), ("en", "This is a scam, I'm furious, you people are liars!")],
)
async def test_an_angry_customer_gets_an_apology_and_a_person(
    talk: Talk, records: Records, language: Language, words: str
) -> None:
    chat = talk(language)
    chat.say(words)
    chat.heard("抱歉" if language == "zh" else "sorry")
    chat.is_with("queue")
    handover = await records.handover(chat.id)
    assert handover and handover.reason == "anger"


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [("zh", "紫色大象", "那个那个"), ("en", "the thing with the thing", "banana")],
)
async def test_the_second_message_in_a_row_that_is_not_understood_goes_to_a_person(
    talk: Talk, records: Records, language: Language, first: str, second: str
) -> None:
    chat = talk(language)
    chat.say(first)
    chat.heard("没太明白" if language == "zh" else "didn't quite get that")
    chat.is_with("bot")
    chat.say(second)
    chat.is_with("queue")
    handover = await records.handover(chat.id)
    assert handover and handover.reason == "not_understood"


@pytest.mark.parametrize(
    ("first", "second"), [("紫色大象", "明天天气怎么样"), ("明天天气怎么样", "给我写一首诗")]
)
async def test_what_is_not_the_shops_business_counts_as_not_understood(
    talk: Talk, records: Records, first: str, second: str
) -> None:
    chat = talk("zh")
    chat.say(first)
    chat.is_with("bot")
    chat.say(second)
    handover = await records.handover(chat.id)
    assert handover and handover.reason == "not_understood"


def test_a_message_that_was_understood_forgives_the_one_before(talk: Talk) -> None:
    chat = talk("zh")
    for words in ("紫色大象", "运费怎么算？", "那个那个"):
        chat.say(words)
    chat.is_with("bot")


async def test_a_person_asked_for_inside_a_form_ends_the_form(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"取消订单{mine.order_id}")
    chat.say("转人工")
    chat.is_with("queue")
    chat.say("返回助手")
    chat.say("你好")
    chat.not_heard("确定要取消")
    assert await records.status(mine) is OrderStatus.PAID
