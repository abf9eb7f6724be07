"""Pictures without words: the record decides about screenshots, and other photos get a useful question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.model import OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records
from tests.stack import Stack


def _shot(stack: Stack, truth: str, order_id: str) -> tuple[Path, dict[str, Any]]:
    """The demo shop's screenshot of the order, and what it shows."""
    folder = stack.shop_folder / "screenshots"
    shown = json.loads((folder / truth).read_text(encoding="utf-8"))
    found: dict[str, Any] = next(one for one in shown if one["order_id"] == order_id)
    return folder / found["file"], found


def test_a_screenshot_of_the_customers_order_shows_the_record(talk: Talk, stack: Stack) -> None:
    me = stack.guide["zh"]
    picture, _ = _shot(stack, "truth.json", me["orders"]["shipped"])
    chat = talk("zh", me["customer"]["customer_id"])
    chat.send(picture)
    chat.heard(me["orders"]["shipped"], "已发货")
    chat.not_heard("不一致")


async def test_a_guest_with_a_screenshot_still_proves_the_phone(
    talk: Talk, stack: Stack, records: Records
) -> None:
    me = stack.guide["zh"]
    picture, _ = _shot(stack, "truth.json", me["orders"]["shipped"])
    chat = talk("zh")
    chat.send(picture)
    chat.heard("后四位")
    chat.not_heard("已发货")
    chat.say(me["customer"]["phone_last4"])
    chat.heard(me["orders"]["shipped"], "已发货")
    assert await records.customer_id(chat.id) == me["customer"]["customer_id"]


def test_a_screenshot_of_somebody_elses_order_shows_nothing(
    talk: Talk, stack: Stack, people: Customers
) -> None:
    order_id = stack.guide["zh"]["orders"]["shipped"]
    picture, _ = _shot(stack, "truth.json", order_id)
    chat = talk("zh", people.with_order(OrderStatus.SHIPPED).customer_id)
    chat.send(picture)
    chat.heard("没有找到订单", order_id)
    chat.not_heard("已发货")


async def test_a_tampered_screenshot_is_flagged_and_not_believed(
    talk: Talk, stack: Stack, records: Records
) -> None:
    me = stack.guide["zh"]
    order_id = me["orders"]["cheap_recent"]
    picture, shown = _shot(stack, "tampered.json", order_id)
    chat = talk("zh", me["customer"]["customer_id"])
    chat.send(picture)
    chat.heard("不一致", order_id, shown["record"]["total"])
    chat.not_heard(shown["total"])
    flags = [one for one in await records.ledger(order_id) if one.conversation_id == chat.id]
    assert [(one.action, one.outcome) for one in flags] == [("screenshot", "differs")]


def test_a_photo_without_words_is_asked_about(talk: Talk, stack: Stack) -> None:
    chat = talk("zh")
    chat.send(stack.shop_folder / "faults" / "broken-mug.jpg")
    chat.heard("图片收到了", "这个商品有货吗", "想退货")


async def test_the_photo_sent_before_counts_as_evidence(
    talk: Talk, stack: Stack, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.DELIVERED, delivered_days=(0, 13), up_to=190, items=1)
    chat = talk("zh", mine.customer_id)
    chat.send(stack.shop_folder / "faults" / "broken-dishes.jpg")
    chat.say(f"订单{mine.order_id}收到就碎了，我要退款")
    chat.heard("照片收到了", "确认提交吗")
    chat.say("确认提交")
    assert [one.rule for one in await records.refunds(mine)] == ["fault-small"]


def test_a_picture_with_a_question_gets_the_question_answered(talk: Talk, stack: Stack) -> None:
    chat = talk("zh")
    chat.send(stack.shop_folder / "faults" / "broken-mug.jpg", "收到就碎了，可以退吗？")
    chat.heard_one_of("退", "订单号")
