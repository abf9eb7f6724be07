"""A scriptable stand-in for Rasa's HTTP side, for tests of the gateway alone.

    with FakeRasa() as rasa:
        rasa.enqueue({"text": "几天内都可以退。"})       # the answer to the next message
        rasa.enqueue(status=500)                       # and an error to the one after it
        ...
        assert rasa.heard[0]["text"] == "几天能退"
        assert rasa.noted[0] == ("conversation-0000001", {"event": "resume"})

With nothing enqueued it repeats what it was told. It runs in a thread.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "channel-secret-of-the-tests"


@dataclass(frozen=True)
class Script:
    """One answer: its messages, or what goes wrong."""

    messages: tuple[dict[str, Any], ...] = ()
    status: int = 200
    wait_s: float = 0.0
    body: bytes | None = None


class FakeRasa:
    """Use as a context manager. `heard` are the bodies sent to the webhook, `noted` the tracker events.

    `trackers` holds what it remembers of conversations.
    """

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.noted: list[tuple[str, dict[str, Any]]] = []
        self.trackers: dict[str, list[dict[str, Any]]] = {}
        self.most_at_once = 0
        self._at_work = 0
        self._lock = threading.Lock()
        self._scripts: deque[Script] = deque()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.rasa = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def enqueue(self, *messages: dict[str, Any], **what: Any) -> None:
        """Answer a coming message with these; `what` are the other fields of `Script`."""
        self._scripts.append(Script(messages, **what))

    def stop(self) -> None:
        """From now on connections are refused, and those that were kept open are cut."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._server.opened:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def __enter__(self) -> FakeRasa:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self.stop()

    def answer(self, message: dict[str, Any]) -> Script:
        with self._lock:
            self.heard.append(message)
            self._at_work += 1
            self.most_at_once = max(self.most_at_once, self._at_work)
            script = self._scripts.popleft() if self._scripts else Script(({"text": message["text"]},))
        time.sleep(script.wait_s)
        with self._lock:
            self._at_work -= 1
        return script


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    rasa: FakeRasa

    def __init__(self, *args: Any) -> None:
        self.opened: list[socket.socket] = []
        super().__init__(*args)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.opened.append(connection)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A gateway that hangs up on a slow Rasa is what a test is about: no traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path).path.split("/")
        if parts[-1] == "metrics":  # it stands in for the action server too, which has counted nothing
            self._send(b"", 200)
            return
        told = {"events": self.server.rasa.trackers.get(parts[2], [])} if parts[-1] == "tracker" else {}
        self._json({"status": "ok"} | told)

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        address = urlsplit(self.path)
        if address.path.endswith("/tracker/events"):
            self._note(address.path.split("/")[2], sent, parse_qs(address.query))
        elif self.headers.get("X-Shopclerk-Secret") != SECRET:
            self._json({"error": "wrong secret"}, 403)
        else:
            script = self.server.rasa.answer(sent)
            body = script.body if script.body is not None else _encoded({"messages": list(script.messages)})
            self._send(body, script.status)

    def _note(self, conversation_id: str, events: list[dict[str, Any]], query: dict[str, list[str]]) -> None:
        if query != {"token": [SECRET]}:
            self._json({"error": "wrong token"}, 401)
            return
        self.server.rasa.noted.extend((conversation_id, event) for event in events)
        self._json({})

    def _json(self, content: Any, status: int = 200) -> None:
        self._send(_encoded(content), status)

    def _send(self, body: bytes, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error."""


def _encoded(content: Any) -> bytes:
    return json.dumps(content).encode()
