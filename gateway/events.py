"""What arrives later: a person's words, who answers, who types, who has read; messages that Rasa pushes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Path, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from gateway import auth, reading, replies
from gateway.door import Address, TheDoor
from gateway.errors import Refusal
from gateway.news import NOT_KEPT
from gateway.schemas import ConversationId, PushIn, StreamIn
from support.store import Event
from support.streaming import Signal

router = APIRouter()

_HEARTBEAT_S = 15
# At shutdown a stream ends by itself within this, or is cut.
_GRACE_S = 2
# The kind "customer" is for the staff's side: the customer's page knows its own words.
_FOR_CUSTOMERS = frozenset({"message", "holder", "typing", "read"})


@router.get(
    "/api/chat/conversations/{conversation_id}/events", response_class=EventSourceResponse, tags=["chat"]
)
async def events(
    door: TheDoor,
    conversation_id: Annotated[ConversationId, Path()],
    after: Annotated[int, Query(ge=0, description="The last event id that is known already.")] = 0,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> EventSourceResponse:
    """Server-sent events: `message` (a person's or a later answer), `holder` (who answers now), `typing` (a
    person writes) and `read` (`message_id`: the newest of the customer's messages that a person has seen).

    The last two are not kept and have no id; `read` comes first, where somebody has read something. A browser
    that reconnects sends Last-Event-ID by itself; it counts before `after`.
    """
    start = after if last_event_id is None else last_event_id
    shutdown = anyio.Event()
    return EventSourceResponse(
        _stream(door, conversation_id, start, shutdown),
        ping=_HEARTBEAT_S,
        shutdown_event=shutdown,
        shutdown_grace_period=_GRACE_S,
    )


async def _stream(
    door: TheDoor, conversation_id: str, after: int, end: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    # So that a page knows it is connected, and proxies pass on the headers, before anything happens.
    yield ServerSentEvent(comment="listening")
    async with door.shop.store.reading() as unit:
        read = await reading.read_by_staff(unit, conversation_id)
    if read:
        yield ServerSentEvent(json.dumps({"message_id": read}), event="read")
    async for event in door.news.listen(conversation_id, after, end):
        if _is_for_customers(event):
            data = dict(event.payload) | {"at": event.at.isoformat()}
            id = None if event.id == NOT_KEPT else str(event.id)
            yield ServerSentEvent(json.dumps(data, ensure_ascii=False), event=event.kind, id=id)


def _is_for_customers(event: Event) -> bool:
    return event.kind in _FOR_CUSTOMERS and event.payload.get("side") != "customer"


@router.post("/internal/push", status_code=202, include_in_schema=False)
async def push(
    door: TheDoor, body: PushIn, address: Address, x_shopclerk_secret: Annotated[str, Header()] = ""
) -> dict[str, int]:
    """Rasa's channel puts later messages here; the page gets them as events."""
    _check_internal(door, address, x_shopclerk_secret)
    messages = replies.from_rasa(body.messages)
    async with door.shop.store.writing() as unit:
        for message in messages:
            await unit.conversations.tell(body.conversation_id, "message", message, door.shop.clock())
    door.news.wake()
    return {"stored": len(messages)}


@router.post("/internal/stream", status_code=204, include_in_schema=False)
async def stream(
    door: TheDoor, body: StreamIn, address: Address, x_shopclerk_secret: Annotated[str, Header()] = ""
) -> None:
    """The actions' side channel: what is being done and written for a customer whose turn runs here."""
    _check_internal(door, address, x_shopclerk_secret)
    door.streams.hear(Signal(**one.model_dump()) for one in body.signals)


def _check_internal(door: TheDoor, address: str, given: str) -> None:
    secret = door.shop.settings.channel_secret.get_secret_value()
    if not (auth.is_loopback(address) and auth.same(given, secret)):
        raise Refusal("not_internal")
