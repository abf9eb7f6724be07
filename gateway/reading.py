"""How far each side has read: the customer's page tells us, the desk tells the customer's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from gateway.door import Address, Door, TheDoor
from gateway.errors import Refusal
from gateway.schemas import ConversationId, ReadIn
from support.store import Unit

router = APIRouter(prefix="/api/chat", tags=["chat"])


@router.post("/conversations/{conversation_id}/read", status_code=204)
async def customer_has_read(
    door: TheDoor, address: Address, conversation_id: Annotated[ConversationId, Path()], body: ReadIn
) -> None:
    """Note that the customer has seen everything up to an event."""
    await door.limits.check("read", conversation_id, address)
    async with door.shop.store.writing() as unit:
        event = await unit.conversations.event(conversation_id, body.up_to)
        if event is None:
            raise Refusal("unknown_event")
        news = await unit.conversations.mark_read(conversation_id, "customer", event.at)
    if news:
        door.streams.read(conversation_id, "customer", None, event.at)


async def staff_has_read(door: Door, conversation_id: str) -> None:
    """Note that a person has seen everything so far, and show it on the customer's page."""
    now = door.shop.clock()
    async with door.shop.store.writing() as unit:
        news = await unit.conversations.mark_read(conversation_id, "staff", now)
        message_id = await read_by_staff(unit, conversation_id)
    if news:
        door.streams.read(conversation_id, "staff", message_id, now)


async def read_by_staff(unit: Unit, conversation_id: str) -> str | None:
    """The id of the newest of the customer's messages that a person has seen."""
    seen = (await unit.conversations.read_state(conversation_id)).staff
    message = await unit.conversations.last_message(conversation_id, seen) if seen else None
    return message.message_id if message else None
