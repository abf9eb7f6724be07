"""The engine behind the proxy: whether it is well, and its answers, passed on as they come.

It gets the engine's own key, the request's id and the checked body: no header of the client's. Bytes of a
stream are not looked into beyond the ends of events, so that an answer that breaks off can end with an
event that says so, and not with half a one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from aiohttp import web

from llm_server.proxy.errors import Refused, try_later
from llm_server.proxy.meters import Visit
from llm_server.proxy.options import Options

_CONNECT_S = 5
_LOOK_S = 3  # for answers about the engine itself
_KEEP_ALIVE_S = 2  # vLLM closes idle connections after 5
_EVENT_END = b"\n\n"
_LAST_EVENT = b"data: [DONE]\n\n"
_TOLD = ("id", "object", "created", "owned_by", "max_model_len")  # of a model; not where its files lie


@dataclass(frozen=True)
class Call:
    """One request to the engine, checked."""

    path: str
    data: bytes | aiohttp.FormData
    images: int = 0
    streams: bool = False


class Engine:
    """A client of vLLM; use as an async context manager. `up` is what the last look at it found."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.up = False

    async def __aenter__(self) -> Engine:
        self._session = aiohttp.ClientSession(
            self._options.engine_url,
            headers={"Authorization": f"Bearer {self._options.engine_key}", "Accept-Encoding": "identity"},
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=_LOOK_S),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def watch(self, tell: Callable[[bool], object]) -> None:
        """Look whether it is well, for ever; `tell` hears each time."""
        while True:
            self.up = await self._is_well()
            tell(self.up)
            await asyncio.sleep(self._options.health_s)

    async def _is_well(self) -> bool:
        try:
            async with self._session.get("/health") as answer:
                return bool(answer.status == 200)
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def metrics(self) -> bytes:
        """vLLM's own metrics; nothing when it does not answer."""
        try:
            async with self._session.get("/metrics") as answer:
                return bytes(await answer.read()) if answer.status == 200 else b""
        except (aiohttp.ClientError, TimeoutError):
            return b""

    async def models(self) -> bytes:
        """The list of what it serves, base model and adapters, without the paths of their files."""
        try:
            async with self._session.get("/v1/models") as answer:
                _refuse_our_key(answer)
                if answer.status != 200:
                    raise _away()
                listed = (await answer.json())["data"]
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _trouble(error) from error
        shown = [{name: model.get(name) for name in _TOLD} for model in listed]
        return json.dumps({"object": "list", "data": shown}).encode()

    async def answer(self, call: Call, visit: Visit, begin: Callable[[Any], Awaitable[Any]]) -> None:
        """Ask, and write the answer to the response that `begin` opens for it.

        Refused when there is none, or not all of it: what has been written by then stays written.
        """
        silence = self._options.idle_s if call.streams else None
        headers = {"X-Request-Id": visit.id}
        if isinstance(call.data, bytes):
            headers["Content-Type"] = "application/json"
        try:
            async with self._session.post(
                call.path,
                data=BytesIO(call.data) if isinstance(call.data, bytes) else call.data,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT_S, sock_read=silence),
            ) as answer:
                _refuse_our_key(answer)
                response = await begin(answer)
                pass_on = _events if is_stream(answer) else _bytes
                await pass_on(answer, response, visit)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _trouble(error) from error


def is_stream(answer: Any) -> bool:
    """Whether a response is one of server-sent events."""
    return bool(answer.content_type == "text/event-stream")


async def _bytes(answer: aiohttp.ClientResponse, response: web.StreamResponse, visit: Visit) -> None:
    async for chunk in answer.content.iter_any():
        visit.sent(len(chunk))
        await response.write(chunk)


async def _events(answer: aiohttp.ClientResponse, response: web.StreamResponse, visit: Visit) -> None:
    """Whole events as they come; Refused when the last one is not the one that ends an answer."""
    rest, last = b"", b""
    async for chunk in answer.content.iter_any():
        whole = rest + chunk if rest else chunk
        if whole.endswith(_EVENT_END):
            rest = b""
        else:
            end = whole.rfind(_EVENT_END) + len(_EVENT_END)
            whole, rest = (whole[:end], whole[end:]) if end >= len(_EVENT_END) else (b"", whole)
        if whole:
            last = whole[-len(_LAST_EVENT) :]
            visit.sent(len(whole))
            await response.write(whole)
    if last != _LAST_EVENT:
        raise _lost()


def _refuse_our_key(answer: aiohttp.ClientResponse) -> None:
    """The client's key was right; it is ours that the engine does not know."""
    if answer.status in (401, 403):
        raise Refused(502, "engine_refused", "the model server's own key does not fit its engine")


def _trouble(error: Exception) -> Refused:
    """What a failure of the connection means to the client."""
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
        return _away()
    if isinstance(error, TimeoutError):
        return Refused(504, "engine_silent", "the model has said nothing for too long")
    return _lost()


def _away() -> Refused:
    return try_later("engine_away", "the model is not there at the moment")


def _lost() -> Refused:
    return Refused(502, "engine_lost", "the model broke off in the middle of an answer")
