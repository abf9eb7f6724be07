"""Dense vectors from any OpenAI-compatible embedding endpoint. Optional: retrieval is complete without it.

Some models want questions to be marked as such, and documents plain. Qwen3-Embedding wants a task before each
question (its model card: "Instruct: ...\\nQuery:..."; without it retrieval is some percent worse).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from support.endpoint import Client, Endpoint

_BATCH = 64
_TASK = "Given a customer's question, retrieve passages of the shop's documents that answer it"
# What stands before a question, by what the model's name holds.
_KNOWN_PREFIXES = {"qwen3-embedding": f"Instruct: {_TASK}\nQuery:"}


class Embedder(Endpoint):
    """Embeds texts. `query_prefix` goes before each question; empty is what the model is known to want."""

    def __init__(
        self, base_url: str, model: str, api_key: str = "", *, query_prefix: str = "", **limits: Any
    ) -> None:
        super().__init__(base_url, model, api_key, **limits)
        self._query_prefix = query_prefix or _known_prefix(model)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per document, in order. Raises `EndpointUnavailable`."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            vectors += await self._vectors(texts[start : start + _BATCH], None)
        return vectors

    async def embed_question(self, text: str, within_s: float) -> list[float]:
        """The vector of a question. Raises `EndpointUnavailable`."""
        [vector] = await self._vectors([self._query_prefix + text], within_s)
        return vector

    async def _vectors(self, texts: Sequence[str], within_s: float | None) -> list[list[float]]:
        async def request(client: Client) -> list[list[float]]:
            answer = await client.embeddings.create(model=self.model, input=list(texts))
            vectors = [row.embedding for row in sorted(answer.data, key=lambda row: row.index)]
            if len(vectors) != len(texts):
                raise ValueError(f"{len(vectors)} vectors for {len(texts)} texts")
            return vectors

        return await self._ask(request, within_s=within_s)


def _known_prefix(model: str) -> str:
    return next((prefix for name, prefix in _KNOWN_PREFIXES.items() if name in model.lower()), "")
