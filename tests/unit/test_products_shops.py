"""Shops unlike the demo: other currencies, no English, Chinese names of attributes, missing data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from support.model import Language, Money, Product, Sku
from support.products import facts, replies, sizing
from support.products.amounts import Body
from support.products.options import Options, choose
from support.products.plan import decide
from support.products.query import read
from support.products.questions import how_many, ordinals
from support.products.shelf import Shelf


def product(title: str, price: str = "20.00", stock: int = 9, currency: str = "USD", **more: Any) -> Product:
    """A product with one SKU unless `skus` says otherwise."""
    product_id = more.pop("product_id", title)
    skus = more.pop("skus", None) or (
        Sku(f"{product_id}-1", product_id, {}, {}, Money.parse(price, currency), stock),
    )
    fields = {"category": "", "brand": "", "description": "", "attributes": {}, "image": "", "extra": {}}
    return Product(product_id=product_id, title=title, skus=skus, **(fields | more))


def sku(
    number: int, options: Mapping[str, str], english: Mapping[str, str], price: str = "10.00", stock: int = 9
) -> Sku:
    return Sku(f"S{number}", "P", options, english, Money.parse(price, "CNY"), stock)


def answer(products: list[Product], text: str, language: Language, about: str = "") -> str:
    shelf, query = Shelf(products), read(text)
    context = [shelf.entries[one] for one in about.split("|") if one in shelf.entries]
    plan = decide(shelf, query, context, [], pictured=False)
    shown = [entry.product for entry in plan.entries]
    return replies.compose(plan, query, shown, plan.base.product if plan.base else None, language)


def test_dollars_are_dollars_in_a_dollar_shop() -> None:
    goods = [product("Oak desk lamp", "79.00"), product("Brass desk lamp", "99.00")]
    assert "Oak desk lamp" in answer(goods, "a lamp under $80", "en")
    assert "Brass" not in answer(goods, "a lamp under $80", "en")


def test_things_no_vocabulary_knows_are_found_by_their_names() -> None:
    goods = [product("Fretless ukulele bass"), product("Tenor ukulele"), product("Banjo strings")]
    assert "Fretless ukulele bass is $20.00" in answer(goods, "how much is the fretless ukulele", "en")
    assert "couldn't find" in answer(goods, "do you have a violin", "en")


def test_attributes_under_chinese_names_answer_too() -> None:
    goods = [product("竹编茶席", attributes={"材质": "毛竹", "产地": "安吉"}, currency="CNY")]
    assert "材质：毛竹" in answer(goods, "竹编茶席是什么材质", "zh")


def test_a_product_without_skus_is_not_on_sale() -> None:
    goods = [replace(product("竹编茶席"), skus=())]
    assert "没有在售" in answer(goods, "竹编茶席", "zh", about="竹编茶席") or "没有找到" in answer(
        goods, "竹编茶席", "zh"
    )


def test_an_empty_shop_finds_nothing() -> None:
    assert "没有找到" in answer([], "连衣裙", "zh")


def test_a_sold_out_wish_names_what_is_sold_out_and_what_is_near() -> None:
    goods = [product("Wool scarf", stock=0), product("Cotton scarf"), product("Linen scarf")]
    said = answer(goods, "any wool scarf?", "en")
    assert "Wool scarf" in said and "out of stock" in said


def test_says_what_it_could_not_find_in_any_record() -> None:
    goods = [product("Cotton scarf"), product("Linen scarf")]
    assert "mentions “alpaca”" in answer(goods, "do you have an alpaca scarf", "en")


# --- options ---------------------------------------------------------------------------------------
def test_options_pair_across_languages_whatever_the_order_of_names() -> None:
    skus = (
        sku(1, {"存储": "128GB", "颜色": "银色"}, {"Colour": "Silver", "Storage": "128GB"}),
        sku(2, {"颜色": "深灰", "存储": "256GB"}, {"Storage": "256GB", "Colour": "Charcoal"}),
    )
    options = Options(product("平板", skus=skus))
    assert options.names == ("颜色", "存储")
    assert [options.values(one, "en") for one in skus] == [("Silver", "128GB"), ("Charcoal", "256GB")]


def test_options_without_english_are_shown_as_they_are() -> None:
    one = sku(1, {"口味": "抹茶"}, {"口味": "抹茶"})
    assert Options(product("饼干", skus=(one,))).values(one, "en") == ("抹茶",)


@pytest.mark.parametrize(
    ("text", "skus", "absent"),
    [
        ("白色M", "S1", ()),
        ("white in M", "S1", ()),
        ("米白的", "S3", ()),
        ("白色的", "S1 S2", ()),
        ("紫色的", "S1 S2 S3", ("colour",)),
        ("XL有吗", "S1 S2 S3", ("size",)),
        ("米白 L", "", ()),
        ("多少钱", "S1 S2 S3", ()),
    ],
)
def test_chooses_the_skus_that_the_words_name(text: str, skus: str, absent: tuple[str, ...]) -> None:
    own = product(
        "衬衫",
        skus=(
            sku(1, {"颜色": "白色", "尺码": "M"}, {"Colour": "White", "Size": "M"}),
            sku(2, {"颜色": "白色", "尺码": "L"}, {"Colour": "White", "Size": "L"}),
            sku(3, {"颜色": "米白", "尺码": "M"}, {"Colour": "Off-white", "Size": "M"}),
        ),
    )
    choice = choose(own, read(text))
    assert " ".join(one.sku_id for one in choice.skus) == skus
    assert choice.absent == absent


def test_a_price_that_depends_on_an_option_says_on_which() -> None:
    skus = (sku(1, {"容量": "小"}, {}, "10.00"), sku(2, {"容量": "大"}, {}, "15.00"))
    assert facts.prices(product("壶", skus=skus), skus, "zh") == "¥10.00（小），¥15.00（大）"


def test_a_single_size_of_a_range_is_that_range() -> None:
    own = product("袜子", skus=(sku(1, {"尺码": "36–39"}, {}), sku(2, {"尺码": "40–44"}, {})))
    assert [one.sku_id for one in choose(own, read("41码有吗")).skus] == ["S2"]


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [(0, "缺货", "out of stock"), (5, "仅剩 5 件", "only 5 left"), (6, "有货", "in stock")],
)
def test_stock_in_words(count: int, zh: str, en: str) -> None:
    assert (facts.stock(count, "zh"), facts.stock(count, "en")) == (zh, en)


# --- sizes -----------------------------------------------------------------------------------------
def test_a_chart_is_read_in_any_shape_a_shop_keeps_it() -> None:
    assert (
        sizing.chart(product("a", attributes={"size_chart": {"S": "80 cm", "M": "90 cm"}}))
        == "S 80 cm; M 90 cm"
    )
    assert sizing.chart(product("a", attributes={"尺码表": ["S = 80 cm"]})) == "S = 80 cm"
    assert sizing.chart(product("a")) == ""


def test_no_advice_beyond_the_chart() -> None:
    chart = "S 155–160 cm / 43–50 kg; M 158–165 cm / 49–57 kg"
    assert sizing.advise(chart, Body(height=None, weight=None, foot=None)).agreed == ()
    assert not sizing.advise("loose, order your usual size", read("我170 60公斤").body)


def test_without_a_chart_the_sizes_are_named_and_none_is_advised() -> None:
    skus = (sku(1, {"尺码": "M"}, {}), sku(2, {"尺码": "L"}, {}))
    said = answer([product("羊毛背心", skus=skus)], "羊毛背心我170 60公斤穿什么码", "zh")
    assert "尺码：M、L" in said and "建议选" not in said


def test_height_and_weight_that_disagree_are_both_told() -> None:
    chart = "S 155–160 cm / 43–50 kg; M 161–166 cm / 51–57 kg; L 167–175 cm / 58–66 kg"
    advice = sizing.advise(chart, read("我170 52公斤穿什么码").body)
    assert (advice.by_height, advice.by_weight, advice.agreed) == (("L",), ("M",), ())


# --- references ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("第二个", (1,)),
        ("the third one", (2,)),
        ("前两款", (0, 1)),
        ("the first two", (0, 1)),
        ("最后一个", (3,)),
        ("后两个", (2, 3)),
        ("1和3", (0, 2)),
        ("第一个和第三个", (0, 2)),
        ("第九个", ()),
        ("200元以内", ()),
        ("second hand", (1,)),
    ],
)
def test_picks_by_place(text: str, places: tuple[int, ...]) -> None:
    assert ordinals(text, 4) == places


@pytest.mark.parametrize(
    ("text", "count"), [("这两个", 2), ("these three", 3), ("both", 2), ("这俩", 2), ("那个", 0)]
)
def test_counts_what_is_spoken_of(text: str, count: int) -> None:
    assert how_many(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "？？？",
        "😀😀",
        "a" * 5000,
        "多少" * 1000,
        "200" * 300,
        "'\"\\%_;--",
        "\u202e连衣裙",
        "裙" * 500,
    ],
)
def test_odd_input_gets_an_answer(text: str) -> None:
    assert answer([product("亚麻连衣裙", currency="CNY")], text, "zh")
