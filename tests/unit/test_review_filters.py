"""Filters of the list: read from an address, written into one, refused in both languages; and the tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.review import tokens
from support.review.filters import BadFilter, Filters

SHANGHAI = ZoneInfo("Asia/Shanghai")


def parse(**flat: str) -> Filters:
    return Filters.parse(flat, SHANGHAI)


# --- reading and writing -----------------------------------------------------------------------------------


def test_an_empty_form_filters_nothing() -> None:
    assert parse(intent="", text="  ", rating="") == Filters()


def test_unknown_names_are_left_alone() -> None:
    assert parse(page="2") == Filters()


def test_days_are_the_shops_and_until_includes_its_day() -> None:
    found = parse(since="2026-11-01", until="2026-11-01")
    assert found.since == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert found.until == datetime(2026, 11, 1, 16, tzinfo=UTC)


def test_a_day_of_23_hours_ends_at_midnight() -> None:
    found = Filters.parse({"since": "2026-03-29", "until": "2026-03-29"}, ZoneInfo("Europe/Berlin"))
    assert found.since and found.until and found.until - found.since == timedelta(hours=23)


@pytest.mark.parametrize(
    "flat",
    [
        {"since": "2026-11-01", "until": "2026-11-30"},
        {"since": "2026-11-01T08:30", "confidence_below": "0.6", "confidence_above": "0.25"},
        {"flagged": "yes", "test": "no", "rating": "5", "shortest": "2", "longest": "10"},
        {"text": "退款 refund", "slot": "refund_reason=damaged", "outcome": "handed_over", "state": "saved"},
        {"regex": "退.{0,3}款", "holder": "queue", "reason": "anger", "label": "看看", "customer": "C1"},
    ],
)
def test_what_is_read_is_written_the_same(flat: dict[str, str]) -> None:
    assert parse(**flat).as_query(SHANGHAI) == flat


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("since", "yesterday"),
        ("until", "9999-12-31"),
        ("shortest", "-1"),
        ("shortest", "1e3"),
        ("longest", "²"),
        ("longest", "99999999999999999999"),
        ("confidence_below", "nan"),
        ("confidence_above", "60"),
        ("rating", "6"),
        ("flagged", "true"),
        ("holder", "nobody"),
        ("outcome", "won"),
        ("state", "done"),
        ("reason", "whim"),
        ("text", "a" * 201),
        ("text", "?!"),
        ("intent", "a\0b"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_in_both_languages(field: str, value: str) -> None:
    with pytest.raises(BadFilter) as caught:
        parse(**{field: value})
    (problem,) = caught.value.problems
    assert problem.field == field and problem.en and problem.zh != problem.en


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(BadFilter) as caught:
        parse(rating="9", holder="x", since="x")
    assert {one.field for one in caught.value.problems} == {"rating", "holder", "since"}


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadFilter, match="ends before"):
        parse(since="2026-11-02", until="2026-10-30")


# --- tokens ------------------------------------------------------------------------------------------------


def has(text: str, query: str) -> bool:
    """Whether the tokens of a text are found by a query, as both databases look for them."""
    there = tokens.words(text)
    return all(
        any(word.startswith(token) for word in there) if begins else token in there
        for token, begins in tokens.searched(query)
    )


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我想退款，怎么办", "退款"),
        ("我想退款，怎么办", "退"),
        ("我想退款，怎么办", "办"),
        ("连衣裙有M码吗", "m 裙"),
        ("连衣裙有Ｍ码吗", "M码"),
        ("I was refunded twice", "refund"),
        ("Where's my parcel?", "PARCEL where"),
        ("订单6208994779820到哪了", "62089947"),
        ("Größe ändern", "größe"),
        ("Größe ändern", "GRÖSSE"),
        ("サイズを変えたい", "サイズ"),
    ],
)
def test_words_are_found(text: str, query: str) -> None:
    assert has(text, query)


@pytest.mark.parametrize(
    ("text", "query"),
    [("我想退货", "退款"), ("I was refunded", "funded"), ("at noon", "a"), ("return it", "refund")],
)
def test_other_words_are_not_found(text: str, query: str) -> None:
    assert not has(text, query)


@given(st.text())
def test_every_text_is_found_by_itself(text: str) -> None:
    assert has(text, text)


@given(st.text())
def test_no_token_can_be_read_as_anything_but_a_token(text: str) -> None:
    made = tokens.words(text) | {tokens.fact("slot", text), *tokens.slot_facts("note", text)}
    assert not [one for one in made if set(one) & set(" '\"\\\0\n\t*&|!()<>") or one.split() != [one]]


def test_facts_are_no_words() -> None:
    assert not tokens.words("intent:refund") & {tokens.fact("intent", "refund")}
