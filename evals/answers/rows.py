"""The questions of an evaluation: what the model is sent, what it stands on, and what a person would answer.

    rows = load(Path("var/dataset/evaluation.jsonl"))      # the frozen part of a shop's dataset
    rows = own(Path("demo/knowledge"), persona)            # the project's own set, for the demo shop

The dataset's rows hold whole prompts. The own set (`evals/data/answers.jsonl`) names the question and the
passages (`article.language#n`), and the prompt is built as the assistant builds it today, so that it cannot
grow old; pictures and records are the dataset's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import prompts
from support.knowledge.passages import documents, passages_of
from support.prompts import Persona
from support.services.ask_knowledge import shown

OWN = Path(__file__).parents[1] / "data" / "answers.jsonl"
# What stands before the customer's words in a prompt that `support.prompts` has built.
_DATA = re.compile(r".*</(?:passages|records|picture_text|conversation)>", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One question. `purpose` is the prompt's name; `passages` and `records` are as the model sees them."""

    id: str
    language: str
    purpose: str
    messages: list[dict[str, Any]]
    reference: str
    passages: tuple[str, ...]
    records: tuple[str, ...]
    answerable: bool

    @property
    def question(self) -> str:
        """The customer's last words."""
        return _DATA.sub("", text_of(self.messages[-1])).strip()

    @property
    def fingerprint(self) -> str:
        """Changes with what is asked and with what is right."""
        whole = json.dumps(vars(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


def text_of(message: Mapping[str, Any]) -> str:
    """The words of a message without its pictures."""
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def load(file: Path) -> list[Row]:
    """The rows of a dataset's `evaluation.jsonl`. ValueError names the line that cannot be used."""
    return [_row(entry, file.parent) for entry in _entries(file)]


def own(knowledge: Path, persona: Mapping[str, Persona], file: Path = OWN) -> list[Row]:
    """The project's own rows over the demo shop's articles; `persona` by language."""
    texts = {
        passage.id: shown([passage])[0]
        for name, path in documents(knowledge).items()
        for passage in passages_of(path, name)
    }
    return [_own_row(entry, texts, persona) for entry in _entries(file)]


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"{file}, line {number}: {error}") from error


def _own_row(entry: dict[str, Any], texts: Mapping[str, str], persona: Mapping[str, Persona]) -> Row:
    language, passages = entry["language"], [texts[name] for name in entry["passages"]]
    messages = prompts.build(
        "answer", language, persona[language], question=entry["question"], data={"passages": passages}
    )
    reference = entry.get("reference", prompts.NO_ANSWER)
    answerable = reference != prompts.NO_ANSWER
    return Row(entry["id"], language, "answer", messages, reference, tuple(passages), (), answerable)


def _row(entry: dict[str, Any], folder: Path) -> Row:
    pictures = iter([_data_url(folder / name) for name in entry.get("images", ())])
    return Row(
        id=str(entry["id"]),
        language=entry["language"],
        purpose=entry["purpose"],
        messages=[_message(message, pictures) for message in entry["prompt"]],
        reference=entry["reference"],
        passages=tuple(entry.get("passages", ())),
        records=tuple(entry.get("records", ())),
        answerable=entry["answerable"],
    )


def _message(message: Mapping[str, Any], pictures: Iterator[str]) -> dict[str, Any]:
    """From TRL's form, where a picture is a place, to the chat protocol's, where it is data."""
    content = message["content"]
    if isinstance(content, str):
        return {"role": message["role"], "content": content}
    parts: Sequence[Mapping[str, Any]] = content
    if all(part["type"] == "text" for part in parts):
        return {"role": message["role"], "content": text_of(message)}
    sent = [
        {"type": "text", "text": part["text"]}
        if part["type"] == "text"
        else {"type": "image_url", "image_url": {"url": next(pictures)}}
        for part in parts
    ]
    return {"role": message["role"], "content": sent}


def _data_url(picture: Path) -> str:
    kind = mimetypes.guess_type(picture)[0] or "image/jpeg"
    return f"data:{kind};base64,{base64.b64encode(picture.read_bytes()).decode()}"
