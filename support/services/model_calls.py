"""Asks the model, and remembers what each call cost and what became of it.

    calls = Calls()
    try:
        reply = await calls.complete(llm, "answer", messages)
    except ModelUnavailable: ...
    calls.judge("no_answer")                    # what the caller thought of the last one
    await calls.keep(store, conversation_id)    # after the customer has the answer

One `Calls` a turn. A use case that is given none makes its own, whose figures nobody reads.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from support.llm import Llm, Message, ModelUnavailable, Reply
from support.store import ModelCall, Store
from support.store.model_calls import Purpose

log = logging.getLogger(__name__)

Verdict = Literal["withdrawn", "no_answer"]


@dataclass(frozen=True)
class Made:
    """A call, before it is known to which conversation it belongs."""

    at: datetime
    purpose: Purpose
    first_token_s: float | None
    total_s: float
    outcome: str = "ok"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Calls:
    """The model calls of one turn; `made`, in order."""

    def __init__(self) -> None:
        self.made: list[Made] = []

    async def complete(
        self,
        llm: Llm,
        purpose: Purpose,
        messages: Sequence[Message],
        *,
        within_s: float | None = None,
        on_text: Callable[[str], None] | None = None,
        **options: Any,
    ) -> Reply:
        """As `Llm.complete`; running into `within_s` is a `ModelUnavailable` too."""
        at, started, first = datetime.now(UTC), time.monotonic(), list[float]()

        def hear(text: str) -> None:
            first.append(time.monotonic() - started)
            if on_text:
                on_text(text)

        def note(outcome: str, **tokens: int | None) -> None:
            spent = time.monotonic() - started
            self.made.append(Made(at, purpose, first[0] if first else None, spent, outcome, **tokens))

        try:
            reply = await asyncio.wait_for(llm.complete(messages, on_text=hear, **options), within_s)
        except TimeoutError as error:
            note("total_timeout")
            raise ModelUnavailable("total_timeout") from error
        except ModelUnavailable as error:
            note(error.reason)
            raise
        note("ok", prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens)
        return reply

    def judge(self, verdict: Verdict) -> None:
        """The last call's answer was not used, and why."""
        self.made[-1] = replace(self.made[-1], outcome=verdict)

    async def keep(self, store: Store, conversation_id: str) -> None:
        """Write them down, if there are any. Figures are no reason to fail anything: trouble is logged."""
        if not self.made:
            return
        rows = [
            ModelCall(
                conversation_id=conversation_id,
                at=one.at,
                purpose=one.purpose,
                first_token_ms=None if one.first_token_s is None else round(one.first_token_s * 1000),
                total_ms=round(one.total_s * 1000),
                outcome=one.outcome,
                prompt_tokens=one.prompt_tokens,
                completion_tokens=one.completion_tokens,
            )
            for one in self.made
        ]
        try:
            async with store.writing() as unit:
                await unit.model_calls.add(rows)
        except Exception as error:
            # Whatever the database's driver raises; its words may hold the row.
            log.warning("model calls are not recorded (%s)", type(error).__name__)
