"""Questions about the shop's rules and how-tos, answered from its documents with citations, or not at all.

The ladder: a vetted answer as it stands; the model's wording of the passages, if the claim gate finds every
figure in them; the best passage quoted. When no passage covers the question, the answer is None and the
caller says so: nothing is invented.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from support import prompts
from support.guard import unsupported_claims
from support.knowledge import Knowledge, Passage, is_answer
from support.llm import Llm, ModelUnavailable
from support.model import Language
from support.prompts import Persona

log = logging.getLogger(__name__)

# From this share of the question covered, a quoted passage is presented as the answer (see `ranking`).
_CERTAIN = 0.48
_CITED = re.compile(r"\[(\d{1,2})\]")
_SENTENCE = re.compile(r"[^。！？!?.\n]*(?:[。！？!?.]+\s*|\n|$)")
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


async def answer(
    knowledge: Knowledge,
    llm: Llm | None,
    question: str,
    language: Language,
    persona: Persona,
    *,
    history: Sequence[dict[str, Any]] = (),
) -> Answer | None:
    """The answer to a question, or None when the documents do not hold one."""
    hits = await knowledge.search(question, language)
    if not hits or not is_answer(question, hits):
        return None
    best = hits[0]
    if best.vetted_answer:
        return Answer(best.text, (_citation(best),), "vetted")
    worded = await _worded(llm, question, language, persona, hits, history) if llm else None
    return worded or Answer(
        quote(best, language), (_citation(best),), "passage", certain=best.score >= _CERTAIN
    )


async def _worded(
    llm: Llm,
    question: str,
    language: Language,
    persona: Persona,
    hits: Sequence[Passage],
    history: Sequence[dict[str, Any]],
) -> Answer | None:
    """The model's answer; None when there is none, or when it says what the passages do not."""
    passages = [f"{hit.title} · {hit.heading}\n{hit.text}" for hit in hits]
    messages = prompts.build(
        "answer", language, persona, question=question, data={"passages": passages}, history=history
    )
    try:
        reply = await llm.complete(messages)
    except ModelUnavailable as error:
        log.warning("answering from the passage: the model is unavailable (%s)", error.reason)
        return None
    numbers = [int(number) for number in _CITED.findall(reply.text)]
    cited = [number for number in dict.fromkeys(numbers) if 1 <= number <= len(hits)]
    if prompts.NO_ANSWER in reply.text or not cited:
        return None
    invented = unsupported_claims(_CITED.sub("", reply.text), [*passages, question])
    if invented:
        log.warning("answering from the passage: the model's answer claims %s", invented)
        return None
    citations = tuple(_citation(hits[number - 1]) for number in cited)
    return Answer(_renumbered(reply.text, cited), citations, "model")


def _renumbered(text: str, cited: Sequence[int]) -> str:
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
    for sentence in _SENTENCE.findall(passage.text):
        if kept and len(kept) + len(sentence) > limit:
            break
        kept += sentence
    return kept.strip() + " …"


def _citation(passage: Passage) -> Citation:
    return Citation(passage.id, passage.title, passage.article)
