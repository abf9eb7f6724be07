"""What a customer's words are read as, in both languages; each table holds what people type."""

from __future__ import annotations

import pytest

from support import understanding
from support.model import Reason


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("6205845058777", ["6205845058777"]),
        ("我的订单 6205845058777 到哪了？（手机尾号 4462）", ["6205845058777"]),
        ("where's my parcel 2024051700321?", ["2024051700321"]),
        ("订单号是６２０５８４５０５８７７７", ["6205845058777"]),
        ("订单6205845058777分开发货", ["6205845058777"]),
        ("6412 0938 57741", ["6412093857741"]),
        ("#A1029", ["#A1029"]),
        ("订单A1029", ["A1029"]),
        ("order no. 1001 please", ["1001"]),
        ("it's SC-88213, sorry", ["SC-88213"]),
        ("不是6205845058777，是6205845058778", ["6205845058777", "6205845058778"]),
        ("手机13812349876 订单6205845058777", ["6205845058777"]),
        ("订单号 13812349876", ["13812349876"]),
    ],
)
def test_order_numbers_are_found(text: str, ids: list[str]) -> None:
    assert list(understanding.order_ids(text)) == ids


@pytest.mark.parametrize(
    "text",
    [
        "P1001",
        "P1001-38 有货吗",
        "13812349876",
        "+44 7700 900123",
        "07700 900123",
        "0571-88881234",
        "尾号4462",
        "2024年买的",
        "2024-05-17",
        "20240517",
        "¥12345.00",
        "12000元以内",
        "under 20000 yuan",
        "abc12345@example.com",
        "https://example.com/i/123456789",
        "zip 94110",
        "100000积分",
        "170 60公斤穿什么码",
        "",
        "😀",
    ],
)
def test_other_figures_are_no_order_numbers(text: str) -> None:
    assert understanding.order_ids(text) == ()


@pytest.mark.parametrize(
    ("text", "ids"), [("A1029", ["A1029"]), ("1001", ["1001"]), ("尾号4462", []), ("42", [])]
)
def test_a_short_number_counts_when_it_was_asked_for(text: str, ids: list[str]) -> None:
    assert list(understanding.order_ids(text, asked=True)) == ids


@pytest.mark.parametrize(("text", "ids"), [("A1029", ["A1029"]), ("P1001", ["P1001"]), ("4462", [])])
def test_a_bare_fact_may_be_a_short_order_number(text: str, ids: list[str]) -> None:
    assert list(understanding.short_order_ids(text)) == ids


@pytest.mark.parametrize(
    ("text", "last4"),
    [
        ("4462", "4462"),
        ("it's 4462.", "4462"),
        ("尾号４４６２", "4462"),
        ("四四六二", "4462"),
        ("4 4 6 2", "4462"),
        ("13812344462", "4462"),
        ("138 1234 4462", "4462"),
        ("my phone is 07700 900123", "0123"),
        ("尾号4462，订单A1029", "4462"),
        ("2024年买的，尾号0093", "0093"),
        ("last four digits 8826", "8826"),
        ("446", None),
        ("44621", None),
        ("不记得了", None),
    ],
)
def test_the_end_of_a_phone_number(text: str, last4: str | None) -> None:
    assert understanding.phone_last4(text) == last4


@pytest.mark.parametrize(
    ("text", "last4"),
    [
        ("订单 6205845058777 手机尾号 4462", "4462"),
        ("order 6206315573836, phone ending in 2260", "2260"),
        ("退款 6205845058777 4462", "4462"),
        ("订单 6205845058777，2024年买的", None),
        ("6205845058777 2024年的", None),
        ("2024", None),
    ],
)
def test_four_digits_in_passing_are_a_phones_only_when_that_is_clear(text: str, last4: str | None) -> None:
    assert understanding.cued_phone_last4(text) == last4


_LISTED = [
    "亚麻方领连衣裙 Linen square-neck dress 白色 M White",
    "手作釉陶马克杯 Glazed stoneware mug 蓝色 Blue",
    "羊毛袜三双装 Wool socks 黑色 L Black",
]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("2", [1]),
        ("第二个", [1]),
        ("1和3", [0, 2]),
        ("第一和第三", [0, 2]),
        ("最后一个", [2]),
        ("倒数第二个", [1]),
        ("前两个", [0, 1]),
        ("the first two", [0, 1]),
        ("the second one", [1]),
        ("the last one", [2]),
        ("item 3", [2]),
        ("全部", [0, 1, 2]),
        ("都退", [0, 1, 2]),
        ("everything", [0, 1, 2]),
        ("除了袜子都要", [0, 1]),
        ("all except the dress", [1, 2]),
        ("杯子", [1]),
        ("那个马克杯", [1]),
        ("杯子和袜子", [1, 2]),
        ("the mug and the socks", [1, 2]),
        ("蓝色那件", [1]),
        ("the blue one", [1]),
        ("L码的", [2]),
        ("4", []),
        ("耳机", []),
        ("这是第一次买就坏了", []),
        ("this is the first time", []),
        ("it's not working at all", []),
        ("不是全部", []),
    ],
)
def test_a_choice_from_a_list(text: str, chosen: list[int]) -> None:
    assert list(understanding.choices(text, _LISTED)) == chosen


def test_what_fits_two_things_equally_chooses_neither() -> None:
    dresses = ["亚麻连衣裙 白色", "针织连衣裙 黑色"]
    assert understanding.choices("连衣裙", dresses) == ()
    assert understanding.choices("黑色连衣裙", dresses) == (1,)
    assert understanding.choices("第一个", []) == ()


@pytest.mark.parametrize(
    "text", ["好的", "是的，提交吧", "嗯嗯", "确认提交", "没问题", "👍", "麻烦提交一下，谢谢", "行！"]
)
def test_a_yes_in_chinese(text: str) -> None:
    assert understanding.affirms(text)


@pytest.mark.parametrize(
    "text", ["yes", "Yes, submit it", "ok", "sure, go ahead please", "that's right", "no problem"]
)
def test_a_yes_in_english(text: str) -> None:
    assert understanding.affirms(text)


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "您好",
        "你好啊",
        "hello",
        "可以退多少",
        "好像少了一件",
        "好贵啊",
        "对了，运费谁出",
        "是什么原因",
        "行李箱呢",
        "可以退款？",
        "不",
        "好的，不过换个原因",
        "要取消",
        "ok but wait",
        "yes, if it's free",
        "right?",
        "no",
        "谢谢",
        "",
    ],
)
def test_only_an_unconditional_yes_is_one(text: str) -> None:
    assert not understanding.affirms(text)


@pytest.mark.parametrize(
    ("text", "insists"), [("取消", True), ("取消吧", True), ("Cancel it", True), ("不取消了", False)]
)
def test_insisting_on_a_cancellation(text: str, insists: bool) -> None:
    assert understanding.insists_on_cancelling(text) == insists


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("收到就是碎的", Reason.DAMAGED),
        ("it arrived broken", Reason.DAMAGED),
        ("衣服穿着太小了", Reason.SIZE),
        ("doesn't fit", Reason.SIZE),
        ("充不上电", Reason.QUALITY),
        ("it stopped working", Reason.QUALITY),
        ("发错货了，颜色不对", Reason.WRONG_ITEM),
        ("you sent me the wrong colour", Reason.WRONG_ITEM),
        ("少发了一件", Reason.MISSING_ITEM),
        ("a part is missing", Reason.MISSING_ITEM),
        ("一直没收到", Reason.NOT_RECEIVED),
        ("it never arrived", Reason.NOT_RECEIVED),
        ("不想要了", Reason.CHANGED_MIND),
        ("I changed my mind", Reason.CHANGED_MIND),
        ("其他", Reason.OTHER),
        ("我要退款", None),
        ("I want my money back", None),
    ],
)
def test_the_reason_for_a_return(text: str, reason: Reason | None) -> None:
    assert understanding.reason(text) == reason


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5),
        ("打4分", 4),
        ("五星好评", 5),
        ("⭐⭐⭐", 3),
        ("4 stars", 4),
        ("I'd give it a 2", 2),
        ("two out of five", 2),
        ("非常满意", 5),
        ("不满意", 2),
        ("太差了", 1),
        ("一般", 3),
        ("not bad", 4),
        ("terrible", 1),
        ("等了3天", None),
        ("10", None),
        ("香蕉", None),
    ],
)
def test_a_rating(text: str, score: int | None) -> None:
    assert understanding.score(text) == score


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("换个订单", "order"),
        ("different items", "items"),
        ("another reason", "reason"),
        ("换张照片", "evidence"),
        ("改", None),
    ],
)
def test_the_part_to_change(text: str, part: str | None) -> None:
    assert understanding.speaks_of(text) == part


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("修改一下", True),
        ("换个原因", True),
        ("Change something", True),
        ("帮我改一下收货地址", False),
        ("换大一码", False),
    ],
)
def test_a_wish_to_change_the_summary_is_no_other_wish(text: str, wants: bool) -> None:
    assert understanding.wants_change(text) == wants


@pytest.mark.parametrize(
    ("ask", "yes", "no"),
    [
        (understanding.skips, "跳过", "跳过第一个"),
        (understanding.skips, "No, thanks", "no photo"),
        (understanding.drops, "取消", "取消订单"),
        (understanding.drops, "cancel it", "cancel my order"),
        (understanding.keeps, "不用改了", "改"),
        (understanding.asks, "运费谁出", "运费我出"),
        (understanding.asks, "do you have dresses", "the dress"),
        (understanding.lacks, "订单号忘了", "订单号是6205845058777"),
        (understanding.lacks, "I don't have it", "here it is"),
        (understanding.asks_why, "为什么要手机号", "手机号4462"),
        (understanding.wants_list, "给我看所有订单", "我的订单 6205845058777 到哪了"),
        (understanding.wants_list, "show me my orders", "my order"),
        (understanding.wants_exchange, "想换大一码", "想退货"),
        (understanding.wants_exchange, "can I swap it", "can I return it"),
        (understanding.urges, "快点发货", "发货了吗"),
        (understanding.urges, "please hurry up", "where is it"),
        (understanding.has_no_photo, "拍不了照", "照片在这"),
        (understanding.has_no_photo, "I can't take one", "here is one"),
        (understanding.newest, "最近的那单", "那单"),
        (understanding.newest, "the latest one", "the last one"),
        (understanding.explains, "就是感觉不太行", "嗯"),
        (understanding.explains, "just not for me", "asdf"),
    ],
)
def test_plain_signs(ask: object, yes: str, no: str) -> None:
    assert callable(ask)
    assert ask(yes) is True
    assert ask(no) is False
