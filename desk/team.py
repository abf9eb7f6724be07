"""The team, for admins: who is in it, invitations, roles, and the log of what everybody did."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from desk import words
from desk.pages import language_of, page, part
from desk.refusals import DeskRefusal
from desk.session import Admin
from gateway.door import Door, TheDoor
from support.services import staff
from support.services.staff import SignedIn
from support.store import StaffMember
from support.store.staff import as_roles

router = APIRouter()

_ACTS_PER_PAGE = 60

Roles = Annotated[list[str] | None, Form()]


@router.get("/team")
async def team(request: Request, door: TheDoor, me: Admin) -> Response:
    return page(request, "team.html", me, members=await _members(door), link="", roles=staff.ROLES)


@router.post("/team/invite")
async def invite(request: Request, door: TheDoor, me: Admin, role: Roles = None) -> Response:
    """A link to hand over; it is shown once, since only its hash is kept."""
    try:
        token = await staff.invite(door.shop.store, me, as_roles(role or []), door.shop.clock())
    except staff.StaffError as error:
        raise DeskRefusal(error.code) from error
    return part(request, "team.html", "link", me, link=_address(request, token))


@router.post("/team/{login}/password")
async def new_password(request: Request, door: TheDoor, me: Admin, login: str) -> Response:
    try:
        token = await staff.offer_new_password(door.shop.store, me, login, door.shop.clock())
    except staff.StaffError as error:
        raise DeskRefusal(error.code) from error
    return part(request, "team.html", "link", me, link=_address(request, token))


@router.post("/team/{login}")
async def change(
    request: Request,
    door: TheDoor,
    me: Admin,
    login: str,
    role: Roles = None,
    active: Annotated[bool, Form()] = False,
) -> Response:
    try:
        await staff.change_roles(door.shop.store, me, login, as_roles(role or []), active, door.shop.clock())
    except staff.StaffError as error:
        raise DeskRefusal(error.code) from error
    return await _list(request, door, me)


@router.get("/log")
async def log(
    request: Request,
    door: TheDoor,
    me: Admin,
    login: Annotated[str, Query(max_length=80)] = "",
    conversation: Annotated[str, Query(max_length=80)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Every act, the newest first."""
    async with door.shop.store.reading() as unit:
        acts = await unit.staff_log.last(
            _ACTS_PER_PAGE, before=before, login=login, conversation_id=conversation
        )
    older = acts[-1][0] if len(acts) == _ACTS_PER_PAGE else None
    named = partial(words.of_code, language_of(request, me))
    asked: dict[str, Any] = {"login": login, "conversation": conversation}
    return page(request, "log.html", me, acts=acts, older=older, named=named, **asked)


async def _members(door: Door) -> list[StaffMember]:
    async with door.shop.store.reading() as unit:
        return await unit.staff.all()


async def _list(request: Request, door: Door, me: SignedIn) -> Response:
    return part(request, "team.html", "members", me, members=await _members(door), roles=staff.ROLES)


def _address(request: Request, token: str) -> str:
    return f"{request.base_url}desk/join/{token}"
