"""One server that speaks the OpenAI protocol: one answer within time, and the server's own breaker.

Contract: failures of every kind are `ModelUnavailable`. A dropped connection is tried once more, but never
after the first token, because the customer may already have read it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from support import lazy
from support.llm.breaker import Breaker
from support.llm.reply import Hearing, ModelUnavailable

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk
else:
    openai = lazy.module("openai")

log = logging.getLogger(__name__)

# Refusals for which the server's own state is the reason.
_ITS_OWN = ("http_408", "http_429")
_USUAL_REST_S = 5.0
_PING_S = 2.0
_T = TypeVar("_T")


class Endpoint:
    """A server by its base URL, which ends in `/v1`; `api_key` may be empty."""

    def __init__(
        self, url: str, api_key: str, connect_s: float, breaker: Breaker, clock: Callable[[], float]
    ) -> None:
        self.name = name_of(url)
        self.breaker = breaker
        self._clock = clock
        self._client = openai.AsyncOpenAI(
            base_url=url,
            api_key=api_key or "none",  # the library insists on one; servers without a key ignore it
            timeout=openai.Timeout(None, connect=connect_s),  # all other limits are those of the call
            max_retries=0,  # retries are decided here, where it is known whether a token was already shown
        )

    async def answer(self, request: dict[str, Any], hearing: Hearing, first_by: float, all_by: float) -> None:
        """Let `hearing` hear a whole answer: its first token by `first_by`, its last by `all_by`."""
        self.breaker.enter()
        try:
            await self._twice(request, hearing, first_by, all_by)
            self.breaker.succeeded()
        except ModelUnavailable as error:
            self._judge(error)
            raise
        finally:
            self.breaker.leave()

    async def ping(self) -> bool:
        """Whether the server answers at all. Does not touch the breaker and generates nothing."""
        try:
            await asyncio.wait_for(self._client.models.list(), _PING_S)
        except openai.APIStatusError as error:
            return error.status_code < 500  # it is there, though it may not list its models to us
        except (openai.OpenAIError, TimeoutError):
            return False
        return True

    async def try_again(self) -> None:
        """Close the breaker if the server is back, without a customer who waits for that."""
        self.breaker.enter()
        try:
            if await self.ping():
                log.info("model server %s answers again", self.name)
                self.breaker.answers_again()
            else:
                self.breaker.failed()
        finally:
            self.breaker.leave()

    async def close(self) -> None:
        await self._client.close()

    def _judge(self, error: ModelUnavailable) -> None:
        if rest_s := _rest_s(error.__cause__):
            self.breaker.rest(rest_s)
        elif error.is_refusal and error.reason not in _ITS_OWN:
            self.breaker.succeeded()
        else:
            self.breaker.failed()

    async def _twice(self, request: dict[str, Any], hearing: Hearing, first_by: float, all_by: float) -> None:
        try:
            await self._once(request, hearing, first_by, all_by)
        except ModelUnavailable as error:
            # Of a server that did not even take the connection, a second try would cost the same time again.
            if error.reason != "connection" or isinstance(error.__cause__, openai.APITimeoutError):
                raise
            log.info("%s not reached, trying once more: %s", self.name, error.__cause__)
            await self._once(request, hearing, first_by, all_by)

    async def _once(self, request: dict[str, Any], hearing: Hearing, first_by: float, all_by: float) -> None:
        try:
            await self._heard(request, hearing, first_by, all_by)
        except TimeoutError as error:
            late = "total_timeout" if hearing.has_begun else "first_token_timeout"
            raise ModelUnavailable(late) from error
        except openai.APIStatusError as error:
            raise ModelUnavailable(f"http_{error.status_code}") from error
        except openai.APIConnectionError as error:
            raise ModelUnavailable("broken_stream" if hearing.has_begun else "connection") from error
        except (openai.APIError, ValueError) as error:  # an error event in the stream, or no JSON at all
            raise ModelUnavailable("broken_stream") from error
        if not hearing.has_begun:
            raise ModelUnavailable("empty")
        if not hearing.finish_reason:  # closed politely, but in the middle of a sentence
            raise ModelUnavailable("broken_stream")

    async def _heard(self, request: dict[str, Any], hearing: Hearing, first_by: float, all_by: float) -> None:
        opening = self._client.chat.completions.create(**request)
        stream: openai.AsyncStream[ChatCompletionChunk] = await self._before(first_by, opening)
        async with stream:
            chunks = aiter(stream)
            while chunk := await self._before(all_by if hearing.has_begun else first_by, anext(chunks, None)):
                hearing.hear(chunk)

    async def _before(self, deadline: float, awaitable: Awaitable[_T]) -> _T:
        return await asyncio.wait_for(awaitable, max(0.0, deadline - self._clock()))


def name_of(url: str) -> str:
    """The server in logs, metrics and records: host and port, and the path where it is not the usual one."""
    parts = urlsplit(url)
    return parts.netloc + parts.path.rstrip("/").removesuffix("/v1")


def _rest_s(cause: BaseException | None) -> float:
    """For how long a server that is full, going away or not there yet asks to be left alone; else 0."""
    if not isinstance(cause, openai.APIStatusError) or cause.status_code not in (429, 503):
        return 0.0
    asked: str | None = cause.response.headers.get("Retry-After")
    if asked is None:
        return 0.0
    return float(asked) if asked.isdecimal() else _USUAL_REST_S
