"""Conversations that look at what they get: each goes on by what it was answered, as a customer does.

A talk is a function of a `Customer`; what it wants is in the answer or it is not, and then it says the same
thing again once the assistant is back. It ends with True when it got what it wanted.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from evals.chaos.customer import Customer
from support.model import OrderStatus

_REFUND_ID = re.compile(r"R\d{6}[0-9A-F]{6}")
_STEPS = 12
# A door that is away refuses pictures at once, and a customer tries for a minute.
_UPLOADS = 60


async def order_status(customer: Customer) -> bool:
    order = customer.orders[OrderStatus.DELIVERED]
    return await _until(customer, f"订单{order.order_id}到哪了，手机尾号{customer.last4}", order.order_id)


async def english_status(customer: Customer) -> bool:
    order = customer.orders[OrderStatus.DELIVERED]
    words = f"where is order {order.order_id}, phone ending {customer.last4}"
    return await _until(customer, words, order.order_id)


async def question(customer: Customer) -> bool:
    """A question for the documents, and then one for the products."""
    for _ in range(_STEPS):
        answer = await customer.say("几天内可以退货")
        if any(message.get("citations") for message in answer):
            return await _until(customer, "电热水壶多少钱", "¥")
        await customer.get_back()
    return False


async def refund(customer: Customer) -> bool:
    """Money back with a confirmation; what it was told is compared with the records afterwards."""
    order = customer.orders[OrderStatus.DELIVERED]
    opening = f"我要退款 {order.order_id} {customer.last4}"
    words = opening
    for _ in range(_STEPS):
        text = await customer.hears(words)
        if found := _REFUND_ID.search(text):
            customer.told_refund(order, found.group())
            return True
        if customer.is_waiting:
            # The same words again: the form must be where it was.
            await customer.get_back()
            continue
        words = _next_words(text, opening, customer)
    return False


def _next_words(text: str, opening: str, customer: Customer) -> str:
    if "确认提交吗" in text:
        return "确认提交"
    if "原因" in text:
        return "不想要了"
    if "后四位" in text:
        return customer.last4
    customer.begun_again += 1
    return opening


async def cancel(customer: Customer) -> bool:
    order = customer.orders[OrderStatus.PAID]
    opening = f"取消订单 {order.order_id} {customer.last4}"
    words = opening
    for _ in range(_STEPS):
        text = await customer.hears(words)
        if "已取消" in text or "已经取消" in text:
            customer.told_cancelled(order)
            return True
        if customer.is_waiting:
            await customer.get_back()
            continue
        if "吗" in text or "确认" in text:
            words = "确认取消"
        else:
            customer.begun_again += 1
            words = opening
    return False


async def person(customer: Customer) -> bool:
    """Asks for a person and waits in the queue."""
    for _ in range(_STEPS):
        await customer.say("转人工")
        if customer.holder == "queue":
            customer.queued = True
            return True
        await customer.rest()
    return False


async def picture(customer: Customer) -> bool:
    """Sends a picture; refused in words, it is sent again."""
    for _ in range(_UPLOADS):
        if sent := await customer.upload():
            answer = await customer.say("请看这张图片", sent)
            if answer and not customer.is_waiting:
                return True
            await customer.get_back()
        else:
            await customer.rest()
    return False


async def _until(customer: Customer, words: str, wanted: str) -> bool:
    for _ in range(_STEPS):
        if wanted in await customer.hears(words):
            return True
        await customer.get_back()
    return False


Talk = Callable[[Customer], Awaitable[bool]]
TALKS: tuple[Talk, ...] = (
    refund, order_status, question, refund, picture, english_status, cancel, refund, person, question,
)  # fmt: skip
