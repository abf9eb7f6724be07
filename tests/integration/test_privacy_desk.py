"""The desk's page of customer data: looking up, exporting, erasing; and the commands."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from support.privacy import Places, places_of
from support.store import Store
from support.store import tables as t
from support.store.migrate import migrate
from tests import persons
from tests.builders import NOW, Records
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor
from tests.persons import CUSTOMER, NAME, PICTURE, SAID, TALK
from tools.environments import ROOT
from tools.prepare import as_environment


@pytest_asyncio.fixture
async def places(door: OpenDoor) -> Places:
    """The running gateway's own, with 林小雨 everywhere."""
    found = places_of(door.app.state.door.shop)
    await persons.fill_everything(found, Records(found.store))
    return found


@pytest_asyncio.fixture
async def admin(door: OpenDoor, places: Places) -> AsyncIterator[Colleague]:
    async with staffed(door, "ada", "admin") as signed_in:
        yield signed_in


async def erase(admin: Colleague, typed: str = CUSTOMER, **form: str) -> tuple[int, str]:
    answer = await admin.post(
        "/desk/privacy/erase", **{"kind": "customer", "id": CUSTOMER, "typed": typed} | form
    )
    return answer.status_code, answer.text


async def test_what_is_held_is_shown_by_kind(admin: Colleague) -> None:
    shown = (await admin.post("/desk/privacy/look", kind="customer", id=CUSTOMER)).text
    assert "Held about the customer C1" in shown
    assert "Decisions in the ledger" in shown
    assert NAME not in shown and SAID not in shown


async def test_who_is_not_known_is_said_in_words(admin: Colleague) -> None:
    answer = await admin.post("/desk/privacy/look", kind="customer", id="C404")
    assert (answer.status_code, answer.text) == (409, "Nothing is held under this number.")


async def test_the_export_is_a_zip_that_no_browser_keeps(admin: Colleague) -> None:
    answer = await admin.post("/desk/privacy/export", id=CUSTOMER)
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert {"index.html", f"pictures/{PICTURE}.jpg"} <= set(file.namelist())


async def test_erasing_needs_the_number_once_more(admin: Colleague, places: Places) -> None:
    status, words = await erase(admin, typed="C2")
    assert (status, "nothing was erased" in words) == (409, True)
    async with places.store.reading() as unit:
        assert await unit.customers.get(CUSTOMER)


async def test_erasing_leaves_no_word_anywhere(admin: Colleague, places: Places, tmp_path: Path) -> None:
    status, words = await erase(admin)
    assert (status, "Erased (number 1)" in words) == (200, True)
    assert await persons.traces(places, tmp_path, persons.WORDS) == []


async def test_what_was_erased_is_listed_under_the_pseudonym(admin: Colleague) -> None:
    await erase(admin, reason="test")
    shown = (await admin.get("/desk/privacy")).text
    assert "It was a test" in shown and "<code>~" in shown
    assert CUSTOMER not in shown


async def test_an_open_conversation_is_named_with_what_to_do(admin: Colleague, places: Places) -> None:
    async with places.store.writing() as unit:
        await unit.connection.execute(sa.update(t.conversations).values(holder="queue"))
    status, words = await erase(admin)
    assert (status, words) == (
        409,
        f"The conversation {TALK} waits for a person or has one. End it first.",
    )


async def test_a_strangers_conversation_is_erased_from_the_desk(admin: Colleague, places: Places) -> None:
    status, _ = await erase(admin, typed=TALK, kind="conversation", id=TALK)
    async with places.store.reading() as unit:
        left = await unit.conversations.last_messages(TALK)
    assert (status, left) == (200, [])


async def test_how_long_things_are_kept_is_shown_with_the_settings(admin: Colleague) -> None:
    shown = (await admin.get("/desk/privacy")).text
    assert "SHOPCLERK_RETENTION_CONVERSATIONS_DAYS" in shown and "1095 days" in shown


async def test_every_act_is_in_the_log_without_the_customers_number(admin: Colleague, places: Places) -> None:
    await admin.post("/desk/privacy/export", id=CUSTOMER)
    await erase(admin)
    async with places.store.reading() as unit:
        acts = [act for _, act in await unit.staff_log.last(2)]
    assert [one.action for one in acts] == ["erase", "export_customer"]
    assert [one for one in acts if CUSTOMER in one.details.values()] == []


# --- the commands ------------------------------------------------------------------------------------------


def command(door: OpenDoor, *words: str, typed: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "support.privacy", *words],
        cwd=ROOT,
        env={**os.environ, **as_environment(door.settings)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.usefixtures("places")
async def test_the_command_asks_for_the_number_and_takes_another_for_a_no(door: OpenDoor) -> None:
    code, said = command(door, "erase", "--customer", CUSTOMER, typed="yes\n")
    assert (code, "Nothing was erased." in said) == (1, True), said


async def test_the_command_erases_beside_the_running_gateway(
    door: OpenDoor, places: Places, tmp_path: Path
) -> None:
    code, said = command(door, "erase", "--customer", CUSTOMER, typed=f"{CUSTOMER}\n")
    assert (code, "Erased (number 1)" in said) == (0, True), said
    assert await persons.traces(places, tmp_path, persons.WORDS) == []


@pytest.mark.usefixtures("places")
async def test_the_command_exports_into_the_file_that_is_named(door: OpenDoor, tmp_path: Path) -> None:
    path = tmp_path / "out" / "customer.zip"
    path.parent.mkdir()
    code, said = command(door, "export", "--customer", CUSTOMER, "--out", str(path))
    assert (code, zipfile.is_zipfile(path)) == (0, True), said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, said = command(door, "export", "--customer", CUSTOMER, "--out", str(path))
    assert (code, said) == (1, f"{path} exists already: name another file\n")


async def test_the_command_says_what_retention_would_remove(door: OpenDoor, places: Places) -> None:
    async with places.store.writing() as unit:
        old = NOW - timedelta(days=4_000)
        await unit.conversations.touch("talk-of-long-ago-0001", "web", "zh", old)
    code, said = command(door, "retention", "--dry-run")
    assert (code, "would go" in said) == (0, True), said
    async with places.store.reading() as unit:
        assert await unit.personal.exists("talk-of-long-ago-0001")


async def test_a_dry_run_leaves_a_broken_off_erasure_as_it_is(door: OpenDoor, places: Places) -> None:
    async with places.store.writing() as unit:
        number = await unit.erasures.add(
            NOW, "conversation", "", "ada", "asked", {}, {"conversations": ["t"]}
        )
    code, said = command(door, "retention", "--dry-run")
    assert (code, "broken off" in said) == (0, False), said
    async with places.store.reading() as unit:
        assert [one.id for one in await unit.erasures.unfinished()] == [number]


async def _dry_run(var: Path) -> tuple[int, str]:
    """In an empty environment but for this folder."""
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.privacy", "retention", "--dry-run",
        cwd=ROOT, env={"SHOPCLERK_VAR": str(var), "SHOPCLERK_SHOP": str(var / "shop")},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await done.communicate()
    return done.returncode or 0, said.decode()


async def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    code, said = await _dry_run(tmp_path / "var")
    assert (code, "There is no database yet" in said) == (2, True), said
    assert not (tmp_path / "var").exists()


async def test_a_dry_run_does_not_migrate(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    await migrate(store, "0012")
    await store.close()
    before = (tmp_path / "shop.db").read_bytes()
    code, said = await _dry_run(tmp_path)
    assert (code, "a dry run does not migrate" in said) == (2, True), said
    assert (tmp_path / "shop.db").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["shop.db"]


async def test_a_dry_run_writes_nothing_beside_a_database_that_is_ready(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    await migrate(store)
    await store.close()
    before = (tmp_path / "shop.db").read_bytes()
    code, said = await _dry_run(tmp_path)
    assert (code, "would go" in said) == (0, True), said
    assert (tmp_path / "shop.db").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["shop.db"]
