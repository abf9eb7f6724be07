"""Records in words, for a Chinese and for an English reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support import wording
from support.model import Decision, Money, OrderStatus, Outcome, ParcelEvent, Reason
from support.store import Refund
from support.wording import Reader
from tests.builders import NOW, days_ago, line, order, parcel, yuan

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZH = Reader("zh", SHANGHAI, NOW)
EN = Reader("en", SHANGHAI, NOW)


# --- money and dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Money(23920, "CNY"), "¥239.20"),
        (Money(1200, "USD"), "$12.00"),
        (Money(5, "EUR"), "€0.05"),
        (Money(123456789, "CNY"), "¥1,234,567.89"),
        (Money(1200, "JPY"), "¥1,200"),
        (Money(1200, "CHF"), "12.00 CHF"),
        (Money(0, "CNY"), "¥0.00"),
    ],
)
def test_money_has_its_symbol_and_all_its_places(amount: Money, expected: str) -> None:
    assert wording.money(amount) == expected


# Half past midnight in Shanghai is still the day before in UTC.
JUST_AFTER_MIDNIGHT = datetime(2024, 5, 17, 16, 30, tzinfo=UTC)


def test_a_chinese_date_is_that_of_the_shops_zone() -> None:
    assert wording.day(JUST_AFTER_MIDNIGHT, ZH) == "5月18日"


def test_an_english_date_is_that_of_the_shops_zone() -> None:
    assert wording.day(JUST_AFTER_MIDNIGHT, EN) == "18 May"


def test_a_moment_is_told_in_the_shops_zone() -> None:
    assert wording.moment(JUST_AFTER_MIDNIGHT, ZH) == "5月18日 00:30"


def test_an_english_moment_has_a_comma() -> None:
    assert wording.moment(JUST_AFTER_MIDNIGHT, EN) == "18 May, 00:30"


def test_a_chinese_date_of_another_year_names_the_year() -> None:
    assert wording.day(days_ago(365), ZH) == "2023年5月21日"


def test_an_english_date_of_another_year_names_the_year() -> None:
    assert wording.day(days_ago(365), EN) == "21 May 2023"


def test_this_year_is_that_of_the_shops_zone() -> None:
    new_year = Reader("zh", SHANGHAI, datetime(2023, 12, 31, 17, tzinfo=UTC))
    assert wording.day(datetime(2024, 1, 2, tzinfo=UTC), new_year) == "1月2日"


# --- items -------------------------------------------------------------------------------------------------


def test_a_chinese_item_has_title_options_and_quantity() -> None:
    assert wording.item(line(quantity=2), ZH) == "亚麻连衣裙（白色） ×2"


def test_an_english_item_has_title_options_and_quantity() -> None:
    assert wording.item(line(quantity=2), EN) == "Linen dress (white) ×2"


def test_a_single_item_has_no_quantity() -> None:
    assert wording.item(line(), EN) == "Linen dress (white)"


def test_an_item_without_options_has_no_brackets() -> None:
    assert wording.item(line(options={}), ZH) == "亚麻连衣裙"


def test_chinese_items_are_joined_with_an_enumeration_comma() -> None:
    assert wording.items([line(), line("S2", title="草帽", options={})], ZH) == "亚麻连衣裙（白色）、草帽"


def test_english_items_are_joined_with_a_comma() -> None:
    lines = [line(), line("S2", title_en="Straw hat", options_en={})]
    assert wording.items(lines, EN) == "Linen dress (white), Straw hat"


def test_the_names_of_an_item_are_in_both_languages() -> None:
    assert wording.names(line()) == "亚麻连衣裙 Linen dress 白色 white"


# --- the order card ----------------------------------------------------------------------------------------

ON_ITS_WAY = parcel(
    1,
    events=(
        ParcelEvent(NOW - timedelta(hours=30), "已揽收"),
        ParcelEvent(NOW - timedelta(hours=20), "到达杭州"),
        ParcelEvent(NOW - timedelta(hours=10), "到达上海"),
        ParcelEvent(NOW - timedelta(hours=2), "派送中"),
    ),
    expected_at=NOW + timedelta(days=1),
)


def test_the_chinese_order_card() -> None:
    one = order("shipped", [line(quantity=2)], total="190.00", shipments=(ON_ITS_WAY,))
    assert wording.order_card(one, ZH).splitlines() == [
        "订单 A1：已发货，运输中",
        "• 亚麻连衣裙（白色） ×2  ¥100.00",
        "优惠 -¥10.00",
        "实付 ¥190.00，5月18日 12:00 下单",
        "顺丰速运 SF100",
        "  5月20日 10:00  派送中",
        "  5月20日 02:00  到达上海",
        "  5月19日 16:00  到达杭州",
        "预计 5月21日 送达",
    ]


def test_the_english_order_card() -> None:
    one = order("delivered", [line()], shipped=2, delivered=1)
    assert wording.order_card(one, EN).splitlines() == [
        "Order A1: delivered",
        "• Linen dress (white)  ¥100.00",
        "Paid ¥100.00, placed on 18 May, 12:00",
        "SF Express SF100",
        "Delivered on 19 May, 12:00",
    ]


def test_an_unpaid_order_shows_a_total_in_chinese() -> None:
    assert "合计 ¥100.00" in wording.order_card(order("unpaid"), ZH)


def test_an_unpaid_order_shows_a_total_in_english() -> None:
    assert "Total ¥100.00" in wording.order_card(order("unpaid"), EN)


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_an_order_that_has_ended_shows_no_parcel(status: str) -> None:
    assert "SF100" not in wording.order_card(order(status, shipped=2), ZH)


def test_every_parcel_of_an_order_is_shown() -> None:
    card = wording.order_card(order("shipped", shipments=(parcel(1), parcel(1, number="SF200"))), EN)
    assert "SF100" in card and "SF200" in card


def test_an_order_in_a_list_is_one_line() -> None:
    assert (
        wording.order_line(order("paid"), EN) == "A1 · 18 May · Linen dress (white) · paid, not shipped yet"
    )


def test_an_order_in_a_list_shortens_what_is_in_it() -> None:
    one = order("paid", [line("S1", title="很长的名字" * 10)])
    assert "…" in wording.order_line(one, ZH)


def test_the_button_of_an_order_names_its_day_and_first_item() -> None:
    assert wording.order_button(order(), ZH) == "5月18日 亚麻连衣裙"


def test_the_button_of_an_order_without_lines_is_its_number() -> None:
    assert wording.order_button(order(items=[], total="1.00"), ZH) == "A1"


# --- refunds and decisions ---------------------------------------------------------------------------------


def refund(status: str) -> Refund:
    return Refund(
        refund_id="R1",
        key="key",
        order_id="A1",
        customer_id="C1",
        status=status,
        sku_ids=("S1",),
        reason="size",
        note="",
        evidence=(),
        amount=yuan("100.00"),
        rule="no-reason-small",
        created_at=JUST_AFTER_MIDNIGHT,
    )


def test_the_chinese_refund_line() -> None:
    expected = "R1：订单 A1，¥100.00，5月18日申请，已通过，款项原路退回"
    assert wording.refund_line(refund("approved"), ZH) == expected


def test_the_english_refund_line() -> None:
    expected = "R1: order A1, ¥100.00, requested on 18 May, being reviewed by a colleague"
    assert wording.refund_line(refund("review"), EN) == expected


@pytest.mark.parametrize("status", ["approved", "review", "refused"])
def test_every_state_of_a_refund_has_words_in_both_languages(status: str) -> None:
    assert set(wording.REFUND_STATUS[status]) == {"zh", "en"}


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_state_of_an_order_has_words_in_both_languages(status: OrderStatus) -> None:
    assert set(wording.STATUS[status]) == {"zh", "en"}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_in_both_languages(reason: Reason) -> None:
    assert set(wording.REASON[reason]) == {"zh", "en"}


@pytest.mark.parametrize("status", [one for one in OrderStatus if not order(one.value).can_be_changed])
def test_every_order_that_can_no_longer_be_changed_has_a_way_out(status: OrderStatus) -> None:
    assert set(wording.TOO_LATE[status]) == {"zh", "en"}


REFUSED = Decision(
    Outcome.REFUSE,
    "late",
    {"zh": "超过期限。", "en": "It is too late."},
    {"zh": "可以保修。", "en": "The warranty holds."},
)


def test_why_and_what_else_follow_each_other_in_chinese() -> None:
    assert wording.because(REFUSED, ZH) == "超过期限。可以保修。"


def test_why_and_what_else_have_a_space_between_them_in_english() -> None:
    assert wording.because(REFUSED, EN) == "It is too late. The warranty holds."


def test_a_shop_that_wrote_only_chinese_is_better_than_silence() -> None:
    assert EN.pick({"zh": "可以"}) == "可以"


def test_no_text_at_all_is_an_empty_one() -> None:
    assert EN.pick({}) == ""


@pytest.mark.parametrize(
    ("people", "reader", "expected"),
    [(1, ZH, "1 位"), (3, ZH, "3 位"), (1, EN, "one person"), (3, EN, "3 people")],
)
def test_how_many_wait_before_the_customer(people: int, reader: Reader, expected: str) -> None:
    assert wording.ahead(people, reader) == expected


DEADLINE = datetime(2024, 5, 21, 9, 0, tzinfo=SHANGHAI)


def test_a_deadline_in_chinese() -> None:
    assert wording.deadline(DEADLINE, "zh") == "5月21日 09:00"


def test_a_deadline_in_english_says_whose_time_it_is() -> None:
    assert wording.deadline(DEADLINE, "en") == "09:00 on 21 May (shop time)"


def test_where_an_answer_comes_names_the_masked_contact() -> None:
    contact = {"by": "phone", "shown": "138****4462"}
    assert wording.reach(contact, "zh") == "会回复在这个对话里，也会拨打 138****4462 联系您。"
    assert wording.reach(contact, "en").endswith("we'll call you on 138****4462.")


def test_without_a_contact_an_answer_comes_in_the_chat() -> None:
    assert wording.reach(None, "zh") == "会回复在这个对话里，到时打开就能看到。"


def test_what_a_form_was_about_names_the_order() -> None:
    assert wording.errand("refund_form", "A1", EN) == "the refund for order A1"
