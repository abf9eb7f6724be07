"""A shop in one file and back: every row, picture, document and model, between both kinds of database."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tarfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from support.backup import BackupError, back_up, restore
from support.model import Money
from support.pictures import PictureStore
from support.settings import Settings
from support.store import (
    Attachment,
    LedgerEntry,
    Refund,
    StaffLink,
    StaffMember,
    StaffSession,
    Store,
    copying,
    tables,
)
from support.store.migrate import migrate
from support.store.tables.base import UtcDateTime
from support.var_folder import held
from tests.stack import stack_settings

# What does not depend on the databases.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INTO_SQLITE = pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 21, 8, 30, 15, 250_000, tzinfo=UTC)
DAY = timedelta(days=1)
PICTURE = b"\xff\xd8 not really a picture"


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """A small shop with something of every kind in it."""
    settings = _settings(tmp_path / "shop", database_url)
    store = Store(settings.database_url)
    await migrate(store)
    await _fill(store)
    await store.close()
    tracker = Store(settings.tracker_url)
    async with tracker.writing() as told:
        await copying.ready_tracker(told)
        event = {"sender_id": "c" * 16, "type_name": "user", "timestamp": 1.5, "data": '{"text": "退款"}'}
        await told.connection.execute(copying.tracker_events.insert().values(**event))
    await tracker.close()
    await PictureStore(settings.attachments_url).put("a" * 32, PICTURE)
    _write(settings.shop / "knowledge" / "退货.md", "# 退货\n7 天内")
    _write(settings.models / "one.tar.gz", "model")
    yield settings


def _settings(folder: Path, database_url: str) -> Settings:
    return stack_settings(
        folder, database_url=database_url, shop=folder / "its shop", models=folder / "its models"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


async def _fill(store: Store) -> None:
    async with store.writing() as unit:
        customer = {"customer_id": "C1", "name": "张伟 😀", "phone": "13800138000", "email": "", "extra": {}}
        await unit.connection.execute(tables.customers.insert().values(**customer, language="zh"))
        order = {"order_id": "O1", "customer_id": "C1", "status": "paid", "placed_at": NOW, "paid_at": None}
        more = {"currency": "CNY", "total_minor": 23_920, "shipping_address": "", "extra": {"a": [1, None]}}
        await unit.connection.execute(tables.orders.insert().values(**order, **more))
        for number, reply in (("m1", {"messages": []}), ("m2", None)):
            message = {"conversation_id": "c" * 16, "message_id": number, "text": "x", "attachments": []}
            kept: dict[str, Any] = {"received_at": NOW} | ({"reply": reply} if reply else {})
            await unit.connection.execute(tables.messages.insert().values(**message, **kept))
        refund = Refund(
            "R1", "k1", "O1", "C1", "approved", ("S1",), "size", "", (), Money(100, "CNY"), "r", NOW
        )
        await unit.refunds.add(refund)
        entry = LedgerEntry(NOW, "refund", "customer:C1", "c" * 16, "O1", "r", "approve", "m1", {}, {"x": 1})
        await unit.ledger.append(entry)
        await unit.attachments.add(
            Attachment("a" * 32, "c" * 16, "photo", "image/jpeg", 1, 1, "", {}, {}, NOW)
        )
        words = frozenset({"w:退款", "w:back"})
        review = {column.name: _something(column) for column in tables.review_conversations.columns}
        await unit.connection.execute(
            tables.review_conversations.insert().values(**review | {"document": words})
        )


def _something(column: sa.Column[Any]) -> Any:
    by_kind = [(UtcDateTime, NOW), (sa.JSON, []), (sa.Boolean, True), (sa.Float, 0.5), (sa.Integer, 1)]
    return next((value for kind, value in by_kind if isinstance(column.type, kind)), "x")


async def _everything(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, as JSON has them."""
    store, tracker = Store(settings.database_url), Store(settings.tracker_url)
    async with store.reading() as unit, tracker.reading() as told:
        found = {one.name: [row async for row in copying.rows(unit, one)] for one in copying.tables()}
        found["tracker"] = [row async for row in copying.rows(told, copying.tracker_events)]
    await store.close()
    await tracker.close()
    return found


def _say(_line: str) -> None:
    pass


async def test_a_restored_shop_is_the_shop_that_was_kept(
    shop: Settings, empty_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "kept.tar.gz"
    await back_up(shop, file, NOW, _say)
    other = _settings(tmp_path / "other", empty_database_url)
    await restore(other, file, _say)
    before, after = await _everything(shop), await _everything(other)
    assert before == after
    assert sum(map(len, after.values())) >= 9
    assert await PictureStore(other.attachments_url).get("a" * 32) == PICTURE
    assert (other.shop / "knowledge" / "退货.md").read_text(encoding="utf-8") == "# 退货\n7 天内"
    assert (other.models / "one.tar.gz").read_text(encoding="utf-8") == "model"


async def test_a_missing_reply_stays_missing(shop: Settings, empty_database_url: str, tmp_path: Path) -> None:
    """SQL's NULL and JSON's null read alike, but are not asked for alike."""
    await back_up(shop, tmp_path / "kept", NOW, _say)
    other = _settings(tmp_path / "other", empty_database_url)
    await restore(other, tmp_path / "kept", _say)
    store = Store(other.database_url)
    async with store.reading() as unit:
        query = tables.messages.select().where(tables.messages.c.reply.is_(None))
        assert [row.message_id for row in await unit.connection.execute(query)] == ["m2"]
    await store.close()


async def test_work_goes_on_after_a_restore(shop: Settings, empty_database_url: str, tmp_path: Path) -> None:
    await back_up(shop, tmp_path / "kept", NOW, _say)
    other = _settings(tmp_path / "other", empty_database_url)
    await restore(other, tmp_path / "kept", _say)
    store = Store(other.database_url)
    async with store.writing() as unit:
        entry = LedgerEntry(NOW, "cancel", "customer:C1", "c" * 16, "O1", "r", "approve", "m1", {}, {})
        await unit.ledger.append(entry)
        assert [one.action for one in await unit.ledger.of_order("O1")] == ["refund", "cancel"]
    await store.close()


async def test_a_backup_goes_into_an_empty_system_only(shop: Settings, tmp_path: Path) -> None:
    await back_up(shop, tmp_path / "kept", NOW, _say)
    before = await _everything(shop)
    with pytest.raises(BackupError, match="goes into an empty system"):
        await restore(shop, tmp_path / "kept", _say)
    assert await _everything(shop) == before


@ON_SQLITE
@INTO_SQLITE
@pytest.mark.parametrize("damage", ["changed", "missing", "added", "cut"])
async def test_a_damaged_backup_writes_nothing(
    damage: str, shop: Settings, empty_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "kept.tar.gz"
    await back_up(shop, file, NOW, _say)
    _damage(file, damage, tmp_path / "scratch")
    other = _settings(tmp_path / "other", empty_database_url)
    with pytest.raises(BackupError, match=r"damaged|no whole backup"):
        await restore(other, file, _say)
    assert not other.models.exists()
    assert not any((await _everything(other)).values())


def _damage(file: Path, how: str, scratch: Path) -> None:
    if how == "cut":
        file.write_bytes(file.read_bytes()[:-200])
        return
    with tarfile.open(file) as tar:
        tar.extractall(scratch, filter="data")
    ledger = scratch / "tables" / "ledger.jsonl"
    if how == "changed":
        ledger.write_text(ledger.read_text(encoding="utf-8").replace('"R1"', '"R2"') + " ", encoding="utf-8")
    elif how == "missing":
        ledger.unlink()
    else:
        (scratch / "tables" / "more.jsonl").write_text("{}", encoding="utf-8")
    with tarfile.open(file, "w:gz") as tar:
        for member in scratch.iterdir():
            tar.add(member, member.name)


@ON_SQLITE
async def test_a_backup_that_cannot_be_finished_leaves_none(shop: Settings, tmp_path: Path) -> None:
    broken = shop.model_copy(update={"attachments_url": "file:///proc/nowhere"})
    with pytest.raises(OSError, match="nowhere"):
        await back_up(broken, tmp_path / "kept", NOW, _say)
    assert not [one for one in tmp_path.iterdir() if "kept" in one.name]


@ON_SQLITE
async def test_only_its_owner_can_read_a_backup(shop: Settings, tmp_path: Path) -> None:
    await back_up(shop, tmp_path / "kept", NOW, _say)
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


async def test_the_commands_say_what_they_did_and_what_is_wrong(tmp_path: Path) -> None:
    environment = {"SHOPCLERK_VAR": str(tmp_path / "var"), "SHOPCLERK_PORT": "1", "PATH": ""}
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'var' / 'shop.db'}")
    await migrate(store)
    await store.close()
    file = str(tmp_path / "kept.tar.gz")
    status, out, _ = await _run("keep", file, **environment)
    assert (status, "keep it as you keep the database" in out) == (0, True)
    status, _, problem = await _run("keep", file, **environment)
    assert (status, "exists already" in problem) == (1, True)
    status, _, problem = await _run("restore", str(tmp_path / "none"), **environment)
    assert (status, problem) == (1, f"there is no file {tmp_path / 'none'}\n")


async def test_a_database_that_is_away_is_named_in_a_line(tmp_path: Path) -> None:
    away = {"SHOPCLERK_DATABASE_URL": "postgresql+asyncpg://a:b@127.0.0.1:9/x", "PATH": ""}
    status, _, problem = await _run("keep", str(tmp_path / "kept"), SHOPCLERK_VAR=str(tmp_path), **away)
    assert (status, problem.count("\n"), "127.0.0.1:9" in problem) == (1, 1, True), problem


async def test_a_backup_is_not_restored_under_a_running_system(tmp_path: Path) -> None:
    environment = {"SHOPCLERK_VAR": str(tmp_path), "PATH": ""}
    with held(tmp_path):  # as the gateway does
        status, _, problem = await _run("restore", str(tmp_path / "kept"), **environment)
    assert (status, f"a system runs in {tmp_path}" in problem) == (1, True)


@ON_SQLITE
async def test_a_backup_is_tried_in_another_folder_beside_the_running_system(
    shop: Settings, tmp_path: Path
) -> None:
    await back_up(shop, tmp_path / "kept", NOW, _say)
    other = tmp_path / "other"
    folders = {"SHOPCLERK_VAR": other, "SHOPCLERK_SHOP": other / "shop", "SHOPCLERK_MODELS": other / "models"}
    environment = {name: str(folder) for name, folder in folders.items()}
    with socket.create_server(("127.0.0.1", 0)) as gateway, held(shop.var):
        port = str(gateway.getsockname()[1])
        kept = str(tmp_path / "kept")
        status, out, problem = await _run("restore", kept, **environment, SHOPCLERK_PORT=port, PATH="")
    assert (status, "signs in at the desk again" in out) == (0, True), problem
    written = [other / "shop.db", other / "rasa.db", *(other / "attachments").iterdir()]
    assert [path for path in written if path.stat().st_mode & 0o077] == []


@ON_SQLITE
@INTO_SQLITE
@pytest.mark.parametrize("folder", ["shop", "models"])
async def test_documents_and_models_of_another_system_are_not_written_over(
    folder: str, shop: Settings, empty_database_url: str, tmp_path: Path
) -> None:
    await back_up(shop, tmp_path / "kept", NOW, _say)
    other = _settings(tmp_path / "other", empty_database_url)
    theirs = other.model_copy(update={folder: getattr(shop, folder)})
    with pytest.raises(BackupError, match=r"There are files in .* goes into an empty system"):
        await restore(theirs, tmp_path / "kept", _say)


async def test_nobody_comes_in_by_a_session_or_a_link_of_before_the_restore(
    shop: Settings, empty_database_url: str, tmp_path: Path
) -> None:
    store = Store(shop.database_url)
    async with store.writing() as unit:
        await unit.staff.add(StaffMember("mei", "Mei", "hash", ("admin",), "zh", True, NOW))
        await unit.staff.open_session("session", StaffSession("mei", "csrf", NOW + DAY), NOW)
        await unit.staff.add_link("link", StaffLink("", ("agent",), "mei", NOW + DAY, None))
        await unit.staff.add_try("mei", "127.0.0.1", NOW)
    await store.close()
    await back_up(shop, tmp_path / "kept", NOW, _say)
    other = _settings(tmp_path / "other", empty_database_url)
    await restore(other, tmp_path / "kept", _say)
    found = await _everything(other)
    assert [row["login"] for row in found["staff"]] == ["mei"]
    assert found["staff_sessions"] == found["staff_links"] == found["staff_tries"] == []


async def _run(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.backup", *arguments, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


@ON_SQLITE
async def test_the_manifest_counts_what_is_in_it(shop: Settings, tmp_path: Path) -> None:
    await back_up(shop, tmp_path / "kept", NOW, _say)
    with tarfile.open(tmp_path / "kept") as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert (manifest["rows"]["ledger"], manifest["rows"]["events"]) == (1, 1)
    assert "pictures/" + "a" * 32 in manifest["files"]
