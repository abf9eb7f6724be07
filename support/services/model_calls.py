"""Asks the model, and remembers what each call cost and what became of it.

    calls = shop.call_book.open(conversation_id, message_id)
    try:
        reply = await calls.complete(llm, "answer", messages)
    except ModelUnavailable: ...
    calls.judge("no_answer")      # what the caller thought of the last one
    await calls.keep()            # after the customer has the answer

One `Calls` a turn. A use case that is given none makes its own, `Calls()`, of which nothing is kept.

**What the model must not say** (`support.guard.content`) no caller gets to see: a reply that the content
filter refuses is ModelUnavailable ("withdrawn"), so that the caller takes its next step without a model, and
what `on_text` hears stops before it.

**Which variant a conversation gets**, where `SHOPCLERK_MODEL_SHARES` names several: the one that its first
call was answered by, as long as that one has a share; else the customer's, by a hash of the customer's id if
it is proven, else of the conversation's. So a conversation keeps its variant when its customer is identified
in the middle, or when shares are changed; and a variant whose share is set to 0 answers nobody any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from support.guard import Claim
from support.guard.content import Content, Screen, shipped
from support.guard.leaks import Prompted
from support.llm import Llm, Message, ModelUnavailable, Reply
from support.llm.choice import picked
from support.meters import ModelMeters
from support.services.history import PictureUrl
from support.store import LedgerEntry, ModelCall, ModelText, Store
from support.store.model_calls import Purpose

log = logging.getLogger(__name__)

Verdict = Literal["trimmed", "withdrawn", "no_answer"]
# Of what was answered, and said to the customer at least in part.
_USED = frozenset({"ok", "trimmed"})


@dataclass(frozen=True)
class Made:
    """A call: what was asked of whom, and how it ended. `reply` is None where none came."""

    at: datetime
    purpose: Purpose
    first_token_s: float | None
    total_s: float
    outcome: str
    model: str
    endpoint: str
    messages: Sequence[Message]
    reply: Reply | None = None


@dataclass(frozen=True)
class CallBook:
    """Where a process's calls are written down, and how their variants are chosen: see above.

    `shares` are empty where one model answers everybody; `keeps_texts`: whether the words are kept as well.
    """

    store: Store
    meters: ModelMeters
    shares: Mapping[str, float] = field(default_factory=dict)
    keeps_texts: bool = True
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    content: Content = field(default_factory=shipped)

    def open(self, conversation_id: str, message_id: str | None = None) -> Calls:
        """For one turn; `message_id` is that of the customer's message that it answers."""
        return Calls(self, conversation_id, message_id or None)

    async def variant(self, conversation_id: str) -> str:
        """The model that is to answer in this conversation, where there is a choice."""
        try:
            async with self.store.reading() as unit:
                before = await unit.model_calls.first_model(conversation_id)
                identity = await unit.identities.current(conversation_id, self.clock())
        except Exception as error:
            # Whatever the database's driver raises: questions that need no records are answered all the same.
            log.warning("a variant is chosen without knowing the customer (%s)", type(error).__name__)
            before, identity = None, None
        if before and self.shares.get(before):
            return before
        return picked(identity.customer_id if identity else conversation_id, self.shares)

    async def write(self, made: Sequence[Made], conversation_id: str, message_id: str | None) -> None:
        """Figures are no reason to fail anything: trouble is logged."""
        for one in made:
            _count(self.meters, one)
        try:
            async with self.store.writing() as unit:
                ids = await unit.model_calls.add([_row(one, conversation_id, message_id) for one in made])
                if self.keeps_texts:
                    texts = [_text(number, one) for number, one in zip(ids, made, strict=True)]
                    await unit.model_calls.add_texts([text for text in texts if text])
        except Exception as error:
            # Whatever the database's driver raises; its words may hold the row.
            log.warning("model calls are not recorded (%s)", type(error).__name__)


class Calls:
    """The model calls of one turn; `made`, in order."""

    def __init__(
        self, book: CallBook | None = None, conversation_id: str = "", message_id: str | None = None
    ) -> None:
        self._book, self._conversation_id, self._message_id = book, conversation_id, message_id
        self._variant = ""
        self.made: list[Made] = []

    @property
    def content(self) -> Content:
        """The content rules of the shop."""
        return self._book.content if self._book else shipped()

    @property
    def model_used(self) -> str:
        """The variant whose words this turn uses; empty as long as it uses none."""
        return next((one.model for one in reversed(self.made) if one.outcome in _USED), "")

    async def variant(self, llm: Llm) -> str:
        """The model that this turn asks for."""
        if not self._variant and self._book and self._book.shares:
            self._variant = await self._book.variant(self._conversation_id)
        return self._variant or llm.model

    async def complete(
        self,
        llm: Llm,
        purpose: Purpose,
        messages: Sequence[Message],
        *,
        on_text: Callable[[str], None] | None = None,
        **options: Any,
    ) -> Reply:
        """As `Llm.complete`, by the conversation's own server and variant."""
        model = await self.variant(llm)
        at, started, first = datetime.now(UTC), time.monotonic(), list[float]()
        screen = Screen(self.content, Prompted.of(messages))

        def hear(text: str) -> None:
            first.append(time.monotonic() - started)
            if on_text and (sure := screen.hear(text)):
                on_text(sure)

        def note(outcome: str, by: str, endpoint: str, reply: Reply | None = None) -> None:
            begun, spent = first[0] if first else None, time.monotonic() - started
            self.made.append(Made(at, purpose, begun, spent, outcome, by or model, endpoint, messages, reply))

        try:
            reply = await llm.complete(
                messages, conversation=self._conversation_id, model=model, on_text=hear, **options
            )
        except ModelUnavailable as error:
            note(error.reason, error.model, error.endpoint)
            raise
        if refused := screen.refusal(reply.text):
            log.warning("the model's answer is not used: %s (%s)", refused.kind, refused.rule)
            if self._book:
                self._book.meters.content.labels("out", refused.kind).inc()
            note("withdrawn", reply.model, reply.endpoint, reply)
            raise ModelUnavailable("withdrawn")
        note("ok", reply.model, reply.endpoint, reply)
        return reply

    def judge(self, verdict: Verdict) -> None:
        """The last call's answer was not used, or only in part, and why."""
        self.made[-1] = replace(self.made[-1], outcome=verdict)

    async def ledger(self) -> Sequence[LedgerEntry]:
        """The decisions of this conversation; none where nobody keeps them or they cannot be read."""
        if not self._book:
            return ()
        try:
            async with self._book.store.reading() as unit:
                return await unit.ledger.of_conversation(self._conversation_id)
        except Exception as error:
            # Whatever the database's driver raises: without them, less may be said.
            log.warning("an answer is judged without the ledger (%s)", type(error).__name__)
            return ()

    def count_claims(self, claims: Sequence[Claim]) -> None:
        """What the claim gate found in the last call's answer."""
        if self._book:
            for claim in claims:
                self._book.meters.claims.labels(claim.kind, claim.reason.replace(" ", "_")).inc()

    async def keep(self) -> None:
        """Count them and write them down, if there are any."""
        if self.made and self._book:
            await self._book.write(self.made, self._conversation_id, self._message_id)


# --- what is kept of a call --------------------------------------------------------------------------------


def _count(meters: ModelMeters, made: Made) -> None:
    of = (made.purpose, made.model)
    meters.calls.labels(*of, made.endpoint, made.outcome).inc()
    meters.total.labels(*of).observe(made.total_s)
    if made.first_token_s is not None:
        meters.first_token.labels(*of).observe(made.first_token_s)
    if made.reply:
        counts = (made.reply.prompt_tokens, made.reply.cached_tokens, made.reply.completion_tokens)
        for kind, count in zip(("prompt", "cached", "completion"), counts, strict=True):
            meters.tokens.labels(*of, kind).inc(count or 0)


def _row(made: Made, conversation_id: str, message_id: str | None) -> ModelCall:
    reply = made.reply
    return ModelCall(
        conversation_id=conversation_id,
        at=made.at,
        purpose=made.purpose,
        first_token_ms=None if made.first_token_s is None else round(made.first_token_s * 1000),
        total_ms=round(made.total_s * 1000),
        outcome=made.outcome,
        prompt_tokens=reply.prompt_tokens if reply else None,
        completion_tokens=reply.completion_tokens if reply else None,
        message_id=message_id,
        model=made.model,
        endpoint=made.endpoint,
        cached_tokens=reply.cached_tokens if reply else None,
    )


def _text(call_id: int, made: Made) -> ModelText | None:
    """The words of a call that answered a customer; of a summary for the staff, none."""
    if made.reply is None or made.purpose == "summary":
        return None
    return ModelText(call_id, [_storable(message) for message in made.messages], _storable(made.reply.text))


def _storable(value: Any) -> Any:
    """The same with references in the place of pictures, and without what databases refuse in texts."""
    if isinstance(value, Mapping):
        return {key: _storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    if isinstance(value, PictureUrl):
        return f"attachment:{value.attachment_id}"
    if isinstance(value, str):
        if value.startswith("data:"):
            return "attachment:unknown"
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    return value
