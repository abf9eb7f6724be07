"""What every response carries for browsers, and which other sites may use the chat.

`SecurityHeaders` sets the headers; a route that sets one itself keeps its own. `CrossOrigin` lets the pages
of the shop's sites (`SHOPCLERK_ORIGINS`) call the customer's API, and nothing else of this server. Cookies
never cross: a customer is known there by conversation id and token, the desk not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CUSTOMERS_API = "/api/chat/"
# What a chat page of one's own sends beside what every browser may.
_ALLOWED_HEADERS = ("Authorization", "Content-Type", "Last-Event-ID", "X-Shopclerk-Guest")
_PREFLIGHT_S = 600
# One year, as browsers' preload lists ask for; sent over TLS only, where it means something.
_ONLY_TLS = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware; a stream of events passes through unbuffered.

    `origins` may show the chat page in a frame; the desk is shown by itself only.
    """

    def __init__(self, app: ASGIApp, microphone: bool, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "cross-origin" if origins else "same-site",
            "Permissions-Policy": (
                f"camera=(), geolocation=(), payment=(), microphone=({'self' if microphone else ''})"
            ),
        }
        self._chat, self._staff = _policy("'self'", *origins), _policy("'self'")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._of(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _of(self, scope: Scope) -> dict[str, str]:
        path, found = scope["path"], dict(self._headers)
        found["Content-Security-Policy"] = self._chat if path == "/" else self._staff
        if path.startswith(("/api/", "/desk")):  # what is said to one person is for no cache
            found["Cache-Control"] = "no-store"
        if scope.get("scheme") == "https":
            found["Strict-Transport-Security"] = _ONLY_TLS
        return found


def _policy(*may_frame: str) -> str:
    return (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {' '.join(may_frame)}"
    )


class CrossOrigin:
    """ASGI middleware: CORS for the customer's API, by a list of origins."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=_ALLOWED_HEADERS,
            expose_headers=("Retry-After",),
            max_age=_PREFLIGHT_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = scope["type"] == "http" and scope["path"].startswith(_CUSTOMERS_API)
        await (self._shared if shared else self._app)(scope, receive, send)
