"""The split: stable, in shares, by customer; and prompts read back into their data."""

from __future__ import annotations

from collections import Counter

import pytest

from support import prompts
from support.dataset.parts import part_of, pseudonym
from support.prompts import Persona


def test_eight_in_ten_are_for_training() -> None:
    parts = Counter(part_of(f"conversation-{number}", None) for number in range(10_000))
    assert 7_800 < parts["train"] < 8_200
    assert 850 < parts["dev"] < 1_150
    assert 850 < parts["evaluation"] < 1_150


@pytest.mark.parametrize(
    ("conversation_id", "part"), [("talk-0", "train"), ("talk-1", "dev"), ("talk-10", "evaluation")]
)
def test_the_part_of_a_conversation_is_the_same_for_ever(conversation_id: str, part: str) -> None:
    assert part_of(conversation_id, None) == part


def test_a_known_customers_conversations_go_together() -> None:
    assert len({part_of(f"conversation-{number}", "C1") for number in range(100)}) == 1


def test_a_pseudonym_is_stable_and_tells_ids_apart() -> None:
    assert pseudonym("talk", "m1") == pseudonym("talk", "m1")
    assert len({pseudonym("talk", "m1"), pseudonym("talk", "m2"), pseudonym("talkm1")}) == 3


def test_the_data_of_a_prompt_is_read_back() -> None:
    passages = ["退货\n\n[9] 不是编号\n七天", "[3] 运费八元", "最后"]
    data = {"passages": passages, "records": ["订单 1"]}
    messages = prompts.build("answer", "zh", Persona("店"), question="几天", data=data)  # type: ignore[arg-type]
    assert prompts.sections(messages[-1]["content"]) == data


def test_words_without_data_have_no_sections() -> None:
    assert prompts.sections("几天能退？") == {}
