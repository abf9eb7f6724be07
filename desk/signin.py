"""Signing in and out, and joining by a one-time link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from desk.pages import language_of, page
from desk.refusals import DeskRefusal
from desk.session import COOKIE, Anyone, SessionToken, same_site
from gateway.door import Address, TheDoor
from support.services import staff
from support.store import StaffLink

router = APIRouter()

Text = Annotated[str, Form(max_length=400)]


@router.get("/sign-in")
async def form(request: Request, then: Annotated[str, Query(max_length=2000)] = "/desk") -> Response:
    return page(request, "signin.html", then=_inside(then), login="", problem="")


@router.post("/sign-in", dependencies=[Depends(same_site)])
async def sign_in(
    request: Request, door: TheDoor, address: Address, login: Text, password: Text, then: Text = "/desk"
) -> Response:
    try:
        token = await staff.sign_in(door.shop.store, login, password, address, door.shop.clock())
    except staff.StaffError as error:
        return page(request, "signin.html", status=401, then=_inside(then), login=login, problem=error.code)
    return await _entered(request, door, token, _inside(then))


@router.post("/sign-out")
async def sign_out(
    request: Request, door: TheDoor, me: Anyone, address: Address, token: SessionToken = ""
) -> Response:
    await staff.sign_out(door.shop.store, token, me.login, address, door.shop.clock())
    answer = RedirectResponse("/desk/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, path="/desk")
    return answer


@router.get("/join/{token}")
async def invitation(request: Request, door: TheDoor, token: str) -> Response:
    offered = await _offered(door, token)
    return page(request, "join.html", offered=offered, token=token, login="", name="", problem="")


@router.post("/join/{token}", dependencies=[Depends(same_site)])
async def join(
    request: Request, door: TheDoor, token: str, password: Text, login: Text = "", name: Text = ""
) -> Response:
    offered = await _offered(door, token)
    language = language_of(request, None)
    now = door.shop.clock()
    try:
        session = await staff.accept(door.shop.store, token, login, name, password, language, now)
    except staff.StaffError as error:
        return page(
            request,
            "join.html",
            status=422,
            offered=offered,
            token=token,
            login=login,
            name=name,
            problem=error.code,
        )
    return await _entered(request, door, session, "/desk")


async def _offered(door: TheDoor, token: str) -> StaffLink:
    try:
        return await staff.link(door.shop.store, token, door.shop.clock())
    except staff.StaffError as error:
        raise DeskRefusal(error.code) from error


async def _entered(request: Request, door: TheDoor, token: str, then: str) -> Response:
    me = await staff.session(door.shop.store, token, door.shop.clock())
    # Who asked for nothing in particular goes where he or she works.
    answer = RedirectResponse(me.home if me and then == "/desk" else then, status_code=303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(staff.SESSION_LASTS.total_seconds()),
        path="/desk",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def _inside(then: str) -> str:
    """Only pages of the desk: a link to the form must not lead people elsewhere."""
    return then if then == "/desk" or then.startswith(("/desk/", "/desk?")) else "/desk"
