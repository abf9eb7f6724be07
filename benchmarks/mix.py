"""What the callers of the benchmark say: short conversations of verified customers, in both languages.

A conversation is a list of (kind, text); kinds are those of the mix. The first turn proves who the customer
is, as a customer without an account on the shop's site would.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Turn = tuple[str, str]

_ASK_PRODUCT = {
    "zh": ("有没有200元以内的白色连衣裙", "电热水壶多少钱", "有黑色的吗", "推荐一双跑步鞋"),
    "en": (
        "do you have white dresses under 200",
        "how much is the kettle",
        "any running shoes",
        "is it in stock",
    ),
}
_ASK_KNOWLEDGE = {
    "zh": ("运费怎么算", "几天内可以退货", "可以货到付款吗", "羊毛衫怎么洗"),
    "en": ("how much is shipping", "what is your return policy", "how can I pay", "how do I wash wool"),
}
_SMALL_TALK = {"zh": ("你好", "谢谢"), "en": ("hello", "thanks")}
_ORDER_STATUS = {
    "zh": "我的订单{order}到哪了，手机尾号{phone}",
    "en": "where is order {order}, phone ending {phone}",
}
_ORDER_AGAIN = {"zh": "订单{order}现在什么情况", "en": "what's the status of order {order}"}
_REFUND = {
    "zh": ("我要退款 {order}", "不想要了", "算了不退了"),
    "en": ("i want a refund for {order}", "changed my mind", "never mind, stop"),
}


@dataclass(frozen=True)
class Customer:
    """Somebody of the demo shop with an order that may be asked about."""

    order_id: str
    phone_last4: str
    language: str


def customers(guide: dict[str, Any]) -> list[Customer]:
    """The customers that demo_guide.json names."""
    found = []
    for language in ("zh", "en"):
        own = guide[language]
        found.append(Customer(own["orders"]["shipped"], own["customer"]["phone_last4"], language))
        found += [Customer(one["order_id"], one["phone_last4"], language) for one in own["more"].values()]
    return found


def conversation(customer: Customer, number: int) -> list[Turn]:
    """About 40% order status, 20% products, 20% knowledge, 15% refund turns, 5% small talk."""
    facts = {"order": customer.order_id, "phone": customer.phone_last4}
    language = customer.language
    product = itertools.islice(itertools.cycle(_ASK_PRODUCT[language]), number % 4, number % 4 + 4)
    knowledge = itertools.islice(itertools.cycle(_ASK_KNOWLEDGE[language]), number % 4, number % 4 + 4)
    status = [("order_status", _ORDER_AGAIN[language].format(**facts))] * 7
    turns: list[Turn] = [("order_status", _ORDER_STATUS[language].format(**facts))]
    turns += _interleave(
        status, [("ask_product", text) for text in product], [("ask_knowledge", t) for t in knowledge]
    )
    turns += [("refund", text.format(**facts)) for text in _REFUND[language]]
    turns += [("small_talk", _SMALL_TALK[language][number % 2])]
    return turns


def _interleave(*groups: list[Turn]) -> Iterator[Turn]:
    for row in itertools.zip_longest(*groups):
        yield from (turn for turn in row if turn is not None)
