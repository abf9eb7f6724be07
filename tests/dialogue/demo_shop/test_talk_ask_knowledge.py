"""Questions about rules: answered from the documents with their source, or not at all."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from support.model import Language
from tests.dialogue.demo_shop.conversation import Talk
from tests.stack import Stack


@pytest.mark.parametrize(
    ("language", "question", "article", "fact"),
    [
        ("zh", "运费怎么算？", "shipping-fees.zh", "99 元"),
        ("en", "how much is shipping?", "shipping-fees.en", "99"),
        ("zh", "几天之内可以退货？", "returns-policy.zh", "7 天"),
        ("en", "what is your returns policy?", "returns-policy.en", "7 days"),
    ],
)
def test_answers_with_the_source(
    talk: Talk, language: Language, question: str, article: str, fact: str
) -> None:
    chat = talk(language)
    chat.say(question)
    chat.heard(article, fact)


def test_the_source_can_be_opened(talk: Talk, stack: Stack) -> None:
    chat = talk("en")
    chat.say("how much is shipping?")
    source = next(source for reply in chat.replies for source in reply.citations)
    passage = httpx.get(f"{stack.gateway_url}/api/chat/citations/{quote(source)}").json()
    assert passage["id"] == source
    assert "99" in passage["text"]


def test_what_the_documents_do_not_say_is_not_invented_and_a_person_is_offered(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("你们支持以旧换新吗？")
    chat.heard("没有写到", "转人工")
    chat.not_heard("zh#")


def test_an_offered_person_comes_at_a_yes(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("给我开发票")
    chat.heard("发票", "转人工")
    chat.say("好的")
    chat.is_with("queue")


def test_two_questions_after_each_other_are_both_answered(talk: Talk) -> None:
    chat = talk("zh")
    chat.say("运费怎么算？")
    chat.heard("shipping-fees")
    chat.say("那可以用信用卡付款吗？")
    chat.heard("payment")
