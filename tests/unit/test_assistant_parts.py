"""The assistant's parts of the pipeline, run where they live, in Rasa's environment: `assistant_probe.py`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rasa_probe import lines_of

_ASKED: list[tuple[str, str | None]] = [
    ("我的快递呢", None),
    ("我的包裹在哪", "en"),
    ("i'd like a refund", None),
    ("[图片]", "zh"),
    ("[picture]", "en"),
    ("[图片] 这件坏了想退", "zh"),
    ("", None),
    ("4417", "en"),
    ("4417", None),
    ("4417", "fr"),
]
# The content filter's rulings on messages that say hello: the action, and what is left to answer.
_RULED = {("care", None): "", ("note", None): "", ("no_model", None): "i'd like a refund"}


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str | None], dict[str, Any]]:
    """What the pipeline makes of each message; one start of Rasa for all tests."""
    asked: list[dict[str, Any]] = [{"text": text, "language": language} for text, language in _ASKED]
    asked += [
        {"text": "hello", "content": {"action": one, "rest": rest}} for (one, _), rest in _RULED.items()
    ]
    printed = lines_of("tests.unit.assistant_probe", given="\n".join(map(json.dumps, asked)))
    return dict(zip([*_ASKED, *_RULED], map(json.loads, printed), strict=True))


Answers = dict[tuple[str, str | None], dict[str, Any]]


def test_a_message_gets_its_intent(answers: Answers) -> None:
    assert answers["我的快递呢", None]["intent"]["name"] == "order_status"
    assert answers["i'd like a refund", None]["intent"]["name"] == "refund"


def test_a_word_that_only_the_concepts_know_counts(answers: Answers) -> None:
    assert answers["我的包裹在哪", "en"]["intent"]["name"] == "order_status"


def test_the_ranking_is_sorted_sums_to_one_and_leaves_out_what_others_decide(answers: Answers) -> None:
    ranking = answers["我的快递呢", None]["intent_ranking"]
    confidences = [ranked["confidence"] for ranked in ranking]
    assert ranking[0] == answers["我的快递呢", None]["intent"]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1)
    assert "picture" not in {ranked["name"] for ranked in ranking}


@pytest.mark.parametrize("asked", [("[图片]", "zh"), ("[picture]", "en")])
def test_a_picture_without_words_is_a_picture_for_sure(answers: Answers, asked: tuple[str, str]) -> None:
    assert answers[asked]["intent"] == {"name": "picture", "confidence": 1.0}


def test_a_picture_with_words_is_what_the_words_say(answers: Answers) -> None:
    assert answers["[图片] 这件坏了想退", "zh"]["intent"]["name"] == "refund"


def test_what_the_content_filter_has_decided_is_its_intent_for_sure(answers: Answers) -> None:
    assert answers["care", None]["intent"] == {"name": "content", "confidence": 1.0}


def test_a_message_that_is_only_labelled_keeps_its_intent(answers: Answers) -> None:
    assert answers["note", None]["intent"]["name"] == "greet"


def test_the_rest_of_a_message_is_what_counts(answers: Answers) -> None:
    assert answers["no_model", None]["intent"]["name"] == "refund"


def test_an_empty_text_has_no_intent(answers: Answers) -> None:
    assert answers["", None]["intent"] == {"name": None, "confidence": 0.0}


def test_the_language_is_an_entity_over_the_whole_text(answers: Answers) -> None:
    (entity,) = answers["我的快递呢", None]["entities"]
    expected = {"entity": "language", "value": "zh", "start": 0, "end": 5, "extractor": "LanguageDetector"}
    assert entity == expected


def test_the_page_decides_when_the_text_does_not_tell(answers: Answers) -> None:
    (entity,) = answers["4417", "en"]["entities"]
    assert entity["value"] == "en"
    assert not answers["4417", None].get("entities")
    assert not answers["4417", "fr"].get("entities")
