"""Questions about the shop's rules and how-tos, answered from its documents with citations, or not at all.

The ladder: a vetted answer as it stands; the model's wording of the passages, as far as the claim gate finds
that they bear it out; the best passage quoted. When no passage covers the question, the answer is None and
the caller says so: nothing is invented.

A question that the model has answered before, asked again in the same words, gets that answer from a cache,
where nothing of one customer's may have gone into it (`support.answer_cache`).

While the model writes, a draft shows what stands without the rest (`guard.growing`). If the gate then refuses
the whole, the draft is withdrawn: what replaces it comes as the answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from support import answer_cache, prompts
from support.answer_cache import AnswerCache
from support.guard.grounding import grounded
from support.guard.growing import Growing
from support.guard.sentences import sentences
from support.knowledge import Knowledge, Passage, is_answer
from support.llm import Llm, ModelUnavailable
from support.model import Language
from support.personal import mask
from support.prompts import Persona
from support.services import claim_gate
from support.services.model_calls import Calls
from support.streaming import Draft, silent

log = logging.getLogger(__name__)

# From this share of the question covered, a quoted passage is presented as the answer (see `ranking`).
_CERTAIN = 0.48
_CITED = re.compile(r"\[(\d{1,2})\]")
_QUOTE_CHARACTERS: dict[Language, int] = {"zh": 260, "en": 600}


@dataclass(frozen=True)
class Citation:
    """A passage that an answer stands on; the page opens it by `id`."""

    id: str
    title: str
    article: str


@dataclass(frozen=True)
class Answer:
    text: str
    citations: tuple[Citation, ...]
    source: Literal["vetted", "model", "passage"]
    # False for a passage that covers only part of the question: the caller says that it may not answer it.
    certain: bool = True
    # The model worded it for an earlier question.
    cached: bool = False


async def answer(
    knowledge: Knowledge,
    llm: Llm | None,
    question: str,
    language: Language,
    persona: Persona,
    *,
    history: Sequence[dict[str, Any]] = (),
    draft: Draft | None = None,
    calls: Calls | None = None,
    cache: AnswerCache | None = None,
    variant: str = "",
) -> Answer | None:
    """The answer to a question, or None when the documents do not hold one.

    `cache`: for answers to repeated questions; `variant` then names the model that is asked.
    """
    draft, calls = draft or silent(), calls or Calls()
    draft.status("searching")

    async def anew() -> Answer | None:
        return await _anew(knowledge, llm, question, language, persona, history, draft, calls)

    if not llm or not cache:
        return await anew()
    version = await knowledge.current_version()
    # In a thread: the first reading ever loads a dictionary.
    if not version or not await asyncio.to_thread(_may_be_repeated, question, history):
        cache.count("skip")
        return await anew()
    prompt = prompts.fingerprint("answer", language, persona)
    key = answer_cache.answer_key(question, language, (version, prompt, variant))
    if history:  # the model will see it, so that what it then says is for this customer only
        return _again(await cache.kept(key), draft) or await anew()
    async with cache.place(key) as place:
        if before := _again(place.kept, draft):
            return before
        found = await anew()
        if found and found.source == "model":
            place.keep(json.dumps(asdict(found), ensure_ascii=False))
    return found


def _may_be_repeated(question: str, history: Sequence[dict[str, Any]]) -> bool:
    """Whether another customer who asks this asks the same: nothing personal, no picture, no talk before."""
    if answer_cache.is_personal(question) or any(not isinstance(turn["content"], str) for turn in history):
        return False
    return answer_cache.stands_alone(question) if history else not answer_cache.refers_back(question)


def _again(kept: str | None, draft: Draft) -> Answer | None:
    """The answer as it was given before, when it passed the gate; None where what is kept is no answer."""
    if kept is None:
        return None
    try:
        fields = json.loads(kept)
        citations = tuple(Citation(**one) for one in fields["citations"])
        found = Answer(**fields | {"citations": citations, "cached": True})
    except (KeyError, TypeError, ValueError):
        log.error("what the answer cache holds is no answer")
        return None
    draft.show(found.text)
    return found


async def _anew(
    knowledge: Knowledge,
    llm: Llm | None,
    question: str,
    language: Language,
    persona: Persona,
    history: Sequence[dict[str, Any]],
    draft: Draft,
    calls: Calls,
) -> Answer | None:
    found = await knowledge.search(question, language)
    hits = [replace(hit, text=text) for hit in found if (text := calls.content.material(hit.text))]
    if not hits or not is_answer(question, hits):
        return None
    best = hits[0]
    if best.vetted_answer:
        return Answer(best.text, (_citation(best),), "vetted")
    if llm:
        draft.status("thinking")
        messages = _messages(question, language, persona, hits, history)
        if worded := await _worded(llm, messages, question, hits, draft, calls, personal=bool(history)):
            return worded
        draft.withdraw()
    return Answer(quote(best, language), (_citation(best),), "passage", certain=best.score >= _CERTAIN)


def _messages(
    question: str,
    language: Language,
    persona: Persona,
    hits: Sequence[Passage],
    history: Sequence[dict[str, Any]],
) -> list[prompts.Message]:
    asked = mask(question, language)  # no rule of the shop depends on who asks
    return prompts.build(
        "answer", language, persona, question=asked, data={"passages": shown(hits)}, history=history
    )


def shown(hits: Sequence[Passage]) -> list[str]:
    """The passages as the model sees them, which is what its answer must stand on."""
    return [f"{hit.title} · {hit.heading}\n{hit.text}" for hit in hits]


async def _worded(
    llm: Llm,
    messages: Sequence[prompts.Message],
    question: str,
    hits: Sequence[Passage],
    draft: Draft,
    calls: Calls,
    *,
    personal: bool,
) -> Answer | None:
    """The model's answer; None when there is none, or when it says what the passages do not."""
    written: list[str] = []
    growing = Growing(shown(hits), said=question)

    def show(text: str) -> None:
        written.append(text)
        draft.show(beginning(growing, "".join(written), len(hits)))

    try:
        reply = await calls.complete(llm, "answer", messages, on_text=show)
    except ModelUnavailable as error:
        log.warning("answering from the passage: the model is unavailable (%s)", error.reason)
        return None
    if prompts.NO_ANSWER in reply.text or not cited_numbers(reply.text, len(hits)):
        calls.judge("no_answer")
        return None
    spoken = grounded(reply.text, shown(hits), question) or ""
    # With a history, the customer's own decisions may be spoken of; the answer is then not kept for others.
    words = await claim_gate.passed(spoken, shown(hits), calls, said=question, with_ledger=personal)
    cited = cited_numbers(words or "", len(hits))
    if words is None or not cited:
        calls.judge("withdrawn")
        return None
    final = renumbered(words, cited)
    draft.settle(final)
    return Answer(final, tuple(_citation(hits[number - 1]) for number in cited), "model")


def beginning(growing: Growing, written: str, passages: int) -> str:
    """What may be shown while the model is still writing, with its citations numbered as in the end."""
    sure = growing.shown(prompts.without_refusal(written))
    return renumbered(sure, cited_numbers(sure, passages))


def cited_numbers(text: str, passages: int) -> list[int]:
    """The numbers of the passages that a text cites, in the order of their first mention."""
    numbers = dict.fromkeys(int(number) for number in _CITED.findall(text))
    return [number for number in numbers if 1 <= number <= passages]


def renumbered(text: str, cited: Sequence[int]) -> str:
    """Citations in the text numbered like the list of citations; numbers of no passage are dropped."""

    def number(match: re.Match[str]) -> str:
        passage = int(match.group(1))
        return f"[{cited.index(passage) + 1}]" if passage in cited else ""

    return _CITED.sub(number, text).strip()


def quote(passage: Passage, language: Language) -> str:
    """The passage, cut at the end of a sentence where it is long."""
    limit = _QUOTE_CHARACTERS[language]
    if len(passage.text) <= limit:
        return passage.text
    kept = ""
    for sentence in sentences(passage.text):
        if kept and len(kept) + len(sentence) > limit:
            break
        kept += sentence
    return kept.strip() + " …"


def _citation(passage: Passage) -> Citation:
    return Citation(passage.id, passage.title, passage.article)
