"""Conversations about the imported demo shop: its customers, their orders, and what is written of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from support.bootstrap import Shop, open_shop
from support.model import Language
from tests.dialogue.demo_shop.at_the_desk import Desk
from tests.dialogue.demo_shop.conversation import Conversation, Talk
from tests.dialogue.demo_shop.records import Customers, Records, customers
from tests.stack import Stack


@pytest.fixture
def talk(stack: Stack) -> Iterator[Talk]:
    """`talk("zh")`, or `talk("en", customer_id)` for a customer who is signed in."""
    begun: list[Conversation] = []

    def begin(language: Language, customer_id: str | None = None) -> Conversation:
        begun.append(Conversation(stack, language, customer_id))
        return begun[-1]

    yield begin
    for conversation in begun:
        conversation.close()


@pytest.fixture
def records(shop: Shop) -> Records:
    return Records(shop)


@pytest.fixture
def desk(stack: Stack, shop: Shop) -> Desk:
    return Desk(stack, shop)


@pytest.fixture(scope="session")
def people(stack: Stack) -> Customers:
    """The demo shop's customers, but not those whom other tests play by name."""
    return asyncio.run(_read(stack))


async def _read(stack: Stack) -> Customers:
    shop = open_shop(stack.settings)
    try:
        return await customers(shop, frozenset(_named(stack)))
    finally:
        await shop.close()


def _named(stack: Stack) -> Iterator[str]:
    yield stack.guide["landmark"]["customer"]["customer_id"]
    for language in ("zh", "en"):
        yield stack.guide[language]["customer"]["customer_id"]
        yield from (one["customer_id"] for one in stack.guide[language]["more"].values())
