"""Who is at the desk: a route says what it needs by its parameter's type.

    async def queue(me: Agent) -> ...      # signed in, with the role `agent`
    async def team(me: Admin) -> ...

A session is a random token in a cookie that scripts cannot read. Everything that changes something also needs
the session's CSRF token, as the header `X-CSRF-Token` (htmx sends it) or the form field `csrf`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Cookie, Depends, Header, Request

from desk.refusals import DeskRefusal, SignInFirst
from gateway.door import TheDoor
from support.services import staff
from support.services.staff import Role, SignedIn

COOKIE = "shopclerk_desk"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SessionToken = Annotated[str, Cookie(alias=COOKIE)]


async def signed_in(request: Request, door: TheDoor, token: SessionToken = "") -> SignedIn:
    """The session's owner; `SignInFirst` without one, a refusal when a change lacks its CSRF token."""
    me = await staff.session(door.shop.store, token, door.shop.clock()) if token else None
    if me is None:
        raise SignInFirst(_return_to(request))
    request.state.me = me
    if request.method not in _SAFE:
        await _check_csrf(request, me)
    return me


async def _check_csrf(request: Request, me: SignedIn) -> None:
    given = request.headers.get("x-csrf-token", "")
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        given = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest(given.encode(), me.csrf.encode()):
        raise DeskRefusal("csrf")


def _return_to(request: Request) -> str:
    """Where to go after signing in: the page itself, never a part of one or an action."""
    page = request.headers.get("hx-current-url") or str(request.url)
    address = urlsplit(page)
    if request.method not in _SAFE and "hx-current-url" not in request.headers:
        return "/desk"
    return quote(address.path + (f"?{address.query}" if address.query else ""), safe="/")


def _needs(role: Role) -> Callable[[SignedIn], SignedIn]:
    def check(me: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
        if not me.may(role):
            raise DeskRefusal("role")
        return me

    return check


Anyone = Annotated[SignedIn, Depends(signed_in)]
Agent = Annotated[SignedIn, Depends(_needs("agent"))]
Reviewer = Annotated[SignedIn, Depends(_needs("reviewer"))]
Admin = Annotated[SignedIn, Depends(_needs("admin"))]


def same_site(request: Request, sec_fetch_site: Annotated[str, Header()] = "") -> None:
    """For forms before a session exists: refused when another site sends them."""
    if sec_fetch_site not in ("", "same-origin", "none"):
        raise DeskRefusal("csrf")
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise DeskRefusal("csrf")
