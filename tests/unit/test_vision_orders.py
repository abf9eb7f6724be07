"""What is read off the lines of an order's screenshot, layout by layout."""

from datetime import date

import pytest

from support.vision import OrderClaim, TextLine, read_order
from support.vision.orders import labelled_numbers


def at(text: str, left: int = 40, top: int = 0) -> TextLine:
    width = sum(30 if ord(letter) > 0x2E80 else 16 for letter in text)
    return TextLine(text, (left, top, left + width, top + 32), 0.99)


def page(*texts: str) -> list[TextLine]:
    """One line under the other, far enough apart to be unrelated."""
    return [at(text, top=120 * i) for i, text in enumerate(texts)]


def claim_of(*lines: TextLine) -> OrderClaim:
    claim = read_order(lines)
    assert claim is not None
    return claim


def number_of(*lines: TextLine) -> str | None:
    claim = read_order(lines)
    return claim.order_numbers[0] if claim and claim.order_numbers else None


def total_of(*texts: str) -> int | None:
    return claim_of(*page("订单号 6203847501926", *texts)).total_minor


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("订单编号：6203847501926", "6203847501926"),
        ("订单号:6203847501926 复制", "6203847501926"),
        ("订单号6203847501926复制", "6203847501926"),
        ("订单号（复制）：6203847501926", "6203847501926"),
        ("訂單編號 6203847501926", "6203847501926"),
        ("我的订单号是6203847501926，怎么还没到", "6203847501926"),
        ("订单编号：６２０３８４７５０１９２６", "6203847501926"),
        ("订单编号: 6203847501 926", "6203847501926"),
        ("订单编号: 6203 8475 01926", "6203847501926"),
        ("订单编号: 62O38475Ol926", "6203847501926"),
        ("Order number: 2024051700321", "2024051700321"),
        ("Order No. 2024051700321 Copy", "2024051700321"),
        ("OrderN0.:2024051700321", "2024051700321"),
        ("Order ID 2024051700321", "2024051700321"),
        ("Order # 2024051700321", "2024051700321"),
        ("Order #1001", "#1001"),
        ("订单 #1001", "#1001"),
        ("Order No.: SP-2024_0517", "SP-2024_0517"),
        ("Order number: SP2O24O517", "SP20240517"),
        ("Where is order 2024051700321?", "2024051700321"),
        ("订单号 6203847501926 2026-05-19 14:32:10", "6203847501926"),
        ("商户单号 6203847501926", "6203847501926"),
    ],
)
def test_a_label_and_its_number_on_one_line(text: str, number: str) -> None:
    assert number_of(at(text)) == number


def test_a_letter_that_may_be_a_misread_digit_is_offered_as_both() -> None:
    assert claim_of(at("Order number: SP2O24")).order_numbers == ("SP2024", "SP2O24")
    assert claim_of(at("Order number: O12345")).order_numbers == ("O12345", "012345")


def test_a_number_with_a_hash_is_offered_with_and_without_it() -> None:
    assert claim_of(at("Order #1001")).order_numbers == ("#1001", "1001")
    assert claim_of(at("Order #2024051700321")).order_numbers == ("2024051700321", "#2024051700321")


def test_a_number_to_the_right_of_its_label() -> None:
    assert number_of(at("订单编号"), at("6203847501926", left=400), at("复制", left=900)) == "6203847501926"


def test_a_number_cut_into_boxes_is_put_together() -> None:
    assert number_of(at("订单编号"), at("6203847", left=400), at("501926", left=520)) == "6203847501926"


def test_a_number_under_its_label() -> None:
    assert number_of(at("Order number"), at("2024051700321", top=44)) == "2024051700321"


def test_columns_with_values_under_their_labels() -> None:
    claim = claim_of(
        at("Order placed"), at("Total", left=400), at("Order number", left=700),
        at("May 19, 2026", top=44), at("$64.00", left=400, top=44), at("2024051700321", left=700, top=44),
    )  # fmt: skip
    assert (claim.order_numbers, claim.total_minor) == (("2024051700321",), 6400)
    assert claim.dates == (date(2026, 5, 19),)


@pytest.mark.parametrize(
    "text",
    [
        "快递单号：75312345678901",
        "运单号 SF1234567890123",
        "中通快递 75312345678901",
        "Tracking number: 1Z999AA10123456784",
        "Tracking #9400111899223344556677",
        "UPS 1Z999AA10123456784",
        "圆通速递：YT1234567890123",
        "RR123456785CN",
    ],
)
def test_a_parcels_number_is_not_the_orders(text: str) -> None:
    claim = claim_of(*page("订单号 6203847501926", text))
    assert claim.order_numbers == ("6203847501926",)
    assert len(claim.tracking_numbers) == 1 and claim.tracking_numbers[0] in text
    alone = read_order(page("我的订单", text))
    assert alone is None or alone.order_numbers == ()


@pytest.mark.parametrize(
    "text",
    [
        "支付宝交易号 2026051922001412341234",
        "退款编号 998877665544",
        "Invoice no. 2026-000123",
        "Refund ID 99887766",
    ],
)
def test_other_labelled_numbers_are_not_the_orders(text: str) -> None:
    assert number_of(*page(text, "订单号 6203847501926")) == "6203847501926"
    assert claim_of(*page("订单详情", text, "实付款 ¥10.00")).order_numbers == ()


def test_a_number_without_a_label_counts_where_an_order_is_spoken_of() -> None:
    assert number_of(*page("订单详情", "6203847501926", "实付款 ¥189.00")) == "6203847501926"


def test_a_bar_code_on_a_product_is_no_order() -> None:
    assert read_order(page("NATURAL SOAP", "6901234567892", "100 g")) is None


@pytest.mark.parametrize("texts", [[], ["你好，请问这件衣服有货吗"], ["9:41", "5G", "100%"]])
def test_other_pictures_make_no_claim(texts: list[str]) -> None:
    assert read_order(page(*texts)) is None


def test_several_orders_are_listed_from_the_top() -> None:
    claim = claim_of(*page("订单号 6203847501926", "合计 ¥10.00", "订单号 6203847501927", "合计 ¥20.00"))
    assert (claim.order_numbers, claim.total_minor) == (("6203847501926", "6203847501927"), 1000)


@pytest.mark.parametrize(
    ("texts", "minor"),
    [
        (["商品总价 ¥199.00", "运费 ¥10.00", "优惠 -¥20.00", "实付款 ¥189.00"], 18900),
        (["实付款：￥1,289.50"], 128950),
        (["共2件商品 合计：189元"], 18900),
        (["实付 ¥ 189 .00"], 18900),
        (["实付款 ¥l89.0O"], 18900),
        (["订单总价 ¥199.00", "实付款 ¥189.00"], 18900),
        (["合计 ¥199.00 优惠 ¥10.00 实付 ¥189.00"], 18900),
        (["实付款 189.00"], 18900),
        (["Subtotal $59.00", "Shipping $5.00", "Total $64.00"], 6400),
        (["Items total $59.00", "Order total: US$64.00"], 6400),
        (["Total (3 items): $1,064.99"], 106499),
        (["1 item Total paid $64.00"], 6400),
        (["Total savings $5.00", "Grand Total £64.00"], 6400),
        (["Total 1.299,00 €"], 129900),
        (["Amount paid CNY 64"], 6400),
        (["Total: Y64.00"], 6400),
        (["退款金额 ¥50.00"], None),
        (["Total of 2 items"], None),
        (["Total: 64"], 6400),
        (["¥59.00"], None),
    ],
)
def test_the_total_is_what_was_paid(texts: list[str], minor: int | None) -> None:
    assert total_of(*texts) == minor


def test_the_total_may_stand_to_the_right_or_below() -> None:
    number = at("订单号 6203847501926")
    beside = claim_of(
        number, at("实付款", top=200), at("¥", left=800, top=200), at("189.00", left=840, top=200)
    )
    under = claim_of(number, at("Total", top=200), at("$189.00", top=240))
    assert (beside.total_minor, beside.currency) == (18900, "CNY")
    assert (under.total_minor, under.currency) == (18900, "USD")


def test_a_word_in_a_sentence_does_not_take_the_number_under_it_for_a_total() -> None:
    claim = claim_of(
        at("The money went back the way you paid", top=0), at("Thomas 154****3411", top=40),
        at("Order total", top=200), at("$139.00", left=800, top=200), at("Order no. 6207277052438", top=300),
    )  # fmt: skip
    assert claim.total_minor == 13900


def test_every_sum_is_told_and_discounts_are_negative() -> None:
    claim = claim_of(
        *page("订单号 6203847501926", "商品总价 ¥199.00", "优惠 -¥20.00", "合计 ¥179.00", "¥199.00")
    )
    assert claim.amounts_minor == (19900, -2000, 17900)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-05-19", date(2026, 5, 19)),
        ("创建时间 2026-05-1914:32:10", date(2026, 5, 19)),
        ("2026/5/9 08:00", date(2026, 5, 9)),
        ("2026.05.19", date(2026, 5, 19)),
        ("2026年5月19日", date(2026, 5, 19)),
        ("May 19, 2026", date(2026, 5, 19)),
        ("May19,2026", date(2026, 5, 19)),
        ("19 May 2026", date(2026, 5, 19)),
        ("3rd September 2026", date(2026, 9, 3)),
        ("19/05/2026", date(2026, 5, 19)),
        ("05/19/2026", date(2026, 5, 19)),
        ("05/06/2026", date(2026, 6, 5)),
    ],
)
def test_dates_are_read_as_they_are_written(text: str, day: date) -> None:
    claim = claim_of(*page("订单号 6203847501926", text))
    assert (claim.dates, claim.order_numbers) == ((day,), ("6203847501926",))


def test_a_shop_that_counts_in_dollars_writes_the_month_first() -> None:
    assert claim_of(*page("Order #1001", "Total $9.00", "05/06/2026")).dates == (date(2026, 5, 6),)


def test_impossible_dates_are_left_out() -> None:
    assert claim_of(*page("订单号 6203847501926", "2026-13-45")).dates == ()


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("等待买家付款", "unpaid"), ("Awaiting payment", "unpaid"),
        ("等待卖家发货", "paid"), ("Not yet shipped", "paid"), ("Payment received", "paid"),
        ("卖家已发货", "shipped"), ("Out for delivery", "shipped"), ("Order status: Shipped", "shipped"),
        ("快件已签收", "delivered"), ("Delivered May 19", "delivered"), ("Arrived", "delivered"),
        ("交易成功", "completed"), ("交易关闭", "cancelled"), ("Cancelled", "cancelled"),
        ("退款成功", "refunded"), ("Refunded", "refunded"),
    ],
)  # fmt: skip
def test_the_state_is_read_from_the_shops_words(text: str, state: str) -> None:
    claim = claim_of(*page(text, "订单号 6203847501926"))
    assert (claim.states, claim.status_text) == ((state,), text)


@pytest.mark.parametrize(
    "text",
    [
        "申请退款",
        "取消订单",
        "Cancel order",
        "Total paid $5.00",
        "付款时间 2026-05-19",
        "Paid on May 19",
        "确认收货",
    ],
)
def test_buttons_and_labels_are_no_state(text: str) -> None:
    assert claim_of(*page("订单号 6203847501926", text)).states == ()


def test_a_row_of_tabs_is_no_state() -> None:
    tabs = [
        at(text, left=40 + 200 * i) for i, text in enumerate(["全部", "待付款", "待发货", "待收货", "待评价"])
    ]
    claim = claim_of(*tabs, at("已发货", top=120), at("订单号 6203847501926", top=240))
    assert claim.states == ("shipped",)


def test_numbers_that_carry_a_label_are_known_for_the_exemption() -> None:
    lines = page("订单编号 6222021001116245702", "快递单号 SF1234567890123", "4111111111111111")
    assert labelled_numbers(lines) == {"6222021001116245702", "SF1234567890123"}
