"""What the guard proxy does with a request: a short list of routes, each with its check, and nothing else.

Every request leaves a line in the log and a count. Every refusal has OpenAI's shape, also in the middle of a
stream, which then ends without `[DONE]`.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from llm_server.proxy import bodies, chat, speech
from llm_server.proxy.bodies import Body, Checked
from llm_server.proxy.engine import Call, Engine, is_stream
from llm_server.proxy.errors import Refused, try_later
from llm_server.proxy.meters import Meters, Visit, log
from llm_server.proxy.options import SHOP, Options, is_loopback
from llm_server.proxy.tenants import Marks, Tenants

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_GONE = 499  # as nginx counts a client that did not wait
_IN_A_THREAD = 1_000_000  # bytes; to check more takes longer than other requests should wait (3 ms)
_LAST_WORD_S = 1  # for the event that ends a broken stream, to a client that may not read
_RETURNED = ("Content-Type", "Content-Length", "Retry-After")
_JSON = "application/json"
_NAME = "shopclerk"  # and not which library, in which version

Check = Callable[[Body, str], Checked]
Handler = Callable[[Any, Visit], Awaitable[Any]]


class Proxy:
    """The handler of every request."""

    def __init__(self, options: Options, engine: Engine, meters: Meters) -> None:
        self._options, self._engine, self._meters = options, engine, meters
        self._tenants, self._marks = Tenants(options.keys), Marks(options.secret)
        self._open: set[asyncio.Timeout] = set()
        self._leaving = False  # to be seen in /readyz
        self._closed = False  # to new requests
        limits = options.limits
        self._own: dict[tuple[str, str], Callable[[Any], Awaitable[Any]]] = {
            ("GET", "/healthz"): self._alive,
            ("GET", "/readyz"): self._ready,
            ("GET", "/metrics"): self._metrics,
        }
        self._guarded: dict[tuple[str, str], Handler] = {
            ("POST", "/v1/chat/completions"): self._json(
                lambda body, tenant: chat.check(body, tenant, limits, self._marks)
            ),
            ("POST", "/v1/embeddings"): self._json(lambda body, _: bodies.embeddings(body, limits)),
            ("POST", "/v1/rerank"): self._json(lambda body, _: bodies.rerank(body, limits)),
            ("POST", "/v1/audio/transcriptions"): self._speech,
            ("GET", "/v1/models"): self._models,
        }

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        place = (request.method, request.path)
        if own := self._own.get(place):
            return await own(request)
        handler = self._guarded.get(place)
        visit = Visit(_request_id(request), request.path if handler else "other")
        try:
            response = await self._guard(request, visit, handler)
            visit.status = response.status
            return response
        except (ConnectionError, asyncio.CancelledError):
            visit.status, visit.refused = _GONE, ""
            raise
        finally:
            self._meters.over(visit)

    async def leave(self) -> None:
        """Be seen to leave, then take nothing new, let open answers finish, and cut what is left of them."""
        self._leaving = True
        await asyncio.sleep(self._options.notice_s)
        self._closed = True
        loop = asyncio.get_running_loop()
        end = loop.time() + self._options.drain_s
        while self._open and loop.time() < end:
            await asyncio.sleep(0.05)
        for limit in self._open:
            if not limit.expired():
                limit.reschedule(loop.time())

    # --- guarding ----------------------------------------------------------------------------------------

    async def _guard(
        self, request: web.BaseRequest, visit: Visit, handler: Handler | None
    ) -> web.StreamResponse:
        try:
            if handler is None:
                raise Refused(404, "not_found", "there is nothing here")
            if self._closed:
                raise _leaving()
            visit.tenant = self._tenants.named(request.headers.get("Authorization", ""))
            if not visit.tenant:
                raise Refused(401, "invalid_api_key", "the key is missing or wrong")
            async with self._within_limits():
                return await handler(request, visit)
        except Refused as refused:
            return await self._refuse(request, visit, refused)
        except ConnectionError:
            raise
        except Exception:
            log.exception("id=%s failed", visit.id)
            return await self._refuse(
                request, visit, Refused(500, "internal", "the model server has a fault")
            )

    @asynccontextmanager
    async def _within_limits(self) -> AsyncIterator[None]:
        """An open request, until its time is over or, when the proxy leaves, everyone's is."""
        limit = asyncio.timeout(self._options.total_s)
        self._meters.open.inc()
        self._open.add(limit)
        try:
            async with limit:
                yield
        except TimeoutError:
            raise (
                _leaving() if self._closed else Refused(504, "too_long", "the answer took too long")
            ) from None
        finally:
            self._open.discard(limit)
            self._meters.open.dec()

    async def _refuse(self, request: web.BaseRequest, visit: Visit, refused: Refused) -> web.StreamResponse:
        """As an answer, or as the end of one."""
        visit.refused = refused.code
        response = visit.response
        if response is None:
            visit.sent(len(refused.body))
            response = _reply(refused.body, refused.status, {**refused.headers, "X-Request-ID": visit.id})
            if self._closed:
                response.force_close()
            return response
        response.force_close()
        try:
            async with asyncio.timeout(_LAST_WORD_S):
                if not is_stream(response):
                    raise TimeoutError  # nothing can be said in the middle of it
                await response.write(refused.event)
                await response.write_eof()
        except TimeoutError:
            if request.transport:
                request.transport.abort()  # so that half an answer does not look whole
        return response

    # --- the routes that reach the engine ----------------------------------------------------------------

    def _json(self, check: Check) -> Handler:
        """The handler of a route whose body passes this check."""

        def checked(raw: bytes, path: str, tenant: str) -> Call:
            found = check(bodies.parse(raw), tenant)
            return Call(path, bodies.written(found), len(found.pictures), found.streams)

        async def handle(request: web.BaseRequest, visit: Visit) -> web.StreamResponse:
            if request.content_type != _JSON or "Content-Encoding" in request.headers:
                raise Refused(415, "not_json", f"the body must be {_JSON}, not compressed")
            raw = await self._body(request)
            visit.bytes_in = len(raw)
            if len(raw) > _IN_A_THREAD:
                call = await asyncio.to_thread(checked, raw, visit.route, visit.tenant)
            else:
                call = checked(raw, visit.route, visit.tenant)
            return await self._ask(request, visit, call)

        return handle

    async def _speech(self, request: web.BaseRequest, visit: Visit) -> web.StreamResponse:
        if request.content_type != "multipart/form-data" or "Content-Encoding" in request.headers:
            raise Refused(415, "not_a_form", "the body must be multipart/form-data, not compressed")
        async with self._upload():
            form, streams = await speech.form(request, self._options.limits)
        visit.bytes_in = request.content_length or 0
        return await self._ask(request, visit, Call(visit.route, form, streams=streams))

    async def _models(self, request: web.BaseRequest, visit: Visit) -> web.StreamResponse:
        body = await self._engine.models()
        visit.sent(len(body))
        return _reply(body, headers={"X-Request-ID": visit.id})

    async def _ask(self, request: web.BaseRequest, visit: Visit, call: Call) -> web.StreamResponse:
        async def begin(answer: Any) -> web.StreamResponse:
            headers = {name: answer.headers[name] for name in _RETURNED if name in answer.headers}
            headers |= {"X-Request-ID": visit.id, "Server": _NAME}
            if answer.status in (429, 503):
                headers.setdefault("Retry-After", "1")
            if is_stream(answer):
                headers["X-Accel-Buffering"] = "no"  # or nginx would collect the words
            response = web.StreamResponse(status=answer.status, headers=headers)
            await response.prepare(request)
            visit.response = response
            return response

        visit.images = call.images
        await self._engine.answer(call, visit, begin)
        return visit.response

    async def _body(self, request: web.BaseRequest) -> bytes:
        most = self._options.limits.body
        body = bytearray()
        async with self._upload():
            if (request.content_length or 0) <= most:
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > most:
                        break
                else:
                    return bytes(body)
        raise Refused(413, "too_large", f"the body is larger than {most} bytes")

    @asynccontextmanager
    async def _upload(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._options.upload_s):
                yield
        except TimeoutError:
            raise Refused(408, "too_slow", "the body took too long to arrive") from None

    # --- the routes about the proxy itself ---------------------------------------------------------------

    async def _alive(self, request: web.BaseRequest) -> web.StreamResponse:
        return _reply(b'{"status": "ok"}')

    async def _ready(self, request: web.BaseRequest) -> web.StreamResponse:
        """200 while the engine is well and the proxy stays; `notes` are for people."""
        status = "leaving" if self._leaving else "ok" if self._engine.up else "down"
        told = {
            "status": status,
            "parts": {"engine": "ok" if self._engine.up else "down"},
            "notes": self._options.notes,
        }
        return _reply(json.dumps(told, ensure_ascii=False).encode(), 200 if status == "ok" else 503)

    async def _metrics(self, request: web.BaseRequest) -> web.StreamResponse:
        """The proxy's and vLLM's, for this machine and for the shop."""
        forwarded = "Forwarded" in request.headers or "X-Forwarded-For" in request.headers
        tenant = self._tenants.named(request.headers.get("Authorization", ""))
        if tenant != SHOP and (forwarded or not is_loopback(request.remote or "")):
            return _reply(Refused(401, "invalid_api_key", "the key is missing or wrong").body, 401)
        text = self._meters.text() + await self._engine.metrics()
        return _reply(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _request_id(request: web.BaseRequest) -> str:
    """The client's, where it will do in a log line, or a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _reply(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=body, status=status, headers={"Content-Type": _JSON, "Server": _NAME, **(headers or {})}
    )


def _leaving() -> Refused:
    return try_later("leaving", "this model server is being stopped")
