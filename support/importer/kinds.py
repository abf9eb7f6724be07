"""The six files: required columns, what these refer to, and how a row becomes a row of the file's table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.importer.row import Row
from support.model import OrderStatus

Values = dict[str, Any]

# Columns of a table that one column of its file decides together.
_TOGETHER = {
    "price": ("price_minor", "currency"),
    "total": ("total_minor", "currency"),
    "unit_price": ("unit_price_minor",),
}


@dataclass(frozen=True)
class Kind:
    """One file of the import folder and its table. `refers` maps columns to the tables they refer to."""

    table: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    columns: tuple[str, ...]
    read: Callable[[Row], Values]
    refers: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.table}.csv"

    def stated(self, header: Collection[str]) -> list[str]:
        """The table's columns that a file with this header has a say in; the others stay as they are."""
        known = [column for column in self.columns if column in header]
        named = [name for column in known for name in _TOGETHER.get(column, (column,))]
        extra = ["extra"] if set(header) - set(self.columns) - {""} else []
        return [name for name in dict.fromkeys(named + extra) if name not in self.key]


def _customer(row: Row) -> Values:
    return {
        "customer_id": row.id("customer_id"),
        "name": row.text("name"),
        "phone": row.phone("phone"),
        "email": row.text("email"),
        "language": _language(row.text("language")),
        "extra": row.rest(),
    }


def _product(row: Row) -> Values:
    return {
        "product_id": row.id("product_id"),
        "title": row.filled("title"),
        "category": row.text("category"),
        "brand": row.text("brand"),
        "description": row.text("description"),
        "attributes": row.mapping("attributes"),
        "image": row.text("image"),
        "extra": row.rest(),
    }


def _sku(row: Row) -> Values:
    currency = row.currency("currency")
    return {
        "sku_id": row.id("sku_id"),
        "product_id": row.id("product_id"),
        "options": row.options("options"),
        "price_minor": row.money("price", currency),
        "currency": currency,
        "stock": row.count("stock", least=0, default=0),
        "extra": row.extra_options("options_en") | row.rest(),
    }


def _order(row: Row) -> Values:
    currency = row.currency("currency")
    return {
        "order_id": row.id("order_id"),
        "customer_id": row.id("customer_id"),
        "status": row.choice("status", [status.value for status in OrderStatus]),
        "placed_at": row.required_time("placed_at"),
        "paid_at": row.time("paid_at"),
        "currency": currency,
        "total_minor": row.money("total", currency),
        "shipping_address": row.text("shipping_address"),
        "extra": row.extra_amount("shipping_fee", currency) | row.rest(),
    }


def _order_item(row: Row) -> Values:
    order_id = row.id("order_id")
    # An item has no currency of its own: its order has.
    currency = row.conventions.order_currencies.get(order_id, row.conventions.currency)
    return {
        "order_id": order_id,
        "sku_id": row.id("sku_id"),
        "quantity": row.count("quantity", least=1),
        "unit_price_minor": row.money("unit_price", currency),
        "extra": row.rest(),
    }


def _shipment(row: Row) -> Values:
    return {
        "order_id": row.id("order_id"),
        "tracking_no": row.number("tracking_no"),
        "carrier": row.text("carrier"),
        "status": row.text("status"),
        "shipped_at": row.time("shipped_at"),
        "delivered_at": row.time("delivered_at"),
        "events": row.events("events"),
        "extra": row.extra_time("expected_at") | row.rest(),
    }


def _language(text: str) -> str:
    """`zh-CN` and `EN` as `zh` and `en`."""
    return text.lower().replace("_", "-").partition("-")[0]


# In an order in which what is referred to comes first.
KINDS: tuple[Kind, ...] = (
    Kind(
        table="customers",
        key=("customer_id",),
        required=("customer_id",),
        columns=("customer_id", "name", "phone", "email", "language"),
        read=_customer,
    ),
    Kind(
        table="products",
        key=("product_id",),
        required=("product_id", "title"),
        columns=("product_id", "title", "category", "brand", "description", "attributes", "image"),
        read=_product,
    ),
    Kind(
        table="skus",
        key=("sku_id",),
        required=("sku_id", "product_id", "price"),
        columns=("sku_id", "product_id", "options", "price", "currency", "stock"),
        read=_sku,
        refers={"product_id": "products"},
    ),
    Kind(
        table="orders",
        key=("order_id",),
        required=("order_id", "customer_id", "status", "placed_at", "total"),
        columns=(
            "order_id",
            "customer_id",
            "status",
            "placed_at",
            "paid_at",
            "currency",
            "total",
            "shipping_address",
        ),
        read=_order,
        refers={"customer_id": "customers"},
    ),
    Kind(
        table="order_items",
        key=("order_id", "sku_id"),
        required=("order_id", "sku_id", "quantity", "unit_price"),
        columns=("order_id", "sku_id", "quantity", "unit_price"),
        read=_order_item,
        refers={"order_id": "orders", "sku_id": "skus"},
    ),
    Kind(
        table="shipments",
        key=("order_id", "tracking_no"),
        required=("order_id", "tracking_no"),
        columns=("order_id", "carrier", "tracking_no", "status", "shipped_at", "delivered_at", "events"),
        read=_shipment,
        refers={"order_id": "orders"},
    ),
)
