"""Changing an order by words: a person does it while that is possible."""

from __future__ import annotations

from support.model import OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records


async def test_an_order_not_sent_yet_is_changed_by_a_person(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}帮我改一下收货地址")
    chat.heard("还没发货")
    chat.is_with("queue")
    assert await records.handover(chat.id)


def test_a_sent_order_can_no_longer_be_changed_and_what_else_is_possible_is_said(
    talk: Talk, people: Customers
) -> None:
    mine = people.with_order(OrderStatus.SHIPPED)
    chat = talk("en", mine.customer_id)
    chat.say(f"change the address of order {mine.order_id}")
    chat.heard("can't be changed any more", "redirect the parcel")
    chat.is_with("bot")


async def test_the_person_who_changes_an_order_is_told_which(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("zh", mine.customer_id)
    chat.say(f"订单{mine.order_id}帮我改一下收货地址")
    handover = await records.handover(chat.id)
    assert handover
    assert (handover.packet["order"] or {}).get("order_id") == mine.order_id
