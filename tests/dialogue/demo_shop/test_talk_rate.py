"""Rating the service: a score, words if there are any, a person for the dissatisfied."""

from __future__ import annotations

import pytest

from support.model import Language, OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records


@pytest.mark.parametrize(
    ("language", "wish", "words"),
    [("zh", "我要打分", "服务很好"), ("en", "rate my chat", "very quick")],
)
async def test_score_and_words_are_kept(
    talk: Talk, records: Records, language: Language, wish: str, words: str
) -> None:
    chat = talk(language)
    chat.say(wish)
    chat.say("5")
    chat.say(words)
    chat.heard("谢谢" if language == "zh" else "thank you")
    assert await records.ratings(chat.id) == [(5, words)]


async def test_a_low_score_offers_a_person(talk: Talk, records: Records) -> None:
    chat = talk("zh")
    chat.say("打2分")
    chat.say("跳过")
    chat.heard("很抱歉", "转人工")
    assert await records.ratings(chat.id) == [(2, "")]
    chat.say("好的")
    chat.is_with("queue")


async def test_a_person_who_is_offered_can_be_declined(talk: Talk, records: Records) -> None:
    chat = talk("en")
    chat.say("1 star")
    chat.say("Skip")
    chat.heard("Would you like me to pass you to a colleague")
    chat.say("no thanks")
    chat.is_with("bot")
    assert await records.ratings(chat.id) == [(1, "")]


@pytest.mark.parametrize("words", ["7", "banana"])
async def test_what_is_no_score_is_asked_for_again(talk: Talk, records: Records, words: str) -> None:
    chat = talk("en")
    chat.say("I want to rate you")
    chat.say(words)
    chat.heard("from 1 to 5")
    assert await records.ratings(chat.id) == []
    chat.say("4")
    chat.say("Skip")
    assert await records.ratings(chat.id) == [(4, "")]


async def test_giving_up_keeps_no_rating(talk: Talk, records: Records) -> None:
    chat = talk("zh")
    chat.say("我要打分")
    chat.say("算了")
    chat.heard("不办了")
    assert await records.ratings(chat.id) == []


async def test_a_question_inside_the_rating_is_answered_and_the_score_asked_again(
    talk: Talk, records: Records
) -> None:
    chat = talk("zh")
    chat.say("我要打分")
    chat.say("运费怎么算？")
    chat.heard("99 元", "1 到 5 分")
    chat.say("4分")
    chat.say("跳过")
    assert await records.ratings(chat.id) == [(4, "")]


@pytest.mark.parametrize("question", ["运费怎么算？", "有没有200元以内的白色连衣裙？"])
def test_a_goodbye_after_a_question_invites_a_rating(talk: Talk, question: str) -> None:
    chat = talk("zh")
    chat.say(question)
    chat.say("再见")
    chat.heard("打5分")


def test_a_goodbye_after_business_invites_a_rating(talk: Talk, people: Customers) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}到哪了")
    chat.say("再见")
    chat.heard("打5分")
