"""What arrives later: a person's words, a change of who answers, messages that Rasa pushes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Path, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from gateway import auth, replies
from gateway.door import Address, TheDoor
from gateway.errors import Refusal
from gateway.schemas import ConversationId, PushIn

router = APIRouter()

_HEARTBEAT_S = 15
# At shutdown a stream ends by itself within this, or is cut.
_GRACE_S = 2
# The kind "customer" is for the staff's side: the customer's page knows its own words.
_FOR_CUSTOMERS = frozenset({"message", "holder"})


@router.get(
    "/api/chat/conversations/{conversation_id}/events", response_class=EventSourceResponse, tags=["chat"]
)
async def events(
    door: TheDoor,
    conversation_id: Annotated[ConversationId, Path()],
    after: Annotated[int, Query(ge=0, description="The last event id that is known already.")] = 0,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> EventSourceResponse:
    """Server-sent events: `message` (a person's or a later answer) and `holder` (who answers now).

    A browser that reconnects sends Last-Event-ID by itself; it counts before `after`.
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
    async for event in door.news.listen(conversation_id, after, end):
        if event.kind in _FOR_CUSTOMERS:
            data = dict(event.payload) | {"at": event.at.isoformat()}
            yield ServerSentEvent(json.dumps(data, ensure_ascii=False), event=event.kind, id=str(event.id))


@router.post("/internal/push", status_code=202, include_in_schema=False)
async def push(
    door: TheDoor, body: PushIn, address: Address, x_shopclerk_secret: Annotated[str, Header()] = ""
) -> dict[str, int]:
    """Rasa's channel puts later messages here; the page gets them as events."""
    secret = door.shop.settings.channel_secret.get_secret_value()
    if not (auth.is_loopback(address) and auth.same(x_shopclerk_secret, secret)):
        raise Refusal("not_internal")
    messages = replies.from_rasa(body.messages)
    async with door.shop.store.writing() as unit:
        for message in messages:
            await unit.conversations.tell(body.conversation_id, "message", message, door.shop.clock())
    return {"stored": len(messages)}
