"""States of orders, refunds and stock: what a wording leaves open, what records tell and exclude."""

from __future__ import annotations

import pytest

from support.guard import judge
from support.guard.reading import read
from support.guard.records import truths
from support.guard.states import states

ON_ITS_WAY = (
    "订单 6201184406735：已发货，运输中\n• 三人速开帐篷  ¥499.00\n京东物流 JDVA47790132865\n"
    "  11月20日 08:16  【成都武侯区】快递员正在派送，请保持电话畅通\n"
    "  11月20日 05:40  【成都转运中心】包裹已到达\n预计 11月20日 送达"
)
PAID = "Order 6207420096613: paid, not shipped yet\n• Slim 5G phone  ¥2,699.00\nPaid ¥2,599.00"
TWO_REFUNDS = [
    "RF-90511: order FF-661702, £64.00, requested on 18 November, approved, on its way back",
    "RF-90533: order FF-661702, £129.00, requested on 20 November, being reviewed by a colleague",
]
PAN = "煎锅 (P4003)\n28cm: ¥149.00, 有货\n24cm: ¥129.00, 缺货"


@pytest.mark.parametrize(
    ("clause", "stages"),
    [
        ("it hasn't left our warehouse", "UPXR"),
        ("还没有付钱", "UX"),
        ("already out with the courier", "O"),
        ("快递员正在送", "O"),
        ("the security desk signed for it", "DR"),
        ("sitting at the Nanjing sorting centre", "TF"),
    ],
)
def test_a_wording_leaves_some_stages_open(clause: str, stages: str) -> None:
    assert states(clause) == [("order", frozenset(stages))]


@pytest.mark.parametrize(
    "clause",
    ["如果已经签收", "已发货的订单", "once it has shipped", "发货后", "is it in stock?", "取消不了"],
)
def test_a_condition_a_question_or_a_case_asserts_no_state(clause: str) -> None:
    assert states(clause) == []


def test_the_newest_line_of_the_tracking_tells_where_a_parcel_is() -> None:
    (order,) = truths(read(ON_ITS_WAY))
    assert order.stages == {"O"}


def test_a_passage_tells_of_cases_and_of_no_state() -> None:
    assert truths(read("取消订单 · 规则\n已发货：不能取消了，请申请拦截。")) == []


@pytest.mark.parametrize(
    "answer",
    [
        "包裹正在派件路上，还没签收。",
        "它 20 号凌晨 5:40 到的成都转运中心，8:16 开始派送。",  # what was, with its hour
    ],
)
def test_what_the_records_leave_open_stands(answer: str) -> None:
    assert judge(answer, [ON_ITS_WAY]).unsupported == ()


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("包裹还停在转运中心。", ON_ITS_WAY),
        ("We have your payment and the phone has left our warehouse.", PAID),
        ("It was delivered to your neighbour.", PAID),
        ("您的退款已经通过。", PAID),
    ],
)
def test_what_the_records_exclude_falls(answer: str, source: str) -> None:
    (claim,) = judge(answer, [source]).unsupported
    assert (claim.kind, claim.reason) == ("state", "stated otherwise")


def test_of_two_records_the_one_with_the_words_of_the_clause_decides() -> None:
    told = "£64 was approved on 18 November, whereas the £129 is still under review."
    assert judge(told, TWO_REFUNDS).stands
    assert not judge("£64 is still under review.", TWO_REFUNDS).stands


def test_a_size_belongs_to_its_stock() -> None:
    assert judge("28 厘米的 149 元，有货。", [PAN]).stands
    assert not judge("28 厘米的 149 元，已经售罄。", [PAN]).stands
