"""The folder of a training set: made again byte for byte, frozen where it evaluates, and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from support.dataset import FolderError, problems
from support.dataset.parts import part_of
from support.store import Identity, Store
from tests.feedback import Feedback, Talk, contents, rows
from tests.records import NOW, fill, order

PARTS = ("train", "dev", "evaluation")


@pytest_asyncio.fixture
async def shop(store: Store, tmp_path: Path) -> Feedback:
    return await Feedback.of(store, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


async def judged(shop: Feedback, part: Any = "train", question: str = "能退吗") -> Talk:
    return await shop.judge(await shop.answered(question, part=part))


async def some(shop: Feedback) -> list[Talk]:
    """Two verdicts of each part, all on questions of their own."""
    return [await judged(shop, part, f"{part} 第 {n} 问") for part in PARTS for n in range(2)]


async def known(shop: Feedback, talk: Talk, customer_id: str) -> None:
    """The conversation's customer is proven to be this one."""
    proof = Identity(talk.conversation_id, customer_id, "token", NOW, NOW)
    async with shop.store.writing() as unit:
        await unit.identities.put(proof)


def customer_of(part: str) -> str:
    return next(one for one in (f"C{n}" for n in range(1000)) if part_of("", one) == part)


# --- again -------------------------------------------------------------------------------------------------


async def test_the_same_feedback_makes_the_same_files(shop: Feedback, folder: Path) -> None:
    await some(shop)
    await shop.export(folder)
    before = contents(folder)
    await shop.export(folder, later=timedelta(days=1))
    assert contents(folder) == before


async def test_another_folder_gets_the_same_rows(shop: Feedback, folder: Path, tmp_path: Path) -> None:
    await some(shop)
    await shop.export(folder)
    await shop.export(tmp_path / "other")
    assert contents(folder) == contents(tmp_path / "other")


async def test_rows_that_evaluate_stay_as_they_are(shop: Feedback, folder: Path) -> None:
    talk = await judged(shop, "evaluation")
    await shop.export(folder)
    before = (folder / "evaluation.jsonl").read_bytes()
    await shop.judge(talk, "bad", better="签收后 7 天内能退。")
    await judged(shop, "evaluation", "还有别的吗")
    await shop.export(folder)
    after = (folder / "evaluation.jsonl").read_bytes()
    assert after.startswith(before)
    assert len(rows(folder, "evaluation")) == 2


async def test_rows_that_evaluate_stay_when_their_verdicts_are_older_than_what_is_asked_for(
    shop: Feedback, folder: Path
) -> None:
    await judged(shop, "evaluation")
    await shop.export(folder)
    await shop.export(folder, since=NOW + timedelta(days=1))
    assert len(rows(folder, "evaluation")) == 1


async def test_what_a_frozen_row_asks_is_not_taught_later(shop: Feedback, folder: Path) -> None:
    await judged(shop, "evaluation")
    await shop.export(folder)
    await judged(shop, "train")
    await shop.export(folder)
    assert rows(folder, "sft.train") == []


async def test_an_export_that_breaks_off_leaves_the_folder_as_it_was(shop: Feedback, folder: Path) -> None:
    await some(shop)
    await shop.export(folder)
    before = contents(folder)
    await shop.judge(await shop.answered("新的问题"))

    def down(*_: object) -> Iterator[None]:
        raise OSError("the index is gone")

    shop.knowledge.passage = down  # type: ignore[method-assign, assignment]
    with pytest.raises(OSError, match="gone"):
        await shop.export(folder)
    assert contents(folder) == before


async def test_a_folder_of_something_else_is_not_written_into(shop: Feedback, folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    await judged(shop)
    with pytest.raises(FolderError, match="holds something else"):
        await shop.export(folder)


async def test_more_conversations_than_are_read_at_once_are_all_there(shop: Feedback, folder: Path) -> None:
    for number in range(230):
        await judged(shop, question=f"问题 {number}")
    await shop.export(folder)
    assert len(rows(folder, "sft.train")) == 230


# --- parts -------------------------------------------------------------------------------------------------


async def test_a_conversation_stays_in_its_part_when_its_customer_becomes_known(
    shop: Feedback, folder: Path
) -> None:
    talk = await judged(shop, "train")
    await shop.export(folder)
    await known(shop, talk, customer_of("evaluation"))
    await shop.export(folder)
    assert len(rows(folder, "sft.train")) == 1
    assert rows(folder, "evaluation") == []


async def test_all_conversations_of_a_customer_are_in_one_part(shop: Feedback, folder: Path) -> None:
    for part in PARTS:
        await known(shop, await judged(shop, part, f"{part} 的问题"), customer_of("dev"))
    await shop.export(folder)
    assert len(rows(folder, "sft.dev")) == 3


async def test_records_of_the_customer_are_masked_by_name_and_address(shop: Feedback, folder: Path) -> None:
    one = order(shipping_address="苏州河畔蓝房子")
    await fill(shop.store, one)
    talk = await shop.answered(f"我的 {one.order_id} 寄到苏州河畔蓝房子，能退吗")
    await known(shop, await shop.judge(talk), one.customer_id)
    await shop.export(folder)
    files = b"".join(contents(folder).values()).decode()
    assert "蓝房子" not in files and one.order_id not in files
    assert talk.conversation_id not in files


# --- check -------------------------------------------------------------------------------------------------


def resealed(folder: Path, name: str, text: str) -> None:
    """Change a file and its hash: what is left to find is in its rows."""
    (folder / name).write_text(text, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["sha256"][name] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def changed(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    resealed(folder, name, text.replace(old, new))


async def test_what_was_exported_passes(shop: Feedback, folder: Path) -> None:
    await some(shop)
    await shop.export(folder)
    assert list(problems(folder)) == []


async def test_a_changed_file_is_found(shop: Feedback, folder: Path) -> None:
    await some(shop)
    await shop.export(folder)
    with (folder / "sft.train.jsonl").open("a") as file:
        file.write("\n")
    assert "sft.train.jsonl: not as it was exported" in list(problems(folder))


async def test_personal_data_in_a_row_is_found(shop: Feedback, folder: Path) -> None:
    await judged(shop)
    await shop.export(folder)
    changed(folder, "sft.train.jsonl", "能退吗", "能退吗，打 13812345678")
    assert list(problems(folder)) == ["sft.train.jsonl:1: looks like a mobile: 13812345678"]


async def test_a_row_of_another_shape_is_found(shop: Feedback, folder: Path) -> None:
    await judged(shop)
    await shop.export(folder)
    changed(folder, "kto.train.jsonl", '"label":true', '"label":"yes"')
    assert list(problems(folder)) == ["kto.train.jsonl:1: label is no bool"]


async def test_a_conversation_in_two_parts_is_found(shop: Feedback, folder: Path) -> None:
    await judged(shop)
    await shop.export(folder)
    lines = [json.loads(one) for one in (folder / "provenance.jsonl").read_text("utf-8").splitlines()]
    lines[0]["file"] = "evaluation.jsonl"
    resealed(folder, "provenance.jsonl", "".join(json.dumps(one) + "\n" for one in lines))
    assert any("is in evaluation and train" in one for one in problems(folder))


async def test_a_row_without_an_origin_is_found(shop: Feedback, folder: Path) -> None:
    await judged(shop)
    await shop.export(folder)
    resealed(folder, "provenance.jsonl", "")
    assert "sft.train.jsonl: 1 rows, 0 with an origin" in list(problems(folder))


async def test_pictures_that_are_gone_or_damaged_are_found(shop: Feedback, folder: Path) -> None:
    await judged(shop)
    await shop.export(folder)
    picture = folder / "images" / "p.jpg"
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    name = f"images/{hashlib.sha256(picture.read_bytes()).hexdigest()}.jpg"
    picture.rename(folder / name)
    changed(folder, "sft.train.jsonl", '{"images":[]', f'{{"images":["{name}"]')
    changed(
        folder, "sft.train.jsonl", '{"role":"user","content":[', '{"role":"user","content":[{"type":"image"},'
    )
    assert list(problems(folder)) == []
    (folder / name).write_bytes(b"\xff\xd8\xff broken")
    assert list(problems(folder)) == [f"sft.train.jsonl:1: {name} is not as it was exported"]
    (folder / name).unlink()
    assert list(problems(folder)) == [f"sft.train.jsonl:1: {name} is missing"]
