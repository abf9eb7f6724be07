"""What the callers of the benchmarks say: conversations of 1 to 30 turns of verified customers, zh and en.

Of the turns, 40% ask where an order is, 20% for products, 20% for what the shop's documents say, 15% are in
the refund form and 5% are small talk. Everything follows from the conversation's number. The words are such
that stock Rasa's classifier understands them as well as ours, so that both run the same actions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from support.model import Language

Turn = tuple[str, str]  # its kind, and the words

LONGEST = 30
# A block of 20 turns in these shares; a refund is three turns in a row: asked for, explained, given up.
_DECK = ("order_status",) * 8 + ("ask_product",) * 4 + ("ask_knowledge",) * 4 + ("refund", "small_talk")

_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "zh": {
        "order_status": ("订单{shipped}到哪了", "帮我查下{shipped}到哪了", "{shipped}现在什么状态"),
        "ask_product": ("有没有200元以内的白色连衣裙", "推荐一双跑步鞋", "电热水壶多少钱"),
        "ask_knowledge": ("运费多少", "几天能退货", "支持货到付款吗", "羊毛衫怎么洗"),
        "small_talk": ("你好", "谢谢"),
    },
    "en": {
        "order_status": ("where is my order {shipped}", "what's the status of order {shipped}"),
        "ask_product": ("do you have white dresses under 200", "how much is the kettle", "any running shoes"),
        "ask_knowledge": ("how much is shipping", "what is your return policy", "how can I pay"),
        "small_talk": ("hello", "thanks"),
    },
}
_REFUND = {
    "zh": ("订单{delivered}我要退款", "不合身", "算了不退了"),
    "en": ("i want a refund for {delivered}", "it doesn't fit", "never mind, stop"),
}


@dataclass(frozen=True)
class Customer:
    """Somebody of the demo shop, with an order on its way and one that can be returned."""

    customer_id: str
    language: Language
    shipped: str
    delivered: str

    @property
    def stop(self) -> str:
        """Leaves a form; outside one it is small talk."""
        return _REFUND[self.language][-1]


def customers(guide: dict[str, Any]) -> list[Customer]:
    """Those that demo_guide.json shows, one for each language."""
    languages: tuple[Language, ...] = ("zh", "en")
    return [_customer(guide[language], language) for language in languages]


def _customer(own: dict[str, Any], language: Language) -> Customer:
    orders = own["orders"]
    return Customer(own["customer"]["customer_id"], language, orders["shipped"], orders["delivered_recent"])


def conversation(customer: Customer, number: int) -> list[Turn]:
    """The `number`th conversation, of this customer."""
    chance = random.Random(number)
    return endless(customer, number)[: chance.randint(1, LONGEST)]


def endless(customer: Customer, number: int, turns: int = LONGEST) -> list[Turn]:
    """So many turns in the shares of the mix."""
    chance, said = random.Random(f"turns {number}"), list[Turn]()
    while len(said) < turns:
        said += _block(customer, chance)
    return said[:turns]


def order_status(customer: Customer) -> str:
    """A question that costs the same each time."""
    return _WORDS[customer.language]["order_status"][0].format(shipped=customer.shipped)


def _block(customer: Customer, chance: random.Random) -> Iterator[Turn]:
    facts = {"shipped": customer.shipped, "delivered": customer.delivered}
    for kind in chance.sample(_DECK, len(_DECK)):
        one = (chance.choice(_WORDS[customer.language][kind]),) if kind != "refund" else None
        for words in one or _REFUND[customer.language]:
            yield kind, words.format(**facts)
