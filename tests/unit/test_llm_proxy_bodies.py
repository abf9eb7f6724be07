"""JSON bodies between two parsers, and texts to be embedded or ranked."""

from __future__ import annotations

from typing import Any

import pytest

from llm_server.proxy import bodies
from llm_server.proxy.errors import Refused
from llm_server.proxy.options import Limits

LIMITS = Limits(texts=3)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"[]", b"null", b"{", b'{"a": NaN}', b'{"a": -Infinity}', b'"text"'),
        *(b"[" * 100_000, b'{"a": "\xff"}', '{"a": 1}'.encode("utf-16"), b'{"a": ' + b"9" * 5000 + b"}"),
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as refused:
        bodies.parse(raw)
    assert (refused.value.status, refused.value.code) == (400, "not_json")


@pytest.mark.parametrize("raw", [rb'{"a": "\ud83d"}', b'{"a": 1e999}'])
def test_what_no_other_parser_would_read_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        bodies.written(bodies.Checked(bodies.parse(raw)))


def test_the_engine_sees_a_repeated_field_once_as_it_was_checked() -> None:
    assert bodies.written(bodies.Checked(bodies.parse(b'{"n": 2, "n": 1}'))) == b'{"n":1}'


def refusal(check: Any, **body: Any) -> str:
    with pytest.raises(Refused) as refused:
        check(body, LIMITS)
    return refused.value.code


@pytest.mark.parametrize("texts", ["one", ["one", "two"]])
def test_texts_are_embedded(texts: Any) -> None:
    asked = {"model": "m", "input": texts, "encoding_format": "base64"}
    assert bodies.embeddings({**asked, "user": "x"}, LIMITS).body == asked


@pytest.mark.parametrize("texts", [None, 1, [1, 2], [[1, 2]], ["one", 2], [{"role": "user", "content": "x"}]])
def test_tokens_and_messages_are_not_embedded(texts: Any) -> None:
    assert refusal(bodies.embeddings, model="m", input=texts) == "not_text"


def test_there_is_a_most_of_texts() -> None:
    assert refusal(bodies.embeddings, model="m", input=["x"] * 4) == "too_many"
    assert refusal(bodies.rerank, model="m", query="x", documents=["x"] * 4) == "too_many"


def test_documents_are_ranked_by_a_question() -> None:
    asked = {"model": "m", "query": "when?", "documents": ["now", "never"], "top_n": 1}
    assert bodies.rerank(asked, LIMITS).body == asked


def test_pictures_are_not_ranked() -> None:
    link = {"content": [{"type": "image_url", "image_url": {"url": "http://inside/"}}]}
    assert refusal(bodies.rerank, model="m", query="x", documents=[link]) == "not_text"
    assert refusal(bodies.rerank, model="m", query=link, documents=["x"]) == "not_text"
