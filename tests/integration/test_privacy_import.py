"""What an import does with customers who were erased while the shop's own files still have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from support.importer import Report, import_folder
from support.knowledge import Knowledge
from support.model import Order
from support.pictures import PictureStore
from support.privacy import Places, erasure
from support.privacy.erasure import Subject
from support.store import Scope, Store
from support.store.tracker import Tracker
from tests.builders import NOW

FILES = {
    "customers.csv": [
        "customer_id,name,phone,email",
        "C1,林小雨,13800001234,lin@example.com",
        "C2,陈一,13900005678,",
    ],
    "products.csv": ["product_id,title,category", "P1,亚麻连衣裙,女装"],
    "skus.csv": ["sku_id,product_id,options,price,stock", "S1,P1,{},169.00,3"],
    "orders.csv": [
        "order_id,customer_id,status,placed_at,total,shipping_address",
        "A1,C1,paid,2024-05-17T01:30:00Z,169.00,漕溪北路88号",
        "B1,C2,paid,2024-05-17T01:30:00Z,169.00,人民路1号",
    ],
    "order_items.csv": ["order_id,sku_id,quantity,unit_price", "A1,S1,1,169.00", "B1,S1,1,169.00"],
    "shipments.csv": [
        "order_id,carrier,tracking_no,status",
        "A1,顺丰,SF1,in_transit",
        "B1,顺丰,SF2,in_transit",
    ],
}


class Shop:
    """A shop whose customer C1 was imported and erased."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        (folder / "import").mkdir()

    async def load(self, *left_out: str, restore_erased: bool = False) -> Report:
        for name, lines in FILES.items():
            path = self.folder / "import" / name
            path.unlink(missing_ok=True)
            if name not in left_out:
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        knowledge = Knowledge(self.folder / "index", None)
        return await import_folder(
            self.folder / "import",
            self.store,
            knowledge,
            self.folder / "shop",
            restore_erased=restore_erased,
        )

    async def name(self, customer_id: str) -> str | None:
        async with self.store.reading() as unit:
            found = await unit.customers.get(customer_id)
        return found.name if found else None

    async def orders(self, customer_id: str) -> list[Order]:
        async with self.store.reading() as unit:
            return await unit.orders.of_customer(customer_id)


@pytest_asyncio.fixture
async def shop(store: Store, tmp_path: Path) -> AsyncIterator[Shop]:
    made = Shop(store, tmp_path)
    report = await made.load()
    assert report.loaded, report.problems
    tracker = Tracker(f"sqlite+aiosqlite:///{tmp_path / 'rasa.db'}")
    places = Places(store, tracker, PictureStore((tmp_path / "p").as_uri()), None, tmp_path / "dataset")
    await erasure.erase(places, Subject("customer", "C1"), "boss", "asked", NOW)
    yield made


async def test_who_was_erased_is_not_brought_back(shop: Shop) -> None:
    assert (await shop.load()).loaded
    assert (await shop.name("C1"), await shop.orders("C1")) == (None, [])


async def test_the_report_says_so_by_file_and_line(shop: Shop) -> None:
    (notice, *_) = [one for one in (await shop.load()).notices if "erased" in one]
    assert notice.startswith("customers.csv line 2: this customer was erased on 2024-05-20")
    assert "with 1 of the orders" in notice and "RESTORE_ERASED=1" in notice


async def test_the_orders_stay_with_the_pseudonym_and_without_address_or_parcel(shop: Shop) -> None:
    await shop.load()
    async with shop.store.reading() as unit:
        (order_id,) = await unit.erasures.orders_of_erased()
        (one,) = await unit.personal.rows("orders", ["customer_id", "shipping_address"], scope_of(order_id))
        parcels = await unit.personal.rows("shipments", ["tracking_no"], scope_of(order_id))
    assert order_id == "A1"
    assert (one["customer_id"][0], one["shipping_address"]) == ("~", "")
    assert parcels == []


async def test_files_without_the_customers_are_no_mistake(shop: Shop) -> None:
    report = await shop.load("customers.csv")
    assert (report.loaded, report.problems) == (True, [])


async def test_everybody_else_is_loaded_as_before(shop: Shop) -> None:
    await shop.load()
    assert await shop.name("C2") == "陈一"
    assert [(one.order_id, len(one.shipments)) for one in await shop.orders("C2")] == [("B1", 1)]


async def test_told_to_an_import_takes_them_in_again(shop: Shop) -> None:
    assert (await shop.load(restore_erased=True)).loaded
    assert await shop.name("C1") == "林小雨"
    (one,) = await shop.orders("C1")
    assert (one.order_id, one.shipping_address) == ("A1", "漕溪北路88号")


async def test_after_that_they_are_customers_like_any_other(shop: Shop) -> None:
    await shop.load(restore_erased=True)
    assert [one for one in (await shop.load()).notices if "erased" in one] == []


def scope_of(order_id: str) -> Scope:
    return Scope(order_ids=[order_id])
