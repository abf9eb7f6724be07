"""Loading an import folder into real databases, and its documents into the shop and the search index.

What is said about each kind of bad row is in tests/unit/test_importer_checks.py.
"""

from __future__ import annotations

import asyncio
import csv
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from demo import make_shop
from support.importer import NothingToImportError, Report, Severity, import_folder
from support.importer.report import lines
from support.knowledge import Knowledge
from support.model import Money, OrderStatus, Product
from support.products.lookups import Lookup
from support.store import LedgerEntry, Store
from tests.stack import free_ports

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


class Importing:
    """An import folder, and the shop that it is loaded into."""

    def __init__(self, store: Store, tmp_path: Path) -> None:
        self.store = store
        self.folder = tmp_path / "import"
        self.shop = tmp_path / "shop"
        self.knowledge = Knowledge(tmp_path / "index", None)
        self.folder.mkdir()

    def write(self, name: str, *lines: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write_small_shop(self) -> None:
        self.write("customers.csv", "customer_id,name,phone,email", "C1,林小雨,13800001234,lin@example.com")
        self.write("products.csv", "product_id,title,category", "P1,亚麻连衣裙,女装")
        self.write(
            "skus.csv", "sku_id,product_id,options,price,stock", 'S1,P1,"{""颜色"": ""白色""}",169.00,3'
        )
        self.write_orders("A1,C1,paid,2024-05-17T01:30:00Z,169.00")
        self.write("order_items.csv", "order_id,sku_id,quantity,unit_price", "A1,S1,1,169.00")

    def write_orders(self, *rows: str) -> None:
        self.write("orders.csv", "order_id,customer_id,status,placed_at,total", *rows)

    async def load(self, *, skip_bad: bool = False) -> Report:
        return await import_folder(self.folder, self.store, self.knowledge, self.shop, skip_bad=skip_bad)

    async def status(self, order_id: str, customer_id: str = "C1") -> OrderStatus | None:
        async with self.store.reading() as unit:
            order = await unit.orders.owned(order_id, customer_id)
        return order.status if order else None

    async def product(self, product_id: str = "P1") -> Product | None:
        async with self.store.reading() as unit:
            return next(iter(await unit.products.get_many([product_id])), None)

    async def end_order(self, status: OrderStatus, outcome: str) -> None:
        """What the services do when a customer cancels or gets money back."""
        async with self.store.writing() as unit:
            await unit.orders.set_status("A1", status)
            await unit.ledger.append(_cancelled(outcome))


def _cancelled(outcome: str) -> LedgerEntry:
    return LedgerEntry(NOW, "cancel", "bot", "conv", "A1", "rule", outcome, "m1", {}, {})


@pytest.fixture
def importing(store: Store, tmp_path: Path) -> Importing:
    return Importing(store, tmp_path)


@pytest.fixture(scope="module")
def demo_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_shop.main(["--out", str(folder), "--today", "2024-06-01", "--no-pictures"])
    return folder


async def test_the_demo_shop_loads_completely_and_a_second_time_changes_nothing(
    importing: Importing, demo_shop: Path
) -> None:
    importing.folder = demo_shop
    first = await importing.load()
    assert first.problems == []
    for name, loaded in first.rows.items():
        with (demo_shop / name).open(encoding="utf-8", newline="") as stream:
            assert loaded.new == loaded.read == sum(1 for _ in csv.DictReader(stream)), name
    assert first.documents is not None
    assert first.documents.added > 40
    assert first.documents.problems == []
    second = await importing.load()
    assert {(loaded.new, loaded.changed, loaded.skipped) for loaded in second.rows.values()} == {(0, 0, 0)}
    assert second.documents is not None
    assert second.documents.unchanged == first.documents.added


async def test_records_read_back_as_they_were_written(importing: Importing, demo_shop: Path) -> None:
    importing.folder = demo_shop
    await importing.load()
    async with importing.store.reading() as unit:
        orders = await unit.orders.of_customer("C1001")
        (product,) = await unit.products.get_many(["P1001"])
    assert product.title_in("en") == "Linen square-neck dress"
    assert product.skus[0].price == Money(16900, "CNY")
    assert product.skus[0].options_en == {"Colour": "White", "Size": "S"}
    assert "P1006" in product.goes_with
    assert orders
    assert all(order.items and order.placed_at.tzinfo for order in orders)
    assert any(order.shipments and order.shipments[0].events for order in orders)


async def test_nothing_is_loaded_when_one_row_is_bad(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write("knowledge/returns.md", "# 退货", "七天无理由。")
    importing.write_orders("A1,C1,sended,2024-05-17T01:30:00Z,169.00")
    report = await importing.load()
    assert not report.loaded
    assert [(problem.file, problem.line) for problem in report.roots] == [("orders.csv", 2)]
    assert await importing.product() is None
    assert not importing.shop.exists()


async def test_nothing_is_loaded_when_writing_breaks_off(importing: Importing) -> None:
    importing.write_small_shop()

    def break_off(file: str, done: int, total: int) -> None:
        if file == "orders.csv":
            raise ConnectionError("the operator pulled the plug")

    with pytest.raises(ConnectionError):
        await import_folder(
            importing.folder, importing.store, importing.knowledge, importing.shop, progress=break_off
        )
    assert await importing.product() is None


async def test_skip_bad_loads_the_good_rows_and_names_all_others(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write_orders("A1,C1,paid,2024-05-17,169.00", "A2,C1,sended,2024-05-17,169.00")
    importing.write("shipments.csv", "order_id,tracking_no", "A2,SF1")
    report = await importing.load(skip_bad=True)
    assert report.loaded
    assert [str(problem).partition(":")[0] for problem in report.problems] == [
        "orders.csv line 3",
        "shipments.csv line 2",
    ]
    assert [problem.severity for problem in report.problems] == [Severity.ROW, Severity.FOLLOWS]
    assert (report.rows["orders.csv"].new, report.rows["orders.csv"].skipped) == (1, 1)
    assert await importing.status("A1") is OrderStatus.PAID
    assert await importing.status("A2") is None


async def test_a_changed_cell_changes_one_row(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    importing.write("skus.csv", "sku_id,product_id,price,stock", "S1,P1,159.00,2", "S2,P1,99,1")
    report = await importing.load()
    assert (report.rows["skus.csv"].new, report.rows["skus.csv"].changed) == (1, 1)
    assert report.rows["customers.csv"].changed == 0
    product = await importing.product()
    assert product is not None
    assert [sku.price.minor for sku in product.skus] == [15900, 9900]


async def test_a_column_that_a_file_lacks_keeps_its_values(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    importing.write("skus.csv", "sku_id,product_id,price", "S1,P1,159.00")
    await importing.load()
    product = await importing.product()
    assert product is not None
    assert product.skus[0].stock == 3
    assert product.skus[0].options == {"颜色": "白色"}


async def test_a_row_gone_from_a_file_stays_in_the_database(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    importing.write("products.csv", "product_id,title", "P2,衬衫")
    await importing.load()
    assert await importing.product("P1")
    assert await importing.product("P2")


async def test_a_file_alone_may_refer_to_what_the_database_has(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write(
        "orders.csv", "order_id,customer_id,status,placed_at,total,currency", "A1,C1,paid,2024-05-17,500,JPY"
    )
    importing.write("order_items.csv", "order_id,sku_id,quantity,unit_price", "A1,S1,1,500")
    await importing.load()
    for path in importing.folder.iterdir():
        path.unlink()
    importing.write("order_items.csv", "order_id,sku_id,quantity,unit_price", "A1,S1,2,250")
    assert (await importing.load()).loaded
    async with importing.store.reading() as unit:
        order = await unit.orders.owned("A1", "C1")
    assert order is not None
    assert (order.items[0].quantity, order.items[0].unit_price) == (2, Money(250, "JPY"))


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
async def test_an_older_export_does_not_undo_what_the_ledger_approved(
    importing: Importing, status: OrderStatus
) -> None:
    importing.write_small_shop()
    await importing.load()
    await importing.end_order(status, "approve")
    report = await importing.load()
    assert await importing.status("A1") is status
    assert report.notices == [
        f"orders.csv line 2: order A1 stays {status}, as the ledger says that Shopclerk decided; "
        "the file has it as paid."
    ]


async def test_a_status_that_nothing_in_the_ledger_approved_follows_the_file(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    await importing.end_order(OrderStatus.CANCELLED, "refuse")
    await importing.load()
    assert await importing.status("A1") is OrderStatus.PAID


async def test_an_order_that_we_cancelled_may_become_refunded(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    await importing.end_order(OrderStatus.CANCELLED, "approve")
    importing.write_orders("A1,C1,refunded,2024-05-17T01:30:00Z,169.00")
    assert (await importing.load()).notices == []
    assert await importing.status("A1") is OrderStatus.REFUNDED


async def test_a_cancellation_under_way_is_waited_for_and_kept(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    async with importing.store.writing() as unit:
        await unit.orders.lock_owned("A1", "C1")
        loading = asyncio.create_task(importing.load())
        await asyncio.sleep(0.3)
        await unit.orders.set_status("A1", OrderStatus.CANCELLED)
        await unit.ledger.append(_cancelled("approve"))
    assert len((await loading).notices) == 1
    assert await importing.status("A1") is OrderStatus.CANCELLED


async def test_new_skus_alone_renew_the_words_that_their_product_is_found_by(importing: Importing) -> None:
    importing.write_small_shop()
    await importing.load()
    (importing.folder / "products.csv").unlink()
    importing.write("skus.csv", "sku_id,product_id,options,price", 'S2,P1,"{""颜色"": ""墨绿""}",169.00')
    await importing.load()
    for word in ("w:亚麻", "w:白色", "w:墨绿", "in:c:white"):
        assert await _found_by(importing.store, word) == ["P1"]


async def _found_by(store: Store, token: str) -> list[str]:
    async with store.reading() as unit:
        [found] = await unit.product_index.find([Lookup((((token,),),))])
        return found


async def test_a_wrong_policy_stops_the_import_even_with_skip_bad(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write("policy.yml", "refund:", "  - id: r1", "    decision: maybe", "    explain: {}")
    report = await importing.load(skip_bad=True)
    assert not report.loaded
    (problem,) = report.problems
    assert str(problem).startswith(
        "policy.yml: refund.0.decision: Input should be 'approve', 'review' or 'refuse'"
    )
    assert await importing.product() is None


async def test_policy_gives_times_their_zone_and_amounts_their_currency(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write("policy.yml", "timezone: America/New_York", "currency: USD")
    importing.write_orders("A1,C1,paid,2024-05-17 09:30,169.00")
    await importing.load()
    async with importing.store.reading() as unit:
        order = await unit.orders.owned("A1", "C1")
    assert order is not None
    assert order.placed_at == datetime(2024, 5, 17, 13, 30, tzinfo=UTC)
    assert order.total == Money(16900, "USD")
    assert (importing.shop / "policy.yml").exists()


async def test_articles_gone_from_the_folder_are_removed_but_not_those_of_others(
    importing: Importing,
) -> None:
    importing.write("knowledge/returns.md", "# 退货", "七天无理由。")
    importing.write("knowledge/more/shipping.md", "# 运费", "满99元包邮。")
    importing.write("pictures/P1.jpg", "not looked at")
    await importing.load()
    (importing.shop / "knowledge" / "corrected.md").write_text("# 更正\n\n发票在订单页。\n", encoding="utf-8")
    (importing.folder / "knowledge" / "more" / "shipping.md").unlink()
    report = await importing.load()
    there = {path.name for path in (importing.shop / "knowledge").rglob("*.md")}
    assert there == {"returns.md", "corrected.md"}
    assert report.documents is not None
    assert (report.documents.added, report.documents.removed, report.documents.unchanged) == (1, 1, 1)
    assert (importing.shop / "pictures" / "P1.jpg").exists()


async def test_the_shops_own_folder_can_be_imported_in_place(importing: Importing) -> None:
    importing.write("knowledge/returns.md", "# 退货", "七天无理由。")
    importing.shop = importing.folder
    report = await importing.load()
    assert report.documents is not None
    assert report.documents.added == 1
    assert report.copied == {}


async def test_a_pdf_without_text_is_named_and_nothing_is_loaded(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write("knowledge/returns.md", "# 退货", "七天无理由。")
    scan = PdfWriter()
    scan.add_blank_page(width=200, height=200)
    scan.write(importing.folder / "knowledge" / "scan.pdf")
    report = await importing.load()
    (problem,) = report.problems
    assert str(problem).startswith("knowledge/scan.pdf: has no text layer")
    assert (report.loaded, await importing.product()) == (False, None)
    assert not importing.shop.exists()


async def _with_a_damaged_article(importing: Importing) -> None:
    """Two articles are loaded; then one is cut short, and the other one and a record are changed."""
    importing.write_small_shop()
    importing.write("knowledge/shipping.md", "# 运费", "满99元包邮。")
    word = docx.Document()
    word.add_paragraph("七天无理由退货。")
    path = importing.folder / "knowledge" / "returns.docx"
    word.save(str(path))
    assert (await importing.load()).loaded
    path.write_bytes(path.read_bytes()[:2000])
    importing.write("knowledge/shipping.md", "# 运费", "满199元包邮。")
    importing.write("products.csv", "product_id,title,category", "P1,亚麻长裙,女装")


async def test_a_damaged_article_stops_the_import_and_its_old_version_stays(importing: Importing) -> None:
    await _with_a_damaged_article(importing)
    report = await importing.load()
    (problem,) = report.problems
    assert str(problem).startswith("knowledge/returns.docx: cannot be read as DOCX")
    product = await importing.product()
    assert not report.loaded and product is not None and product.title == "亚麻连衣裙"
    [shipping] = await importing.knowledge.article("shipping", "zh")
    [returns] = await importing.knowledge.article("returns", "zh")
    assert (shipping.text, returns.text) == ("满99元包邮。", "七天无理由退货。")


async def test_with_skip_bad_a_damaged_articles_old_version_stays_and_the_rest_is_loaded(
    importing: Importing,
) -> None:
    await _with_a_damaged_article(importing)
    report = await importing.load(skip_bad=True)
    product = await importing.product()
    assert report.loaded and product is not None and product.title == "亚麻长裙"
    [shipping] = await importing.knowledge.article("shipping", "zh")
    [returns] = await importing.knowledge.article("returns", "zh")
    assert (shipping.text, returns.text) == ("满199元包邮。", "七天无理由退货。")
    assert report.documents is not None and report.documents.removed == 0


async def test_a_damaged_article_that_is_taken_away_is_removed_like_any_other(importing: Importing) -> None:
    await _with_a_damaged_article(importing)
    await importing.load(skip_bad=True)
    (importing.folder / "knowledge" / "returns.docx").unlink()
    report = await importing.load()
    assert report.documents is not None and report.documents.removed == 1


async def test_a_damaged_article_of_an_import_in_place_is_named_once(importing: Importing) -> None:
    importing.write("knowledge/returns.md", "# 退货", "七天无理由。")
    (importing.folder / "knowledge" / "broken.pdf").write_bytes(b"%PDF-1.4")
    importing.shop = importing.folder
    assert not (await importing.load()).loaded
    said = "\n".join(lines(await importing.load(skip_bad=True), "here"))
    assert said.count("broken.pdf") == 1
    assert "knowledge: 1 new" in said


async def test_files_that_are_not_read_are_named(importing: Importing) -> None:
    importing.write_small_shop()
    importing.write("order.csv", "order_id", "A1")
    (notice,) = (await importing.load()).notices
    assert notice.startswith("order.csv is not read: an import reads customers.csv, order_items.csv, ")


async def test_a_picture_that_is_not_there_is_named(importing: Importing) -> None:
    importing.write_small_shop()
    images = ("pictures/P1.jpg", "pictures/P2.jpg", "https://example.com/3.jpg")
    rows = [f"P{number},裙,{image}" for number, image in enumerate(images, 1)]
    importing.write("products.csv", "product_id,title,image", *rows)
    importing.write("pictures/P1.jpg", "not looked at")
    assert (await importing.load()).notices == [
        "products.csv line 3: the picture pictures/P2.jpg is not there; "
        "pictures are named by their path in the folder, as in pictures/P1.jpg."
    ]


async def test_a_folder_with_nothing_to_import_is_refused(importing: Importing) -> None:
    with pytest.raises(NothingToImportError, match=r"has none of content\.yml, customers\.csv, knowledge"):
        await importing.load()
    importing.folder = importing.folder / "nowhere"
    with pytest.raises(NothingToImportError, match="is not a folder"):
        await importing.load()


def _command(tmp_path: Path, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    settings = {"SHOPCLERK_VAR": str(tmp_path / "var"), "SHOPCLERK_SHOP": str(tmp_path / "var/shop")}
    return subprocess.run(
        [sys.executable, "-m", "support.importer", *arguments],
        cwd=ROOT,
        env={**os.environ, "SHOPCLERK_DATABASE_URL": "", **settings, **changed},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_reports_what_became_of_the_rows(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_id,title\nP1,\nP2,裙\n", encoding="utf-8")
    done = _command(tmp_path, str(tmp_path), "--skip-bad")
    assert done.returncode == 0, done.stderr
    *said, last = done.stdout.splitlines()
    assert said == [
        "products.csv line 2: title is blank: fill it in",
        "products.csv: 2 rows (1 new, 1 skipped)",
    ]
    assert last.startswith(f"Imported {tmp_path} in ")


def test_the_command_names_bad_rows_and_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_id,title\nP1,\nP2,裙\n", encoding="utf-8")
    done = _command(tmp_path, str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "products.csv line 2: title is blank: fill it in",
        f"Nothing was loaded from {tmp_path}: 1 problem to put right, named above.",
        "To load the rest all the same, add --skip-bad (with make: SKIP_BAD=1).",
    ]


def test_the_command_names_a_damaged_document_in_one_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "returns.pdf").write_bytes(b"%PDF-1.4\nnothing of the kind")
    done = _command(tmp_path, str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    first, *_ = done.stdout.splitlines()
    assert first == (
        "knowledge/returns.pdf: cannot be read as PDF (it is damaged or not complete); "
        "save it again as PDF or remove it"
    )


def test_the_command_names_a_database_that_is_away_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://clerk:hunter2@127.0.0.1:{free_ports(1)[0]}/records"
    done = _command(tmp_path, str(tmp_path), SHOPCLERK_DATABASE_URL=url)
    assert (done.returncode, done.stderr) == (1, "")
    [said] = done.stdout.splitlines()
    assert said.startswith("Nothing was loaded: cannot connect to PostgreSQL at 127.0.0.1:")
    assert said.endswith("start it, or check SHOPCLERK_DATABASE_URL")
    assert "hunter2" not in said
