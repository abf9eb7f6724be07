"""A JSON body between its arrival and its departure: parsed once, checked by an allow list, written anew.

What reaches the engine is what was checked: two parsers cannot disagree about a repeated key or a strange
number, since the engine never sees the client's own bytes. A field that is not on the list is refused by
name, because the engine would ignore it without a word, or obey it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NoReturn

from llm_server.proxy.errors import bad_request
from llm_server.proxy.options import Limits

Body = dict[str, Any]

# Labels that OpenAI's clients send and that change no answer, and what is decided here instead of by a
# client: the salt of the cache, and the id, which is the header's.
_DROPPED = {
    *("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"),
    *("cache_salt", "request_id", "session_id"),
}
_INSTEAD = {
    **dict.fromkeys(
        ("guided_json", "guided_regex", "guided_choice", "guided_grammar"), "use response_format"
    ),
    **dict.fromkeys(("guided_decoding_backend", "structured_outputs"), "use response_format"),
    **dict.fromkeys(("functions", "function_call"), "use tools and tool_choice"),
    "best_of": "one answer a request",
    "mm_processor_kwargs": "the server decides how pictures are processed",
    "chat_template": "the server decides how messages are laid out",
}


@dataclass(frozen=True)
class Checked:
    """What may go to the engine, and what the proxy itself needs to know of it.

    Where `body` says `seam`, the URLs of pictures belong, in this order: they are long, known to need no
    escaping, and so copied as they are.
    """

    body: Body
    streams: bool = False
    seam: str = ""
    pictures: Sequence[str] = ()


def parse(raw: bytes) -> Body:
    """The JSON object; Refused when it is none."""
    try:
        body = json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise bad_request("not_json", "the body is not valid JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise bad_request("not_json", "the body must be a JSON object")
    return body


def written(checked: Checked) -> bytes:
    """For the engine. Refused for what parses but cannot be written: half a character, an endless number."""
    try:
        text = json.dumps(checked.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        if checked.pictures:
            first, *rest = text.split(checked.seam)
            text = first + "".join(chain(*zip(checked.pictures, rest, strict=True)))
        return text.encode()
    except ValueError:
        raise bad_request("not_json", "a text holds half a character, or a number is too large") from None


def chosen(body: Body, allowed: frozenset[str]) -> Body:
    """The allowed fields that say something; Refused, naming it, when there is another."""
    for name in body.keys() - allowed - _DROPPED:
        if body[name] is not None:
            why = _INSTEAD.get(name, "unknown here")
            raise bad_request("field_refused", f"{name[:64]!r} is not accepted: {why}")
    return {name: body[name] for name in allowed & body.keys() if body[name] is not None}


def embeddings(body: Body, limits: Limits) -> Checked:
    """Texts only: token ids could hold control tokens, and messages could hold links."""
    fields = chosen(body, _EMBEDDINGS)
    texts = fields.get("input")
    _texts(texts if isinstance(texts, list) else [texts], "input", limits)
    return Checked(fields)


def rerank(body: Body, limits: Limits) -> Checked:
    """One question and the texts to be ranked by it."""
    fields = chosen(body, _RERANK)
    _texts([fields.get("query")], "query", limits)
    _texts(fields.get("documents"), "documents", limits)
    return Checked(fields)


_EMBEDDINGS = frozenset({"model", "input", "encoding_format", "dimensions", "truncate_prompt_tokens"})
_RERANK = frozenset({"model", "query", "documents", "top_n", "instruction", "truncate_prompt_tokens"})


def _texts(texts: object, name: str, limits: Limits) -> None:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise bad_request("not_text", f"{name!r} must be text: no token ids, messages or pictures")
    if not 0 < len(texts) <= limits.texts:
        raise bad_request("too_many", f"{name!r} must hold 1 to {limits.texts} texts")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
