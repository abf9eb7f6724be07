"""What the records can say by themselves: money, products, and what giving goods back is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.model import SELLERS_FAULT, Money, Order, Reason
from tests.builders import NOW, days_ago, line, order, parcel, product, sku, yuan

NO_FAULT = tuple(reason for reason in Reason if reason not in SELLERS_FAULT)


# --- money -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("239.20", "CNY", 23920),
        ("239.2", "CNY", 23920),
        ("239", "USD", 23900),
        ("0", "CNY", 0),
        ("0.01", "EUR", 1),
        ("1200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("-5.00", "CNY", -500),
        ("1e2", "CNY", 10000),
    ],
)
def test_an_amount_is_kept_in_the_smallest_unit(written: str, currency: str, minor: int) -> None:
    assert Money.parse(written, currency) == Money(minor, currency)


@pytest.mark.parametrize(("written", "currency"), [("0.001", "CNY"), ("12.345", "USD"), ("10.5", "JPY")])
def test_an_amount_with_more_digits_than_the_currency_is_refused(written: str, currency: str) -> None:
    with pytest.raises(ValueError, match=f"{written} has more decimal places than {currency}"):
        Money.parse(written, currency)


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(["CNY", "USD", "JPY", "KRW"]))
def test_an_amount_written_out_reads_as_the_same_amount(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.parse(str(amount.decimal), currency) == amount


def test_the_decimal_keeps_the_places_of_the_currency() -> None:
    assert str(Money(100, "CNY").decimal) == "1.00"


def test_a_currency_without_minor_units_has_no_decimal_places() -> None:
    assert Money(100, "JPY").decimal == Decimal(100)


# --- products ----------------------------------------------------------------------------------------------


def test_the_english_title_is_the_translation() -> None:
    assert product(extra={"title_en": "Linen dress"}).title_in("en") == "Linen dress"


def test_without_a_translation_the_title_is_the_same_in_english() -> None:
    assert product().title_in("en") == "亚麻连衣裙"


def test_the_chinese_title_is_never_the_translation() -> None:
    assert product(extra={"title_en": "Linen dress"}).title_in("zh") == "亚麻连衣裙"


def test_the_english_category_is_the_translation() -> None:
    assert product(extra={"category_en": "Dresses"}).category_in("en") == "Dresses"


def test_an_empty_translation_counts_as_none() -> None:
    assert product(extra={"description_en": ""}).description_in("en") == "透气的亚麻面料"


def test_the_english_description_is_the_translation() -> None:
    assert product(extra={"description_en": "Airy linen"}).description_in("en") == "Airy linen"


def test_the_stock_of_a_product_is_the_sum_over_its_skus() -> None:
    assert product([sku("S1", stock=3), sku("S2", stock=4)]).stock == 7


def test_a_product_without_skus_has_no_stock() -> None:
    assert product().stock == 0


def test_prices_are_the_lowest_and_the_highest() -> None:
    skus = [sku("S1", "120.00"), sku("S2", "99.00"), sku("S3", "110.00")]
    assert product(skus).prices == (yuan("99.00"), yuan("120.00"))


def test_a_product_without_skus_has_no_prices() -> None:
    assert product().prices is None


def test_goes_with_lists_product_ids_as_text() -> None:
    assert product(attributes={"goes_with": ["P2", 3]}).goes_with == ("P2", "3")


@pytest.mark.parametrize("attributes", [{}, {"goes_with": None}, {"goes_with": []}])
def test_goes_with_may_be_absent(attributes: dict[str, object]) -> None:
    assert product(attributes=attributes).goes_with == ()


# --- orders ------------------------------------------------------------------------------------------------


def test_an_order_is_delivered_when_its_last_parcel_is() -> None:
    parcels = (parcel(5, 3, "SF1"), parcel(5, 1, "SF2"))
    assert order("delivered", shipments=parcels).delivered_at == days_ago(1)


def test_an_order_is_not_delivered_while_a_parcel_is_on_its_way() -> None:
    assert order("shipped", shipments=(parcel(5, 3, "SF1"), parcel(5, None, "SF2"))).delivered_at is None


def test_an_order_without_parcels_was_never_delivered() -> None:
    assert order("delivered").delivered_at is None


def test_an_order_is_shipped_when_its_first_parcel_is() -> None:
    assert order(
        "shipped", shipments=(parcel(3, None, "SF1"), parcel(5, None, "SF2"))
    ).shipped_at == days_ago(5)


def test_a_parcel_without_a_date_does_not_hide_the_one_that_has_it() -> None:
    assert order("shipped", shipments=(parcel(None, None, "SF1"), parcel(0, None, "SF2"))).shipped_at == NOW


def test_lines_come_in_the_order_of_the_order() -> None:
    one = order(items=[line("S1"), line("S2"), line("S3")])
    assert [item.sku_id for item in one.lines(["S3", "S1"])] == ["S1", "S3"]


def test_a_sku_of_another_order_is_a_key_error_that_names_it() -> None:
    with pytest.raises(KeyError, match="S9"):
        order().lines(["S1", "S9"])


@pytest.mark.parametrize(
    ("status", "expected"),
    [("unpaid", False), ("paid", True), ("shipped", True), ("delivered", False), ("cancelled", False)],
)
def test_under_way_is_paid_for_and_not_there_yet(status: str, expected: bool) -> None:
    assert order(status).is_under_way is expected


@pytest.mark.parametrize(
    ("status", "expected"), [("unpaid", True), ("paid", True), ("shipped", False), ("refunded", False)]
)
def test_an_order_can_be_changed_until_it_is_sent(status: str, expected: bool) -> None:
    assert order(status).can_be_changed is expected


@pytest.mark.parametrize("extra", [{}, {"shipping_fee": None}, {"shipping_fee": ""}])
def test_a_shop_that_does_not_state_postage_charges_none(extra: dict[str, object]) -> None:
    assert order(extra=extra).shipping_fee == 0


# --- what giving goods back is worth -----------------------------------------------------------------------


def test_one_of_two_equal_lines_is_worth_half_of_what_was_paid() -> None:
    one = order("delivered", [line("S1"), line("S2")], total="150.00")
    assert one.refundable(one.lines(["S1"]), Reason.SIZE) == yuan("75.00")


def test_a_line_counts_with_its_quantity() -> None:
    one = order("delivered", [line("S1", "50.00", 3), line("S2", "50.00")])
    assert one.refundable(one.lines(["S1"]), Reason.SIZE) == yuan("150.00")


def test_a_discount_that_does_not_divide_is_spread_to_the_last_fen() -> None:
    one = order("delivered", [line("S1", "1.00"), line("S2", "1.00"), line("S3", "1.00")], total="1.00")
    worth = [one.refundable((item,), Reason.SIZE).minor for item in one.items]
    assert worth == [33, 34, 33]


def test_postage_does_not_come_back_with_a_part() -> None:
    one = order("delivered", [line("S1"), line("S2")], total="208.00", postage="8.00")
    assert one.refundable(one.lines(["S1"]), Reason.DAMAGED) == yuan("100.00")


@pytest.mark.parametrize("reason", sorted(SELLERS_FAULT))
def test_postage_comes_back_with_the_whole_order_when_the_seller_is_at_fault(reason: Reason) -> None:
    one = order("delivered", total="108.00", postage="8.00")
    assert one.refundable(one.items, reason) == yuan("108.00")


@pytest.mark.parametrize("reason", NO_FAULT)
def test_postage_stays_with_the_shop_when_the_customer_changes_their_mind(reason: Reason) -> None:
    one = order("delivered", total="108.00", postage="8.00")
    assert one.refundable(one.items, reason) == yuan("100.00")


@pytest.mark.parametrize("reason", NO_FAULT)
def test_postage_comes_back_for_any_reason_while_nothing_was_sent(reason: Reason) -> None:
    one = order("paid", total="108.00", postage="8.00")
    assert one.refundable(one.items, reason) == yuan("108.00")


def test_an_order_that_cost_less_than_its_postage_gives_nothing_back_for_the_goods() -> None:
    one = order("delivered", total="5.00", postage="8.00")
    assert one.refundable(one.items, Reason.SIZE) == yuan("0.00")


def test_an_order_of_gifts_alone_is_worth_nothing() -> None:
    one = order("delivered", [line("S1", "0.00"), line("S2", "0.00")], total="0.00")
    assert one.refundable(one.lines(["S1"]), Reason.SIZE) == yuan("0.00")


def test_a_refund_is_in_the_currency_of_the_order() -> None:
    one = order("delivered", total="100.00")
    assert one.refundable(one.items, Reason.SIZE).currency == "CNY"


@st.composite
def sent_orders(draw: st.DrawFn) -> Order:
    """Orders of up to eight lines, with any discount, and postage inside the total."""
    lines = [
        line(f"S{number}", f"{price / 100:.2f}", quantity)
        for number, (price, quantity) in enumerate(
            draw(st.lists(st.tuples(st.integers(0, 500_000), st.integers(1, 9)), min_size=1, max_size=8))
        )
    ]
    goods = sum(one.line_total for one in lines)
    postage = draw(st.integers(0, 5_000))
    paid = draw(st.integers(0, goods))
    return order("delivered", lines, total=f"{(paid + postage) / 100:.2f}", postage=f"{postage / 100:.2f}")


@given(sent_orders(), st.sampled_from(list(Reason)))
def test_parts_never_add_up_to_more_than_what_was_paid(one: Order, reason: Reason) -> None:
    parts = sum(one.refundable((item,), reason).minor for item in one.items)
    assert parts <= one.total.minor


@given(sent_orders().filter(lambda one: sum(item.line_total for item in one.items) > 0))
def test_parts_are_together_exactly_what_was_paid_for_goods(one: Order) -> None:
    parts = sum(one.refundable((item,), Reason.SIZE).minor for item in one.items)
    # A single line is the whole order, but its reason is the customer's: no postage either way.
    assert parts == one.total.minor - one.shipping_fee


@given(sent_orders(), st.data())
def test_two_parts_that_share_nothing_add_up_to_both_at_once(one: Order, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(one.items)))
    halves = (
        one.refundable(one.items[:cut], Reason.SIZE).minor
        + one.refundable(one.items[cut:], Reason.SIZE).minor
    )
    assert halves == one.refundable(one.items, Reason.SIZE).minor


@given(sent_orders())
def test_no_line_is_worth_less_than_nothing(one: Order) -> None:
    assert all(one.refundable((item,), Reason.SIZE).minor >= 0 for item in one.items)
