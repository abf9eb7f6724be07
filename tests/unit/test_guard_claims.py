"""The claim gate beyond figures: states, denials, bounds, whose figure it is, promises, trimming."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.guard import judge, unsupported_claims
from support.services.claim_gate import in_words

RETURNS = (
    "退货规则 · 七天无理由退货\n签收后 7 天内，不喜欢、不合适都可以退。生鲜不支持七天无理由退货。"
    "退款 500 元以内的申请自动通过；超过 500 元由专员在 1 个工作日内审核。"
)
RETURNS_EN = (
    "Returns · Clothing\nSend items back within 28 days of delivery, with tags attached. Underwear cannot be "
    "returned once worn. Our prepaid label costs £2.95; drop-off in a store is free."
)
POSTAGE = "运费 · 普通快递\n实付满 99 元包邮；不满 99 元收 8 元运费。尺码不合适的，寄回的运费由您付。"
SHIPPED = "订单 6205845058777：已发货，运输中\n实付 ¥159.00，11月18日 12:36 下单\n预计 11月21日 送达"
PAID = "Order 6204043342157: paid, not shipped yet\nPaid ¥134.00, placed on 19 November, 16:26"
CARDIGAN = (
    "Cardigan (P1006)\nCaramel, M: ¥159.00, only 4 left\nCaramel, L: ¥159.00, in stock\n"
    "Caramel, S: ¥159.00, out of stock\nMisty blue, L: ¥159.00, out of stock"
)
APPROVED: dict[str, Any] = {
    "action": "refund",
    "outcome": "approve",
    "order_id": "6206039248712",
    "result": {"refund_id": "R261120613074", "amount_minor": 7900, "currency": "CNY"},
    "at": "2026-11-20T03:12:00Z",
}

TRUE = [
    ("生鲜不能七天无理由退货。", RETURNS),
    ("签收后七天之内，不合适可以退。", RETURNS),
    ("超过500元的，由专员在一个工作日内审核。", RETURNS),
    ("Underwear can't be returned once it has been worn.", RETURNS_EN),
    ("You have 28 days from delivery to send it back.", RETURNS_EN),
    ("满99元包邮，不满收8元。", POSTAGE),
    ("不合适的话，退回的运费由您承担。", POSTAGE),
    ("您的订单已经发货，正在路上。", SHIPPED),
    ("预计11月21日送到。", SHIPPED),
    ("Your order is paid but hasn't been shipped yet.", PAID),
    ("Caramel in L is in stock, and caramel in S is sold out.", CARDIGAN),
    ("如果已经签收，请走退货。", RETURNS),
    ("已发货的订单请先拒收。", RETURNS),
    ("请问您的订单已发货了吗？", RETURNS),
]


@pytest.mark.parametrize(("answer", "source"), TRUE)
def test_what_a_source_says_in_other_words_stands(answer: str, source: str) -> None:
    assert judge(answer, [source]).unsupported == ()


FALSE = [
    ("生鲜支持七天无理由退货。", RETURNS, "policy", "stated otherwise"),
    ("签收后7天内，不合适都不可以退。", RETURNS, "policy", "stated otherwise"),
    ("签收后7天后，不合适都可以退。", RETURNS, "policy", "stated otherwise"),
    ("Underwear can be returned once worn.", RETURNS_EN, "policy", "stated otherwise"),
    ("Drop-off in a store is not free.", RETURNS_EN, "policy", "stated otherwise"),
    ("实付满99元不包邮。", POSTAGE, "policy", "stated otherwise"),
    ("尺码不合适的，寄回的运费由我们付。", POSTAGE, "policy", "stated otherwise"),
    ("您的订单还没发货。", SHIPPED, "state", "stated otherwise"),
    ("您的订单已签收。", SHIPPED, "state", "stated otherwise"),
    ("Your order has been delivered.", PAID, "state", "stated otherwise"),
    ("Caramel in L is sold out.", CARDIGAN, "state", "of something else"),
    ("这件缺货。", RETURNS, "state", "not stated"),
    ("实付满8元包邮。", POSTAGE, "amount", "of something else"),
    ("明天送达。", SHIPPED, "date", "not stated"),
    ("共两百三十九块二。", SHIPPED, "amount", "not stated"),
]


@pytest.mark.parametrize(("answer", "source", "kind", "reason"), FALSE)
def test_what_a_source_does_not_say_is_named_with_its_reason(
    answer: str, source: str, kind: str, reason: str
) -> None:
    found = [(claim.kind, claim.reason) for claim in judge(answer, [source]).unsupported]
    assert (kind, reason) in found


def test_a_price_belongs_to_the_product_that_has_it() -> None:
    coat, boots = "Wool coat (HC-207)\nCamel: £189.00", "Walking boots (TB-311)\nBrown: £129.00"
    assert judge("The wool coat costs £189.", [coat, boots]).stands
    assert not judge("The wool coat costs £129.", [coat, boots]).stands


@pytest.mark.parametrize(
    "answer",
    ["已为您退款79元。", "We have refunded you ¥79.00.", "已经为您提交退款申请。", "您的退款已通过。"],
)
def test_what_was_done_needs_an_entry_of_the_ledger(answer: str) -> None:
    assert not judge(answer, [RETURNS]).stands
    assert judge(answer, [RETURNS], ledger=[APPROVED]).stands


@pytest.mark.parametrize(
    "answer",
    ["我已经帮您改好地址了。", "I have changed the delivery address for you.", "我们保证明天送到。"],
)
def test_no_entry_of_another_act_grounds_a_promise(answer: str) -> None:
    assert not judge(answer, [RETURNS], ledger=[APPROVED]).stands


def test_a_request_under_review_is_no_refund() -> None:
    entry = APPROVED | {"outcome": "review"}
    assert not judge("已为您退款79元。", [], ledger=[entry]).stands
    assert judge("您的退款还在审核中。", [], ledger=[entry]).stands


def test_a_figure_of_the_customers_is_no_source_for_the_shops() -> None:
    said = "你们应该赔我 300 元"
    assert not judge("我们的补贴是300元。", [POSTAGE], said=said).stands
    assert judge("按您说的300元预算，可以看这款。", [POSTAGE], said=said).stands
    assert judge("300元已经超过99元，包邮。", [POSTAGE], said=said).stands


def test_an_identifier_of_the_customers_is_never_repeated_as_true() -> None:
    assert not judge("您说的订单2024051700321。", [POSTAGE], said="订单2024051700321").stands


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("签收后7天内可以退 [1]。每单另收52元包装费。", "签收后7天内可以退 [1]。"),
        (
            "Send it back within 28 days [1]. After 92 days we can't help. Drop-off in a store is free [1].",
            "Send it back within 28 days [1]. Drop-off in a store is free [1].",
        ),
    ],
)
def test_a_sentence_that_does_not_stand_is_taken_out(answer: str, kept: str) -> None:
    assert judge(answer, [RETURNS, RETURNS_EN]).trimmed == kept


@pytest.mark.parametrize(
    "answer",
    [
        "签收后15天内可以退 [1]。生鲜不支持七天无理由退货 [1]。",  # its point is gone
        "签收后7天内可以退 [1]。每单另收52元。不过会员只收12元。",  # more is gone than is left
        "签收后7天内可以退 [1]。每单另收52元。但这笔钱之后会还。生鲜不支持七天无理由退货。",  # leans on it
    ],
)
def test_an_answer_that_is_worth_nothing_without_it_is_replaced(answer: str) -> None:
    assert judge(answer, [RETURNS]).trimmed is None


def test_an_answer_without_claims_stands_as_it_is() -> None:
    verdict = judge("您好，请问想了解哪一件？\n我帮您看看。", [])
    assert verdict.stands and verdict.claims == ()
    assert verdict.trimmed == "您好，请问想了解哪一件？\n我帮您看看。"


def test_the_log_says_why_and_repeats_nobodys_words() -> None:
    verdict = judge("张三的订单6200000000001已签收，实付88元。", [SHIPPED])
    told = in_words(verdict)
    assert "amount not stated (88元)" in told
    assert "identifier not stated" in told and "6200000000001" not in told and "张三" not in told


ARRIVAL = (
    "退款什么时候到账 · 我们什么时候退\n审核通过后马上退款，全额退款原路返回，一般 1 到 3 天到账。\n"
    "When your refund arrives · How\nOnce a claim is approved we have refunded you within a day; the full "
    "amount goes back the way you paid. A parcel may be signed for by the doorman."
)


@pytest.mark.parametrize(
    "invented",
    [
        "I have refunded you in full, the money is on its way.",
        "您的退款申请已经通过。",
        "已经给您全额退款了。",
        "Your parcel was signed for by the doorman yesterday.",
    ],
)
def test_a_passage_does_not_say_what_was_done_for_this_customer(invented: str) -> None:
    """However much it speaks of refunds and parcels: that is for records and the ledger."""
    assert unsupported_claims(invented, [ARRIVAL]) != []


AMOUNTS = st.decimals(min_value=1, max_value=9999, places=2).filter(lambda one: one % 1 != 0)
FORMS = ["¥{0}", "{0}元", "人民币{0}元", "CNY {0}", "{0} yuan", "{0:,}元", "￥{0}", "RMB {0}"]


@given(AMOUNTS, st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_an_amount_is_supported_by_itself_in_any_form(amount: Decimal, said: str, stated: str) -> None:
    assert unsupported_claims(f"一共 {said.format(amount)}。", [f"合计：{stated.format(amount)}"]) == []


@given(AMOUNTS, AMOUNTS, st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_an_amount_is_supported_by_no_other(amount: Decimal, other: Decimal, said: str, stated: str) -> None:
    answer, source = f"一共 {said.format(amount)}。", f"合计：{stated.format(other)}"
    assert bool(unsupported_claims(answer, [source])) is (amount != other)


_DIGITS = "零一二三四五六七八九"


@given(st.integers(min_value=101, max_value=999).filter(lambda one: one // 10 % 10 and one % 10))
def test_an_amount_in_words_is_the_amount_in_figures(number: int) -> None:
    hundreds, tens, ones = (int(digit) for digit in str(number))
    words = f"{_DIGITS[hundreds]}百{_DIGITS[tens]}十{_DIGITS[ones]}块"
    assert unsupported_claims(f"一共{words}。", [f"合计 ¥{number}.00"]) == []
    assert unsupported_claims(f"一共{words}二。", [f"合计 ¥{number}.20"]) == []
    assert unsupported_claims(f"一共{words}。", [f"合计 ¥{number + 1}.00"]) != []
