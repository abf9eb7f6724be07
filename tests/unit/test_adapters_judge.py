"""What is right and wrong with one answer, and the questions that are asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from evals.answers import rows
from evals.answers.judge import Answer, Judgement, chrf, judge
from evals.answers.rows import Row
from support.prompts import NO_ANSWER, Persona

ROOT = Path(__file__).parents[2]
PERSONA = {"zh": Persona("云朵小铺"), "en": Persona("Cloudlet Store")}
ROW = Row(
    id="1",
    language="zh",
    purpose="answer",
    messages=[{"role": "user", "content": "<passages>\n[1] ...\n</passages>\n\n顾客的问题：寄到拉萨多少钱"}],
    reference="寄往西藏要满 299 元才包邮，不满收 18 元运费 [2]。",
    passages=(
        "运费怎么算 · 普通快递\n满 99 元包邮；不满 99 元收 8 元。",
        "运费 · 西藏\n满 299 元包邮，不满收 18 元运费。",
    ),
    records=(),
    answerable=True,
)
NONE = replace(ROW, reference=NO_ANSWER, answerable=False)


def judged(text: str, row: Row = ROW, **what: Any) -> Judgement:
    return judge(row, Answer(text, **what))


def test_the_reference_itself_is_acceptable_and_entirely_similar() -> None:
    found = judged(ROW.reference)
    assert found.acceptable and not found.faults
    assert found.similarity == pytest.approx(1)


def test_a_figure_that_no_source_states_is_not_acceptable() -> None:
    found = judged("寄往西藏不满 299 元收 28 元运费 [2]。")
    assert (found.supported, found.acceptable) == (False, False)
    assert "28" in found.faults[0]


def test_a_figure_that_the_customer_gave_is_not_invented() -> None:
    asked = replace(ROW, messages=[{"role": "user", "content": "</passages>我买了 350 元的"}])
    assert judged("350 元已经超过 299 元，包邮 [2]。", asked).supported


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("满 299 元包邮 [2]。", True),
        ("满 299 元包邮 [1]。", False),
        ("满 299 元包邮。", False),
        ("满 299 元包邮 [2][7]。", False),
    ],
)
def test_citations_have_to_lead_to_the_right_passage(text: str, right: bool) -> None:
    assert judged(text).citations is right
    assert judged(text).acceptable is right


def test_where_a_person_cited_nothing_any_passage_will_do_but_one_has_to() -> None:
    uncited = replace(ROW, reference="满 299 元包邮。")
    assert judged("满 299 元包邮 [1]。", uncited).citations
    assert judged("满 299 元包邮。", uncited).citations is False


def test_refusing_what_the_passages_answer_is_wrong_and_cites_nothing() -> None:
    found = judged(NO_ANSWER)
    assert (found.refusal, found.acceptable, found.citations, found.language) == (False, False, None, None)


def test_refusing_what_the_passages_do_not_answer_is_right() -> None:
    assert judged(NO_ANSWER, NONE).acceptable
    assert not judged("可以送到 [2]。", NONE).acceptable


def test_an_answer_in_the_other_language_is_not_acceptable() -> None:
    assert judged("Orders to Tibet need 299 for free delivery [2].").language is False


@pytest.mark.parametrize(
    "answer", [Answer("满 299 元包邮 [2]。", cut_off=True), Answer("[2]"), Answer("满 299 元包邮 [2]。" * 40)]
)
def test_an_answer_that_is_cut_off_empty_or_endless_is_not_acceptable(answer: Answer) -> None:
    assert judge(ROW, answer).length is False


def test_no_answer_because_of_an_error_is_not_acceptable_even_where_refusing_is_right() -> None:
    found = judged("", NONE, error="http_400")
    assert (found.acceptable, found.faults) == (False, ("no answer (http_400)",))


# --- similarity --------------------------------------------------------------------------------------------


def test_chrf_is_the_f_score_of_characters() -> None:
    # By hand: of "abc" against "abd", 2 of 3 characters agree, 1 of 2 pairs, and the triple does not.
    assert chrf("abc", "abd") == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    # Recall counts double: leaving out is worse than saying more.
    assert chrf("运费八元", "运费八元，满九十九元包邮") < chrf("运费八元，满九十九元包邮", "运费八元")


@given(some.text(min_size=1), some.text(min_size=1))
def test_chrf_is_between_nothing_and_one_and_one_for_the_same(one: str, other: str) -> None:
    assert 0 <= chrf(one, other) <= 1 + 1e-9
    assert chrf(one, one) == pytest.approx(1 if one.strip() else 0)


# --- the questions -----------------------------------------------------------------------------------------


def own() -> list[Row]:
    return rows.own(ROOT / "demo" / "knowledge", PERSONA)


def test_every_reference_of_the_own_set_is_acceptable_to_the_judge() -> None:
    wrong = {row.id: judge(row, Answer(row.reference)).faults for row in own()}
    assert {name: faults for name, faults in wrong.items() if faults} == {}


def test_the_own_set_asks_in_both_languages_what_is_answered_and_what_is_not() -> None:
    kinds = [(row.language, row.answerable) for row in own()]
    assert len({row.id for row in own()}) == len(kinds) >= 60
    assert all(kinds.count((language, True)) >= 20 for language in ("zh", "en"))
    assert all(kinds.count((language, False)) >= 8 for language in ("zh", "en"))


def test_the_own_set_is_asked_as_the_assistant_asks() -> None:
    first = own()[0]
    assert [message["role"] for message in first.messages] == ["system", "user"]
    assert all(passage in first.messages[-1]["content"] for passage in first.passages)


def test_a_row_of_the_dataset_is_sent_as_words_and_pictures(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "ab.jpg").write_bytes(b"a picture")
    row = {
        "id": "7",
        "language": "en",
        "purpose": "answer",
        "images": ["images/ab.jpg"],
        "prompt": [
            {"role": "system", "content": [{"type": "text", "text": "You answer."}]},
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]},
        ],
        "reference": "A mug.",
        "passages": [],
        "records": ["mug"],
        "answerable": True,
    }
    (tmp_path / "evaluation.jsonl").write_text(json.dumps(row) + "\n")
    (loaded,) = rows.load(tmp_path / "evaluation.jsonl")
    url = "data:image/jpeg;base64,YSBwaWN0dXJl"
    assert loaded.messages == [
        {"role": "system", "content": "You answer."},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": url}},
                {"type": "text", "text": "What is this?"},
            ],
        },
    ]
    assert loaded.question == "What is this?"


def test_a_broken_line_of_the_dataset_is_named(tmp_path: Path) -> None:
    (tmp_path / "evaluation.jsonl").write_text('{"id": \n')
    with pytest.raises(ValueError, match="line 1"):
        rows.load(tmp_path / "evaluation.jsonl")
