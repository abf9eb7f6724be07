"""The demo shop that every other test and every newcomer stands on: complete, consistent and repeatable."""

import csv
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from demo.clock import Clock
from demo.draw.text import Weight, font
from demo.make_shop import make_shop, write_shop
from demo.showcase import LANDMARK_ORDER

TODAY = date(2025, 11, 20)
NOW = datetime(2025, 11, 20, 4, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "demo"
STATES = {"unpaid", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shop")
    write_shop(make_shop(Clock.at(TODAY)), out)
    return out


def read(folder: Path, name: str) -> Rows:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_counts(folder: Path) -> None:
    """As many customers, products and orders as the demo promises."""
    products, customers = read(folder, "products"), read(folder, "customers")
    assert len(products) >= 66
    assert len({product["category"] for product in products}) >= 6
    assert len(customers) == 150
    assert 30 <= Counter(customer["language"] for customer in customers)["en"] <= 40
    orders = read(folder, "orders")
    assert len(orders) == 400
    assert {order["status"] for order in orders} == STATES


def test_ids_are_unique_and_references_exist(folder: Path) -> None:
    """Nothing points at what is not there."""
    keys = {"customers": "customer_id", "products": "product_id", "skus": "sku_id", "orders": "order_id"}
    ids = {name: [row[key] for row in read(folder, name)] for name, key in keys.items()}
    assert all(len(set(found)) == len(found) for found in ids.values())
    assert {row["product_id"] for row in read(folder, "skus")} == set(ids["products"])
    assert {row["customer_id"] for row in read(folder, "orders")} <= set(ids["customers"])
    items = read(folder, "order_items")
    assert {row["order_id"] for row in items} == set(ids["orders"])
    assert {row["sku_id"] for row in items} <= set(ids["skus"])
    assert {row["order_id"] for row in read(folder, "shipments")} <= set(ids["orders"])
    assert len({(row["order_id"], row["sku_id"]) for row in items}) == len(items)


def test_what_goes_together_exists(folder: Path) -> None:
    products = read(folder, "products")
    known = {product["product_id"] for product in products}
    for product in products:
        company = json.loads(product["attributes"])["goes_with"]
        assert company
        assert set(company) <= known - {product["product_id"]}


def test_both_languages_are_complete(folder: Path) -> None:
    """Each attribute and option has its counterpart, and no English text holds Chinese."""
    for product in read(folder, "products"):
        zh, en = json.loads(product["attributes"]), json.loads(product["attributes_en"])
        assert zh.keys() == en.keys()
        texts = (product["title_en"], product["category_en"], product["description_en"])
        assert not has_chinese("".join(texts) + json.dumps(en, ensure_ascii=False))
    for sku in read(folder, "skus"):
        options = json.loads(sku["options_en"])
        assert len(options) == len(json.loads(sku["options"]))
        assert not has_chinese(json.dumps(options, ensure_ascii=False))


def test_a_white_dress_under_200_yuan_is_in_stock(folder: Path) -> None:
    """The question that the documentation asks first has several answers."""
    titles = {product["product_id"]: product["title"] for product in read(folder, "products")}
    found = {
        sku["product_id"]
        for sku in read(folder, "skus")
        if titles[sku["product_id"]].endswith("裙")
        and "白" in sku["options"]
        and Decimal(sku["price"]) < 200
        and int(sku["stock"])
    }
    assert {"P1001", "P1002"} <= found
    assert any(int(sku["stock"]) == 0 for sku in read(folder, "skus"))


def test_totals_add_up(folder: Path) -> None:
    """Total = items + shipping - discount, and items cost what their SKU costs."""
    prices = {sku["sku_id"]: Decimal(sku["price"]) for sku in read(folder, "skus")}
    goods: dict[str, Decimal] = defaultdict(Decimal)
    for item in read(folder, "order_items"):
        assert Decimal(item["unit_price"]) == prices[item["sku_id"]]
        goods[item["order_id"]] += Decimal(item["unit_price"]) * int(item["quantity"])
    for order in read(folder, "orders"):
        expected = goods[order["order_id"]] + Decimal(order["shipping_fee"]) - Decimal(order["discount"])
        assert Decimal(order["total"]) == expected > 0


def test_dates_agree_with_the_state(folder: Path) -> None:
    """Nothing lies in the future, and each state has the moments that it implies."""
    parcels = {row["order_id"]: row for row in read(folder, "shipments")}
    for order in read(folder, "orders"):
        status, parcel = order["status"], parcels.get(order["order_id"])
        assert moment(order["placed_at"]) <= NOW
        assert bool(order["paid_at"]) == (status != "unpaid") or status == "cancelled"
        assert bool(parcel) == (status in {"shipped", "delivered", "completed"}) or status == "refunded"
        assert bool(order["cancelled_at"]) == (status == "cancelled")
        assert bool(order["refunded_at"]) == (status == "refunded")
        for at in (order["paid_at"], order["cancelled_at"], order["refunded_at"]):
            assert not at or moment(order["placed_at"]) < moment(at) <= NOW
        if parcel:
            assert bool(parcel["delivered_at"]) == (status != "shipped")
            assert moment(order["paid_at"]) < moment(parcel["shipped_at"])


def test_parcel_events_run_forward_in_the_customers_language(folder: Path) -> None:
    languages = {row["customer_id"]: row["language"] for row in read(folder, "customers")}
    buyers = {row["order_id"]: row["customer_id"] for row in read(folder, "orders")}
    parcels = read(folder, "shipments")
    for parcel in parcels:
        events = json.loads(parcel["events"])
        times = [moment(event["at"]) for event in events]
        assert times == sorted(times)
        assert times[-1] <= NOW
        chinese = languages[buyers[parcel["order_id"]]] == "zh"
        assert all(has_chinese(event["text"]) == chinese for event in events)
    states = Counter(parcel["status"] for parcel in parcels)
    assert states["lost"] == 1
    assert states["delayed"] >= 5


def test_the_documented_order(folder: Path) -> None:
    """Exactly one order has the number of the documentation; its customer has three, in different states."""
    orders = read(folder, "orders")
    [landmark] = [order for order in orders if not order["order_id"].startswith("620")]
    assert (landmark["order_id"], landmark["status"]) == (LANDMARK_ORDER, "shipped")
    own = [order["status"] for order in orders if order["customer_id"] == landmark["customer_id"]]
    assert len(own) == len(set(own)) == 3


def test_the_guide_tells_the_truth(folder: Path) -> None:
    """Each showcase order is in the state that the guide says, and opens with the digits that it gives."""
    guide = json.loads((folder / "demo_guide.json").read_text(encoding="utf-8"))
    orders = {order["order_id"]: order for order in read(folder, "orders")}
    phones = {row["customer_id"]: row["phone"] for row in read(folder, "customers")}
    delivered = {row["order_id"]: row["delivered_at"] for row in read(folder, "shipments")}
    for language in ("zh", "en"):
        own, me = guide[language]["orders"], guide[language]["customer"]
        assert phones[me["customer_id"]].endswith(me["phone_last4"])
        assert all(orders[order_id]["customer_id"] == me["customer_id"] for order_id in own.values())
        assert (orders[own["paid"]]["status"], orders[own["shipped"]]["status"]) == ("paid", "shipped")
        for recent in ("delivered_recent", "cheap_recent", "expensive"):
            assert NOW - moment(delivered[own[recent]]) < timedelta(days=7)
        assert NOW - moment(delivered[own["delivered_long_ago"]]) > timedelta(days=15)
        assert Decimal(orders[own["cheap_recent"]]["total"]) < 200
        assert Decimal(orders[own["expensive"]]["total"]) > 500
        for situation, entry in guide[language]["more"].items():
            assert phones[orders[entry["order_id"]]["customer_id"]].endswith(entry["phone_last4"]), situation


def test_same_day_same_bytes_and_every_day_same_orders(folder: Path, tmp_path: Path) -> None:
    """Made twice for one day it is identical; on another day only the dates differ."""
    write_shop(make_shop(Clock.at(TODAY)), tmp_path / "again")
    assert files(tmp_path / "again") == files(folder)
    write_shop(make_shop(Clock.at(date(2026, 3, 1))), tmp_path / "later", pictures=False)
    steady = ("order_id", "customer_id", "status", "total", "shipping_address")
    then, later = read(folder, "orders"), read(tmp_path / "later", "orders")
    assert [[row[key] for key in steady] for row in then] == [[row[key] for key in steady] for row in later]
    assert read(folder, "order_items") == read(tmp_path / "later", "order_items")
    assert later[0]["placed_at"] > then[0]["placed_at"]


def test_a_shop_made_now_has_no_future(tmp_path: Path) -> None:
    """Without --today, whatever the hour, nothing has happened that has not happened yet."""
    for hour in (0, 8, 16, 23):
        now = datetime(2025, 11, 20, hour, 1, tzinfo=UTC)
        write_shop(make_shop(Clock(now)), tmp_path, pictures=False)
        orders = read(tmp_path, "orders")
        keys = ("placed_at", "paid_at", "cancelled_at", "refunded_at")
        moments = [row[key] for row in orders for key in keys]
        moments += [event["at"] for row in read(tmp_path, "shipments") for event in json.loads(row["events"])]
        moments += [row["delivered_at"] for row in read(tmp_path, "shipments")]
        assert max(moment(at) for at in moments if at) <= now


def test_every_product_has_its_picture(folder: Path) -> None:
    for product in read(folder, "products"):
        with Image.open(folder / product["image"]) as picture:
            assert picture.size == (640, 640)


def test_screenshots_show_the_record(folder: Path) -> None:
    """Thirty true ones agree with the orders; three tampered ones do not, and say in what."""
    orders = {order["order_id"]: order for order in read(folder, "orders")}
    shots = folder / "screenshots"
    truth = json.loads((shots / "truth.json").read_text(encoding="utf-8"))
    assert len(truth) == 30
    for fact in truth:
        order = orders[fact["order_id"]]
        assert all(fact[key] == order[key] for key in ("total", "currency", "placed_at", "status"))
        with Image.open(shots / fact["file"]) as picture:
            assert min(picture.size) >= 500
    tampered = json.loads((shots / "tampered.json").read_text(encoding="utf-8"))
    assert len(tampered) == 3
    for fact in tampered:
        order = orders[fact["order_id"]]
        assert fact["record"] == {"total": order["total"], "status": order["status"]}
        assert fact["record"] != {"total": fact["total"], "status": fact["status"]}


def test_two_screenshots_lie_on_their_side(folder: Path) -> None:
    """They are upright only for those who read the EXIF orientation."""
    turned = []
    for file in sorted((folder / "screenshots").glob("order-*.jpg")):
        with Image.open(file) as picture:
            if picture.getexif().get(0x0112, 1) != 1:
                turned.append(picture.size)
    assert len(turned) == 2
    assert all(width > height for width, height in turned)


def test_fault_photos_name_products_and_reasons(folder: Path) -> None:
    truth = json.loads((folder / "faults" / "truth.json").read_text(encoding="utf-8"))
    products = {product["product_id"] for product in read(folder, "products")}
    assert len(truth) >= 12
    for fact in truth:
        assert fact["product_id"] in products
        assert fact["fault"] in {"damaged", "quality", "wrong_item", "missing_item"}
        assert (folder / "faults" / fact["file"]).stat().st_size < 1_000_000


def test_the_typeface_has_every_character_that_is_drawn() -> None:
    """A character that it lacks would be a box in a picture: see demo/assets/README.md."""
    sources = [*DEMO.glob("*.yml"), *DEMO.glob("**/*.py")]
    used = sorted(set("".join(file.read_text(encoding="utf-8") for file in sources)) - set(" \n"))
    weights: tuple[Weight, ...] = ("Regular", "Bold")
    for weight in weights:
        face = font(16, weight)
        box = bytes(face.getmask("\U0010ffff"))
        assert [character for character in used if bytes(face.getmask(character)) == box] == []
