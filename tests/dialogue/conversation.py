"""A customer who talks to the running system through its door, and what came of it in the records.

    order = await talk.bought("P4005-01", status=OrderStatus.DELIVERED)
    await talk.say(f"退款 {order.order_id} {talk.last4}")
    talk.expect("是什么原因")
    assert await talk.refunds(order) == []

Every conversation has a customer of its own, so that tests cannot get into each other's way.
"""

from __future__ import annotations

import itertools
import secrets
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from support.bootstrap import Shop
from support.model import Language, Money, Order, OrderStatus
from support.services import identity
from support.store import Handover, LedgerEntry, Refund
from tests.records import fill, line_of, order, parcel_of, phone_of, picture

_customers = itertools.count(secrets.randbelow(900_000) * 100)


class Conversation:
    """`say` waits for the answer, `expect` looks at it."""

    def __init__(self, client: httpx.AsyncClient, shop: Shop, language: Language) -> None:
        self._client, self._shop, self._language = client, shop, language
        self.id = uuid.uuid4().hex
        self.customer_id = f"T{next(_customers)}"
        self.answer: list[dict[str, Any]] = []
        self.holder = ""

    def beside(self) -> Conversation:
        """Another customer, in a conversation of their own."""
        return Conversation(self._client, self._shop, self._language)

    @property
    def language(self) -> Language:
        return self._language

    # --- talking -------------------------------------------------------------------------------------
    async def say(self, text: str, *attachments: str) -> None:
        """Send a message, perhaps with pictures; empty text for pictures alone."""
        message: dict[str, Any] = {"conversation_id": self.id, "message_id": uuid.uuid4().hex}
        message |= {"text": text, "attachments": list(attachments), "language": self._language}
        response = await self._client.post("/api/chat/messages", json=message)
        assert response.status_code == 200, response.text
        self.answer, self.holder = response.json()["messages"], response.json()["holder"]

    async def press(self, title: str) -> None:
        """Press a button of the last answer."""
        await self.say(next(button["payload"] for button in self._buttons() if button["title"] == title))

    async def upload(self, file: Path) -> str:
        """Send a picture to the door; returns its id for `say`."""
        form = {"conversation_id": self.id}
        response = await self._client.post(
            "/api/chat/attachments", data=form, files={"file": file.read_bytes()}
        )
        assert response.status_code == 200, response.text
        return str(response.json()["id"])

    def expect(self, *parts: str) -> None:
        """The answer contains these, in this order."""
        rest = self.text
        for part in parts:
            assert part in rest, f"{part!r} is not (or not there) in:\n{self.text}"
            rest = rest.split(part, 1)[1]

    def expect_not(self, *parts: str) -> None:
        assert not [part for part in parts if part in self.text], self.text

    def expect_buttons(self, *titles: str) -> None:
        """The answer has these buttons, perhaps among others."""
        assert set(titles) <= {button["title"] for button in self._buttons()}, self._buttons()

    @property
    def text(self) -> str:
        return "\n".join(message.get("text", "") for message in self.answer)

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self._buttons()]

    def _buttons(self) -> list[dict[str, str]]:
        return [button for message in self.answer for button in message.get("buttons", ())]

    # --- the customer's past -------------------------------------------------------------------------
    @property
    def last4(self) -> str:
        return phone_of(self.customer_id)[-4:]

    async def bought(
        self, *sku_ids: str, status: OrderStatus = OrderStatus.PAID, days_ago: float = 2, **changes: Any
    ) -> Order:
        """An order of demo products; a parcel was sent, or has arrived, so many days ago."""
        now = self._shop.clock()
        lines = [await line_of(self._shop.store, sku_id) for sku_id in sku_ids]
        at = now - timedelta(days=days_ago)
        made = order(
            *lines,
            order_id=f"7{secrets.randbelow(10**12):012}",
            customer_id=self.customer_id,
            status=status,
            placed_at=at - timedelta(days=3),
            paid_at=None if status is OrderStatus.UNPAID else at - timedelta(days=3),
            total=Money(sum(line.line_total for line in lines), "CNY"),
            shipments=_parcels(status, at),
        )
        made = replace(made, **changes)
        await fill(self._shop.store, made, catalogue=False, new_customer=not await self._exists())
        return made

    async def proven(self, one: Order) -> None:
        """The customer has shown who they are, as if by words before."""
        proof = await identity.prove_by_order(
            self._shop.store, self.id, one.order_id, self.last4, self._shop.clock()
        )
        assert proof.outcome == "verified"

    async def photo(self, kind: str = "photo", **reading: Any) -> str:
        """A picture that was read before; see `upload` for one that the door reads."""
        sent = picture(self.id, kind, **reading)
        async with self._shop.store.writing() as unit:
            await unit.attachments.add(sent)
        return sent.attachment_id

    async def _exists(self) -> bool:
        async with self._shop.store.reading() as unit:
            return await unit.customers.get(self.customer_id) is not None

    # --- what came of it -----------------------------------------------------------------------------
    async def identity(self) -> str | None:
        """The customer that this conversation has proven to be."""
        async with self._shop.store.reading() as unit:
            return await identity.current(unit, self.id, self._shop.clock())

    async def status(self, one: Order) -> OrderStatus:
        async with self._shop.store.reading() as unit:
            found = await unit.orders.owned(one.order_id, one.customer_id)
        assert found
        return found.status

    async def refunds(self, one: Order) -> list[Refund]:
        async with self._shop.store.reading() as unit:
            return await unit.refunds.of_order(one.order_id)

    async def ledger(self, one: Order) -> list[LedgerEntry]:
        async with self._shop.store.reading() as unit:
            return await unit.ledger.of_order(one.order_id)

    async def handover(self) -> Handover | None:
        """The handover that waits for a person, if one does."""
        async with self._shop.store.reading() as unit:
            return await unit.handovers.current(self.id)

    async def ratings(self) -> list[tuple[int, str]]:
        async with self._shop.store.reading() as unit:
            return await unit.ratings.of_conversation(self.id)


def _parcels(status: OrderStatus, at: datetime) -> tuple[Any, ...]:
    if status is OrderStatus.SHIPPED:
        return (parcel_of(shipped_at=at, expected_at=at + timedelta(days=4)),)
    if status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED):
        return (parcel_of(shipped_at=at - timedelta(days=2), delivered_at=at, status="delivered"),)
    return ()
