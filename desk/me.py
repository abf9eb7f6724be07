"""One's own name, language and password; the colours are the browser's business (see desk.js)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from desk.pages import page
from desk.session import Anyone, SessionToken
from gateway.door import TheDoor
from support.services import staff

router = APIRouter()

Text = Annotated[str, Form(max_length=400)]


@router.get("/me")
async def show(request: Request, me: Anyone, saved: bool = False) -> Response:
    return page(request, "me.html", me, problem="", saved=saved)


@router.post("/me")
async def change(
    request: Request,
    door: TheDoor,
    me: Anyone,
    language: Annotated[Literal["zh", "en", ""], Form()] = "",
    name: Text = "",
    old: Text = "",
    new: Text = "",
    token: SessionToken = "",
) -> Response:
    now = door.shop.clock()
    try:
        await staff.change_me(door.shop.store, me, token, name, language, old, new, now)
    except staff.StaffError as error:
        return page(request, "me.html", me, 422, problem=error.code, saved=False)
    return RedirectResponse("/desk/me?saved=true", status_code=303)
