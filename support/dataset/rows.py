"""From cases to the rows that TRL reads, without personal data.

    sft         {images, messages}                  what should be said
    kto         {images, prompt, completion, label} what was said, and whether it was right
    dpo         {images, prompt, chosen, rejected}  what should have been said, and what was
    evaluation  {id, language, purpose, images, prompt, reference, passages, records, answerable}

Messages have typed content (`{"type": "text", "text": ...}`, `{"type": "image"}`), the system's too; the
pictures of `images` are those of the prompt, in order. Nothing is taught that the claim gate would refuse:
a target whose figures or promises stand in none of its own passages and records is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.dataset.cases import Case, Unusable
from support.dataset.parts import pseudonym
from support.guard import unsupported_claims
from support.personal import Masker
from support.prompts import NO_ANSWER

Row = dict[str, Any]
# Where the picture of an attachment lies in the folder; `Unusable` where there is none.
Placed = Callable[[str], str]

PURPOSE = "answer"
REFERENCE = "attachment:"
_CITED = re.compile(r"\s*\[\d{1,2}\]")


@dataclass(frozen=True)
class Texts:
    """A case's words, masked and typed. `refused`: what the target claims and no source states; then there
    is no target.
    """

    images: list[str]
    prompt: list[Row]
    said: str
    target: str | None
    question: str
    passages: list[str]
    records: list[str]
    refused: tuple[str, ...]


def identity(case: Case) -> str:
    """Names a case in the evaluation part, in every export."""
    kind = "draft" if case.opinion.judge == "agent" else "answer"
    return pseudonym(case.conversation_id, case.opinion.message_id, kind)


def texts(case: Case, mask: Masker, placed: Placed) -> Texts:
    """Raises `Unusable` where a picture is missing."""
    target, refused = case.target, list[str]()
    if target is not None and target != NO_ANSWER:
        refused = unsupported_claims(_CITED.sub("", target), [*case.passages, *case.records])
    images: list[str] = []
    # Only what an article says is the shop's own; records and the customer's words are not.
    prompt = [_message(one, lambda text: mask(text, case.passages), placed, images) for one in case.messages]
    return Texts(
        images=images,
        prompt=prompt,
        said=mask(case.said, case.passages),
        target=None if target is None or refused else mask(target, case.passages),
        question=mask(case.opinion.question, case.passages),
        passages=[mask(one, case.passages) for one in case.passages],
        records=[mask(one, case.passages) for one in case.records],
        refused=tuple(refused),
    )


def training(case: Case, words: Texts) -> dict[str, Row]:
    """The rows of a case by kind of file: what it can teach."""
    opinion, rows = case.opinion, {}
    said = [_assistant(words.said)]
    if words.target is not None and opinion.judge != "rating":
        messages = [*words.prompt, _assistant(words.target)]
        rows["sft"] = {"images": words.images, "messages": messages}
    label = opinion.verdict == "good"
    # An agent's change makes the draft worse than what was sent, not wrong.
    if words.target is not None if label else opinion.judge != "agent":
        rows["kto"] = {"images": words.images, "prompt": words.prompt, "completion": said, "label": label}
    if case.better and words.target is not None and words.target != words.said:
        chosen = [_assistant(words.target)]
        rows["dpo"] = {"images": words.images, "prompt": words.prompt, "chosen": chosen, "rejected": said}
    return rows


def evaluation(case: Case, words: Texts) -> Row | None:
    """None for what has no reference: wrong, and nobody said what would be right."""
    if words.target is None or case.opinion.judge == "rating":
        return None
    return {
        "id": identity(case),
        "language": case.language,
        "purpose": PURPOSE,
        "images": words.images,
        "prompt": words.prompt,
        "reference": words.target,
        "passages": words.passages,
        "records": words.records,
        "answerable": words.target != NO_ANSWER,
    }


def references(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The attachments that messages show, each once."""
    parts = [part for one in messages if not isinstance(one["content"], str) for part in one["content"]]
    return list(dict.fromkeys(_reference(part) for part in parts if part["type"] == "image_url"))


def _message(
    message: Mapping[str, Any], mask: Callable[[str], str], placed: Placed, images: list[str]
) -> Row:
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    hide = str if message["role"] == "system" else mask  # the shop's own words, as it has set them
    return {"role": message["role"], "content": [_part(part, hide, placed, images) for part in parts]}


def _part(part: Mapping[str, Any], mask: Callable[[str], str], placed: Placed, images: list[str]) -> Row:
    if part["type"] == "text":
        return {"type": "text", "text": mask(str(part["text"]))}
    images.append(placed(_reference(part)))
    return {"type": "image"}


def _reference(part: Mapping[str, Any]) -> str:
    address = str(part["image_url"]["url"])
    if not address.startswith(REFERENCE):
        raise Unusable("picture_gone")
    return address.removeprefix(REFERENCE)


def _assistant(text: str) -> Row:
    return {"role": "assistant", "content": [{"type": "text", "text": text}]}
