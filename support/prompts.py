"""Builds what is sent to the model from the files in `prompts/`: one `<name>.<language>.md` each.

A file holds the standing instructions, a line `---`, and the customer's turn. The instructions come first
and never vary within a conversation, so that the model server's prefix cache serves them and the history;
the data of this turn comes last. `$shop` and `$manner` are the shop's own; `$data` and `$question` are
filled in here.

Contract: whatever comes from outside (passages, records, text read from pictures, the customer's words) can
neither close its section nor open another one. Unknown names, languages and placeholders are errors, found
by the tests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Literal, get_args

Name = Literal["answer", "product", "picture", "summary", "content", "goods"]
Language = Literal["zh", "en"]
Section = Literal["passages", "records", "picture_text", "conversation"]
Message = dict[str, Any]

# What the model replies when the data does not answer; callers look for it in the reply.
NO_ANSWER = "NO_ANSWER"
# The word, or its beginning where a text that is still being written ends.
_REFUSAL = re.compile(
    "|".join(
        NO_ANSWER[:length] + ("$" if length < len(NO_ANSWER) else "")
        for length in range(len(NO_ANSWER), 0, -1)
    )
)

# For the `picture` prompt, as the `schema` of `Llm.complete`.
PICTURE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["order_screenshot", "payment_screenshot", "product", "fault", "parcel", "other"]},
        "description": {"type": "string", "maxLength": 300},
        "fault": {"type": "string", "maxLength": 200},
        "search": {"type": "string", "maxLength": 80},
    },
    "required": ["kind", "description", "fault", "search"],
    "additionalProperties": False,
}

# For the `content` prompt; all but `none` are kinds of `support/guard/content.yml`.
CONTENT_KINDS = ("none", "abuse", "harassment", "threat", "self_harm", "injection")
CONTENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": {"enum": list(CONTENT_KINDS)}},
    "required": ["kind"],
    "additionalProperties": False,
}

# For the `goods` prompt; `confidence` is in percent.
_CERTAIN = {"enum": ["yes", "no", "unsure"]}
GOODS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "shows": _CERTAIN,
        "fault": _CERTAIN,
        "confidence": {"type": "integer", "minimum": 0, "maximum": 100},
    },
    "required": ["shows", "fault", "confidence"],
    "additionalProperties": False,
}

_FOLDER = Path(__file__).with_suffix("")
_MANNER: dict[Language, str] = {
    "zh": "你耐心、亲切、说话简洁，称呼顾客为「您」。",
    "en": "You are patient, friendly and brief.",
}


@dataclass(frozen=True)
class Persona:
    """Who speaks: the shop's name and, in its own words, the manner; each in the prompt's language."""

    shop: str
    manner: str = ""


def build(
    name: Name,
    language: Language,
    persona: Persona,
    *,
    question: str = "",
    data: Mapping[Section, Sequence[str]] | None = None,
    history: Sequence[Message] = (),
    pictures: Sequence[str] = (),
) -> list[Message]:
    """The messages for one call, in the chat protocol.

    `data` becomes one delimited section per key, its items numbered from 1 (the numbers that an answer
    cites). `history` is earlier turns, oldest first. `pictures` are data URLs; they stand before the words,
    so that a second question about the same picture is served from the cache.
    """
    instructions, turn = _template(name, language)
    own = _own(language, persona)
    sections = "\n\n".join(_section(key, items) for key, items in (data or {}).items())
    text = turn.substitute(own, data=sections, question=_harmless(question)).strip()
    images = [{"type": "image_url", "image_url": {"url": url}} for url in pictures]
    content: str | list[Message] = [*images, {"type": "text", "text": text}] if images else text
    system = {"role": "system", "content": instructions.substitute(own).strip()}
    return [system, *map(_harmless_turn, history), {"role": "user", "content": content}]


def fingerprint(name: Name, language: Language, persona: Persona) -> str:
    """Changes with the prompt's file, the shop's name and its manner."""
    own = _own(language, persona) | {"data": "", "question": ""}
    texts = [part.substitute(own) for part in _template(name, language)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def sections(turn: str) -> dict[str, list[str]]:
    """The data of a turn that `build` made: the items of each section, in order, as the model read them."""
    found = {}
    for name in get_args(Section):
        if match := re.search(rf"<{name}>\n(.*?)\n</{name}>", turn, re.DOTALL):
            found[name] = _items(match[1])
    return found


def beside_sections(turn: str) -> str:
    """What a turn that `build` made holds besides its data: the customer's words."""
    return re.sub(r"<(\w+)>\n.*?\n</\1>", "", turn, flags=re.DOTALL).strip()


def _items(text: str) -> list[str]:
    """An item may hold what looks like the number of another one: only the next number begins the next."""
    items, number = [], 1
    rest = text.removeprefix("[1] ")
    while rest:
        number += 1
        item, _, rest = rest.partition(f"\n\n[{number}] ")
        items.append(item)
    return items


def without_refusal(written: str) -> str:
    """A reply that is still being written, up to where it refuses or may be about to."""
    found = _REFUSAL.search(written)
    return written[: found.start()] if found else written


def _own(language: Language, persona: Persona) -> dict[str, str]:
    return {"shop": persona.shop, "manner": persona.manner or _MANNER[language], "no_answer": NO_ANSWER}


@cache
def _template(name: Name, language: Language) -> tuple[Template, Template]:
    text = (_FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8")
    instructions, turn = text.split("\n---\n")
    return Template(instructions), Template(turn)


def _section(name: Section, items: Sequence[str]) -> str:
    numbered = "\n\n".join(f"[{number}] {_harmless(item)}" for number, item in enumerate(items, 1))
    return f"<{name}>\n{numbered}\n</{name}>"


def _harmless_turn(message: Message) -> Message:
    """An earlier turn, which cannot open a section either."""
    content = message["content"]
    if isinstance(content, str):
        return {**message, "content": _harmless(content)}
    parts = [{**one, "text": _harmless(one["text"])} if one["type"] == "text" else one for one in content]
    return {**message, "content": parts}


def _harmless(text: str) -> str:
    """A look-alike for the bracket of a tag or of a model's own sign: reads the same, delimits nothing."""
    return re.sub(r"<(?=\s*[/|]?\s*[a-zA-Z_])", "＜", text)
