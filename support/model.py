"""The shop's records as plain objects, and the questions that can be answered from them alone.

Standard library only. Money is an integer count of the currency's smallest unit ("minor units"), times are
aware datetimes in UTC. Nothing here reads a database, a file or a clock: what is needed arrives as arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Literal

# ISO 4217 currencies without minor units; every other currency here has two digits.
_NO_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})

Language = Literal["zh", "en"]


@dataclass(frozen=True, order=True)
class Money:
    """An amount: `minor` counts the smallest unit of `currency` (fen, cents)."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """Read a decimal such as ``"239.20"``; ValueError for anything else, or for too many digits."""
        try:
            minor = Decimal(amount).scaleb(_digits(currency))
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not an amount") from None
        if not minor.is_finite():
            raise ValueError(f"{amount!r} is not an amount")
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} has more decimal places than {currency}")
        return cls(int(minor), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-_digits(self.currency))


def _digits(currency: str) -> int:
    return 0 if currency in _NO_MINOR_UNITS else 2


class OrderStatus(StrEnum):
    """The states of the import format."""

    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Reason(StrEnum):
    """Why a customer wants to give something back; `policy.yml` uses these names."""

    CHANGED_MIND = "changed_mind"
    SIZE = "size"
    QUALITY = "quality"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    NOT_RECEIVED = "not_received"
    OTHER = "other"


# Reasons that are the seller's doing: postage comes back with the goods.
SELLERS_FAULT = frozenset(
    {Reason.QUALITY, Reason.DAMAGED, Reason.WRONG_ITEM, Reason.MISSING_ITEM, Reason.NOT_RECEIVED}
)


@dataclass(frozen=True)
class Customer:
    customer_id: str
    name: str
    phone: str
    language: str
    email: str = ""


@dataclass(frozen=True)
class Sku:
    sku_id: str
    product_id: str
    options: Mapping[str, str]
    options_en: Mapping[str, str]
    price: Money
    stock: int


@dataclass(frozen=True)
class Product:
    """One article of the catalogue with everything that can be bought of it."""

    product_id: str
    title: str
    category: str
    brand: str
    description: str
    attributes: Mapping[str, Any]
    image: str
    extra: Mapping[str, Any]
    skus: tuple[Sku, ...] = ()

    def title_in(self, language: Language) -> str:
        return str(self.extra.get("title_en") or self.title) if language == "en" else self.title

    def category_in(self, language: Language) -> str:
        return str(self.extra.get("category_en") or self.category) if language == "en" else self.category

    def description_in(self, language: Language) -> str:
        english = str(self.extra.get("description_en") or "")
        return english if language == "en" and english else self.description

    @property
    def goes_with(self) -> tuple[str, ...]:
        return tuple(map(str, self.attributes.get("goes_with") or ()))

    @property
    def stock(self) -> int:
        return sum(sku.stock for sku in self.skus)

    @property
    def prices(self) -> tuple[Money, Money] | None:
        """Lowest and highest price; None when nothing of it is on sale."""
        prices = sorted(sku.price for sku in self.skus)
        return (prices[0], prices[-1]) if prices else None


@dataclass(frozen=True)
class OrderItem:
    """One line of an order; `line_total` is before the order's discounts."""

    sku_id: str
    quantity: int
    unit_price: Money
    product_id: str
    title: str
    title_en: str
    category: str
    options: Mapping[str, str] = field(default_factory=dict)
    options_en: Mapping[str, str] = field(default_factory=dict)

    @property
    def line_total(self) -> int:
        return self.unit_price.minor * self.quantity


@dataclass(frozen=True)
class ParcelEvent:
    at: datetime
    text: str


@dataclass(frozen=True)
class Shipment:
    carrier: str
    carrier_en: str
    tracking_no: str
    status: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    events: tuple[ParcelEvent, ...]
    expected_at: datetime | None = None


@dataclass(frozen=True)
class Order:
    """An order with its lines and parcels. `total` is what the customer paid or has to pay."""

    order_id: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    paid_at: datetime | None
    total: Money
    shipping_address: str
    extra: Mapping[str, Any]
    items: tuple[OrderItem, ...]
    shipments: tuple[Shipment, ...]

    @property
    def shipping_fee(self) -> int:
        """Postage inside `total`, minor units; shops that do not say are taken to charge none."""
        stated = self.extra.get("shipping_fee")
        return Money.parse(str(stated), self.total.currency).minor if stated not in (None, "") else 0

    @property
    def shipped_at(self) -> datetime | None:
        return min((s.shipped_at for s in self.shipments if s.shipped_at), default=None)

    @property
    def delivered_at(self) -> datetime | None:
        """When the last parcel arrived; None while one is still on its way."""
        if not self.shipments or any(s.delivered_at is None for s in self.shipments):
            return None
        return max(s.delivered_at for s in self.shipments if s.delivered_at)

    def lines(self, sku_ids: Iterable[str]) -> tuple[OrderItem, ...]:
        """The lines of these SKUs, in the order's own order; KeyError for a SKU that is not in it."""
        wanted = set(sku_ids)
        unknown = wanted - {item.sku_id for item in self.items}
        if unknown:
            raise KeyError(f"not in order {self.order_id}: {', '.join(sorted(unknown))}")
        return tuple(item for item in self.items if item.sku_id in wanted)

    def refundable(self, items: tuple[OrderItem, ...], reason: Reason) -> Money:
        """What giving `items` back is worth: their share of what was paid for goods.

        Discounts of the order are spread over its lines by value, so that all parts together are exactly what
        was paid. Postage comes back when the whole order goes back and either nothing was sent yet or the
        seller is at fault.
        """
        whole = len(items) == len(self.items)
        if whole and (self.status is OrderStatus.PAID or reason in SELLERS_FAULT):
            return self.total
        shares = self._shares()
        return Money(sum(shares[item.sku_id] for item in items), self.total.currency)

    def _shares(self) -> dict[str, int]:
        """What was paid for each line: the rounded sums up to it and before it, subtracted."""
        goods = sum(item.line_total for item in self.items)
        paid_for_goods = max(self.total.minor - self.shipping_fee, 0)
        shares, before, value = {}, 0, 0
        for item in self.items:
            value += item.line_total
            up_to = (2 * paid_for_goods * value + goods) // (2 * goods) if goods else 0
            shares[item.sku_id], before = up_to - before, up_to
        return shares

    @property
    def is_under_way(self) -> bool:
        """Paid for and not there yet."""
        return self.status in (OrderStatus.PAID, OrderStatus.SHIPPED)

    @property
    def can_be_changed(self) -> bool:
        """Whether address, size and so on can still be changed by the people in the warehouse."""
        return self.status in (OrderStatus.UNPAID, OrderStatus.PAID)


class Outcome(StrEnum):
    APPROVE = "approve"
    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    """What policy says, by which rule, and in words for the customer (keys: languages)."""

    outcome: Outcome
    rule: str
    explain: Mapping[str, str]
    alternatives: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


class Holder(StrEnum):
    """Who answers in a conversation; `closed` by a person, it is the bot's from the next message on."""

    BOT = "bot"
    QUEUE = "queue"
    PERSON = "person"
    CLOSED = "closed"


class HandoffReason(StrEnum):
    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    UNSURE = "unsure"
    POLICY = "policy"
    ANGER = "anger"
    FAILURE = "failure"
    HIGH_VALUE = "high_value"
    SAFETY = "safety"  # somebody may harm themselves or others


@dataclass(frozen=True)
class RawEvent:
    """One of Rasa's events as Rasa published it: `type` is its "event" field, `body` all of it.

    `key` is the same each time that the same event is delivered, and of no other event.
    """

    conversation_id: str
    key: str
    at: datetime
    type: str
    body: Mapping[str, Any]
