"""Canned replies: the words that are said often, in both languages, with variables."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk.conversation import refusal
from desk.pages import page, part
from desk.session import Agent
from gateway.door import Door, TheDoor
from support.services import desk as services
from support.services.desk import DeskError
from support.services.staff import SignedIn

router = APIRouter(prefix="/replies")

Text = Annotated[str, Form()]
# Values that show what a variable becomes.
_EXAMPLE = {
    "zh": {"name": "王女士", "order_id": "2024051700321"},
    "en": {"name": "Ms Wang", "order_id": "2024051700321"},
}


@router.get("")
async def show(request: Request, door: TheDoor, me: Agent) -> Response:
    return page(request, "replies.html", me, **await _values(door, me))


@router.post("")
async def save(
    request: Request,
    door: TheDoor,
    me: Agent,
    shortcut: Text = "",
    language: Text = "",
    words: Text = "",
    id: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """Add a reply, or change the one with this id."""
    try:
        await services.save_reply(door.shop.store, me.login, id, shortcut, language, words, door.shop.clock())
    except DeskError as error:
        raise refusal(error) from error
    return part(request, "replies.html", "list", me, **await _values(door, me))


@router.post("/{reply_id}/remove")
async def remove(request: Request, door: TheDoor, me: Agent, reply_id: int) -> Response:
    await services.remove_reply(door.shop.store, me.login, reply_id, door.shop.clock())
    return part(request, "replies.html", "list", me, **await _values(door, me))


@router.post("/preview")
async def preview(
    request: Request, door: TheDoor, me: Agent, language: Text = "zh", words: Text = ""
) -> Response:
    """What a customer would read."""
    filled = services.fill(words, _example(door, me, "en" if language == "en" else "zh"))
    return part(request, "replies.html", "preview", me, preview=filled.text)


def _example(door: Door, me: SignedIn, language: str) -> dict[str, str]:
    shop = door.shop.settings
    name = shop.shop_name_en if language == "en" else shop.shop_name
    return _EXAMPLE[language] | {"agent": me.name, "shop": name}


async def _values(door: Door, me: SignedIn) -> dict[str, Any]:
    found = await services.canned_replies(door.shop.store, door.shop.clock())
    filled = [(one, services.fill(one.words, _example(door, me, one.language)).text) for one in found]
    return {
        "replies": filled,
        "languages": services.LANGUAGES,
        "variables": services.VARIABLES,
        "limit": services.REPLY_CHARACTERS,
        "preview": "",
    }
