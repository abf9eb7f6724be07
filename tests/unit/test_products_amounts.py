"""Budgets, measures, sizes and measurements in customers' words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from support.products import amounts
from support.products.amounts import Body, Measure
from support.products.query import fold

BUDGETS = [
    ("200元以内", None, 200),
    ("两百块以下的", None, 200),
    ("不超过一百五十块", None, 150),
    ("预算三百", None, 300),
    ("300封顶", None, 300),
    ("100-300的裙子", 100, 300),
    ("一百到两百之间", 100, 200),
    ("500元以上的", 500, None),
    ("百元左右", 70, 130),
    ("预算三百上下", 210, 390),
    ("under 200", None, 200),
    ("below ¥150", None, 150),
    ("between 100 and 200", 100, 200),
    ("less than two hundred yuan", None, 200),
    ("around 300 yuan", 210, 390),
    ("up to 1,500", None, 1500),
    ("over 500", 500, None),
]
NO_BUDGETS = [
    "500毫升以上的杯子",
    "38-40码",
    "36-40",
    "7天以内能到吗",
    "1.7L以下",
    "身高170以上",
    "within 7 days",
]


@pytest.mark.parametrize(("text", "low", "high"), BUDGETS)
def test_reads_a_budget(text: str, low: int | None, high: int | None) -> None:
    budget, _ = amounts.budget(fold(text))
    assert budget is not None
    assert (budget.low, budget.high) == (low, high)


@pytest.mark.parametrize("text", NO_BUDGETS)
def test_other_numbers_are_no_budget(text: str) -> None:
    _, rest = amounts.body(fold(text))
    assert amounts.budget(rest)[0] is None


@pytest.mark.parametrize(
    ("text", "currency"), [("under $80", "$"), ("50 quid以内", "quid"), ("200元以内", ""), ("¥200以内", "¥")]
)
def test_keeps_the_currency_that_was_named(text: str, currency: str) -> None:
    budget, _ = amounts.budget(fold(text))
    assert budget is not None
    assert budget.currency == currency


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("500毫升的杯子", Measure(Decimal(500), "ml")),
        ("1.7L kettle", Measure(Decimal(1700), "ml")),
        ("40升背包", Measure(Decimal(40000), "ml")),
        ("20,000 mAh power bank", Measure(Decimal(20000), "mah")),
        ("11-inch tablet", Measure(Decimal(11), "inch")),
        ("三人帐篷", Measure(Decimal(3), "people")),
    ],
)
def test_reads_a_measure_in_base_units(text: str, measure: Measure) -> None:
    assert amounts.measures(fold(text))[0] == (measure,)


def test_256g_is_256_gb() -> None:
    (said,), _ = amounts.measures("256g的手机")
    assert said.fits(Measure(Decimal(256), "gb"))
    assert not said.fits(Measure(Decimal(256), "ml"))


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("有M码吗", ("m",)),
        ("黑色xl还有吗", ("xl",)),
        ("XXL", ("2xl",)),
        ("M还是L", ("m", "l")),
        ("38码的鞋", ("38",)),
        ("shoes in size 38", ("38",)),
        ("170/92A", ("170/92a",)),
        ("in a medium?", ("m",)),
        ("small or medium?", ("s", "m")),
        ("大号的", ("l",)),
        ("it's nice, i'm sure", ()),
        ("large canvas tote", ()),
        ("40 l pack", ()),
    ],
)
def test_reads_sizes(text: str, sizes: tuple[str, ...]) -> None:
    _, rest = amounts.measures(fold(text))
    assert amounts.sizes(rest)[0] == sizes


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("我170 60公斤穿什么码", Body(Decimal(170), Decimal(60))),
        ("身高158体重98斤", Body(Decimal(158), Decimal(49))),
        ("182 85kg 穿多大", Body(Decimal(182), Decimal(85))),
        ("175/140斤", Body(Decimal(175), Decimal(70))),
        ("1米65穿什么码", Body(Decimal(165))),
        ("i'm 178 cm tall", Body(Decimal(178))),
        ("微胖能穿吗 130斤", Body(None, Decimal(65))),
        ("脚长24.5cm穿几码", Body(foot=Decimal("24.5"))),
        ("脚长245mm", Body(foot=Decimal("24.5"))),
        ("腰围80穿几码", Body(waist=Decimal(80))),
        ("waist 32 inches", Body(waist=Decimal("81.28"))),
        ("帐篷重4.3公斤吗", Body()),
    ],
)
def test_reads_the_customers_measurements(text: str, body: Body) -> None:
    assert amounts.body(fold(text))[0] == body


def test_feet_and_pounds() -> None:
    measured, _ = amounts.body("im 5'4 and 130lbs, small or medium?")
    assert (round(measured.height or 0), round(measured.weight or 0)) == (163, 59)


def test_waist_in_chinese_feet() -> None:
    measured, _ = amounts.body(fold("腰围二尺三穿几码"))
    assert round(measured.waist or 0) == 77
