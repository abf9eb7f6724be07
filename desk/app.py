"""Puts the desk into the gateway's application: `install(app)`, and `open_doors(door)` at its start."""

from __future__ import annotations

import logging
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from desk import (
    analytics,
    answering,
    answers,
    conversation,
    examples,
    guests,
    inbox,
    live,
    marking,
    me,
    models,
    money,
    pages,
    pictures,
    privacy,
    queue,
    replies,
    review,
    signin,
    story,
    team,
    trial,
    words,
)
from desk.refusals import DeskRefusal, SignInFirst
from desk.session import COOKIE
from gateway.door import Door
from support.services import staff

log = logging.getLogger(__name__)

# The pages, each a router below /desk.
PAGES = (
    signin,
    queue,
    conversation,
    answering,
    pictures,
    money,
    replies,
    live,
    team,
    me,
    inbox,
    examples,
    marking,
    review,
    answers,
    story,
    models,
    trial,
    guests,
    analytics,
    privacy,
)
_STATIC = Path(__file__).parent / "static"


def install(app: FastAPI) -> None:
    """Routes, static files, and how refusals look. The catch-all for unknown addresses comes last."""
    app.mount("/desk/static", _Static(directory=_STATIC), name="desk-static")
    for one in PAGES:
        app.include_router(one.router, prefix="/desk", include_in_schema=False)
    app.state.desk_watch = live.Watch()
    app.add_api_route("/desk/{rest:path}", _nothing_here, include_in_schema=False)
    app.add_exception_handler(DeskRefusal, _refused)
    app.add_exception_handler(SignInFirst, _sign_in)


async def open_doors(door: Door) -> None:
    """Make sure that somebody can sign in: the settings' admin, or a one-time link in the log.

    Whatever is wrong here, customers are answered.
    """
    try:
        await _admit_first_admin(door)
    except Exception:
        log.exception("the desk's first admin could not be made; the next start tries again")


async def _admit_first_admin(door: Door) -> None:
    settings, now = door.shop.settings, door.shop.clock()
    password = settings.admin_password.get_secret_value()
    if password:
        try:
            await staff.ensure_admin(door.shop.store, settings.admin_login, password, now)
        except staff.StaffError as error:
            why = words.of("en")(f"problem.{error.code}")
            log.error("SHOPCLERK_ADMIN_LOGIN and SHOPCLERK_ADMIN_PASSWORD cannot be used: %s", why)
        return
    token = await staff.first_admin_link(door.shop.store, now) if settings.admin_link else None
    if token:
        log.warning("The desk has no admin yet. Whoever opens this link first becomes one:")
        log.warning("%s/desk/join/%s", settings.address, token)


def _nothing_here(rest: str) -> None:
    raise DeskRefusal("not_found")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, DeskRefusal)
    person = getattr(request.state, "me", None)
    t = words.of(pages.language_of(request, person))
    text = t(f"problem.{error.code}", **error.values)
    if request.headers.get("hx-request"):
        return HTMLResponse(pages.escaped(text), error.status_code)
    return pages.page(request, "problem.html", person, error.status_code, text=text)


async def _sign_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInFirst)
    address = f"/desk/sign-in?then={error.then}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": address})
    answer = RedirectResponse(address, status_code=303)
    answer.delete_cookie(COOKIE, path="/desk")
    return answer


class _Static(StaticFiles):
    """Asked about each time, so that an update shows at once (at the cost of a 304)."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
