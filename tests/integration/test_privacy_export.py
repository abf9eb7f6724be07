"""An export: everything about one customer, readable in their language, and nothing about anybody else."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
import sqlalchemy as sa

from support.model import Language
from support.pictures import PictureStore
from support.privacy import Places, erasure, export
from support.privacy.erasure import CannotErase, Subject
from support.privacy.inventory import HOLDINGS
from support.store import Store
from support.store import tables as t
from support.store.tracker import Tracker
from tests import persons
from tests.builders import NOW, PHONE, Records
from tests.persons import ADDRESS, CUSTOMER, EMAIL, NAME, NOTED, OTHER, OTHER_SAID, PICTURE, SAID, TALK, TYPED

SHOP: dict[Language, str] = {"zh": "云朵小铺", "en": "Cloudlet Store"}


@pytest_asyncio.fixture
async def places(store: Store, tmp_path: Path) -> AsyncIterator[Places]:
    tracker = Tracker(f"sqlite+aiosqlite:///{tmp_path / 'rasa.db'}")
    pictures = PictureStore((tmp_path / "attachments").as_uri())
    made = Places(store, tracker, pictures, None, tmp_path / "dataset")
    await persons.fill_everything(made, Records(store))
    yield made


async def exported(places: Places, path: Path, customer_id: str = CUSTOMER) -> dict[str, str]:
    """The files of the archive as texts, pictures by their names only."""
    await export.export(
        places, customer_id, path, "boss", NOW, shop_names=SHOP, zone=ZoneInfo("Asia/Shanghai")
    )
    with zipfile.ZipFile(path) as file:
        return {
            name: "" if name.endswith(".jpg") else file.read(name).decode("utf-8") for name in file.namelist()
        }


def rows(files: dict[str, str], table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files[f"data/{table}.json"])
    return found


async def test_every_word_that_is_held_is_in_it(places: Places, tmp_path: Path) -> None:
    everything = "\n".join((await exported(places, tmp_path / "c.zip")).values())
    assert [one for one in (NAME, PHONE, EMAIL, ADDRESS, SAID, NOTED, TYPED) if one not in everything] == []


async def test_the_page_reads_like_the_conversation(places: Places, tmp_path: Path) -> None:
    page = (await exported(places, tmp_path / "c.zip"))["index.html"]
    assert [one for one in ("云朵小铺", NAME, SAID, "小梅", "100.00 CNY", PHONE) if one not in page] == []


async def test_the_page_is_in_the_customers_language(places: Places, tmp_path: Path) -> None:
    async with places.store.writing() as unit:
        hers = t.customers.c.customer_id == CUSTOMER
        await unit.connection.execute(sa.update(t.customers).where(hers).values(language="en"))
    assert "What Cloudlet Store keeps about you" in (await exported(places, tmp_path / "c.zip"))["index.html"]


async def test_pictures_come_with_it(places: Places, tmp_path: Path) -> None:
    assert f"pictures/{PICTURE}.jpg" in await exported(places, tmp_path / "c.zip")


async def test_nothing_of_another_customer_is_in_it(places: Places, tmp_path: Path) -> None:
    everything = "\n".join((await exported(places, tmp_path / "c.zip")).values())
    assert [one for one in (OTHER, OTHER_SAID, "陈一", "13900005678") if one in everything] == []


async def test_no_sign_in_name_of_the_staff_is_in_it(places: Places, tmp_path: Path) -> None:
    files = await exported(places, tmp_path / "c.zip")
    assert [name for name, words in files.items() if '"mei"' in words or "staff:mei" in words] == []
    assert [row["actor"] for row in rows(files, "ledger")] == ["customer", "staff"]


async def test_a_conversation_in_which_somebody_else_is_known_is_left_out_and_counted(
    places: Places, tmp_path: Path
) -> None:
    async with places.store.writing() as unit:
        update = sa.update(t.verified_identity).where(t.verified_identity.c.conversation_id == TALK)
        await unit.connection.execute(update.values(customer_id=OTHER))
    files = await exported(places, tmp_path / "c.zip")
    assert SAID not in files["index.html"]
    assert "有 1 个会话" in files["index.html"]


async def test_each_table_that_an_export_shows_has_its_file(places: Places, tmp_path: Path) -> None:
    files = await exported(places, tmp_path / "c.zip")
    shown = {f"data/{one.table}.json" for one in HOLDINGS if one.shown}
    assert {name for name in files if name.startswith("data/")} == shown


async def test_words_are_shown_as_words_and_not_as_markup(places: Places, tmp_path: Path) -> None:
    async with places.store.writing() as unit:
        await unit.conversations.receive(TALK, "m-9", "<script>alert(1)</script>", [], NOW)
    assert "<script>" not in (await exported(places, tmp_path / "c.zip"))["index.html"]


async def test_that_somebody_exported_is_in_the_log_without_the_number(
    places: Places, tmp_path: Path
) -> None:
    await exported(places, tmp_path / "c.zip")
    async with places.store.reading() as unit:
        ((_, act), *_) = await unit.staff_log.last(1)
    assert (act.login, act.action) == ("boss", "export_customer")
    assert CUSTOMER not in json.dumps(dict(act.details))


async def test_of_an_erased_customer_there_is_nothing_to_export(places: Places, tmp_path: Path) -> None:
    await erasure.erase(places, Subject("customer", CUSTOMER), "boss", "asked", NOW)
    with pytest.raises(CannotErase, match="erased"):
        await exported(places, tmp_path / "c.zip")
