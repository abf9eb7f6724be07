"""The guard proxy on a real port in the test's own loop, before any engine.

async with running_proxy(engine.url) as proxy:
    answer = await proxy.chat("hello")
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from llm_server.proxy import Options, serve
from tests.stack import free_ports

KEY, OTHER_KEY = "key-of-the-shop-in-tests", "key-of-another-shop-in-tests"
ENGINE_KEY = "key-of-the-engine-in-tests"
OTHER = {"Authorization": f"Bearer {OTHER_KEY}"}
CHAT = "/v1/chat/completions"
_WITHIN_S = 20  # for what is waited for; nothing takes that long unless it never comes


@dataclass(frozen=True)
class RunningProxy:
    """`client` has the shop's key and knows the address."""

    client: httpx.AsyncClient
    options: Options
    stop: asyncio.Event
    served: asyncio.Task[None]

    async def chat(self, content: Any = "hello", model: str = "fake", **fields: Any) -> httpx.Response:
        """Ask for a chat's answer with a user's message."""
        return await self.client.post(CHAT, json=question(content, model=model, **fields))

    async def refusal(self, content: Any = "hello", **fields: Any) -> tuple[int, str]:
        """Status and code of a chat that is expected to be refused."""
        answer = await self.chat(content, **fields)
        return answer.status_code, answer.json()["error"]["code"]

    async def metric(self, line: str) -> float:
        """The value of a line of /metrics that begins so; 0 when there is none."""
        text = (await self.client.get("/metrics")).raise_for_status().text
        found = [float(shown.split()[-1]) for shown in text.splitlines() if shown.startswith(line)]
        return sum(found)

    async def is_ready(self) -> bool:
        return (await self.client.get("/readyz")).status_code == 200


@asynccontextmanager
async def running_proxy(engine_url: str, **changed: Any) -> AsyncIterator[RunningProxy]:
    """A proxy that answers; what is open at the end of the test is cut."""
    chosen: dict[str, Any] = {
        "keys": {KEY: "shop", OTHER_KEY: "other"},
        "secret": "secret-of-the-marks-in-tests",
        "port": free_ports(1)[0],
        "health_s": 0.05,
        "notice_s": 0,
        "drain_s": 0,
    }
    options = Options(engine_url=engine_url, engine_key=ENGINE_KEY, **(chosen | changed))
    stop = asyncio.Event()
    served = asyncio.create_task(serve(options, stop))
    address = f"http://127.0.0.1:{options.port}"
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
        await until(lambda: _answers(client))
        try:
            yield RunningProxy(client, options, stop, served)
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):  # by a test that has seen enough
                await served


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what must come."""
    async with asyncio.timeout(_WITHIN_S):
        while not await holds():
            await asyncio.sleep(0.02)


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


def question(content: Any, **fields: Any) -> dict[str, Any]:
    """The body of a chat request with a user's message."""
    return {"model": "fake", "messages": [{"role": "user", "content": content}], **fields}


def drawn(width: int, height: int, kind: str = "JPEG", colour: str = "red") -> bytes:
    """A picture of one colour."""
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()


def shown(data: bytes, **fields: Any) -> dict[str, Any]:
    """A picture as a part of a message; `fields` are added to the part."""
    url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}, **fields}
