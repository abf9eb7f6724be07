"""What is sent to a model, and what comes back: an answer or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk

Message = Mapping[str, Any]


class ModelUnavailable(Exception):
    """The model gave no usable answer. `reason` is one word for logs and metrics.

    It is one of `breaker_open`, `connection`, `first_token_timeout`, `total_timeout`, `broken_stream`,
    `empty`, or `http_<status>`. `model` and `endpoint` were asked last; both are empty when nobody was.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.model = self.endpoint = ""

    @property
    def is_refusal(self) -> bool:
        """Whether the server has understood the request and will not have it."""
        return self.reason.startswith("http_4")


@dataclass(frozen=True)
class Reply:
    """A whole answer. `finish_reason` is `length` when it was cut off; token counts are None where not
    reported. `model` and `endpoint` say who wrote it.
    """

    text: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    first_token_s: float
    total_s: float
    model: str = ""
    endpoint: str = ""


class Hearing:
    """An answer while it is written. `on_text` hears each piece of it, also of one that then fails."""

    def __init__(self, on_text: Callable[[str], None] | None, clock: Callable[[], float]) -> None:
        self._on_text, self._clock = on_text, clock
        self._started = clock()
        self._first_token_s = 0.0
        self._parts: list[str] = []
        self.finish_reason = ""
        self._usage: CompletionUsage | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the customer may have read something of it."""
        return bool(self._parts)

    def hear(self, chunk: ChatCompletionChunk) -> None:
        if text := "".join(choice.delta.content or "" for choice in chunk.choices):
            if not self._parts:
                self._first_token_s = self._clock() - self._started
            self._parts.append(text)
            if self._on_text:
                self._on_text(text)
        finish = (choice.finish_reason for choice in chunk.choices if choice.finish_reason)
        self.finish_reason = next(finish, self.finish_reason)
        self._usage = chunk.usage or self._usage

    def reply(self, model: str, endpoint: str) -> Reply:
        """What was heard, by whom it was written."""
        details = self._usage.prompt_tokens_details if self._usage else None
        return Reply(
            text="".join(self._parts),
            finish_reason=self.finish_reason,
            prompt_tokens=self._usage.prompt_tokens if self._usage else None,
            completion_tokens=self._usage.completion_tokens if self._usage else None,
            cached_tokens=details.cached_tokens if details else None,
            first_token_s=self._first_token_s,
            total_s=self._clock() - self._started,
            model=model,
            endpoint=endpoint,
        )
