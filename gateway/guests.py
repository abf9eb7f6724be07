"""Testers from outside: the chat page behind a link that expires, and what marks their conversations.

The page at `/guest/{token}` sends its token with every message, in the header `X-Shopclerk-Guest`. That alone
makes a new conversation one of the channel `guest`; it opens nothing that other visitors have not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import FileResponse

from gateway.door import Door, TheDoor
from gateway.errors import Refusal
from support.training.guests import CHANNEL

router = APIRouter()

Token = Annotated[str, Header(include_in_schema=False, max_length=64)]

_STATIC = Path(__file__).parent / "static"
# A token in an address is not to be kept by a proxy, nor a page whose link may end.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get("/guest/{token}", include_in_schema=False)
async def page(door: TheDoor, token: str) -> FileResponse:
    """The chat page; 404 for a link that never was, 410 for one that has ended."""
    guests = door.training.guests
    link = await guests.find(token)
    if link is None or not guests.is_open(link):
        return FileResponse(_STATIC / "guest-over.html", 410 if link else 404, _HEADERS)
    await guests.opened(link)
    return FileResponse(_STATIC / "index.html", headers=_HEADERS)


async def channel(door: Door, asked: str, token: str, conversation_id: str) -> str:
    """The channel of a message that asks for one: `guest` with an open link, and never without."""
    if not token:
        if asked == CHANNEL:
            raise Refusal("guest_link_needed")
        return asked
    link = await door.training.guests.find(token)
    if link is None or not door.training.guests.is_open(link):
        raise Refusal("guest_link_over")
    await door.training.guests.spoke(link, conversation_id)
    return CHANNEL
