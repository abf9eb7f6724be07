"""A scriptable engine behind the guard proxy, for what a real vLLM cannot be made to do on demand.

    async with running_engine() as engine:
        engine.enqueue(b"data: {}\\n\\n", 0.2, b"data: {", CUT)   # bytes, seconds of silence, death
        ...
        assert engine.history[-1].body["cache_salt"]

With nothing enqueued it answers a chat whole or as a stream of two words. It runs in the test's own loop.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from tests.stack import free_ports

EVENTS = "text/event-stream; charset=utf-8"
DONE = b"data: [DONE]\n\n"
METRICS = b"# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 0\n"


class _Cut:
    """The connection ends here."""


CUT: Final = _Cut()
Step = bytes | float | _Cut


@dataclass(frozen=True)
class Asked:
    """One request as the engine got it; `form` are the fields of a multipart one."""

    path: str
    headers: Mapping[str, str]
    body: Any = None
    form: Mapping[str, Any] = field(default_factory=dict)


def word(text: str) -> bytes:
    """An event with a piece of an answer."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


class FakeEngine:
    """`well` is what /health says; `left` is set when a client goes away before its answer ends; `written`
    counts the bytes of answers that have found room on their way.
    """

    def __init__(self) -> None:
        self.history: list[Asked] = []
        self.well = True
        self.written = 0
        self.left = asyncio.Event()
        self.url = ""
        self._scripts: deque[tuple[int, dict[str, str], tuple[Step, ...]]] = deque()

    def enqueue(self, *steps: Step, status: int = 200, kind: str = EVENTS, **headers: str) -> None:
        """Answer a coming request so; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._scripts.append((status, {"Content-Type": kind, **named}, steps))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/health":
            return web.Response(status=200 if self.well else 503)
        if request.path == "/metrics":
            return web.Response(body=METRICS)
        asked = await _asked(request)
        self.history.append(asked)
        if request.path == "/v1/models" and not self._scripts:
            model = {"id": "fake", "object": "model", "root": "/home/somebody/weights"}
            return web.json_response({"object": "list", "data": [model]})
        status, headers, steps = self._scripts.popleft() if self._scripts else _default(asked)
        response = web.StreamResponse(status=status, headers=headers)
        try:
            await self._play(request, response, steps)
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        return response

    async def _play(
        self, request: web.BaseRequest, response: web.StreamResponse, steps: tuple[Step, ...]
    ) -> None:
        for step in steps:
            if isinstance(step, _Cut):
                assert request.transport
                request.transport.close()
                return
            if isinstance(step, bytes):
                if not response.prepared:
                    await response.prepare(request)
                await response.write(step)
                self.written += len(step)
            else:
                await asyncio.sleep(step)


async def _asked(request: web.BaseRequest) -> Asked:
    if request.content_type == "multipart/form-data":
        form: dict[str, Any] = {}
        async for part in await request.multipart():
            form[part.name] = bytes(await part.read())
        return Asked(request.path, request.headers, form=form)
    raw = bytearray()  # without the limit of `read`
    async for chunk in request.content.iter_any():
        raw += chunk
    return Asked(request.path, request.headers, json.loads(raw) if raw else None)


def _default(asked: Asked) -> tuple[int, dict[str, str], tuple[Step, ...]]:
    if asked.body and asked.body.get("stream"):
        return 200, {"Content-Type": EVENTS}, (word("O"), word("K"), DONE)
    message = {"role": "assistant", "content": "OK"}
    whole = {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    return 200, {"Content-Type": "application/json"}, (json.dumps(whole).encode(),)


@asynccontextmanager
async def running_engine(port: int = 0) -> AsyncIterator[FakeEngine]:
    """An engine on this port, or on a free one."""
    engine = FakeEngine()
    server = web.Server(engine.handle, handler_cancellation=True, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0)
    await runner.setup()
    port = port or free_ports(1)[0]
    await web.TCPSite(runner, "127.0.0.1", port).start()
    engine.url = f"http://127.0.0.1:{port}"
    try:
        yield engine
    finally:
        await runner.cleanup()
