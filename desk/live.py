"""What changes while a page of the desk is open: one stream of server-sent events a page.

    queue    {news: {conversation: since}}    something in the queue is different
    story    {}                               something was said, read or noted in the open conversation
    holder   {}                               somebody else answers there now
    side     {}                               the summary and the draft have arrived
    out      {}                               the session has ended; the stream with it

Events say what changed, not how it looks now: the page fetches that. Those of the conversation carry its
event id, so that a browser that reconnects misses none; the queue is told anew with each connection.
Being connected proves nothing: a closed laptop's connection lives on for minutes. So the page itself says
every 20 seconds that it is there (`POST /desk/here`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from desk import queue
from desk.session import Agent, SessionToken
from gateway.door import Door, TheDoor
from gateway.news import NOT_KEPT
from support.services import staff
from support.services.staff import SignedIn
from support.store import Event, QueueLine, Store

log = logging.getLogger(__name__)

router = APIRouter()

_LOOK_EVERY_S = 0.5
_SESSION_EVERY_S = 20
_HEARTBEAT_S = 15
_GRACE_S = 2
_NAMES = {
    "message": "story",
    "customer": "story",
    "read": "story",
    "note": "story",
    "holder": "holder",
    "packet": "side",
}


class Watch:
    """Looks at the queue a few times a second for all open pages together, while there are any."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[list[QueueLine]]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._last: list[QueueLine] | None = None

    async def listen(self, store: Store) -> AsyncIterator[list[QueueLine]]:
        """The queue as it is, then whenever it is different."""
        page: asyncio.Queue[list[QueueLine]] = asyncio.Queue()
        if self._last is not None:
            page.put_nowait(self._last)
        self._pages.add(page)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(store))
        try:
            while True:
                yield await page.get()
        finally:
            self._pages.discard(page)

    async def _look(self, store: Store) -> None:
        while self._pages:
            try:
                async with store.reading() as unit:
                    now = await unit.queue.lines()
                if now != self._last:
                    self._last = now
                    for page in self._pages:
                        page.put_nowait(now)
            except Exception:
                # Whatever the database's driver raises: the next look may do better.
                log.exception("the queue could not be read; trying again")
            await asyncio.sleep(_LOOK_EVERY_S)
        self._looking = self._last = None


@router.get("/live", response_class=EventSourceResponse)
async def live(
    request: Request,
    door: TheDoor,
    me: Agent,
    token: SessionToken = "",
    conversation: Annotated[str, Query(max_length=64)] = "",
    after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> EventSourceResponse:
    """Follow the queue, and one conversation from an event on."""
    end = anyio.Event()
    sources: list[Callable[[_Lines], Coroutine[Any, Any, None]]] = [
        lambda lines: _queue(request.app.state.desk_watch, door.shop.store, me, lines)
    ]
    if conversation:
        start = after if last_event_id is None else last_event_id
        sources.append(lambda lines: _conversation(door, conversation, start, end, lines))
    return EventSourceResponse(
        _stream(door, token, sources, end),
        ping=_HEARTBEAT_S,
        shutdown_event=end,
        shutdown_grace_period=_GRACE_S,
    )


@router.post("/here", status_code=204)
async def here(door: TheDoor, me: Agent) -> Response:
    """I am there: my conversations stay mine."""
    await door.persons.renew(me.login)
    return Response(status_code=204)


_Lines = asyncio.Queue[ServerSentEvent]


async def _stream(
    door: Door,
    token: str,
    sources: list[Callable[[_Lines], Coroutine[Any, Any, None]]],
    end: anyio.Event,
) -> AsyncIterator[ServerSentEvent]:
    # So that the page knows it is connected before anything happens; and how soon to come back.
    yield ServerSentEvent(comment="listening", retry=1000)
    lines: _Lines = asyncio.Queue()
    tasks = [asyncio.create_task(source(lines)) for source in sources]
    try:
        checked = time.monotonic()
        while not end.is_set():
            with suppress(TimeoutError):
                line = await asyncio.wait_for(lines.get(), _LOOK_EVERY_S)
                yield line
            if time.monotonic() - checked > _SESSION_EVERY_S:
                checked = time.monotonic()
                if await staff.session(door.shop.store, token, door.shop.clock()) is None:
                    yield _line("out")
                    return
    finally:
        for task in tasks:
            task.cancel()


async def _queue(watch: Watch, store: Store, me: SignedIn, lines: _Lines) -> None:
    async for seen in watch.listen(store):
        lines.put_nowait(_line("queue", {"news": queue.news(seen, me.login)}))


async def _conversation(
    door: Door, conversation_id: str, after: int, end: anyio.Event, lines: _Lines
) -> None:
    async for event in door.news.listen(conversation_id, after, end):
        if name := _name(event):
            lines.put_nowait(_line(name, id=None if event.id == NOT_KEPT else str(event.id)))


def _name(event: Event) -> str | None:
    """That we have read something ourselves is no news."""
    if event.kind == "read" and event.payload.get("side") != "customer":
        return None
    return _NAMES.get(event.kind)


def _line(name: str, data: dict[str, Any] | None = None, id: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data or {}), event=name, id=id)
