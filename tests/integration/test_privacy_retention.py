"""The retention job: what is old goes with everything that belongs to it, what is still in use stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from support.pictures import PictureStore
from support.privacy import Places, retention
from support.privacy.retention import Period
from support.settings import Settings
from support.store import Store
from support.store import tables as t
from support.store.tracker import Tracker
from tests import persons
from tests.builders import NOW, Records, days_ago
from tests.persons import OTHER_TALK, PICTURE, SAID, TALK

LATER = NOW + timedelta(days=100)
KINDS = [one.kind for one in retention.periods(Settings())]


@pytest_asyncio.fixture
async def places(store: Store, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    """A system in which two customers left traces at NOW."""
    in_a_file = database_url.startswith("sqlite")
    tracker = f"sqlite+aiosqlite:///{tmp_path / 'rasa.db'}" if in_a_file else database_url
    pictures = PictureStore((tmp_path / "attachments").as_uri())
    made = Places(store, Tracker(tracker), pictures, None, tmp_path / "dataset")
    await persons.fill_everything(made, Records(store))
    yield made


async def sweep(places: Places, kind: str, days: int, dry_run: bool = False) -> int:
    done = await retention.sweep(places, [Period(kind, days)], LATER, dry_run=dry_run)
    return done[kind]


async def count(places: Places, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    async with places.store.reading() as unit:
        query = sa.select(sa.func.count()).select_from(table).where(*where)
        return int(await unit.connection.scalar(query) or 0)


async def change(places: Places, statement: sa.Executable) -> None:
    async with places.store.writing() as unit:
        await unit.connection.execute(statement)


async def test_an_old_conversation_goes_with_every_word_of_it(places: Places, tmp_path: Path) -> None:
    assert await sweep(places, "conversations", 99) == 2
    # Events that could not even be read have a period of their own.
    left = await persons.traces(places, tmp_path / "attachments", [SAID])
    assert left == [f"event_failures: {SAID}"]
    assert await count(places, t.conversations) == 0


async def test_a_conversation_that_is_young_enough_stays(places: Places) -> None:
    assert await sweep(places, "conversations", 101) == 0
    assert await count(places, t.messages) == 2


async def test_nothing_goes_for_a_kind_that_is_kept_for_ever(places: Places, tmp_path: Path) -> None:
    before = await persons.filled_tables(places.store)
    await retention.sweep(places, [Period(kind, 0) for kind in KINDS], LATER)
    assert await persons.filled_tables(places.store) == before


async def test_a_dry_run_counts_and_removes_nothing(places: Places, tmp_path: Path) -> None:
    before = await persons.traces(places, tmp_path, persons.WORDS)
    found = {kind: await sweep(places, kind, 99, dry_run=True) for kind in KINDS if kind != "staff_log"}
    assert await persons.traces(places, tmp_path, persons.WORDS) == before
    assert found == {
        "conversations": 2,
        "pictures": 1,
        "model_texts": 1,
        "ratings": 1,
        "identity_tries": 1,
        "event_failures": 1,
    }


@pytest.mark.parametrize("kind", ["conversations", "pictures", "model_texts", "ratings", "identity_tries"])
async def test_as_much_goes_as_the_dry_run_said_and_then_nothing_more(places: Places, kind: str) -> None:
    said = await sweep(places, kind, 99, dry_run=True)
    assert (await sweep(places, kind, 99), await sweep(places, kind, 99)) == (said, 0)


@pytest.mark.parametrize("holder", ["queue", "person"])
async def test_a_conversation_with_a_person_stays_with_its_pictures(places: Places, holder: str) -> None:
    hers = t.conversations.c.conversation_id == TALK
    await change(places, sa.update(t.conversations).where(hers).values(holder=holder))
    assert (await sweep(places, "conversations", 99), await sweep(places, "pictures", 99)) == (1, 0)
    assert await count(places, t.messages, t.messages.c.conversation_id == TALK) == 1


async def test_a_conversation_with_an_undecided_refund_stays(places: Places) -> None:
    await change(places, sa.update(t.refunds).values(status="review"))
    assert await sweep(places, "conversations", 99) == 1
    assert await count(places, t.messages, t.messages.c.conversation_id == OTHER_TALK) == 0


async def test_an_old_picture_goes_and_its_conversation_stays(places: Places) -> None:
    await sweep(places, "pictures", 99)
    assert await places.pictures.get(PICTURE) is None
    assert await count(places, t.messages) == 2


async def test_of_a_rating_the_words_go_and_the_stars_stay(places: Places) -> None:
    await sweep(places, "ratings", 99)
    async with places.store.reading() as unit:
        assert await unit.ratings.of_conversation(TALK) == [(5, "")]


async def test_the_ledger_is_never_touched(places: Places) -> None:
    for kind in KINDS:
        await sweep(places, kind, 99 if kind != "staff_log" else 200)
    assert await count(places, t.ledger) == 2


async def test_files_that_no_row_knows_go_after_a_day(places: Places, tmp_path: Path) -> None:
    await places.pictures.put("c" * 32, b"an upload that broke off")
    for now, left in ((datetime.now(UTC), True), (datetime.now(UTC) + timedelta(days=2), False)):
        await retention.sweep(places, [], now)
        assert (await places.pictures.get("c" * 32) is not None) is left
    assert await places.pictures.get(PICTURE) is not None


async def test_more_than_fit_into_one_part_go_all_the_same(places: Places) -> None:
    async with places.store.writing() as unit:
        for number in range(120):
            await unit.conversations.touch(f"talk-{number:016}", "web", "zh", days_ago(3))
    assert await sweep(places, "conversations", 99) == 122


# --- the log of the staff ----------------------------------------------------------------------------------


async def test_an_old_act_goes_with_what_was_typed(places: Places) -> None:
    assert await sweep(places, "staff_log", 99) == 1
    assert await count(places, t.free_words, t.free_words.c.source == "staff_log") == 0


async def test_the_database_itself_keeps_the_acts_of_the_last_half_year(places: Places) -> None:
    recent = datetime.now(UTC) - timedelta(days=170)
    row = {"login": "mei", "action": "x", "conversation_id": "", "details": {}, "address": "", "at": recent}
    await change(places, sa.insert(t.staff_log).values(**row))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        await change(places, sa.delete(t.staff_log))


async def test_nobody_changes_an_act_however_old(places: Places) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        await change(places, sa.update(t.staff_log).values(login="somebody else"))


# --- the job -----------------------------------------------------------------------------------------------


async def test_of_several_gateways_one_does_it_and_once_a_day(places: Places) -> None:
    kept = [Period("conversations", 99)]

    async def due(by: str, now: datetime) -> bool:
        return await retention.sweep_if_due(places, kept, lambda: now, by) is not None

    first = await asyncio.gather(*(due(f"gateway-{number}", LATER) for number in range(3)))
    assert sorted(first) == [False, False, True]
    assert not await due("gateway-1", LATER + timedelta(hours=23))
    assert await due("gateway-2", LATER + timedelta(hours=25))


async def test_a_run_whose_process_died_is_taken_over_when_its_lease_is_over(places: Places) -> None:
    async with places.store.writing() as unit:
        lease, every = timedelta(minutes=10), timedelta(days=1)
        assert await unit.jobs.begin(retention.JOB, "dead", LATER, lease, every)
    kept = [Period("conversations", 99)]
    soon, later = LATER + timedelta(minutes=9), LATER + timedelta(minutes=11)
    assert await retention.sweep_if_due(places, kept, lambda: soon, "alive") is None
    assert await retention.sweep_if_due(places, kept, lambda: later, "alive") is not None


async def test_what_the_last_run_removed_is_kept_for_the_desk(places: Places) -> None:
    await retention.sweep_if_due(places, [Period("conversations", 99)], lambda: LATER, "gateway")
    async with places.store.reading() as unit:
        job = await unit.jobs.last(retention.JOB)
    assert job and job.ended_at == LATER and job.result["conversations"] == 2


def test_a_log_of_the_staff_that_is_kept_too_short_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="STAFF_LOG_DAYS"):
        Settings(retention_staff_log_days=30)
