"""Questions about goods: under constraints, about what was shown, and never against the records."""

from __future__ import annotations

import re

from tests.dialogue.demo_shop.conversation import Talk

_PRICES = re.compile(r"¥([\d,]+)\.\d\d")


def test_finds_by_colour_kind_and_budget(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("有没有200元以内的白色连衣裙？")
    chat.heard("连衣裙", "白")
    assert all(float(price.replace(",", "")) <= 200 for price in _PRICES.findall(chat.answer)), str(chat)


def test_finds_in_english(talk: Talk) -> None:
    chat = talk("en")
    chat.say("Do you have umbrellas under 100 yuan?")
    chat.heard("Automatic umbrella", "¥69.00")


def test_remembers_what_was_shown(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("有没有200元以内的白色连衣裙？")
    chat.say("第一件有什么尺码？")
    chat.heard("尺码", "M")
    chat.say("配什么鞋好看？")
    chat.heard("可以配", "鞋")


def test_the_price_of_it_is_that_of_what_was_shown(talk: Talk) -> None:
    chat = talk("en")
    chat.say("Do you have umbrellas?")
    chat.say("how much is it?")
    chat.heard("¥69.00")


def test_a_product_that_is_not_sold_is_not_invented(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("有没有卖电动摩托车？")
    chat.not_heard("¥")


def test_goods_can_be_asked_for_after_an_order_was_asked_for(talk: Talk) -> None:
    chat = talk("en")
    chat.say("where is my order?")
    chat.heard("order number")
    chat.say("do you have umbrellas?")
    chat.heard("Automatic umbrella", "order number")
