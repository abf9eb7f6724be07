"""A hub of models on this machine, speaking as much of Hugging Face's and ModelScope's protocols as a
download needs: which files a model has, and their bytes, from any byte on.

    with FakeHub("Qwen/Qwen3-VL-2B-Instruct", folder) as hub:
        os.environ["HF_ENDPOINT"] = hub.url

`break_at` lets the next answers with more bytes end there, as a connection does that is lost.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """Serves one model's folder; `asked` are the files asked for, with the byte that was to be the first."""

    def __init__(self, model: str, folder: Path) -> None:
        self.model, self.folder = model, folder
        self._break_at, self._breaks = 0, 0
        self.asked: list[tuple[str, int]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def break_at(self, byte: int, times: int) -> None:
        """Lose the connection so many times."""
        self._break_at, self._breaks = byte, times

    def part_of(self, body: bytes) -> bytes:
        """What arrives of an answer."""
        if self._breaks and len(body) > self._break_at:
            self._breaks -= 1
            return body[: self._break_at]
        return body

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def listing(self, path: str) -> object | None:
        """The answer to a question about the model."""
        known = {
            f"/api/models/{self.model}/revision/main": {"id": self.model, "sha": COMMIT, "siblings": []},
            f"/api/models/{self.model}/tree/{COMMIT}": [_huggingface(file) for file in self.files()],
            f"/api/v1/models/{self.model}/repo/files": {
                "Code": 200,
                "Success": True,
                "Data": {"Files": [_modelscope(file) for file in self.files()]},
            },
        }
        return known.get(path)

    def file(self, url: str) -> Path | None:
        """The file that an address names, by either protocol."""
        parts = urlsplit(url)
        if parts.path == f"/api/v1/models/{self.model}/repo":
            return self.folder / parse_qs(parts.query)["FilePath"][0]
        if match := re.fullmatch(rf"/{re.escape(self.model)}/resolve/[^/]+/(.+)", parts.path):
            return self.folder / match[1]
        return None


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _huggingface(file: Path) -> dict[str, object]:
    return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": _sha256(file)[:40]}


def _modelscope(file: Path) -> dict[str, object]:
    return {
        "Type": "blob",
        "Name": file.name,
        "Path": file.name,
        "Size": file.stat().st_size,
        "Sha256": _sha256(file),
        "Revision": COMMIT,
    }


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, with_body: bool) -> None:
            if (listing := hub.listing(urlsplit(self.path).path)) is not None:
                self._send(200, json.dumps(listing).encode(), {"Content-Type": "application/json"})
            elif (file := hub.file(self.path)) and file.is_file():
                self._send_file(file, with_body)
            else:
                self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})

        def _send_file(self, file: Path, with_body: bool) -> None:
            data = file.read_bytes()
            match = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
            first = int(match[1]) if match else 0
            headers = {"ETag": f'"{_sha256(file)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
            if match:
                headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            if with_body:
                hub.asked.append((file.name, first))
            self._send(206 if match else 200, data[first:], headers, with_body)

        def _send(self, status: int, body: bytes, headers: dict[str, str], with_body: bool = True) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                part = hub.part_of(body)
                self.wfile.write(part)
                self.close_connection = len(part) < len(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
