"""Figures that follow from those which the sources state, and figures that stand in another's place."""

from __future__ import annotations

import pytest

from support.guard import judge

KETTLES = "电热水壶 (P4001)\n米白: ¥159.00, 有货\n豆绿: ¥169.00, 有货"
RETURNS = "Returns policy · 7 days\nWithin 7 days of delivery you may return an item for any reason."
DELIVERED = (
    "Order 6209904173350: delivered\n• Rice cooker (White)  ¥499.00\n• Mug (Off-white)  ¥49.00\n"
    "Paid ¥548.00, placed on 8 November, 16:45\nDelivered on 11 November, 18:20"
)
POSTAGE = "运费 · 普通快递\n实付满 99 元包邮；不满 99 元收 8 元运费。"
SHIRTS = "衬衫 (P2001)\n白色 M: ¥199.00, 有货\n说明: 每单限 5 件"


@pytest.mark.parametrize(
    ("answer", "sources"),
    [
        ("豆绿的贵 10 元。", [KETTLES]),
        ("两个一起一共 328 元。", [KETTLES]),
        ("买两个米白的一共 318 元。", [KETTLES]),
        ("You may return it until 18 November.", [RETURNS, DELIVERED]),
        ("The return period ended on the 18th.", [RETURNS, DELIVERED]),
        ("这两款都有货。", [KETTLES]),
        ("会员价 159 元，比 169 元便宜。", [KETTLES]),
        ("二月、三月、四月这三个月都一样。", ["活动 · 时间\n2月、3月、4月"]),
    ],
)
def test_what_follows_from_stated_figures_stands(answer: str, sources: list[str]) -> None:
    assert judge(answer, sources).unsupported == ()


@pytest.mark.parametrize(
    ("answer", "sources"),
    [
        ("豆绿的贵 12 元。", [KETTLES]),
        ("米白的 10 元。", [KETTLES]),  # nothing is compared
        ("It was delivered on 18 November.", [RETURNS, DELIVERED]),  # no limit
        ("You may return it until 21 November.", [RETURNS, DELIVERED]),
        ("白色 M 只剩 3 件。", [SHIRTS]),
    ],
)
def test_what_does_not_follow_falls(answer: str, sources: list[str]) -> None:
    assert not judge(answer, sources).stands


def test_two_figures_in_each_others_places_fall() -> None:
    assert judge("The rice cooker was ¥499 and the mug ¥49.", [DELIVERED]).stands
    found = judge("The rice cooker was ¥49 and the mug ¥499.", [DELIVERED]).unsupported
    assert {claim.reason for claim in found} == {"of something else"}


def test_they_fall_in_different_sentences_too() -> None:
    assert not judge("米白的 169 元。豆绿的 159 元。", [KETTLES]).stands


def test_a_rule_may_be_applied_to_a_price() -> None:
    told = "电热水壶 159 元，实付满 99 元就包邮。"
    assert judge(told, [KETTLES, POSTAGE]).stands
