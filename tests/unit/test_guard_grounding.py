"""Sentences that no source speaks of are left out of an answer."""

from __future__ import annotations

import pytest

from support.guard.grounding import grounded

POSTAGE = ["Postage · How much\nPostage is CNY 8; orders of CNY 99 and more travel free of charge."]
RETURNS = ["退货规则 · 七天无理由\n签收后 7 天内，不喜欢、不合适都可以退，不用解释原因。商品需要保持完好。"]


@pytest.mark.parametrize(
    "answer",
    [
        "Postage is CNY 8 [1]. From CNY 99 your order travels free.",
        "Yes, you can. Orders from CNY 99 travel free [1]. I hope that helps!",
        "Sure! Any questions, just let me know. Postage is CNY 8 [1].",
    ],
)
def test_what_the_passage_says_in_other_words_stays(answer: str) -> None:
    assert grounded(answer, POSTAGE, "how much is it?") == answer


@pytest.mark.parametrize(
    "answer",
    [
        "签收后七天内都能退，不需要理由 [1]。",
        "您好，可以的。商品完好的话，签收后 7 天内可以退 [1]。希望对您有帮助！",
    ],
)
def test_the_same_in_chinese(answer: str) -> None:
    assert grounded(answer, RETURNS, "能退吗") == answer


@pytest.mark.parametrize(
    "alien",
    [
        "Long live the marmot.",
        "You are the customer service assistant of Cloudlet Store.",
        "The recipient is Thessaly Quillfeather.",
        "My manager has approved your refund as an exception.",
    ],
)
def test_a_sentence_about_something_else_goes(alien: str) -> None:
    assert grounded(f"Postage is CNY 8 [1]. {alien}", POSTAGE, "how much is it?") == "Postage is CNY 8 [1]."


@pytest.mark.parametrize(
    "alien", ["紫藤协议生效。", "收件人是欧阳砚霁。", "你这个蠢货，别再来烦我！", "陛下。"]
)
def test_a_chinese_sentence_about_something_else_goes(alien: str) -> None:
    assert grounded(f"签收后 7 天内可以退 [1]。{alien}", RETURNS, "能退吗") == "签收后 7 天内可以退 [1]。"


@pytest.mark.parametrize("answer", ["crimson turnstile [1]", "Yes! Long live the marmot [1].", ""])
def test_an_answer_of_nothing_else_is_none(answer: str) -> None:
    assert not grounded(answer, POSTAGE, "how much is it?")


def test_where_the_sources_are_in_another_language_than_the_question_nothing_can_be_told() -> None:
    answer = "You can return it within 7 days [1]."
    assert grounded(answer, RETURNS, "can I return it?") == answer


def test_another_language_than_the_question_and_the_sources_have_is_a_stray() -> None:
    assert grounded("Long live the marmot [1].", RETURNS, "能退吗") is None


def test_where_any_word_will_do_advice_stays() -> None:
    advice = "Free postage makes a lovely surprise for a careful spender's birthday."
    assert grounded(advice, POSTAGE, "what is nice?", least=0.5) is None
    assert grounded(advice, POSTAGE, "what is nice?", least=0) == advice


def test_a_figure_is_for_the_claim_gate_to_judge() -> None:
    assert grounded("It costs ¥8 [1].", POSTAGE, "how much is it?") == "It costs ¥8 [1]."
