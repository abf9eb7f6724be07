"""What the operator reads about a bad row or file: the checks of the import, without a database."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support.importer.check import Checked, check, references
from support.importer.csvfile import read
from support.importer.kinds import KINDS
from support.importer.report import Report, lines
from support.importer.row import Conventions

GOOD = {
    "customers": "customer_id,name,phone,language\n"
    "C1,林小雨,13800001234,zh-CN\nC2,Emma,+44 20-7946 0018,en\n",
    "products": 'product_id,title,attributes\nP1,亚麻连衣裙,"{""material"": ""亚麻""}"\n',
    "skus": 'sku_id,product_id,options,price,stock\nS1,P1,"{""尺码"": ""M""}",169.00,3\nS2,P1,,19.5,0\n',
    "orders": "order_id,customer_id,status,placed_at,total\n"
    "#2024-1,C1,paid,2024-05-17 09:30,169.00\nA2,C2,shipped,2024-05-18T08:00:00Z,19.50\n",
    "order_items": "order_id,sku_id,quantity,unit_price\n#2024-1,S1,1,169\nA2,S2,1,19.50\n",
    "shipments": "order_id,tracking_no,carrier,events\n"
    'A2,SF10001,顺丰,"[{""at"": ""2024-05-18T20:00"", ""text"": ""已揽收""}]"\n',
}


class Files:
    """A folder of good files that a test spoils, and what the checks then say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content: dict[str, str | bytes] = dict(GOOD)
        self.known: dict[str, set[str]] = {}

    def replace(self, table: str, old: str, new: str) -> None:
        text = self.content[table]
        assert isinstance(text, str) and old in text
        self.content[table] = text.replace(old, new)

    def check(self) -> Checked:
        for table, content in self.content.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (self.folder / f"{table}.csv").write_bytes(raw)
        there = [kind for kind in KINDS if kind.table in self.content]
        files = {kind.table: read(self.folder / kind.file, kind.required) for kind in there}
        assert set(references(files)) == {"products", "customers", "orders", "skus"}
        return check(files, Conventions("CNY", ZoneInfo("Asia/Shanghai"), {}), self.known)

    def complaints(self) -> list[str]:
        """Problems to put right; those that follow from them are not said twice."""
        return [str(problem) for problem in Report(problems=self.check().problems).roots]

    def loaded(self, table: str) -> list[str]:
        """First ids of the rows that would be loaded with --skip-bad."""
        return [next(iter(record.values.values())) for record in self.check().records[table]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_good_files_have_no_complaints(files: Files) -> None:
    assert files.complaints() == []


def test_a_time_without_a_zone_is_in_the_shops_zone(files: Files) -> None:
    first, second = files.check().records["orders"]
    assert first.values["placed_at"].isoformat() == "2024-05-17T01:30:00+00:00"
    assert second.values["placed_at"].isoformat() == "2024-05-18T08:00:00+00:00"


def test_times_of_parcel_events_are_stored_in_utc(files: Files) -> None:
    (parcel,) = files.check().records["shipments"]
    assert parcel.values["events"] == [{"at": "2024-05-18T12:00:00+00:00", "text": "已揽收"}]


def test_extra_columns_are_kept_and_json_in_them_is_parsed(files: Files) -> None:
    files.content["products"] = 'product_id,title,title_en,tags,weight\nP1,连衣裙,Dress,"[""a"", 1]",{0.4}\n'
    (product,) = files.check().records["products"]
    assert product.values["extra"] == {"title_en": "Dress", "tags": ["a", 1], "weight": "{0.4}"}


def test_phones_are_stored_without_spaces_and_hyphens(files: Files) -> None:
    customers = files.check().records["customers"]
    assert [one.values["phone"] for one in customers] == ["13800001234", "+442079460018"]


def test_an_unknown_status_is_named_with_those_that_exist(files: Files) -> None:
    files.replace("orders", "shipped", "sended")
    assert files.complaints() == [
        "orders.csv line 3: status 'sended' is not one of "
        "unpaid, paid, shipped, delivered, completed, cancelled, refunded"
    ]


def test_an_unknown_customer_is_named(files: Files) -> None:
    files.replace("orders", "A2,C2", "A2,C9")
    assert files.complaints() == [
        "orders.csv line 3: customer_id 'C9' is neither in customers.csv nor in the database: "
        "add or correct it"
    ]


def test_a_customer_that_only_the_database_has_is_known(files: Files) -> None:
    files.replace("orders", "A2,C2", "A2,C9")
    files.known = {"customers": {"C9"}}
    assert files.complaints() == []


def test_an_item_of_an_unknown_sku_is_named(files: Files) -> None:
    files.replace("order_items", "A2,S2", "A2,S7")
    assert files.complaints() == [
        "order_items.csv line 3: sku_id 'S7' is neither in skus.csv nor in the database: add or correct it"
    ]


@pytest.mark.parametrize("price", ["￥169", "1,699.00", "12.3.4", "NaN", "1e3", "free"])
def test_an_amount_that_is_not_a_plain_decimal_is_named(files: Files, price: str) -> None:
    files.replace("skus", "169.00", f'"{price}"')
    assert files.complaints() == [
        f"skus.csv line 2: price '{price}' is not an amount: write it like 239.20, without currency or commas"
    ]


def test_an_amount_with_more_decimal_places_than_the_currency_is_named(files: Files) -> None:
    files.replace("skus", "169.00", "169.005")
    assert files.complaints() == ["skus.csv line 2: price: 169.005 has more decimal places than CNY"]


def test_an_items_price_is_read_in_the_currency_of_its_order(files: Files) -> None:
    files.content["orders"] = (
        "order_id,customer_id,status,placed_at,total,currency\n"
        "#2024-1,C1,paid,2024-05-17,169,JPY\nA2,C2,paid,2024-05-18,19.50,USD\n"
    )
    files.replace("order_items", "S1,1,169", "S1,1,168.50")
    assert files.complaints() == [
        "order_items.csv line 2: unit_price: 168.50 has more decimal places than JPY"
    ]


def test_a_negative_amount_is_named(files: Files) -> None:
    files.replace("orders", "19.50", "-19.50")
    assert files.complaints() == ["orders.csv line 3: total -19.50 is negative"]


def test_a_postage_that_is_not_an_amount_is_named_because_refunds_use_it(files: Files) -> None:
    files.content["orders"] = (
        "order_id,customer_id,status,placed_at,total,shipping_fee\n"
        "#2024-1,C1,paid,2024-05-17,169.00,免邮\nA2,C2,paid,2024-05-18,19.50,\n"
    )
    assert files.complaints() == [
        "orders.csv line 2: shipping_fee '免邮' is not an amount: "
        "write it like 239.20, without currency or commas"
    ]


def test_a_currency_by_its_everyday_name_is_named(files: Files) -> None:
    files.content["skus"] = "sku_id,product_id,price,currency\nS1,P1,169,RMB\nS2,P1,19,元\n"
    assert files.complaints() == [
        "skus.csv line 2: currency RMB is not an ISO 4217 code: write CNY",
        "skus.csv line 3: currency '元' is not an ISO 4217 code such as CNY or USD",
    ]


@pytest.mark.parametrize("quantity", ["0", "-2"])
def test_a_quantity_below_one_is_named(files: Files, quantity: str) -> None:
    files.replace("order_items", "S1,1,", f"S1,{quantity},")
    assert files.complaints() == [
        f"order_items.csv line 2: quantity {quantity} is too small: it must be at least 1"
    ]


def test_a_quantity_that_is_not_a_whole_number_is_named(files: Files) -> None:
    files.replace("order_items", "S1,1,", "S1,1.5,")
    assert files.complaints() == ["order_items.csv line 2: quantity '1.5' is not a whole number"]


def test_negative_stock_is_named(files: Files) -> None:
    files.replace("skus", "169.00,3", "169.00,-3")
    assert files.complaints() == ["skus.csv line 2: stock -3 is too small: it must be at least 0"]


def test_broken_json_is_named_with_an_example(files: Files) -> None:
    files.replace("products", '"{""material"": ""亚麻""}"', "{material: 亚麻}")
    (complaint,) = files.complaints()
    assert complaint.startswith("products.csv line 2: attributes is not valid JSON (Expecting property name")
    assert complaint.endswith('write it like {"material": "linen"}')


@pytest.mark.parametrize(
    "value", ['{"a": NaN}', '{"a": 1e999}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', "[" * 9999]
)
def test_json_that_a_database_cannot_store_is_named(files: Files, value: str) -> None:
    files.replace("products", '"{""material"": ""亚麻""}"', '"' + value.replace('"', '""') + '"')
    (complaint,) = files.complaints()
    assert complaint.startswith("products.csv line 2: attributes is not valid JSON")


def test_json_of_the_wrong_shape_is_named(files: Files) -> None:
    files.replace("products", '"{""material"": ""亚麻""}"', "[]")
    files.replace("shipments", '""text""', '""words""')
    product, parcel = files.complaints()
    assert product == 'products.csv line 2: attributes is not a JSON object such as {"material": "linen"}'
    assert parcel.startswith("shipments.csv line 2: events is not a JSON list of objects with at and text")


@pytest.mark.parametrize("time", ["2024/5/17 9:30", "17-05-2024", "yesterday", "0001-01-01", "2024-13-01"])
def test_a_time_that_is_not_iso_8601_is_named(files: Files, time: str) -> None:
    files.replace("orders", "2024-05-17 09:30", time)
    assert files.complaints() == [
        f"orders.csv line 2: placed_at '{time}' is not an ISO 8601 time such as 2024-05-17T09:30:00+08:00"
    ]


def test_an_expected_time_that_cannot_be_read_is_named_because_answers_use_it(files: Files) -> None:
    files.content["shipments"] = "order_id,tracking_no,expected_at\nA2,SF10001,soon\n"
    (complaint,) = files.complaints()
    assert complaint.startswith("shipments.csv line 2: expected_at 'soon' is not an ISO 8601 time")


def test_a_blank_cell_that_must_be_filled_is_named(files: Files) -> None:
    files.replace("products", "亚麻连衣裙", " ")
    files.replace("orders", "2024-05-17 09:30", "")
    assert files.complaints() == [
        "products.csv line 2: title is blank: fill it in",
        "orders.csv line 2: placed_at is blank: fill it in",
    ]


def test_an_id_with_forbidden_characters_is_named(files: Files) -> None:
    files.replace("customers", "C2,Emma", "C 2#,Emma")
    assert files.complaints()[0] == (
        "customers.csv line 3: customer_id 'C 2#' is not an id: use letters, digits, - and _, "
        "with # only at the start"
    )


@pytest.mark.parametrize("number", ["2.02405E+12", "2E+12"])
def test_a_number_rounded_by_a_spreadsheet_is_named(files: Files, number: str) -> None:
    files.replace("shipments", "SF10001", number)
    assert files.complaints() == [
        f"shipments.csv line 2: tracking_no '{number}' was rounded by a spreadsheet: "
        "format the column as text there and export again"
    ]


def test_a_phone_damaged_by_a_spreadsheet_is_named(files: Files) -> None:
    files.replace("customers", "13800001234", "1.38E+10")
    assert files.complaints() == [
        "customers.csv line 2: phone '1.38E+10' does not end in four digits: export the column as text"
    ]


def test_an_id_that_occurs_twice_is_named_with_both_lines(files: Files) -> None:
    files.replace("customers", "C2,Emma", "C1,Emma")
    files.replace("orders", "A2,C2", "A2,C1")
    assert files.complaints() == [
        "customers.csv line 3: customer_id 'C1' is also on line 2: make one row of the two"
    ]


def test_an_order_line_that_occurs_twice_is_named(files: Files) -> None:
    files.replace("order_items", "A2,S2,1,19.50", "#2024-1,S1,2,169")
    assert files.complaints() == [
        "order_items.csv line 3: order_id '#2024-1' with sku_id 'S1' is also on line 2: "
        "make one row of the two"
    ]


def test_missing_columns_are_named_once(files: Files) -> None:
    files.replace("orders", "customer_id,status", "customer,state")
    assert files.complaints() == [
        "orders.csv line 1: required columns are missing: customer_id, status "
        "(the file has order_id, customer, state, placed_at, total)"
    ]


def test_an_empty_file_is_named(files: Files) -> None:
    files.content["shipments"] = ""
    assert files.complaints() == [
        "shipments.csv line 1: required columns are missing: order_id, tracking_no (the file is empty)"
    ]


def test_a_column_that_occurs_twice_is_named(files: Files) -> None:
    files.replace("customers", "customer_id,name,phone", "customer_id,Phone,phone")
    complaint, *_ = files.complaints()
    assert complaint == "customers.csv line 1: columns occur more than once: phone; rename or drop them"


@pytest.mark.parametrize(("row", "cells"), [("C2,Emma", 2), ("C2,Emma,020,en,x", 5)])
def test_a_row_with_the_wrong_number_of_cells_is_named(files: Files, row: str, cells: int) -> None:
    files.replace("customers", "C2,Emma,+44 20-7946 0018,en", row)
    assert files.complaints() == [
        f"customers.csv line 3: has {cells} cells but the header has 4: "
        "look for a missing or an unquoted comma"
    ]


def test_a_quote_that_is_never_closed_is_named_where_it_opens(files: Files) -> None:
    files.replace("customers", "C1,林小雨", 'C1,"林小雨')
    (complaint,) = files.complaints()
    assert complaint.startswith("customers.csv line 2: the quotes of this row are not in order")


def test_the_line_of_a_row_counts_lines_inside_earlier_cells(files: Files) -> None:
    files.replace("customers", "林小雨", '"林\n小\n雨"')
    files.replace("customers", "0018", "x")
    assert files.complaints()[0].startswith("customers.csv line 5: phone")


def test_blank_lines_and_trailing_commas_are_no_rows_and_no_cells(files: Files) -> None:
    files.content["customers"] = "customer_id,name,,\r\nC1,林,,\r\n,,,\r\n\r\nC2,Emma,,\r\n"
    assert files.complaints() == []


def test_a_byte_order_mark_is_not_part_of_the_header(files: Files) -> None:
    files.content["customers"] = b"\xef\xbb\xbf" + GOOD["customers"].encode()
    assert files.complaints() == []


def test_gb18030_is_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(GOOD["customers"].encode("gb18030"))
    file = read(tmp_path / "customers.csv", ["customer_id"])
    assert file.rows[0].cells["name"] == "林小雨"
    assert file.notices == [
        "customers.csv is not UTF-8; read as GB18030. If letters look wrong, save it as UTF-8."
    ]


def test_a_stray_byte_in_a_utf8_file_is_named_by_its_row(files: Files) -> None:
    files.content["customers"] = GOOD["customers"].encode().replace(b"Emma", b"Emm\xe9")
    assert files.complaints() == [
        "customers.csv line 3: name: holds NUL characters or bytes that are not UTF-8: type the text again"
    ]


def test_a_stray_byte_in_a_column_name_is_named(files: Files) -> None:
    files.content["customers"] = GOOD["customers"].encode().replace(b"language", b"l\xe9ngua")
    complaint, *_ = files.complaints()
    assert complaint == "customers.csv line 1: column names hold bytes that are not UTF-8: type them again"


def test_a_nul_character_is_named(files: Files) -> None:
    files.replace("customers", "Emma", "Em\0ma")
    assert files.complaints()[0].startswith("customers.csv line 3: name: holds NUL characters")


def test_a_workbook_named_csv_is_named(files: Files) -> None:
    files.content["customers"] = b"PK\x03\x04rest"
    assert files.complaints() == ["customers.csv: is an Excel workbook; save it as CSV UTF-8"]


def test_utf_16_is_named(files: Files) -> None:
    files.content["customers"] = GOOD["customers"].encode("utf-16")
    assert files.complaints() == ["customers.csv: is UTF-16; save it as CSV UTF-8"]


def test_everything_wrong_with_a_row_is_named_at_once(files: Files) -> None:
    files.replace("orders", "A2,C2,shipped,2024-05-18T08:00:00Z,19.50", "A 2,C9,sent,soon,x")
    assert len([one for one in files.complaints() if one.startswith("orders.csv line 3")]) == 5


def test_rows_that_refer_to_a_bad_row_are_left_out_and_named_but_not_as_causes(files: Files) -> None:
    files.replace("customers", "+44 20-7946 0018", "none")
    assert len(files.complaints()) == 1
    assert [str(problem) for problem in files.check().problems[1:]] == [
        "orders.csv line 3: customer_id 'C2' is on customers.csv line 3, which is bad",
        "order_items.csv line 3: order_id 'A2' is on orders.csv line 3, which is bad",
        "shipments.csv line 2: order_id 'A2' is on orders.csv line 3, which is bad",
    ]
    assert files.loaded("orders") == files.loaded("order_items") == ["#2024-1"]


def test_an_order_with_one_bad_line_is_left_out_whole(files: Files) -> None:
    files.replace("order_items", "A2,S2", "A2,S1,1,5\nA2,S2")
    files.replace("order_items", "19.50", "x")
    assert [str(problem) for problem in files.check().problems[1:]] == [
        "orders.csv line 3: left out with its whole order, because order_items.csv line 4 is bad",
        "order_items.csv line 3: left out with its whole order, because order_items.csv line 4 is bad",
        "shipments.csv line 2: left out with its whole order, because order_items.csv line 4 is bad",
    ]
    assert files.loaded("orders") == files.loaded("order_items") == ["#2024-1"]


def test_a_flood_of_problems_is_cut_short_with_its_number(files: Files) -> None:
    rows = "".join(f"C{number},,,x\n" for number in range(200))
    files.content["customers"] = "customer_id,name,phone\n" + rows
    shown = list(lines(Report(problems=files.check().problems), "shop"))
    assert "… and 150 more problems of customers.csv" in shown
    assert sum(line.startswith("customers.csv line") for line in shown) == 50
