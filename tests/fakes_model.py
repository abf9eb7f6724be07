"""A scriptable model server that speaks the OpenAI protocol over real HTTP and misbehaves on order.

    with FakeModel() as model:
        model.enqueue("We ship within a day.")    # answered to the next chat request, as a stream or whole
        model.enqueue(status=500)                 # and an error to the one after it
        llm = Llm(model.base_url, "fake")
        ...
        assert model.history[0]["messages"][-1]["content"] == "when do you ship?"

With nothing enqueued it answers `default`. It runs in a thread, so that synchronous tests, asynchronous
tests and other processes can all use it. `/v1/embeddings` answers with vectors of hashed character pairs:
texts that share characters come out close, which is all that a test of the plumbing needs.
"""

from __future__ import annotations

import json
import math
import threading
import time
import zlib
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 7,
    "total_tokens": 19,
    "prompt_tokens_details": {"cached_tokens": 4},
}


@dataclass(frozen=True)
class Script:
    """One chat answer: `chunks` of text, and what goes wrong on the way.

    `drop`: the connection is closed without any answer. `hang_s`: silence before the first token.
    `pause_s`: silence between tokens. `die_after`: the connection is cut after that many chunks.
    `retry_after`: with a status, when to come again. `trouble`: an error is streamed in place of text.
    """

    chunks: tuple[str, ...] = ()
    finish_reason: str = "stop"
    status: int = 200
    drop: bool = False
    hang_s: float = 0.0
    pause_s: float = 0.0
    die_after: int | None = None
    retry_after: str | None = None
    trouble: bool = False


class FakeModel:
    """Use as a context manager, or `start` and `stop`. `base_url` ends in `/v1`."""

    def __init__(self, default: str = "OK", port: int = 0) -> None:
        self.default = default
        self.history: list[dict[str, Any]] = []
        # time.perf_counter() when the first token of each stream was written.
        self.first_tokens: list[float] = []
        self.api_keys: list[str] = []
        self.fail_embeddings = False
        # The models that it has; None is any.
        self.serves: frozenset[str] | None = None
        # Says 503 to everything, as a server does that is about to go.
        self.draining = False
        self._scripts: deque[Script] = deque()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.model = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def enqueue(self, *chunks: str, **what: Any) -> None:
        """Answer a coming chat request with these chunks of text; `what` are the fields of `Script`."""
        self._scripts.append(Script(chunks, **what))

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port: from now on connections are refused, and whatever hangs is let go."""
        if self._released.is_set():
            return
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def next_script(self, request: dict[str, Any]) -> Script:
        """What this request is answered with; subclasses read it."""
        return self._scripts.popleft() if self._scripts else Script((self.default,))

    @property
    def is_stopped(self) -> bool:
        return self._released.is_set()

    def pause(self, seconds: float) -> None:
        self._released.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    model: FakeModel

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up on a misbehaving server are what these tests are about: no traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as servers of models do: a token does not wait for the one before it
    server: _Server

    def do_GET(self) -> None:
        if self.server.model.is_stopped:
            self.close_connection = True
        elif self.server.model.draining:
            self._drain()
        else:
            self._json({"object": "list", "data": [{"id": "fake", "object": "model"}]})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model = self.server.model
        if model.is_stopped:  # the connection was kept open from before
            self.close_connection = True
            return
        if self.path.endswith("/embeddings") and model.fail_embeddings:
            self._json({"error": {"message": "on order", "type": "server_error"}}, 503)
            return
        if self.path.endswith("/embeddings"):
            texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
            rows = [
                {"object": "embedding", "index": i, "embedding": embedding(t)} for i, t in enumerate(texts)
            ]
            self._json({"object": "list", "data": rows, "model": "fake", "usage": USAGE})
            return
        if model.draining:
            self._drain()
            return
        if model.serves is not None and request["model"] not in model.serves:
            self._json({"error": {"message": "no such model", "type": "NotFoundError", "code": 404}}, 404)
            return
        model.history.append(request)
        model.api_keys.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
        script = model.next_script(request)
        if script.drop:
            self.close_connection = True
        elif script.status != 200:
            error = {"error": {"message": "on order", "type": "server_error"}}
            self._json(error, script.status, script.retry_after)
        elif request.get("stream"):
            self._stream(script)
        else:
            model.pause(script.hang_s)
            message = {"role": "assistant", "content": "".join(script.chunks)}
            choice = {"index": 0, "message": message, "finish_reason": script.finish_reason}
            self._json(_envelope("chat.completion") | {"choices": [choice], "usage": USAGE})

    def _stream(self, script: Script) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._event({"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None})
        self.server.model.pause(script.hang_s)
        if script.trouble:
            self._chunk(b'data: {"error": {"message": "on order", "type": "server_error"}}\n\n')
        for number, text in enumerate(script.chunks):
            if number == script.die_after:
                self.close_connection = True
                return
            self._event({"index": 0, "delta": {"content": text}, "finish_reason": None})
            if number == 0:
                self.server.model.first_tokens.append(time.perf_counter())
            self.server.model.pause(script.pause_s)
        self._event({"index": 0, "delta": {}, "finish_reason": script.finish_reason})
        self._event(None)
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, choice: dict[str, Any] | None) -> None:
        body = _envelope("chat.completion.chunk")
        body |= {"choices": [choice]} if choice else {"choices": [], "usage": USAGE}
        self._chunk(b"data: " + json.dumps(body).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _drain(self) -> None:
        self._json({"error": {"message": "going away", "type": "unavailable"}}, 503, retry_after="5")

    def _json(self, body: dict[str, Any], status: int = 200, retry_after: str | None = None) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the tests say what happened."""


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "fake-1", "object": kind, "created": 0, "model": "fake"}


def embedding(text: str, size: int = 64) -> list[float]:
    """A unit vector of hashed character pairs."""
    vector = [0.0] * size
    for pair in zip(text.lower(), text.lower()[1:] + " ", strict=True):
        vector[zlib.crc32("".join(pair).encode()) % size] += 1.0
    length = math.hypot(*vector) or 1.0
    return [value / length for value in vector]
