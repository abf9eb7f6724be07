"""Erasing a customer: nothing of hers is left, the shop's account stays, nobody else loses anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from support.dataset.check import problems
from support.pictures import PictureStore
from support.privacy import Places, erasure
from support.privacy.erasure import CannotErase, Subject
from support.privacy.inventory import HOLDINGS, WITHOUT
from support.store import Erasure, Scope, Store
from support.store import tables as t
from support.store.tracker import Tracker
from tests import persons
from tests.builders import NOW, Records, photo
from tests.persons import CUSTOMER, OTHER, OTHER_SAID, PICTURE, TALK, WORDS

HER = Subject("customer", CUSTOMER)
LATER = NOW + timedelta(hours=1)


@pytest_asyncio.fixture
async def places(store: Store, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    """A system in which 林小雨 has left traces everywhere."""
    in_a_file = database_url.startswith("sqlite")
    tracker = f"sqlite+aiosqlite:///{tmp_path / 'rasa.db'}" if in_a_file else database_url
    pictures = PictureStore((tmp_path / "attachments").as_uri())
    made = Places(store, Tracker(tracker), pictures, None, tmp_path / "dataset")
    await persons.fill_everything(made, Records(store))
    yield made


async def erase(places: Places, subject: Subject = HER) -> Erasure:
    return await erasure.erase(places, subject, "boss", "asked", LATER)


# --- what there is -----------------------------------------------------------------------------------------


def test_every_table_is_in_the_inventory_once() -> None:
    listed = [one.table for one in HOLDINGS] + list(WITHOUT)
    assert sorted(listed) == sorted(t.metadata.tables)


def test_what_an_export_shows_are_columns_of_the_tables() -> None:
    unknown = [(one.table, name) for one in HOLDINGS for name in one.shown
               if name not in t.metadata.tables[one.table].c]  # fmt: skip
    assert unknown == []


async def test_these_tests_fill_every_table_of_the_inventory(places: Places) -> None:
    assert await persons.filled_tables(places.store) == {one.table for one in HOLDINGS}


async def test_what_is_held_is_counted_by_table(places: Places) -> None:
    _, counts = await erasure.held(places.store, HER)
    assert (counts["messages"], counts["orders"], counts["ledger"]) == (1, 1, 2)


# --- nothing is left ---------------------------------------------------------------------------------------


async def test_her_words_are_there_before(places: Places, tmp_path: Path) -> None:
    found = {one.partition(": ")[2] for one in await persons.traces(places, tmp_path, WORDS)}
    assert found == set(WORDS)


async def test_afterwards_no_table_and_no_file_has_a_word_of_hers(places: Places, tmp_path: Path) -> None:
    await erase(places)
    assert await persons.traces(places, tmp_path, WORDS) == []


async def test_no_conversation_of_hers_is_left_but_as_a_number_in_append_only_rows(places: Places) -> None:
    await erase(places)
    left = [one.partition(": ")[0] for one in await persons.traces(places, Path("/nowhere"), [TALK])]
    assert set(left) <= {"ledger", "staff_log"}


async def test_everything_of_somebody_else_stays(places: Places, tmp_path: Path) -> None:
    _, before = await erasure.held(places.store, Subject("customer", OTHER))
    await erase(places)
    _, after = await erasure.held(places.store, Subject("customer", OTHER))
    assert after == before
    assert "events: " + OTHER_SAID in await persons.traces(places, tmp_path, [OTHER_SAID])


async def test_a_data_set_without_her_rows_is_still_one(places: Places) -> None:
    await erase(places)
    wrong = [one for one in problems(places.dataset) if "cannot be" not in one and "sft.train" not in one]
    assert wrong == []
    rows = (places.dataset / "sft.train.jsonl").read_text(encoding="utf-8").splitlines()
    assert [OTHER_SAID in row for row in rows] == [True]


# --- the shop's account stays ------------------------------------------------------------------------------


async def test_the_ledger_rows_are_there_under_a_pseudonym(places: Places) -> None:
    done = await erase(places)
    async with places.store.reading() as unit:
        actors = [entry.actor for entry in await unit.ledger.of_order("A1")]
    assert actors == [f"customer:{done.pseudonym}", "staff:mei"]


async def test_before_that_the_ledger_still_says_which_customer_it_was(places: Places) -> None:
    async with places.store.reading() as unit:
        entry = (await unit.ledger.of_order("A1"))[0]
        raw = await unit.connection.scalar(sa.select(t.ledger.c.actor).order_by(t.ledger.c.id).limit(1))
    assert entry.actor == f"customer:{CUSTOMER}"
    assert CUSTOMER not in str(raw)


async def test_the_sums_of_refunds_stay_and_belong_to_the_pseudonym(places: Places) -> None:
    sums = sa.select(sa.func.sum(t.refunds.c.amount_minor))
    async with places.store.reading() as unit:
        before = await unit.connection.scalar(sums)
    done = await erase(places)
    async with places.store.reading() as unit:
        assert await unit.connection.scalar(sums) == before
        (refund,) = await unit.refunds.of_customer(done.pseudonym)
    assert (refund.amount.minor, refund.note, refund.evidence) == (10_000, "", ())


async def test_her_order_keeps_its_amount_and_loses_its_address(places: Places) -> None:
    done = await erase(places)
    async with places.store.reading() as unit:
        (one,) = await unit.orders.of_customer(done.pseudonym)
    assert (one.order_id, one.shipping_address, one.shipments) == ("A1", "", ())
    assert one.extra == {"shipping_fee": "6.00"}


async def test_nothing_leads_from_her_number_to_the_pseudonym(places: Places) -> None:
    await erase(places)
    async with places.store.reading() as unit:
        assert await unit.connection.scalar(sa.select(sa.func.count()).select_from(t.pseudonyms)) == 0
        assert await unit.customers.get(CUSTOMER) is None


async def test_who_erased_is_in_the_staffs_log_without_her_number(places: Places) -> None:
    done = await erase(places)
    async with places.store.reading() as unit:
        ((_, act), *_) = await unit.staff_log.last(1)
    assert (act.login, act.action, act.details["number"]) == ("boss", "erase", done.id)
    assert CUSTOMER not in act.details.values()


# --- what comes late, and what was broken off --------------------------------------------------------------


async def test_events_from_before_that_arrive_late_are_not_projected(places: Places) -> None:
    await erase(places)
    await persons.project(places.store, TALK, persons.SAID, later=timedelta(minutes=5))
    async with places.store.reading() as unit:
        assert await unit.personal.count("review_events", persons_scope()) == 0


async def test_the_same_conversation_can_go_on_as_a_new_one(places: Places) -> None:
    await erase(places)
    await persons.project(places.store, TALK, "你好", later=timedelta(hours=2))
    async with places.store.reading() as unit:
        assert await unit.personal.count("review_events", persons_scope()) > 0


async def test_an_erasure_that_was_broken_off_is_finished_by_the_next_run(
    places: Places, tmp_path: Path
) -> None:
    async with places.store.writing() as unit:
        await erasure.erase_in(unit, HER, "boss", "asked", LATER)
    assert await persons.traces(places, tmp_path, WORDS) != []
    (done,) = await erasure.finish_all(places, LATER)
    assert (done.remains, done.finished_at) == ({}, LATER)
    assert await persons.traces(places, tmp_path, WORDS) == []
    assert await erasure.finish_all(places, LATER) == []


async def test_of_two_who_erase_at_once_one_hears_that_it_is_done(places: Places) -> None:
    both = await asyncio.gather(erase(places), erase(places), return_exceptions=True)
    codes = [one.code if isinstance(one, CannotErase) else "done" for one in both]
    assert sorted(codes) == ["done", "erased"]


# --- refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holder", ["queue", "person"])
async def test_a_conversation_with_a_person_has_to_end_first(places: Places, holder: str) -> None:
    await change(places, sa.update(t.conversations).values(holder=holder))
    with pytest.raises(CannotErase, match="open"):
        await erase(places)
    async with places.store.reading() as unit:
        assert await unit.customers.get(CUSTOMER)


async def test_an_undecided_refund_has_to_be_decided_first(places: Places) -> None:
    await change(places, sa.update(t.refunds).values(status="review"))
    with pytest.raises(CannotErase, match="review"):
        await erase(places)


async def test_a_message_that_is_being_answered_is_waited_for(places: Places) -> None:
    await change(
        places, sa.update(t.conversations).values(lease_by="x", lease_until=LATER + timedelta(seconds=9))
    )
    with pytest.raises(CannotErase, match="busy"):
        await erase(places)


async def test_who_is_not_known_cannot_be_erased(places: Places) -> None:
    with pytest.raises(CannotErase, match="unknown"):
        await erase(places, Subject("customer", "C404"))


# --- a stranger --------------------------------------------------------------------------------------------


async def test_a_strangers_conversation_is_erased_by_its_id(places: Places, tmp_path: Path) -> None:
    stranger = "talk-of-nobody-00000001"
    async with places.store.writing() as unit:
        await unit.conversations.touch(stranger, "web", "zh", NOW)
        await unit.conversations.receive(stranger, "m-1", "我叫王五，电话没有", [PICTURE], NOW)
        await unit.attachments.add(replace(photo("b" * 32, stranger)))
    await places.pictures.put("b" * 32, b"picture")
    done = await erase(places, Subject("conversation", stranger))
    assert done.pseudonym == ""
    assert await persons.traces(places, tmp_path, ["王五"]) == []
    assert await places.pictures.get("b" * 32) is None
    assert await places.pictures.get(PICTURE) is not None


def persons_scope() -> Scope:
    return Scope([TALK])


async def change(places: Places, statement: sa.Update) -> None:
    table = statement.table
    where = table.c.conversation_id == TALK if "conversation_id" in table.c else sa.true()
    async with places.store.writing() as unit:
        await unit.connection.execute(statement.where(where))
