"""Rulings: what goes, what is asked for and who pays, in many wordings, and which a source turns round."""

from __future__ import annotations

import pytest

from support.guard import judge

FRESH = "退换 · 生鲜\n生鲜不支持七天无理由退货。内衣、袜子、定制商品除外。退回运费由顾客承担。"
STRINGS = (
    "Workshop · Repairs\nEstimates are free. We don't repair electronics in keyboards. Two coupons cannot be "
    "stacked. You need neither a warranty card nor the invoice. The stand is sold separately."
)

AGREES = [
    ("生鲜不能七天无理由退货。", FRESH),
    ("生鲜七天无理由退货是不可以的。", FRESH),
    ("退回的运费您自己付。", FRESH),
    ("Two coupons can't be stacked.", STRINGS),
    ("You don't need a warranty card.", STRINGS),
    ("The estimate costs nothing, and the stand isn't included.", STRINGS),
    ("If two coupons can be stacked, the page says so.", STRINGS),
]
TURNED = [
    ("生鲜可以七天无理由退货。", FRESH),
    ("生鲜支持七天无理由退货。", FRESH),
    ("退回运费由我们承担。", FRESH),
    ("定制商品可以七天无理由退货。", FRESH),
    ("Two coupons can be stacked.", STRINGS),
    ("The estimates are not free.", STRINGS),
    ("You need a warranty card.", STRINGS),
]


@pytest.mark.parametrize(("answer", "source"), AGREES)
def test_the_same_ruling_in_other_words_stands(answer: str, source: str) -> None:
    assert judge(answer, [source]).unsupported == ()


@pytest.mark.parametrize(("answer", "source"), TURNED)
def test_a_ruling_turned_round_falls(answer: str, source: str) -> None:
    assert "stated otherwise" in {claim.reason for claim in judge(answer, [source]).unsupported}


def test_what_no_source_rules_on_is_not_judged() -> None:
    assert judge("You can bring your own bag.", [STRINGS]).stands
