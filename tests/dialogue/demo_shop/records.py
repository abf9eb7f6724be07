"""The shop's records for dialogue tests: orders to talk about before, and what was written after.

`Customers.with_order` gives every test a customer of its own, so that tests do not disturb each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from support.bootstrap import Shop
from support.model import Customer, Language, Order, OrderStatus
from support.store import Handover, LedgerEntry, Refund, Unit
from support.store import tables as t

_WRITTEN_WITHIN_S = 20
# Not taken back without a fault: tests of refunds mean other goods, unless they say so.
_EXCLUDED = "贴身衣物"


@dataclass(frozen=True)
class Owned:
    """An order with its customer."""

    order: Order
    customer: Customer

    @property
    def order_id(self) -> str:
        return self.order.order_id

    @property
    def customer_id(self) -> str:
        return self.customer.customer_id

    @property
    def last4(self) -> str:
        return self.customer.phone[-4:]

    def title(self, language: Language) -> str:
        """Of the first item."""
        first = self.order.items[0]
        return first.title_en if language == "en" else first.title


class Customers:
    """Customers that no test has been yet, by the order that a test needs."""

    def __init__(self, owned: Sequence[Owned], now: datetime) -> None:
        self._owned, self._now = owned, now
        self._taken: set[str] = set()

    def with_order(
        self,
        status: OrderStatus,
        *,
        delivered_days: tuple[int, int] | None = None,
        up_to: int = 2_900,
        over: int = 0,
        items: int | None = None,
    ) -> Owned:
        """A customer nobody has been, with such an order: days since delivery, total in yuan, its items."""
        for one in self._owned:
            order = one.order
            if (
                one.customer_id not in self._taken
                and order.status is status
                and Decimal(over) < order.total.decimal <= Decimal(up_to)
                and items in (None, len(order.items))
                and all(line.category != _EXCLUDED for line in order.items)
                and (delivered_days is None or self._delivered(order, *delivered_days))
            ):
                self._taken.add(one.customer_id)
                return one
        raise LookupError(f"the demo shop has no more customers with such an order: {status}")

    def with_two_orders(self, *states: OrderStatus) -> tuple[Owned, Owned]:
        """Two orders, in any of these states, of a customer nobody has been."""
        seen: dict[str, Owned] = {}
        for one in self._owned:
            if one.customer_id in self._taken or one.order.status not in states:
                continue
            if other := seen.get(one.customer_id):
                self._taken.add(one.customer_id)
                return other, one
            seen[one.customer_id] = one
        raise LookupError(f"the demo shop has no more customers with two such orders: {states}")

    def _delivered(self, order: Order, least: int, most: int) -> bool:
        at = order.delivered_at
        return at is not None and timedelta(least) <= self._now - at <= timedelta(most)


async def customers(shop: Shop, without: frozenset[str]) -> Customers:
    """Everybody but the customers named."""
    async with shop.store.reading() as unit:
        # Other tests add customers, whose ids begin otherwise, to the same database.
        query = sa.select(t.customers.c.customer_id).where(t.customers.c.customer_id.startswith("C"))
        ids = await unit.connection.scalars(query.order_by(t.customers.c.customer_id))
        owned = [one for id_ in ids if id_ not in without for one in await _orders(unit, id_)]
    return Customers(owned, shop.clock())


async def _orders(unit: Unit, customer_id: str) -> list[Owned]:
    customer = await unit.customers.get(customer_id)
    assert customer
    return [Owned(order, customer) for order in await unit.orders.of_customer(customer_id)]


class Records:
    """What the running system has written."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def status(self, owned: Owned) -> OrderStatus:
        async with self._shop.store.reading() as unit:
            order = await unit.orders.owned(owned.order_id, owned.customer_id)
        assert order
        return order.status

    async def refunds(self, owned: Owned) -> list[Refund]:
        async with self._shop.store.reading() as unit:
            return await unit.refunds.of_order(owned.order_id)

    async def ledger(self, order_id: str) -> list[LedgerEntry]:
        async with self._shop.store.reading() as unit:
            return await unit.ledger.of_order(order_id)

    async def handover(self, conversation_id: str) -> Handover | None:
        """The open one."""
        async with self._shop.store.reading() as unit:
            return await unit.handovers.current(conversation_id)

    async def briefed(self, conversation_id: str) -> Handover:
        """The open one, once its summary was written."""
        async with asyncio.timeout(_WRITTEN_WITHIN_S):
            while not (found := await self.handover(conversation_id)) or "summary" not in found.packet:
                await asyncio.sleep(0.1)
        return found

    async def states(self, conversation_id: str) -> list[str]:
        """Who has had the conversation, one after the other."""
        async with self._shop.store.reading() as unit:
            steps = await unit.conversations.transitions(conversation_id)
        return ["bot", *(one.to_state.value for one in steps)]

    async def customer_id(self, conversation_id: str) -> str | None:
        """Who was proven to be the customer."""
        async with self._shop.store.reading() as unit:
            identity = await unit.identities.current(conversation_id, self._shop.clock())
        return identity.customer_id if identity else None

    async def tries(self, order_id: str) -> int:
        """Failed tries to prove the order's owner."""
        query = sa.select(sa.func.count()).where(t.identity_tries.c.order_id == order_id)
        return int(await self._scalar(query))

    async def ratings(self, conversation_id: str) -> list[tuple[int, str]]:
        async with self._shop.store.reading() as unit:
            return await unit.ratings.of_conversation(conversation_id)

    async def _scalar(self, query: sa.Select[Any]) -> Any:
        async with self._shop.store.reading() as unit:
            return await unit.connection.scalar(query)
