"""An endpoint for vectors, reranking and speech: the protocol over real HTTP, and trouble on order.

    async with fake_endpoint() as endpoint:
        endpoint.heard = "我的订单到哪了"          # what every recording says
        endpoint.relevant = "退货"               # passages that hold this come first
        Reranker(endpoint.base_url, "fake")

`requests` are what it was asked, newest last: JSON bodies, or a recording's form.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes_model import embedding
from tests.stack import free_ports


class FakeEndpoint:
    """`status` other than 200 is an error to every request, and so is all when no `answers_left`; `results`
    replace what reranking says.
    """

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.heard, self.relevant, self.vector_size = "", "", 64
        self.status, self.hang_s = 200, 0.0
        self.answers_left = 1_000_000
        self.results: object = None
        self.requests: list[dict[str, Any]] = []

    async def embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        vectors = [embedding(text, self.vector_size) for text in body["input"]]
        data = [
            {"object": "embedding", "index": index, "embedding": one} for index, one in enumerate(vectors)
        ]
        return await self._answered(body, {"object": "list", "model": "fake", "data": data})

    async def rerank(self, request: web.Request) -> web.Response:
        body = await request.json()
        scores = [float(self.relevant in document) for document in body["documents"]]
        results = [{"index": index, "relevance_score": score} for index, score in enumerate(scores)]
        results.sort(key=lambda one: one["relevance_score"], reverse=True)
        return await self._answered(body, {"results": results if self.results is None else self.results})

    async def transcribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        return await self._answered(dict(form) | {"file": file.file.read()}, {"text": self.heard})

    async def _answered(self, asked: dict[str, Any], answer: dict[str, Any]) -> web.Response:
        self.requests.append(asked)
        await asyncio.sleep(self.hang_s)
        self.answers_left -= 1
        status = 503 if self.answers_left < 0 else self.status
        if status != 200:
            answer = {"error": {"message": "on order", "type": "server_error"}}
        return web.json_response(answer, status=status)


@asynccontextmanager
async def fake_endpoint() -> AsyncIterator[FakeEndpoint]:
    """One that listens on a port of its own."""
    (port,) = free_ports(1)
    endpoint = FakeEndpoint(port)
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/v1/embeddings", endpoint.embed)
    app.router.add_post("/v1/rerank", endpoint.rerank)
    app.router.add_post("/v1/audio/transcriptions", endpoint.transcribe)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield endpoint
    finally:
        await runner.cleanup()
