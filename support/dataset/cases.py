"""From verdicts to cases: what the model was shown, what was said, and what people think of it.

What the model was shown is what was kept of its call (`Calls`). Where no model was asked (a quoted passage, a
vetted answer, an answer from the cache), the prompt is built again from the answer's sources, so that a shop
without a model collects data too. What was said is put as the model has to write it: with the numbers that
the passages have in the prompt, where customers see the numbers of the list of sources.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support import prompts
from support.knowledge import Knowledge, Passage
from support.knowledge.text import detect_language
from support.model import Language
from support.prompts import NO_ANSWER, Persona
from support.services import answers
from support.services.ask_knowledge import cited_numbers, renumbered, shown
from support.store import AnswerMark, Store
from support.store.answer_marks import Verdict
from support.store.learning import Judged, Spoken

# Whose word counts when several have judged the same answer: the last one of the first of these.
_PRECEDENCE = ("reviewer", "customer", "rating")
_NUMBER = re.compile(r"\[(\d{1,2})\]")
_CITED = re.compile(r"\s*\[\d{1,2}\]")
_PLEASED, _DISPLEASED = 4, 2


class Unusable(Exception):
    """A verdict from which nothing can be made; `reason` is counted in the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Opinion:
    """A verdict on one text. `judge`: reviewer, agent, customer or rating."""

    judge: str
    verdict: Verdict
    better: str | None
    message_id: str
    question: str
    said: str
    citations: tuple[str, ...]
    records: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """`said` and `better` are as the model would write them; `messages` hold pictures as references."""

    conversation_id: str
    opinion: Opinion
    language: Language
    messages: Sequence[Mapping[str, Any]]
    said: str
    better: str | None
    passages: tuple[str, ...]
    records: tuple[str, ...]

    @property
    def target(self) -> str | None:
        """What should be said: the better words, or what was said where it is right."""
        return self.better or (self.said if self.opinion.verdict == "good" else None)


@dataclass(frozen=True)
class Origin:
    """Where cases come from."""

    store: Store
    knowledge: Knowledge
    personas: Mapping[Language, Persona]
    since: datetime
    rated: bool


async def opinions(origin: Origin, talk: Judged) -> list[Opinion]:
    """What is thought of a conversation's answers, one for each text, in a fixed order."""
    async with origin.store.reading() as unit:
        marks = [
            one
            for one in await unit.answer_marks.of_conversation(talk.conversation_id)
            if one.at >= origin.since
        ]
        found = [_of_mark(mark) for mark in marks]
        if origin.rated:
            judged = {one.message_id for one in marks if one.kind != "agent"}
            ratings = await unit.review.ratings_of(talk.conversation_id)
            handed_over = await unit.handovers.of_conversation(talk.conversation_id)
            if ratings and ratings[-1].at >= origin.since and not handed_over:
                received = await unit.learning.messages(talk.conversation_id)
                found += _of_rating(ratings[-1].score, [one for one in received if one[0] not in judged])
    return _standing(found)


def _of_mark(mark: AnswerMark) -> Opinion:
    return Opinion(
        judge=mark.kind,
        verdict=mark.verdict,
        better=mark.better,
        message_id=mark.message_id,
        question=mark.question,
        said=mark.said,
        citations=tuple(mark.sources.get("citations", ())),
        records=tuple(mark.sources.get("records", ())),
    )


def _of_rating(score: int, received: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[Opinion]:
    """Weak: the customer rated the conversation, not the answer."""
    if _DISPLEASED < score < _PLEASED:
        return []
    verdict: Verdict = "good" if score >= _PLEASED else "bad"
    return [
        Opinion(
            judge="rating",
            verdict=verdict,
            better=None,
            message_id=message_id,
            question=question,
            said=str(answer.get("text") or ""),
            citations=tuple(answers.sources(answer["citations"])["citations"]),
            records=(),
        )
        for message_id, question, reply in received
        if (answer := answers.open_ended(reply))
    ]


def _standing(found: Sequence[Opinion]) -> list[Opinion]:
    """One for each text, of which a draft is another; among equals the last, and the oldest come first."""
    standing: dict[tuple[str, bool], Opinion] = {}
    for one in found:
        place = (one.message_id, one.judge == "agent")
        before = standing.get(place)
        if before is None or place[1] or _rank(one) <= _rank(before):
            standing[place] = one
    return [standing[place] for place in sorted(standing)]


def _rank(opinion: Opinion) -> int:
    return _PRECEDENCE.index(opinion.judge)


async def cases(
    origin: Origin, talk: Judged, found: Sequence[Opinion]
) -> AsyncIterator[tuple[Opinion, Case | Unusable]]:
    """Each opinion with what can be made of it."""
    async with origin.store.reading() as unit:
        spoken = [one for one in await unit.learning.spoken(talk.conversation_id) if one.purpose == "answer"]
    for opinion in found:
        try:
            yield opinion, await _case(origin, talk, opinion, spoken)
        except Unusable as unusable:
            yield opinion, unusable


async def _case(origin: Origin, talk: Judged, opinion: Opinion, spoken: Sequence[Spoken]) -> Case:
    if not opinion.said.strip():
        raise Unusable("no_words")
    prompt = _kept(opinion, spoken)
    if prompt is None:
        built = await _of_sources(origin, opinion)
        prompt = _asked(built, opinion, spoken) or built
    better = opinion.better and _numbered(opinion.better.strip(), prompt.numbers)
    said = prompt.said or _numbered(opinion.said.strip(), prompt.numbers)
    return Case(
        conversation_id=talk.conversation_id,
        opinion=opinion,
        language="en" if detect_language(opinion.question) == "en" else "zh",
        messages=prompt.messages,
        said=said,
        better=better,
        passages=tuple(prompt.passages),
        records=tuple(prompt.records),
    )


# --- the prompt ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Prompt:
    """`numbers`: the passages that were cited, in the order in which customers see them. `said`: what the
    model wrote, where these are its words.
    """

    messages: Sequence[Mapping[str, Any]]
    passages: Sequence[str]
    records: Sequence[str]
    numbers: Sequence[int]
    said: str = ""


def _kept(opinion: Opinion, spoken: Sequence[Spoken]) -> _Prompt | None:
    """The call whose words were judged, the last one first."""
    for call in reversed(spoken):
        data = prompts.sections(words(call.messages[-1]["content"]))
        passages = data.get("passages", [])
        numbers = cited_numbers(call.reply, len(passages))
        final = renumbered(call.reply, numbers)
        final = _CITED.sub("", final).strip() if opinion.judge == "agent" else final
        of_this = opinion.judge == "agent" or call.message_id == opinion.message_id
        if of_this and call.outcome == "ok" and final == opinion.said.strip():
            return _Prompt(call.messages, passages, data.get("records", []), numbers, call.reply.strip())
    return None


def _asked(built: _Prompt, opinion: Opinion, spoken: Sequence[Spoken]) -> _Prompt | None:
    """What the model was asked where its own words were not used: all passages, of which some were quoted."""
    for call in reversed(spoken):
        data = prompts.sections(words(call.messages[-1]["content"]))
        passages = data.get("passages", [])
        if call.message_id == opinion.message_id and set(built.passages) <= set(passages):
            numbers = [passages.index(one) + 1 for one in built.passages]
            return _Prompt(call.messages, passages, data.get("records", []), numbers)
    return None


async def _of_sources(origin: Origin, opinion: Opinion) -> _Prompt:
    """The prompt that a model would have had of what the answer stands on."""
    hits = await _passages(origin.knowledge, opinion.citations)
    if not hits and not opinion.records:
        raise Unusable("no_sources")
    data: dict[prompts.Section, Sequence[str]] = {}
    if hits:
        data["passages"] = shown(hits)
    if opinion.records:
        data["records"] = opinion.records
    language: Language = "en" if detect_language(opinion.question) == "en" else "zh"
    messages = prompts.build(
        "answer", language, origin.personas[language], question=opinion.question, data=data
    )
    read = prompts.sections(words(messages[-1]["content"]))
    numbers = range(1, len(hits) + 1)
    return _Prompt(messages, read.get("passages", []), read.get("records", []), numbers)


async def _passages(knowledge: Knowledge, citations: Sequence[str]) -> list[Passage]:
    found = [await knowledge.passage(one) for one in citations]
    if None in found:
        raise Unusable("passage_gone")
    return [one for one in found if one]


def _numbered(text: str, numbers: Sequence[int]) -> str:
    """The text with the passages' numbers of the prompt; at its end where it names no source.

    The assistant takes no answer that cites nothing, so none may be taught.
    """
    if text == NO_ANSWER or not numbers:
        return _CITED.sub("", text)

    def number(match: re.Match[str]) -> str:
        place = int(match[1])
        return f"[{numbers[place - 1]}]" if 1 <= place <= len(numbers) else ""

    text = _NUMBER.sub(number, text).strip()
    return text if _NUMBER.search(text) else text + "".join(f"[{one}]" for one in numbers)


def words(content: str | Sequence[Mapping[str, Any]]) -> str:
    """The text of a message, which may stand beside pictures."""
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content if part.get("type") == "text")
