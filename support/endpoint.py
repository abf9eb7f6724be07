"""A model endpoint that makes answers better but that none depends on: vectors, reranking, speech.

    class Reranker(Endpoint):
        async def relevance(self, ...): return await self._ask(lambda client: client.post("/rerank", ...))

Contract: a call ends within its time or raises `EndpointUnavailable`; nothing is tried twice. After a failure
the endpoint is left alone for `rest_s`, so that a dead one delays nobody twice; not after a request that it
understood and refused, since the next one may be fine.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from support import lazy

if TYPE_CHECKING:
    import openai

    Client = openai.AsyncOpenAI
else:
    openai, Client = lazy.module("openai"), Any

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_THE_REQUESTS_FAULT = (400, 413, 415, 422)


class EndpointUnavailable(Exception):
    """No answer; the caller goes on without."""


class Endpoint:
    """A model behind the OpenAI protocol. `base_url` ends in `/v1`; `api_key` may be empty."""

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
        self._total_s, self._rest_s, self._clock = total_s, rest_s, clock
        self._resting_until = 0.0
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # the library insists on one; servers without a key ignore it
            timeout=openai.Timeout(total_s, connect=connect_s),
            max_retries=0,
        )

    async def close(self) -> None:
        """Release the connections."""
        await self._client.close()

    async def _ask(self, request: Callable[[Client], Awaitable[_T]], *, within_s: float | None = None) -> _T:
        """What `request` makes of the client; its ValueError means that the answer makes no sense."""
        if self._clock() < self._resting_until:
            raise EndpointUnavailable("resting after a failure")
        try:
            # The client's own limits are for each step of a request; this one is for all of it.
            async with asyncio.timeout(self._total_s if within_s is None else within_s):
                return await request(self._client)
        except (openai.OpenAIError, TimeoutError, ValueError) as error:
            reason = str(error) or type(error).__name__
            if isinstance(error, openai.APIStatusError) and error.status_code in _THE_REQUESTS_FAULT:
                log.warning("%s refused a request: %s", self.model, reason)
            else:
                self._resting_until = self._clock() + self._rest_s
                log.warning("%s is left alone for %.0f s: %s", self.model, self._rest_s, reason)
            raise EndpointUnavailable(reason) from error
