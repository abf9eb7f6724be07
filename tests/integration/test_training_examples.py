"""From a customer's words to a line in the project's files, on both databases, with Rasa's own validation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from support.model import Language
from support.services import identity
from support.store import ModelRun, Store
from support.training.problems import Problem
from tests.records import NOW, delivered, fill
from tests.training_rig import Rig, open_rig

# Validation is a minute of two cores for both databases, and the same for either.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SAID = "钱怎么还没影子呢急死我了"


@pytest_asyncio.fixture
async def rig(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    opened = open_rig(tmp_path, store)
    yield opened
    await opened.training.close()


async def refusal(doing: Any, language: Language = "en") -> str:
    with pytest.raises(Problem) as raised:
        await doing
    return raised.value.words(language)


async def add(rig: Rig, said: str = SAID, intent: str = "refund_status", language: str = "zh") -> int:
    return (await rig.training.examples.add(said, intent, language, "mei")).id


async def exported(rig: Rig, seen: dict[str, str] | None = None) -> ModelRun:
    return await rig.training.runs.wait(await rig.training.examples.export("mei", seen))


# --- collecting --------------------------------------------------------------------------------------------


async def test_an_example_waits_until_it_is_exported(rig: Rig) -> None:
    await add(rig)
    (kept,) = await rig.training.examples.listed()
    assert (kept.text, kept.intent, kept.language, kept.staff) == (SAID, "refund_status", "zh", "mei")


async def test_personal_data_of_the_text_and_of_the_records_is_masked(rig: Rig, store: Store) -> None:
    one = delivered(shipping_address="解放路8号2单元")
    await fill(store, one)
    await identity.prove_by_order(store, "talk-1", one.order_id, "0001", NOW)
    async with store.reading() as unit:
        customer = await unit.customers.get(one.customer_id)
    assert customer
    said = f"我是{customer.name}，{one.order_id}寄到{one.shipping_address}，电话13800138000"
    kept = await rig.training.examples.add(said, "change_order", "zh", "mei", conversation_id="talk-1")
    assert kept.text == "我是小明，6203847501926寄到人民路1号，电话13912345678"


async def test_a_second_click_adds_nothing(rig: Rig) -> None:
    assert await add(rig) == await add(rig, f"{SAID}！")
    assert len(await rig.training.examples.listed()) == 1


async def test_two_clicks_at_the_same_time_add_one(rig: Rig) -> None:
    first, second = await asyncio.gather(add(rig), add(rig))
    assert first == second


async def test_one_text_cannot_wait_for_two_intents(rig: Rig) -> None:
    await add(rig)
    assert "as refund_status" in await refusal(add(rig, intent="complain"))


async def test_an_unknown_intent_is_refused_with_those_that_there_are(rig: Rig) -> None:
    words = await refusal(add(rig, intent="refunds"))
    assert '"refunds"' in words
    assert "refund, refund_status" in words


async def test_what_the_files_hold_already_is_refused_with_file_and_line(rig: Rig) -> None:
    lines = rig.nlu("refund").read_text(encoding="utf-8").splitlines()
    line = lines.index("      - 我要退款") + 1
    assert f"data/nlu/refund.yml:{line}" in await refusal(add(rig, "我要退款。"))


async def test_words_without_letters_and_endless_ones_are_refused(rig: Rig) -> None:
    assert "no words" in await refusal(add(rig, " \u200b\n"))
    assert "500 characters" in await refusal(add(rig, "退" * 501))


async def test_a_dropped_example_comes_back_by_undo(rig: Rig) -> None:
    one = await add(rig)
    await rig.training.examples.drop(one)
    assert await rig.training.examples.listed() == []
    await rig.training.examples.undo(one)
    assert [kept.id for kept in await rig.training.examples.listed()] == [one]


async def test_undo_does_not_make_a_second_one(rig: Rig) -> None:
    dropped = await add(rig)
    await rig.training.examples.drop(dropped)
    await add(rig, intent="complain")
    assert "as complain" in await refusal(rig.training.examples.undo(dropped))


async def test_what_is_not_there_or_not_waiting_cannot_be_dropped(rig: Rig) -> None:
    one = await add(rig)
    await rig.training.examples.drop(one)
    assert "not waiting" in await refusal(rig.training.examples.drop(one))
    assert "no such example" in await refusal(rig.training.examples.drop(one + 1))


# --- into the files ----------------------------------------------------------------------------------------


async def test_the_preview_shows_each_file_as_a_diff(rig: Rig) -> None:
    await add(rig)
    preview = await rig.training.examples.preview()
    assert [(one.name, one.added) for one in preview.files] == [("data/nlu/refund_status.yml", 1)]
    assert f"\n+      - {SAID}\n" in preview.files[0].diff
    assert preview.refused == ()


async def test_the_download_is_a_training_file_of_all_new_examples(rig: Rig) -> None:
    await add(rig)
    await add(rig, "kindly say when money lands", language="en")
    found = yaml.safe_load(await rig.training.examples.download())
    assert found["nlu"] == [
        {"intent": "refund_status", "examples": "- kindly say when money lands\n"},
        {"intent": "refund_status", "examples": f"- {SAID}\n"},
    ]


async def test_without_new_examples_there_is_nothing_to_export(rig: Rig) -> None:
    assert "no new examples" in await refusal(rig.training.examples.export("mei"))
    assert yaml.safe_load(await rig.training.examples.download())["nlu"] == []


async def test_a_file_that_was_broken_by_hand_is_named_and_nothing_is_lost(rig: Rig) -> None:
    await add(rig)
    rig.nlu("refund_status").write_text("nlu:\n- intent: [\n", encoding="utf-8")
    assert "data/nlu/refund_status.yml:3" in await refusal(rig.training.examples.export("mei"))
    assert len(await rig.training.examples.listed()) == 1


@on_one_database
async def test_an_export_adds_the_line_and_says_where(rig: Rig) -> None:
    one = await add(rig)
    before = rig.nlu("refund_status").read_text(encoding="utf-8")
    run = await exported(rig)
    assert (run.state, run.result) == (
        "done",
        {
            "files": [{"name": "data/nlu/refund_status.yml", "added": 1}],
            "exported": 1,
            "refused": [],
            "merged": [],
        },
    )
    after = rig.nlu("refund_status").read_text(encoding="utf-8")
    assert after.replace(f"      - {SAID}\n", "") == before
    (kept,) = await rig.training.examples.listed("exported")
    assert kept.id == one
    assert kept.place is not None
    line = int(kept.place.removeprefix("data/nlu/refund_status.yml:"))
    assert after.splitlines()[line - 1] == f"      - {SAID}"


@on_one_database
async def test_files_edited_by_hand_since_the_preview_keep_the_edit(rig: Rig) -> None:
    await add(rig)
    await add(rig, "my stuff is a wreck honestly", "complain", "en")
    await add(rig, "有内鬼吧你们", "complain")
    seen = (await rig.training.examples.preview()).seen
    path = rig.nlu("refund_status")
    path.write_text(path.read_text(encoding="utf-8") + "      - by hand, meanwhile\n", encoding="utf-8")
    complaints = rig.nlu("complain")
    complaints.write_text(complaints.read_text(encoding="utf-8") + "      - 有内鬼吧你们\n", encoding="utf-8")
    run = await exported(rig, seen)
    assert run.result is not None
    assert run.result["merged"] == ["data/nlu/complain.yml", "data/nlu/refund_status.yml"]
    assert run.result["exported"] == 3
    text = path.read_text(encoding="utf-8")
    assert SAID in text
    assert text.endswith("      - by hand, meanwhile\n")
    assert complaints.read_text(encoding="utf-8").count("有内鬼吧你们") == 1


@on_one_database
async def test_a_file_edited_while_rasa_validates_is_read_again(rig: Rig) -> None:
    await add(rig)
    run_id = await rig.training.examples.export("mei")
    while not (await rig.training.runs.get(run_id)).progress:
        await asyncio.sleep(0.1)
    path = rig.nlu("refund_status")
    path.write_text(path.read_text(encoding="utf-8") + "      - by hand, meanwhile\n", encoding="utf-8")
    assert (await rig.training.runs.wait(run_id)).state == "done"
    text = path.read_text(encoding="utf-8")
    assert SAID in text
    assert text.endswith("      - by hand, meanwhile\n")


@on_one_database
async def test_when_rasa_refuses_the_data_the_files_are_as_they_were(rig: Rig) -> None:
    await add(rig)
    rules = rig.folder / "data" / "rules" / "rate.yml"
    broken = rules.read_text(encoding="utf-8").replace("intent: rate", "intent: rate_us")
    rules.write_text(broken, encoding="utf-8")
    before = rig.nlu("refund_status").read_bytes()
    run = await exported(rig)
    assert run.state == "failed"
    assert run.result is not None
    assert run.result["error"] == "invalid_data"
    assert "rate_us" in run.result["en"]
    assert rig.nlu("refund_status").read_bytes() == before
    assert len(await rig.training.examples.listed()) == 1


@on_one_database
async def test_a_second_run_waits_its_turn(rig: Rig) -> None:
    await add(rig)
    run_id = await rig.training.examples.export("mei")
    assert "mei's run (export)" in await refusal(rig.training.models.train("lin"))
    await rig.training.runs.cancel(run_id)
    assert (await rig.training.runs.wait(run_id)).state == "cancelled"
    assert len(await rig.training.examples.listed()) == 1
