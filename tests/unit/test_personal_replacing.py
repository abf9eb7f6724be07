"""Personal data is replaced by something of its shape, the same all through a conversation."""

from __future__ import annotations

import re

import pytest

from support.personal import Known, Masker, found

MAY = Known(
    name="May Lin",
    phone="13812345678",
    email="may.lin@gmail.com",
    addresses=("上海市徐汇区漕溪北路12号3栋402室",),
    numbers=("6205845058777", "A-1002"),
)
# A sentence, and what of it nobody may read.
PERSONAL = [
    ("我的邮箱是 li.lei_88@qq.com", "li.lei_88"),
    ("身份证 11010519491231002X", "11010519491231002X"),
    ("卡号 6222 0212 3456 7890 123", "6222 0212"),
    ("我的手机 138-1234-9876", "1234"),
    ("手机号13812349876", "13812349876"),
    ("call +44 20 7946 0958", "7946"),
    ("ring me at (415) 555-2671", "555"),
    ("车牌 京N8P8F8", "8P8F8"),
    ("寄到北京市海淀区中关村南大街5号院3号楼201室", "中关村"),
    ("send it to 10 Downing Street, Apt 4", "Downing"),
    ("我叫李雷", "李雷"),
    ("收件人：欧阳静", "欧阳"),
    ("my name is John Smith", "John"),
    ("订单 6205845058999 到哪了", "6205845058999"),
    ("order #A120398 please", "120398"),
    ("my order 6205 8450 5899 9001", "8450"),
    ("手机尾号4462", "4462"),
    ("4462", "4462"),
]
# What looks a little like it and says something else.
HARMLESS = [
    "签收后 7 天内可以退货，2026年5月19日前有效。",
    "满 1,299.00 元减 200，共 128000元",
    "尺码 170/88A，重 1500 g，型号 S2",
    "the refund takes 3-5 working days, £1200.00 at most",
    "这个多少钱？路上要几天？二楼卖的是什么？",
    "May I return it in May? It will rain.",
    "黄先森的店还开着吗",
]


@pytest.mark.parametrize(("text", "personal"), PERSONAL)
def test_it_is_replaced(text: str, personal: str) -> None:
    assert personal not in Masker("talk")(text)


@pytest.mark.parametrize("text", [text for text, _ in PERSONAL])
def test_a_check_finds_it_before_and_not_after(text: str) -> None:
    assert list(found(text))
    assert list(found(Masker("talk")(text))) == []


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_stay(text: str) -> None:
    assert Masker("talk", MAY)(text) == text
    assert list(found(text)) == []


def test_a_number_keeps_its_shape() -> None:
    masked = Masker("talk")("order #AB-120398 and 6205 8450 5899 9001 and 20240517003214")
    assert re.fullmatch(r"order #AB-\d{6} and \d{4} \d{4} \d{4} \d{4} and \d{14}", masked)


def test_the_same_value_becomes_the_same_all_through_a_conversation() -> None:
    mask = Masker("talk")
    first, second = mask("订单 6205845058777"), mask("您的 6205845058777 已发货")
    assert first.split()[1] == second.split()[1]


def test_two_values_become_two() -> None:
    first, second = Masker("talk")("6205845058777 6205845058778").split()
    assert first != second


def test_another_conversation_gets_another_number() -> None:
    text = "订单 6205845058777"
    assert Masker("one")(text) != Masker("two")(text)


def test_what_the_records_know_is_found_without_any_shape() -> None:
    known = Known(name="欧阳静怡", addresses=("桥头蓝房子",), numbers=("K77",), email="a@b.cn")
    masked = Masker("talk", known)("欧阳静怡，桥头蓝房子，a@b.cn")
    assert not re.search("欧阳|蓝房子|a@b", masked)


def test_a_phone_and_its_end_stay_together() -> None:
    mask = Masker("talk", MAY)
    phone, end = mask("13812345678"), mask("尾号 5678 对吗").split()[1]
    assert phone.endswith(end)


def test_a_name_that_is_a_word_is_masked_where_it_is_a_name() -> None:
    masked = Masker("talk", MAY)("I am may lin. May I ask, says Lin?")
    assert "lin" not in masked.lower()
    assert "May I ask" in masked


def test_what_the_shop_publishes_stays() -> None:
    article = "有问题打 400-820-1234"
    assert Masker("talk")("请打 400-820-1234", [article]) == "请打 400-820-1234"
    assert list(found("请打 400-820-1234", [article])) == []


def test_a_customers_record_is_masked_even_where_an_article_says_the_same() -> None:
    mask = Masker("talk", Known(numbers=("6205845058777",)))
    assert mask("6205845058777", ["例如 6205845058777"]) != "6205845058777"
