"""Refusals in the shape that OpenAI's clients understand: as an answer, or as the last event of a stream.

{"error": {"message": "...", "type": "invalid_request_error", "code": "image_too_large"}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping


class Refused(Exception):
    """This request gets no answer, or no more of it. `code` is for programs and metrics, the message for
    people: it never repeats what a customer wrote.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    @property
    def body(self) -> bytes:
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        error = {"message": self.message, "type": kind, "code": self.code}
        return json.dumps({"error": error}, ensure_ascii=False).encode()

    @property
    def event(self) -> bytes:
        """As an event of a stream that has begun: clients raise it, and no `[DONE]` follows."""
        return b"data: " + self.body + b"\n\n"


def bad_request(code: str, message: str) -> Refused:
    """What the client has to change before it asks again."""
    return Refused(400, code, message)


def try_later(code: str, message: str, seconds: int = 1) -> Refused:
    """Not now, or not here: routers and clients go elsewhere, or come back."""
    return Refused(503, code, message, {"Retry-After": str(seconds)})
