"""From verdicts to rows: what is taught, by whose word, from which prompt, and what is left out."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from support import prompts
from support.prompts import NO_ANSWER, Persona
from support.store import Store
from tests.feedback import ANSWER, POSTAGE, QUESTION, RETURNS, RETURNS_TEXT, Feedback, rows, text_of
from tests.records import NOW

BETTER = "签收后 7 天内可以退，吊牌要在。"


@pytest_asyncio.fixture
async def shop(store: Store, tmp_path: Path) -> Feedback:
    return await Feedback.of(store, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


def prompt(*passages: str) -> list[dict[str, object]]:
    persona = Persona("云织")
    return prompts.build("answer", "zh", persona, question=QUESTION, data={"passages": passages})


async def test_a_confirmed_answer_is_taught_with_the_prompt_of_its_sources(
    shop: Feedback, folder: Path
) -> None:
    await shop.judge(await shop.answered())
    await shop.export(folder)
    [row] = rows(folder, "sft.train")
    system, asked, answer = row["messages"]
    assert [one["role"] for one in row["messages"]] == ["system", "user", "assistant"]
    assert "云织" in text_of(system)
    assert RETURNS_TEXT in text_of(asked) and QUESTION in text_of(asked)
    assert text_of(answer) == ANSWER
    [weighed] = rows(folder, "kto.train")
    assert (weighed["label"], weighed["prompt"]) == (True, [system, asked])


async def test_a_quoted_passage_is_taught_with_its_number(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(said=RETURNS_TEXT))
    await shop.export(folder)
    assert text_of(rows(folder, "sft.train")[0]["messages"][-1]) == f"{RETURNS_TEXT}[1]"


async def test_a_thumb_down_is_weighed_and_not_taught(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(), "bad", kind="customer")
    await shop.export(folder)
    assert [row["label"] for row in rows(folder, "kto.train")] == [False]
    assert rows(folder, "sft.train") == rows(folder, "dpo.train") == []


async def test_better_words_are_taught_and_preferred_to_what_was_said(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(), "bad", better=BETTER)
    await shop.export(folder)
    [taught], [pair] = rows(folder, "sft.train"), rows(folder, "dpo.train")
    assert text_of(taught["messages"][-1]) == text_of(pair["chosen"][0]) == f"{BETTER}[1]"
    assert text_of(pair["rejected"][0]) == ANSWER
    assert [row["label"] for row in rows(folder, "kto.train")] == [False]


async def test_what_its_own_sources_do_not_say_is_never_taught(shop: Feedback, folder: Path) -> None:
    talk = await shop.answered()
    await shop.judge(talk, "bad", better="签收后 30 天内都可以退货。")
    report = await shop.export(folder)
    assert rows(folder, "sft.train") == rows(folder, "dpo.train") == []
    assert report.left_out == {"unsupported": 1}
    [refusal] = report.refusals
    assert (refusal.conversation_id, refusal.claims) == (talk.conversation_id, ("30 天",))
    assert [row["label"] for row in rows(folder, "kto.train")] == [False]


async def test_that_the_documents_do_not_say_is_taught_as_a_refusal(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(part="evaluation"), "bad", better=NO_ANSWER)
    await shop.judge(await shop.answered(), "bad", better=NO_ANSWER)
    await shop.export(folder)
    [asked] = rows(folder, "evaluation")
    assert (asked["reference"], asked["answerable"]) == (NO_ANSWER, False)


async def test_the_prompt_is_the_one_that_the_model_had(shop: Feedback, folder: Path) -> None:
    talk = await shop.answered()
    messages = prompt("运费\n满 99 元包邮", f"退货政策 · \n{RETURNS_TEXT}")
    messages.insert(1, {"role": "user", "content": "你好"})
    await shop.asked_model(talk, messages, "签收后 7 天内可以无理由退货。[2]")
    await shop.judge(talk, "bad", better=f"{BETTER}[1]")
    await shop.export(folder)
    [pair] = rows(folder, "dpo.train")
    assert [text_of(one) for one in pair["prompt"]] == [one["content"] for one in messages]
    assert text_of(pair["rejected"][0]).endswith("[2]")
    assert text_of(pair["chosen"][0]) == f"{BETTER}[2]"


async def test_a_passage_that_replaced_the_models_words_keeps_the_models_prompt(
    shop: Feedback, folder: Path
) -> None:
    talk = await shop.answered(said=RETURNS_TEXT)
    shown = prompts.sections(str(prompt(f"退货政策 · 退货政策\n{RETURNS_TEXT}")[-1]["content"]))["passages"]
    passage = await shop.knowledge.passage(RETURNS)
    assert passage and shown
    messages = prompt("别的\n文章", f"{passage.title} · {passage.heading}\n{passage.text}")
    await shop.asked_model(talk, messages, "签收后 30 天可以退货。[2]", "withdrawn")
    await shop.judge(talk)
    await shop.export(folder)
    [taught] = rows(folder, "sft.train")
    assert "别的\n文章" in text_of(taught["messages"][-2])
    assert text_of(taught["messages"][-1]) == f"{RETURNS_TEXT}[2]"


async def test_a_reviewers_word_counts_more_than_a_customers(shop: Feedback, folder: Path) -> None:
    talk = await shop.judge(await shop.answered(), "good")
    await shop.judge(talk, "bad", kind="customer", at=NOW + timedelta(hours=1))
    await shop.export(folder)
    assert [row["label"] for row in rows(folder, "kto.train")] == [True]


async def test_what_an_agent_made_of_a_draft_is_preferred_to_it(shop: Feedback, folder: Path) -> None:
    talk = await shop.answered()
    await shop.judge(talk, "bad", kind="agent", said="可以退货，7 天内。", better=BETTER)
    await shop.export(folder)
    [pair] = rows(folder, "dpo.train")
    assert text_of(pair["rejected"][0]) == "可以退货，7 天内。[1]"
    assert rows(folder, "kto.train") == []


async def test_a_draft_from_a_record_is_taught_with_the_record(shop: Feedback, folder: Path) -> None:
    talk = await shop.answered(question="退款到哪了", citations=())
    card = "R1：订单 6205845058777，¥79.00，审核中"
    better = "您的退款 ¥79.00 正在审核。"
    await shop.judge(talk, "bad", kind="agent", said=card, better=better, records=[card])
    await shop.export(folder)
    [taught] = rows(folder, "sft.train")
    assert "<records>" in text_of(taught["messages"][-2]) and "6205845058777" not in str(taught)
    assert text_of(taught["messages"][-1]) == better


async def test_testers_and_the_talk_page_teach_nothing(shop: Feedback, folder: Path) -> None:
    for channel in ("desk", "guest", "test"):
        await shop.judge(await shop.answered(channel=channel))
    tested = await shop.judge(await shop.answered())
    async with shop.store.writing() as unit:
        await unit.guest_links.spoke(1, tested.conversation_id)
    report = await shop.export(folder)
    assert report.judged == {}


async def test_the_same_answer_to_the_same_question_is_taught_once(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered())
    await shop.judge(await shop.answered(question="几天内可以退货"))
    report = await shop.export(folder)
    assert len(rows(folder, "sft.train")) == len(rows(folder, "kto.train")) == 1
    assert report.left_out == {"duplicate": 1}


async def test_what_is_evaluated_is_not_taught(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered())
    await shop.judge(await shop.answered(part="dev"))
    await shop.judge(await shop.answered(part="evaluation"))
    await shop.export(folder)
    assert len(rows(folder, "evaluation")) == 1
    assert rows(folder, "sft.train") == rows(folder, "sft.dev") == []


async def test_a_row_of_the_evaluation_names_its_sources(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(part="evaluation"))
    await shop.export(folder)
    [row] = rows(folder, "evaluation")
    assert (row["reference"], row["language"], row["purpose"]) == (ANSWER, "zh", "answer")
    assert row["passages"][0].endswith(RETURNS_TEXT) and row["answerable"] is True


async def test_a_wrong_answer_without_a_better_one_is_no_reference(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(part="evaluation"), "bad")
    report = await shop.export(folder)
    assert rows(folder, "evaluation") == []
    assert report.left_out == {"no_reference": 1}


async def test_older_verdicts_can_be_left_out(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(), at=NOW - timedelta(days=9))
    report = await shop.export(folder, since=NOW - timedelta(days=1))
    assert report.judged == {}


async def test_a_passage_that_is_gone_is_said(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered(citations=["old.zh#1"]))
    assert (await shop.export(folder)).left_out == {"passage_gone": 1}


# --- ratings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "labels"), [(5, [True]), (3, []), (1, [False])])
async def test_stars_weigh_answers_that_nobody_has_judged(
    shop: Feedback, folder: Path, score: int, labels: list[bool]
) -> None:
    talk = await shop.answered()
    async with shop.store.writing() as unit:
        await unit.ratings.add(talk.conversation_id, score, "", NOW)
    await shop.export(folder, rated=True)
    assert [row["label"] for row in rows(folder, "kto.train")] == labels
    assert rows(folder, "sft.train") == []


async def test_stars_count_only_when_asked_for_and_without_a_person(shop: Feedback, folder: Path) -> None:
    talk = await shop.answered()
    async with shop.store.writing() as unit:
        await unit.ratings.add(talk.conversation_id, 5, "", NOW)
    assert (await shop.export(folder)).judged == {}
    async with shop.store.writing() as unit:
        await unit.handovers.open(talk.conversation_id, "asked", {}, NOW)
    assert (await shop.export(folder, rated=True)).judged == {}


# --- personal data and pictures ----------------------------------------------------------------------------


async def test_an_order_number_is_another_one_and_the_same_all_through(shop: Feedback, folder: Path) -> None:
    question = "订单 6205845058777 签收了，我叫李雷，电话 13812345678，几天内能退？"
    said = "订单 6205845058777 签收后 7 天内可以退货。[1]"
    talk = await shop.answered(question, said)
    data = {"passages": [f"退货政策\n{RETURNS_TEXT}"], "records": ["订单 6205845058777，已签收"]}
    messages = prompts.build("answer", "zh", Persona("云织"), question=question, data=data)  # type: ignore[arg-type]
    await shop.asked_model(talk, messages, said)
    await shop.judge(talk)
    await shop.export(folder)
    [taught] = rows(folder, "sft.train")
    for personal in ("6205845058777", "李雷", "13812345678"):
        assert personal not in str(taught)
    [number] = set(re.findall(r"订单 (\d{13})", str(taught)))
    assert str(taught).count(number) == 3


async def test_a_hotline_of_the_articles_stays(shop: Feedback, folder: Path) -> None:
    await shop.judge(await shop.answered("运费多少", "满 99 元包邮，有问题打 400-820-1234。", [POSTAGE]))
    await shop.export(folder)
    assert "400-820-1234" in text_of(rows(folder, "sft.train")[0]["messages"][-1])


async def pictured(shop: Feedback, attachment_id: str = "a" * 32) -> None:
    talk = await shop.answered()
    await shop.picture(talk.conversation_id)
    messages = prompt(f"退货政策\n{RETURNS_TEXT}")
    shown = {"type": "image_url", "image_url": {"url": f"attachment:{attachment_id}"}}
    messages[-1]["content"] = [shown, {"type": "text", "text": messages[-1]["content"]}]
    await shop.asked_model(talk, messages, ANSWER)
    await shop.judge(talk)


async def test_a_picture_stands_where_the_model_saw_it(shop: Feedback, folder: Path) -> None:
    await pictured(shop)
    await shop.export(folder)
    [taught] = rows(folder, "sft.train")
    assert [part["type"] for part in taught["messages"][-2]["content"]] == ["image", "text"]
    [name] = taught["images"]
    assert (folder / name).read_bytes() == await shop.pictures.get("a" * 32)


async def test_pictures_can_be_left_out_with_what_was_said_of_them(shop: Feedback, folder: Path) -> None:
    await pictured(shop)
    report = await shop.export(folder, pictures=False)
    assert report.left_out == {"pictures_off": 1}
    assert list((folder / "images").iterdir()) == []


async def test_a_picture_that_the_conversation_does_not_have_is_not_taken(
    shop: Feedback, folder: Path
) -> None:
    await pictured(shop, "b" * 32)
    assert (await shop.export(folder)).left_out == {"picture_gone": 1}
