"""The list of conversations on both databases: each filter, search, pages, regular expressions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.desk_data import Talk as MadeUp
from benchmarks.desk_data import conversations
from benchmarks.desk_load import Row, rows_of
from support.review.filters import BadFilter, Filters
from support.services import review
from support.store import Store
from support.store import tables as t
from support.store.review import listing
from tests.records import NOW
from tests.review_talks import Talk, put, recorded
from tests.unit.test_review_filters import has


async def ids(store: Store, **filters: Any) -> list[str]:
    page = await review.list_conversations(store, Filters(**filters))
    return [row.conversation.conversation_id for row in page.rows]


async def talks(store: Store, *made: Talk) -> None:
    await put(store, [event for talk in made for event in talk.events])


# --- each filter against plain Python over the same rows ---------------------------------------------------


async def fill(store: Store, made: list[MadeUp]) -> list[Row]:
    rows = rows_of(made)
    async with store.writing() as unit:
        await unit.connection.execute(sa.insert(t.review_conversations), [*rows["review_conversations"]])
    return rows["review_conversations"]


def names(kind: str, talk: MadeUp) -> set[str]:
    """What a conversation has of a kind, from Rasa's events themselves."""
    if kind == "intent":
        parsed = [one.body["parse_data"] for one in talk.events if one.type == "user"]
        return {one["intent"]["name"] for one in parsed}
    bodies = [one.body for one in talk.events if one.type == kind]
    of_kind = [one for one in bodies if one["name"] != "language"]  # which has a filter of its own
    found = {one["name"] for one in of_kind} - {"action_listen"}
    if kind == "slot":
        found |= {f"{one['name']}={one['value']}" for one in of_kind if isinstance(one["value"], str)}
    return found


# Filters that are a column's value, and those that compare with one.
SINGLE = {
    "channel": "channel",
    "language": "language",
    "holder": "holder",
    "outcome": "outcome",
    "reason": "handover_reason",
    "rating": "rating",
    "state": "state",
    "customer": "customer_id",
    "model": "model_id",
    "test": "is_test",
}
RANGES: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "since": ("last_at", operator.ge),
    "until": ("last_at", operator.lt),
    "shortest": ("customer_messages", operator.ge),
    "longest": ("customer_messages", operator.le),
    "confidence_below": ("lowest_confidence", operator.lt),
    "confidence_above": ("lowest_confidence", operator.gt),
}
SEVERAL = ("intent", "action", "slot")


def passes(filters: Filters, row: Row, talk: MadeUp) -> bool:
    """The meaning of filters, without an index."""
    given = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return all(meets(name, value, row, talk) for name, value in given.items() if value not in ("", None))


def meets(name: str, value: Any, row: Row, talk: MadeUp) -> bool:
    if name in SINGLE:
        return bool(row[SINGLE[name]] == value)
    if name in RANGES:
        column, compare = RANGES[name]
        return bool(row[column] is not None and compare(row[column], value))
    if name in SEVERAL:
        return value in names(name, talk)
    if name == "label":
        return value in row["labels"]
    if name == "flagged":
        return bool(row["flagged"]) is value
    assert name == "text"
    return has(row["said"], value)


def values_of(made: list[MadeUp], rows: list[Row]) -> dict[str, list[Any]]:
    """Some values for each filter."""
    found: dict[str, list[Any]] = {
        name: sorted({row[column] for row in rows} - {None, ""})[:5] for name, column in SINGLE.items()
    }
    for kind in SEVERAL:
        found[kind] = sorted(set().union(*(names(kind, talk) for talk in made)))[::9]
    found["label"] = sorted({label for row in rows for label in row["labels"]})[:3]
    times = [rows[place]["last_at"] for place in (0, len(rows) // 2, -1)]
    return found | {
        "text": ["订单", "退", "order", "refund parcel", "订单 退款", "the", rows[5]["said"][3:8]],
        "since": times,
        "until": times,
        "shortest": [1, 4, 9],
        "longest": [1, 4],
        "confidence_below": [0.1, 0.6],
        "confidence_above": [0.5, 0.95],
        "flagged": [True, False],
    }


async def everything(store: Store, filters: Filters) -> list[str]:
    """All pages, twenty at a time."""
    found: list[str] = []
    before = None
    while True:
        page = await review.list_conversations(store, filters, before=before, limit=20)
        found += [row.conversation.conversation_id for row in page.rows]
        before = page.next
        if not before:
            return found


@pytest.mark.parametrize("counted", [10, 1_000], ids=["many", "few"])
async def test_every_filter_selects_exactly_what_it_says(
    store: Store, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    """Counted to ten, the list is walked for what passes often; counted to a thousand, all is looked up."""
    monkeypatch.setattr(listing, "COUNTED", counted)
    made = list(conversations(120, seed=5, end=NOW))
    rows = await fill(store, made)
    values = values_of(made, rows)
    assert values.keys() | {"regex"} == {field.name for field in fields(Filters)}
    asked = [Filters(**{name: value}) for name, some in values.items() for value in some]
    combined = zip(values["intent"], values["language"] * 9, values["text"], strict=False)
    asked += [Filters(intent=one, language=two, text=three) for one, two, three in combined]
    for filters in asked:
        pairs = sorted(zip(rows, made, strict=True), key=lambda pair: pair[0]["last_at"], reverse=True)
        expected = [row["conversation_id"] for row, talk in pairs if passes(filters, row, talk)]
        assert await everything(store, filters) == expected, filters.as_query(UTC)


# --- search ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["运费", "包邮 新疆", "帮", "马克杯", "6208994779820", "REFUND r2611212e98bb"]
)
async def test_a_real_chinese_conversation_is_found_by_its_words(store: Store, text: str) -> None:
    await put(store, recorded("zh") + recorded("en"))
    found = await ids(store, text=text)
    assert found == ["talk-zh"]


@pytest.mark.parametrize("text", ["parcel phone", "linen", "RETURN policy", "6206315573836", "Hangzhou sort"])
async def test_a_real_english_conversation_is_found_by_its_words(store: Store, text: str) -> None:
    await put(store, recorded("zh") + recorded("en"))
    assert await ids(store, text=text) == ["talk-en"]


@pytest.mark.parametrize(
    "text", ["'", '"', "\\", "*", "a'b", "NEAR(", "!&|", ":*", "%", "😀", "--", "AND OR NOT"]
)
async def test_signs_in_a_search_are_no_orders_to_the_database(store: Store, text: str) -> None:
    await talks(store, Talk("t1").say(f"so {text} it is"), Talk("t2").say("nothing"))
    assert "t1" in await ids(store, text=text)


@pytest.mark.parametrize("value", ["it's", 'a"b', "a\\b", "x y", "50%", "粉色 M码", "*"])
async def test_signs_in_a_value_are_no_orders_to_the_database(store: Store, value: str) -> None:
    await talks(store, Talk("t1").do("act", note=value), Talk("t2").do("act", note="other"))
    assert await ids(store, slot=f"note={value}") == ["t1"]


async def test_a_page_shows_the_line_that_was_searched_for(store: Store) -> None:
    await talks(store, Talk("t1").say("你好").answer("在的").say("运费怎么算，包邮吗").answer("满 99 元包邮"))
    page = await review.list_conversations(store, Filters(text="运费"))
    assert [row.excerpt for row in page.rows] == ["运费怎么算，包邮吗"]


@pytest.mark.parametrize("search", [Filters(text="偏远"), Filters(regex="偏.地区")])
async def test_of_a_long_line_the_part_that_was_searched_for_is_shown(store: Store, search: Filters) -> None:
    await talks(
        store, Talk("t1").say("运费怎么算").answer("普通地区包邮。" * 40 + "偏远地区十元。" + "谢谢。" * 80)
    )
    (row,) = (await review.list_conversations(store, search)).rows
    assert "偏远地区" in row.excerpt
    assert row.excerpt.startswith("…") and row.excerpt.endswith("…") and len(row.excerpt) < 170


# --- pages -------------------------------------------------------------------------------------------------


def many(count: int, name: str = "t", later: timedelta = timedelta()) -> list[Talk]:
    return [Talk(f"{name}{n:03}", NOW + later + timedelta(seconds=n // 3)).say("你好") for n in range(count)]


async def test_pages_neither_repeat_nor_leave_out_while_conversations_arrive(store: Store) -> None:
    await talks(store, *many(60))
    page = await review.list_conversations(store, Filters(channel="web"), limit=10)
    found = [row.conversation.conversation_id for row in page.rows]
    while page.next:
        await talks(store, *many(5, f"new{len(found)}-", later=timedelta(hours=1)))
        page = await review.list_conversations(store, Filters(channel="web"), before=page.next, limit=10)
        found += [row.conversation.conversation_id for row in page.rows]
    assert sorted(found) == [f"t{n:03}" for n in range(60)]


async def test_the_total_is_counted_on_the_first_page_only(store: Store) -> None:
    await talks(store, *many(15))
    first = await review.list_conversations(store, Filters(), limit=10)
    second = await review.list_conversations(store, Filters(), before=first.next, limit=10)
    assert (first.total, first.total_is_more, second.total) == (15, False, None)
    assert (len(first.rows), len(second.rows), second.next) == (10, 5, None)


async def test_many_are_not_counted_to_the_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "COUNTED", 12)
    await talks(store, *many(15))
    page = await review.list_conversations(store, Filters(), limit=5)
    assert (page.total_is_more, len(page.rows)) == (True, 5)


@pytest.mark.parametrize("before", ["x", "", "..", "MQ", "é", "OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "MS4xLjE"])
async def test_a_broken_place_is_refused(store: Store, before: str) -> None:
    if before:
        with pytest.raises(BadFilter, match="page address"):
            await review.list_conversations(store, Filters(), before=before)
    else:
        assert (await review.list_conversations(store, Filters(), before=before)).rows == ()


# --- regular expressions -----------------------------------------------------------------------------------


async def test_a_regular_expression_looks_at_each_line(store: Store) -> None:
    await talks(
        store,
        Talk("t1").say("退掉这笔款").answer("好的"),
        Talk("t2").say("退").answer("款"),
        Talk("t3").say("REFUND 12"),
    )
    assert await ids(store, regex="退.*款") == ["t1"]
    assert await ids(store, regex=r"^refund \d+$") == ["t3"]
    assert await ids(store, regex="款$", text="好的") == ["t1"]


async def test_a_regular_expression_goes_through_all_pages(store: Store) -> None:
    await talks(store, *many(40), Talk("odd", NOW - timedelta(days=1)).say("不一样"))
    assert len(await everything(store, Filters(regex="你"))) == 40
    assert await everything(store, Filters(regex="不.样")) == ["odd"]


async def test_a_page_of_a_regular_expression_that_ran_out_of_time_goes_on_from_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review.listing, "_REGEX_PAGE_S", 0)
    monkeypatch.setattr(review.listing, "_WINDOW", 8)
    await talks(store, *many(20), Talk("odd", NOW - timedelta(days=1)).say("不一样"))
    page = await review.list_conversations(store, Filters(regex="不.样"))
    assert page.rows == () and page.next and page.looked_back_to and page.total is None
    assert await everything(store, Filters(regex="不.样")) == ["odd"]


@pytest.mark.parametrize("regex", ["(", "*a", "[z-a]", "(?P<n", "a{2,1}", "(?<=a+)b", "\\"])
async def test_a_bad_regular_expression_is_refused_with_its_fault(store: Store, regex: str) -> None:
    with pytest.raises(BadFilter, match="regular expression has a mistake") as caught:
        await review.list_conversations(store, Filters(regex=regex))
    assert caught.value.problems[0].zh.startswith("正则表达式有误")


async def test_a_regular_expression_that_never_ends_is_stopped(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review.listing, "_REGEX_PATIENCE_S", 0.5)
    await talks(store, Talk("t1").say("a" * 60))
    with pytest.raises(BadFilter, match="too slow"):
        await review.list_conversations(store, Filters(regex="(a+)+b"))


# --- choices -----------------------------------------------------------------------------------------------


async def test_what_occurred_can_be_chosen_from(store: Store) -> None:
    await put(store, recorded("en"))
    assert await review.values(store, "language") == ["en"]
    assert await review.values(store, "channel") == ["web"]
    assert "cancel_order" in await review.values(store, "intent")
    assert "action_stop" in await review.values(store, "action")
    assert "order_id" in await review.values(store, "slot")
