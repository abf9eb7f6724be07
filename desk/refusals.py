"""What the desk refuses, as a page for a browser and as a short message for htmx.

Words are in `words/problem.yml`: `<code>` says what happened, and what to do.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

_STATUS = {"csrf": 403, "role": 403, "not_found": 404, "too_many_tries": 429, "link_dead": 410} | {
    f"unknown_{what}": 404 for what in ("conversation", "message", "answer", "change", "filter")
}
_DEFAULT = 409


class DeskRefusal(HTTPException):
    """A refusal by its code; `values` fill its words."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(_STATUS.get(code, _DEFAULT), code)
        self.code, self.values = code, values


class SignInFirst(HTTPException):
    """Nobody is signed in; `then` is where to go afterwards."""

    def __init__(self, then: str) -> None:
        super().__init__(401, "sign in first")
        self.then = then
