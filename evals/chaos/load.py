"""Customers who talk all the time, one conversation after the other, until they are told to stop.

load = Load(client, doors, people)
load.start(callers=6)
...
await load.stop()              # nobody begins another conversation; those that run are finished
load.finished                  # [(customer, talk's name, what it came to)]
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx

from evals.chaos.customer import Customer
from evals.chaos.talks import TALKS
from support.bootstrap import Shop
from support.model import Money, Order, OrderItem, OrderStatus
from tests.records import fill, line_of, order, parcel_of, phone_of

_SKU = "P1013-01"  # a T-shirt that policy takes back without a photo
_STOPPED_WITHIN_S = 150
_THINKS_S = 0.15


class Load:
    """`doors` are the addresses of the gateways; `people` have never talked."""

    def __init__(self, client: httpx.AsyncClient, doors: Sequence[str], people: Sequence[Customer]) -> None:
        self._client, self._doors, self._people = client, doors, iter(people)
        self._talks = itertools.cycle(TALKS)
        self._callers: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()
        self.begun: list[Customer] = []
        self.finished: list[tuple[Customer, str, bool]] = []

    def start(self, callers: int) -> None:
        self._callers = [asyncio.create_task(self._call()) for _ in range(callers)]

    async def stop(self) -> None:
        self._over.set()
        async with asyncio.timeout(_STOPPED_WITHIN_S):
            await asyncio.gather(*self._callers)

    async def _call(self) -> None:
        while not self._over.is_set() and (customer := next(self._people, None)):
            talk = next(self._talks)
            self.begun.append(customer)
            self.finished.append((customer, talk.__name__, await talk(customer)))
            await asyncio.sleep(_THINKS_S)


@asynccontextmanager
async def open_client() -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        yield client


async def people(
    shop: Shop, client: httpx.AsyncClient, doors: Sequence[str], photo: Path, count: int
) -> list[Customer]:
    """New customers, each with a parcel that has arrived and an order that was not sent yet."""
    line = await line_of(shop.store, _SKU)
    ids = [f"T{secrets.randbelow(90_000_000) + 10_000_000}" for _ in range(count)]
    bought = {one: _orders(shop, one, line) for one in dict.fromkeys(ids)}
    await fill(shop.store, *(made for both in bought.values() for made in both.values()), catalogue=False)
    data = photo.read_bytes()
    return [
        Customer(client, doors, one, phone_of(one)[-4:], orders, data, _door=number % len(doors))
        for number, (one, orders) in enumerate(bought.items())
    ]


def _orders(shop: Shop, customer_id: str, line: OrderItem) -> dict[OrderStatus, Order]:
    at = shop.clock() - timedelta(days=2)
    common = {
        "customer_id": customer_id,
        "placed_at": at - timedelta(days=3),
        "paid_at": at - timedelta(days=3),
        "total": Money(line.line_total, line.unit_price.currency),
    }
    paid = order(line, order_id=_number(), status=OrderStatus.PAID, **common)
    parcel = parcel_of(
        tracking_no=f"SF{secrets.randbelow(10**12):012}",
        shipped_at=at - timedelta(days=2),
        delivered_at=at,
        status="delivered",
    )
    arrived = replace(paid, order_id=_number(), status=OrderStatus.DELIVERED, shipments=(parcel,))
    return {OrderStatus.PAID: paid, OrderStatus.DELIVERED: arrived}


def _number() -> str:
    return f"7{secrets.randbelow(10**12):012}"
