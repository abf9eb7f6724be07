"""Writes the import folder's CSV files (columns: "The shop's data" in the README), with a few extra columns.

Objects are JSON in one cell, money is decimal yuan, times are ISO 8601 in UTC.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from demo.catalogue import Catalogue
from demo.clock import stamp
from demo.orders import Order
from demo.people import Customer

Row = dict[str, Any]
CURRENCY = "CNY"


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def write_tables(out: Path, catalogue: Catalogue, customers: list[Customer], orders: list[Order]) -> None:
    """Writes the six files, whole."""
    _write(out / "customers.csv", map(_customer, customers))
    _write(out / "products.csv", _products(catalogue))
    _write(out / "skus.csv", _skus(catalogue))
    _write(out / "orders.csv", map(_order, orders))
    _write(out / "order_items.csv", (row for order in orders for row in _items(order)))
    _write(out / "shipments.csv", (row for order in orders for row in _shipments(order)))


def _write(file: Path, rows: Iterable[Row]) -> None:
    found = list(rows)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, found[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _customer(customer: Customer) -> Row:
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "phone": customer.phone,
        "email": customer.email,
        "language": customer.language,
    }


def _products(catalogue: Catalogue) -> Iterable[Row]:
    for product in catalogue.products:
        yield {
            "product_id": product.product_id,
            "title": product.title,
            "category": product.category,
            "brand": product.brand,
            "description": product.description,
            "attributes": _json(product.attributes),
            "image": f"pictures/{product.product_id}.jpg",
            "title_en": product.title_en,
            "category_en": product.category_en,
            "description_en": product.description_en,
            "attributes_en": _json(product.attributes_en),
        }


def _skus(catalogue: Catalogue) -> Iterable[Row]:
    for product, sku in catalogue.skus.values():
        yield {
            "sku_id": sku.sku_id,
            "product_id": product.product_id,
            "options": _json(sku.options),
            "price": yuan(sku.price),
            "currency": CURRENCY,
            "stock": sku.stock,
            "options_en": _json(sku.options_en),
        }


def _order(order: Order) -> Row:
    dates = order.dates
    return {
        "order_id": order.order_id,
        "customer_id": order.customer.customer_id,
        "status": order.status,
        "placed_at": stamp(dates.placed),
        "paid_at": stamp(dates.paid),
        "currency": CURRENCY,
        "total": yuan(order.total),
        "shipping_address": order.customer.address,
        "shipping_fee": yuan(order.shipping_fee),
        "discount": yuan(order.discount),
        "payment_method": order.payment,
        "cancelled_at": stamp(dates.cancelled),
        "refunded_at": stamp(dates.refunded),
    }


def _items(order: Order) -> Iterable[Row]:
    for line in order.lines:
        yield {
            "order_id": order.order_id,
            "sku_id": line.sku.sku_id,
            "quantity": line.quantity,
            "unit_price": yuan(line.sku.price),
        }


def _shipments(order: Order) -> Iterable[Row]:
    parcel = order.parcel
    if parcel is None:
        return
    yield {
        "order_id": order.order_id,
        "carrier": parcel.carrier,
        "tracking_no": parcel.tracking_no,
        "status": parcel.status,
        "shipped_at": stamp(parcel.shipped_at),
        "delivered_at": stamp(parcel.delivered_at),
        "events": _json([{"at": stamp(at), "text": text} for at, text in parcel.events]),
        "carrier_en": parcel.carrier_en,
        "expected_at": stamp(parcel.expected_at),
    }
