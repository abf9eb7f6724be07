"""The rows of a dataset as fine-tuning reads them, and what is said where they will not do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from llm_server import Trouble
from llm_server.finetune import rows
from llm_server.finetune.rows import Row

Json = dict[str, Any]


def said(role: str, *parts: str) -> Json:
    """A message; the part `picture` is one."""
    content = [{"type": "image"} if part == "picture" else {"type": "text", "text": part} for part in parts]
    return {"role": role, "content": content}


def sft(answer: str = "七天内可以退货。", **changes: Any) -> Json:
    return {"images": [], "messages": [said("user", "几天内可以退？"), said("assistant", answer)]} | changes


def kto(label: bool) -> Json:
    row = sft()
    return {"prompt": row["messages"][:1], "completion": row["messages"][1:], "label": label}


def dataset(folder: Path, method: str, train: Sequence[Json], dev: Sequence[Json] | None = None) -> Path:
    for part, given in (("train", train), ("dev", train if dev is None else dev)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in given)
        (folder / f"{method}.{part}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def complaint(folder: Path, method: Any = "sft") -> str:
    with pytest.raises(Trouble) as trouble:
        rows.read(folder, method)
    return str(trouble.value)


def test_of_a_conversation_only_the_last_answer_is_taught(tmp_path: Path) -> None:
    talk = [
        said("user", "hi"),
        said("assistant", "hello"),
        said("user", "return?"),
        said("assistant", "Yes."),
    ]
    (row,) = rows.read(dataset(tmp_path, "sft", [sft(messages=talk)]), "sft").train
    assert (len(row.prompt), row.answers) == (3, {"completion": "Yes."})


def test_pictures_come_before_the_words(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").touch()
    asked = [said("user", "Is it broken?", "picture"), said("assistant", "It is.")]
    row = rows.row_of(sft(images=["images/a.png"], messages=asked), "sft", tmp_path)
    assert [part["type"] for part in row.prompt[0]["content"]] == ["image", "text"]


def test_content_may_be_plain_text(tmp_path: Path) -> None:
    plain = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    assert rows.row_of(sft(messages=plain), "sft", tmp_path).wanted == "hello"


def test_a_correction_has_the_wanted_answer_and_the_other(tmp_path: Path) -> None:
    pair = {"chosen": [said("assistant", "Yes.")], "rejected": [said("assistant", "No.")]}
    row = rows.row_of({"prompt": [said("user", "?")]} | pair, "dpo", tmp_path)
    assert (row.wanted, row.answers["rejected"]) == ("Yes.", "No.")


BAD: list[tuple[Json, str]] = [
    ({"images": []}, "not there: messages"),
    (sft(messages="hi"), "not the form"),
    (sft(messages=[{"content": "hi"}, said("assistant", "hi")]), "a message of the user"),
    (sft(messages=[]), "the last one"),
    (sft(messages=[said("user", "hi")]), "the last one"),
    (sft(answer=" "), "the answer is empty"),
    (sft(messages=[said("assistant", "hi")]), "a message of the user"),
    (sft(images=["images/none.png"]), "none.png is not in"),
    (sft(messages=[said("user", "picture"), said("assistant", "hi")]), "places for 1 pictures, and 0"),
]


@pytest.mark.parametrize(("row", "what"), BAD, ids=[what for _, what in BAD])
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, row: Json, what: str) -> None:
    message = complaint(dataset(tmp_path, "sft", [sft(), row]))
    assert "sft.train.jsonl:2: " in message and what in message


def test_a_line_that_is_no_json_is_named_too(tmp_path: Path) -> None:
    dataset(tmp_path, "sft", [sft()])
    (tmp_path / "sft.dev.jsonl").write_text("{\n", encoding="utf-8")
    assert "sft.dev.jsonl:1: " in complaint(tmp_path)


def test_of_many_bad_rows_a_few_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    assert complaint(dataset(tmp_path, "sft", [{}] * 12)).endswith("and 7 more")


def test_a_method_without_rows_names_those_that_have_some(tmp_path: Path) -> None:
    assert "has rows for: sft" in complaint(dataset(tmp_path, "sft", [sft()]), "dpo")


def test_a_dataset_without_held_out_rows_is_refused(tmp_path: Path) -> None:
    assert "whether the model learnt or only memorised" in complaint(dataset(tmp_path, "sft", [sft()], []))


def test_a_dataset_that_is_not_there_points_to_make_dataset(tmp_path: Path) -> None:
    assert "`make dataset` writes it" in complaint(tmp_path / "none")


def test_ratings_of_one_kind_only_teach_nothing(tmp_path: Path) -> None:
    assert "Collect ratings of both kinds" in complaint(dataset(tmp_path, "kto", [kto(True)] * 3), "kto")


def test_a_rating_has_to_be_a_thumb(tmp_path: Path) -> None:
    bad = kto(True) | {"label": 5}
    assert "label has to be true or false" in complaint(dataset(tmp_path, "kto", [bad]), "kto")


def test_changed_rows_are_another_dataset(tmp_path: Path) -> None:
    before = rows.read(dataset(tmp_path, "sft", [sft()]), "sft").digest
    assert rows.read(dataset(tmp_path, "sft", [sft("八天。")]), "sft").digest != before


def test_shuffling_goes_by_the_seed_and_loses_nothing() -> None:
    numbered = [Row((), (), {"completion": str(number)}) for number in range(20)]
    first = rows.ordered(numbered, 1)
    assert first == rows.ordered(numbered, 1) != rows.ordered(numbered, 2)
    assert sorted(first, key=id) == sorted(numbered, key=id)


def test_every_batch_of_ratings_has_both_kinds() -> None:
    rated = [Row((), (), {"completion": "x"}, label=number % 4 == 0) for number in range(32)]
    labels = [row.label for row in rows.ordered(rated, 1)]
    assert all(set(labels[start : start + 8]) == {True, False} for start in range(0, 32, 8))


@pytest.mark.parametrize(
    ("answer", "language"), [("可以，USB 充电。", "zh"), ("The 水杯 can be returned.", "en")]
)
def test_the_answer_tells_the_language(answer: str, language: str) -> None:
    assert rows.language(Row((), (), {"completion": answer})) == language
