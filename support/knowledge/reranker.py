"""Reads a question together with each passage and says how well it answers: slower than search, and better.

Any endpoint that has `POST /rerank` as Jina and Cohere shaped it and as vLLM serves it: {model, query,
documents, top_n} -> {results: [{index, relevance_score}]}. A model that wants its own prompt around the two
(Qwen3-Reranker) gets it from its server: see the chat template of its profile in `llm_server/profiles`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import BaseModel

from support.endpoint import Client, Endpoint


class _Result(BaseModel):
    index: int
    relevance_score: float


class _Answer(BaseModel):
    results: list[_Result]


class Reranker(Endpoint):
    """Judges passages. Its numbers order the passages of one question and mean nothing beyond that."""

    async def relevance(
        self, question: str, documents: Sequence[str], *, within_s: float | None = None
    ) -> list[float]:
        """One number per document, in order. Raises `EndpointUnavailable`."""
        body = {"model": self.model, "query": question, "documents": documents, "top_n": len(documents)}

        async def request(client: Client) -> list[float]:
            answer = await client.post("/rerank", cast_to=object, body=body)
            return _in_order(_Answer.model_validate(answer), len(documents))

        return await self._ask(request, within_s=within_s)


def _in_order(answer: _Answer, count: int) -> list[float]:
    """A document that the answer leaves out comes after the others."""
    found = {one.index: one.relevance_score for one in answer.results}
    if not found.keys() <= set(range(count)):
        raise ValueError(f"results for documents {sorted(found)} of {count}")
    return [found.get(index, -math.inf) for index in range(count)]
