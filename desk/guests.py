"""Links for testers from outside: made, seen, ended. A link is shown once, since only its hash is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk import acts
from desk.pages import page, part
from desk.session import Reviewer
from gateway.door import TheDoor
from support.training.guests import MOST_DAYS

router = APIRouter()

_DAYS = 7


@router.get("/guests")
async def guests(request: Request, door: TheDoor, me: Reviewer) -> Response:
    found = door.training.guests
    return page(
        request,
        "guests.html",
        me,
        links=await found.listed(),
        is_open=found.is_open,
        link="",
        days=_DAYS,
        most_days=MOST_DAYS,
    )


@router.post("/guests")
async def create(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    name: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[int, Form()] = _DAYS,
) -> Response:
    with acts.explained(request, me):
        token = await door.training.guests.create(name, me.login, days)
    await acts.note(door, me, "make_guest_link", name=name.strip(), days=days)
    answer = part(request, "guests.html", "link", me, link=f"{request.base_url}guest/{token}")
    answer.headers["HX-Trigger"] = "changed"
    return answer


@router.post("/guests/{number}/revoke")
async def revoke(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    with acts.explained(request, me):
        await door.training.guests.revoke(number)
    await acts.note(door, me, "end_guest_link", link=number)
    return acts.done(request, me, "guests.did_revoke")
