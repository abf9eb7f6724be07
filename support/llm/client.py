"""`Llm`: which server is asked, for how long, and who is asked next.

* Every call gives text or raises `ModelUnavailable`, within its time limits.
* A conversation asks the servers in an order of its own (`choice.ranked`), so it stays with one of them as
  long as that one answers; a server that comes or goes moves only its own share of the conversations.
* Before the first token, a server that refuses the connection, fails, hangs or is going away is replaced by
  the next one. After it never: the customer may have read it. A refused request (4xx) is refused for good.
* The time to the first token is one limit for all of them together. A server after which another one can be
  asked gets `_PATIENCE` of what is left, the last one everything: of 5 s, 3 s and 2 s.
* A server that failed several times in a row is left alone (`breaker`). When it is time to try it again, a
  ping does that in the background; only where no other server is left does a customer's call. One that is
  full or going away (503 with Retry-After) has not failed: until then it is asked after the others.
* A variant that a server does not have is answered by the base model there, which is logged once.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Literal

from support.llm.breaker import Breaker
from support.llm.choice import ranked
from support.llm.endpoint import Endpoint
from support.llm.reply import Hearing, Message, ModelUnavailable, Reply

log = logging.getLogger(__name__)

Health = Literal["ok", "degraded", "down"]
_PATIENCE = 0.6


class Llm:
    """A chat model on one or several servers, given by base URLs that end in `/v1`."""

    def __init__(
        self,
        urls: str | Sequence[str],
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
        endpoints = [
            Endpoint(url, api_key, connect_s, Breaker(breaker_failures, breaker_open_s, clock), clock)
            for url in ([urls] if isinstance(urls, str) else urls)
        ]
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._missing: set[tuple[str, str]] = set()
        self._probes: set[asyncio.Task[None]] = set()

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        model: str = "",
        schema: dict[str, Any] | None = None,
        max_tokens: int | None = None,
        within_s: float | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """The whole answer at once; with `schema`, JSON text of that schema unless `finish_reason` is
        `length`. `on_text` hears each piece as it is written, also of an answer that then fails.

        `conversation` is whose prefix cache is looked for; without one, any server is as good. `model` is the
        variant, if it is not to be the base model; `within_s` a shorter limit than the usual one.
        """
        total_s = min(within_s or self._total_s, self._total_s)
        now = self._clock()
        first_by, all_by = now + min(self._first_token_s, total_s), now + total_s
        request = self._request(messages, schema, max_tokens) | {"model": model or self.model}
        hearing = Hearing(on_text, self._clock)
        waiting = self._candidates(conversation)
        while True:
            endpoint = waiting.pop(0)
            until = self._part_of(first_by) if waiting else first_by
            try:
                return await self._from(endpoint, request, hearing, until, all_by)
            except ModelUnavailable as error:
                log.warning("no answer from %s: %s", endpoint.name, error.reason)
                if not waiting or hearing.has_begun or error.is_refusal or error.reason == "empty":
                    raise

    async def health(self) -> Health:
        """Whether all servers answer, some, or none. Generates nothing."""
        endpoints = self._endpoints.values()
        answers = await asyncio.gather(*(endpoint.ping() for endpoint in endpoints))
        for endpoint, answered in zip(endpoints, answers, strict=True):
            if answered and endpoint.breaker.is_due:
                # Where nobody asks a model but for its health, no call would find out.
                endpoint.breaker.answers_again()
        if not any(answers):
            return "down"
        left_alone = any(endpoint.breaker.is_open for endpoint in endpoints)
        return "degraded" if left_alone or not all(answers) else "ok"

    async def close(self) -> None:
        """Release the connections."""
        for probe in self._probes:
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)
        for endpoint in self._endpoints.values():
            await endpoint.close()

    # --- who is asked ------------------------------------------------------------------------------------
    def _candidates(self, conversation: str) -> list[Endpoint]:
        """Whom to ask, in order; ModelUnavailable when nobody may be asked."""
        order = [self._endpoints[name] for name in ranked(conversation or uuid.uuid4().hex, self._endpoints)]
        usual = [endpoint for endpoint in order if not endpoint.breaker.is_open]
        usual.sort(key=lambda endpoint: endpoint.breaker.is_resting)
        due = [endpoint for endpoint in order if endpoint.breaker.is_due]
        if usual:
            for endpoint in due:
                self._probe(endpoint)
            return usual
        if not due:
            raise ModelUnavailable("breaker_open")
        return due

    def _probe(self, endpoint: Endpoint) -> None:
        task = asyncio.create_task(endpoint.try_again())
        self._probes.add(task)
        task.add_done_callback(self._probes.discard)

    def _part_of(self, first_by: float) -> float:
        """Until when to wait for a server that is not the last one."""
        now = self._clock()
        return now + (first_by - now) * _PATIENCE

    async def _from(
        self, endpoint: Endpoint, request: dict[str, Any], hearing: Hearing, first_by: float, all_by: float
    ) -> Reply:
        """One server's answer: the variant's, or the base model's if it does not have the variant."""
        try:
            await endpoint.answer(request, hearing, first_by, all_by)
        except ModelUnavailable as error:
            error.model, error.endpoint = request["model"], endpoint.name
            if error.reason != "http_404" or request["model"] == self.model:
                raise
            self._note_missing(endpoint.name, request["model"])
            return await self._from(endpoint, request | {"model": self.model}, hearing, first_by, all_by)
        return hearing.reply(request["model"], endpoint.name)

    def _note_missing(self, endpoint: str, variant: str) -> None:
        if (endpoint, variant) not in self._missing:
            self._missing.add((endpoint, variant))
            log.warning("%s does not serve %s: %s answers in its place", endpoint, variant, self.model)

    # --- what is asked -----------------------------------------------------------------------------------
    def _request(
        self, messages: Sequence[Message], schema: dict[str, Any] | None, max_tokens: int | None
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
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
