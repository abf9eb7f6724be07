"""Dense vectors from any OpenAI-compatible embedding endpoint. Optional: retrieval is complete without it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import openai
from openai import AsyncOpenAI

log = logging.getLogger(__name__)
_BATCH = 64


class EmbedderUnavailable(Exception):
    """The endpoint gave no vectors; the caller goes on without."""


class Embedder:
    """Embeds texts. After a failure it is left alone for `rest_s`, so that a dead endpoint delays no search
    twice.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        connect_s: float = 1.0,
        total_s: float = 10.0,
        rest_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = model
        self._rest_s, self._clock = rest_s, clock
        self._resting_until = 0.0
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            timeout=openai.Timeout(total_s, connect=connect_s),
            max_retries=0,
        )

    async def embed(self, texts: Sequence[str], *, within_s: float | None = None) -> list[list[float]]:
        """One vector per text, in order. Raises `EmbedderUnavailable`."""
        if self._clock() < self._resting_until:
            raise EmbedderUnavailable("resting after a failure")
        vectors: list[list[float]] = []
        try:
            for start in range(0, len(texts), _BATCH):
                batch = list(texts[start : start + _BATCH])
                timeout = openai.NOT_GIVEN if within_s is None else within_s
                answer = await self._client.embeddings.create(model=self.model, input=batch, timeout=timeout)
                vectors += [row.embedding for row in sorted(answer.data, key=lambda row: row.index)]
        except (openai.OpenAIError, ValueError) as error:
            self._resting_until = self._clock() + self._rest_s
            log.warning("embedding endpoint unavailable: %s", error)
            raise EmbedderUnavailable(str(error)) from error
        return vectors

    async def close(self) -> None:
        """Release the connections."""
        await self._client.close()
