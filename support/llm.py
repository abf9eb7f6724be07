"""One client for any OpenAI-compatible chat endpoint: streaming, bounded in time, with a circuit breaker.

Contract: every call either gives text or raises `ModelUnavailable`, within `total_s` seconds. A caller that
has no endpoint holds `None` instead of an `Llm`. A failed connection is tried once more, but never after
the first token, because the customer may already have read it. After `breaker_failures` failures in a row
the breaker opens and calls fail at once, so that a dead model costs a conversation nothing; after
`breaker_open_s` seconds one call is let through to try the endpoint again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

log = logging.getLogger(__name__)

Message = Mapping[str, Any]
_T = TypeVar("_T")


class ModelUnavailable(Exception):
    """The model gave no usable answer. `reason` is one word for logs and metrics.

    It is one of `breaker_open`, `connection`, `first_token_timeout`, `total_timeout`, `broken_stream`,
    `empty`, or `http_<status>`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """A whole answer. `finish_reason` is `length` when it was cut off; token counts are None where not
    reported.
    """

    text: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    first_token_s: float
    total_s: float


class Breaker:
    """Open after `failures` failures in a row; then one trial call is let through every `open_s` seconds."""

    def __init__(self, failures: int, open_s: float, clock: Callable[[], float]) -> None:
        self._limit, self._open_s, self._clock = failures, open_s, clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial_running = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def enter(self) -> None:
        """Let a call start, or raise `ModelUnavailable`. Every call that was let in must `leave`."""
        if self._opened_at is None:
            return
        if self._trial_running or self._clock() - self._opened_at < self._open_s:
            raise ModelUnavailable("breaker_open")
        self._trial_running = True

    def succeeded(self) -> None:
        self._failures, self._opened_at = 0, None

    def failed(self) -> None:
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._limit:
            self._opened_at = self._clock()

    def leave(self) -> None:
        """End a call, whatever came of it: a caller who walks away in mid-stream proves nothing either
        way.
        """
        self._trial_running = False


class Llm:
    """A chat model behind an OpenAI-compatible endpoint. `base_url` ends in `/v1`; `api_key` may be empty."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        connect_s: float = 1.0,
        first_token_s: float = 5.0,
        total_s: float = 20.0,
        max_tokens: int = 500,
        temperature: float = 0.2,
        breaker_failures: int = 3,
        breaker_open_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = model
        self._first_token_s, self._total_s = first_token_s, total_s
        self._max_tokens, self._temperature = max_tokens, temperature
        self._clock = clock
        self._breaker = Breaker(breaker_failures, breaker_open_s, clock)
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # the library insists on one; servers without a key ignore it
            timeout=openai.Timeout(total_s, connect=connect_s),
            max_retries=0,  # retries are decided here, where it is known whether a token was already shown
        )

    @property
    def state(self) -> Literal["ok", "open"]:
        """`open` while calls fail at once because the endpoint failed several times in a row."""
        return "open" if self._breaker.is_open else "ok"

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[str, None]:
        """Yield the answer's text as it is written. Raises `ModelUnavailable`, possibly after some text."""
        async with aclosing(self._chunks(messages, schema, max_tokens)) as chunks:
            async for chunk in chunks:
                if text := _text(chunk):
                    yield text

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, Any] | None = None,
        max_tokens: int | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """The whole answer at once; with `schema`, JSON text of that schema unless `finish_reason` is
        `length`. `on_text` hears each piece as it is written, also of an answer that then fails.
        """
        started, first_token_s = self._clock(), None
        parts: list[str] = []
        finish, usage = "", None
        async with aclosing(self._chunks(messages, schema, max_tokens)) as chunks:
            async for chunk in chunks:
                if text := _text(chunk):
                    parts.append(text)
                    if on_text:
                        on_text(text)
                    first_token_s = first_token_s if first_token_s is not None else self._clock() - started
                finish = next((c.finish_reason for c in chunk.choices if c.finish_reason), finish)
                usage = chunk.usage or usage
        return _reply("".join(parts), finish, usage, first_token_s or 0.0, self._clock() - started)

    async def ping(self) -> bool:
        """Whether the endpoint answers at all. Does not touch the breaker and generates nothing."""
        try:
            await asyncio.wait_for(self._client.models.list(), self._first_token_s)
        except openai.APIStatusError as error:
            return error.status_code < 500  # it is there, though it may not list its models to us
        except (openai.OpenAIError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Release the connections."""
        await self._client.close()

    async def _chunks(
        self, messages: Sequence[Message], schema: dict[str, Any] | None, max_tokens: int | None
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        """The breaker around one answer; failures of every kind become `ModelUnavailable` here."""
        self._breaker.enter()
        try:
            async with aclosing(self._answer(self._request(messages, schema, max_tokens))) as chunks:
                async for chunk in chunks:
                    yield chunk
            self._breaker.succeeded()
        except ModelUnavailable as error:
            log.warning("model unavailable: %s", error.reason, exc_info=error.__cause__)
            # A request that the server understood and refused says nothing against the server's health.
            if error.reason.startswith("http_4") and error.reason not in ("http_408", "http_429"):
                self._breaker.succeeded()
            else:
                self._breaker.failed()
            raise
        finally:
            self._breaker.leave()

    async def _answer(self, request: dict[str, Any]) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Chunks within the time limits; a connection that fails before the first token is tried once
        more.
        """
        started = self._clock()
        first_by, all_by = started + min(self._first_token_s, self._total_s), started + self._total_s
        for may_retry in (True, False):
            seen_text, finished = False, False
            try:
                async with aclosing(self._attempt(request, first_by, all_by)) as chunks:
                    async for chunk in chunks:
                        seen_text = seen_text or bool(_text(chunk))
                        finished = finished or any(choice.finish_reason for choice in chunk.choices)
                        yield chunk
            except openai.APIConnectionError as error:
                if may_retry and not seen_text:
                    log.info("model endpoint not reached, trying once more: %s", error)
                    continue
                raise ModelUnavailable("broken_stream" if seen_text else "connection") from error
            if not seen_text:
                raise ModelUnavailable("empty")
            if not finished:  # the server closed the connection politely, but in the middle of a sentence
                raise ModelUnavailable("broken_stream")
            return

    async def _attempt(
        self, request: dict[str, Any], first_by: float, all_by: float
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        """One request's chunks. Lets `openai.APIConnectionError` through: only the caller knows whether to
        retry.
        """
        deadline = first_by
        try:
            opening = self._client.chat.completions.create(**request)
            stream: AsyncStream[ChatCompletionChunk] = await self._before(deadline, opening)
            async with stream:
                chunks = aiter(stream)
                while (chunk := await self._before(deadline, anext(chunks, None))) is not None:
                    if _text(chunk):
                        deadline = all_by
                    yield chunk
        except TimeoutError as error:
            raise ModelUnavailable(
                "total_timeout" if deadline == all_by else "first_token_timeout"
            ) from error
        except openai.APIStatusError as error:
            raise ModelUnavailable(f"http_{error.status_code}") from error
        except openai.APIConnectionError:
            raise
        except (openai.APIError, ValueError) as error:  # an error event in the stream, or no JSON at all
            raise ModelUnavailable("broken_stream") from error

    async def _before(self, deadline: float, awaitable: Awaitable[_T]) -> _T:
        return await asyncio.wait_for(awaitable, max(0.0, deadline - self._clock()))

    def _request(
        self, messages: Sequence[Message], schema: dict[str, Any] | None, max_tokens: int | None
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.model,
            "messages": list(messages),
            "max_tokens": max_tokens or self._max_tokens,
            "temperature": self._temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if schema is not None:
            json_schema = {"name": "reply", "schema": schema, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": json_schema}
        return request


def _text(chunk: ChatCompletionChunk) -> str:
    return "".join(choice.delta.content or "" for choice in chunk.choices)


def _reply(
    text: str, finish_reason: str, usage: CompletionUsage | None, first_s: float, total_s: float
) -> Reply:
    details = usage.prompt_tokens_details if usage else None
    return Reply(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cached_tokens=details.cached_tokens if details else None,
        first_token_s=first_s,
        total_s=total_s,
    )
