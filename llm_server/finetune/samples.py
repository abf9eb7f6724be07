"""A handful of held-out questions, answered by the base and by the adapter, for people to compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch  # type: ignore[import-not-found]

from llm_server.finetune.rows import Row, language
from llm_server.finetune.train import opened_picture

OF_EACH_LANGUAGE = 3
LONGEST_ANSWER = 200  # tokens


@dataclass(frozen=True)
class Sample:
    """`wanted` is empty where the row has an answer that nobody wanted."""

    language: str
    question: str
    pictures: int
    wanted: str
    base: str
    adapter: str


def chosen(rows: Sequence[Row]) -> list[Row]:
    """A few of each language with different questions; one of them with a picture, where there are such."""
    found: list[Row] = []
    for wanted in ("zh", "en"):
        different = list({question(row): row for row in rows if language(row) == wanted}.values())
        seeing = next((row for row in different if row.images), None)
        rest = [row for row in different if row is not seeing and not row.images]
        more = [row for row in different if row is not seeing and row.images]
        found += [*([seeing] if seeing else []), *rest, *more][:OF_EACH_LANGUAGE]
    return found


def question(row: Row) -> str:
    """The last message before the answer: the question, and what it is to be answered from."""
    return "".join(part.get("text", "") for part in row.prompt[-1]["content"])


def sample(row: Row, model: Any, processor: Any) -> Sample:
    """Both answers, the likeliest words each (greedy)."""
    adapter = answer(row, model, processor)
    with model.disable_adapter():
        base = answer(row, model, processor)
    wanted = "" if row.label is False else row.wanted
    return Sample(language(row), question(row), len(row.images), wanted, base, adapter)


def answer(row: Row, model: Any, processor: Any) -> str:
    """What the model says to the row's prompt."""
    text = processor.apply_chat_template(list(row.prompt), tokenize=False, add_generation_prompt=True)
    images = [opened_picture(path) for path in row.images] or None
    inputs = processor(text=[text], images=images, return_tensors="pt").to(model.device)
    model.eval()
    with torch.inference_mode():
        said = model.generate(
            **inputs,
            max_new_tokens=LONGEST_ANSWER,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
        )
    new = said[0][inputs["input_ids"].shape[1] :]
    return str(processor.tokenizer.decode(new, skip_special_tokens=True)).strip()
