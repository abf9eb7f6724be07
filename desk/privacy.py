"""Customer data, for admins: what is held about somebody, handing it out, erasing it, how long it is kept.

Numbers of customers and conversations travel in bodies, never in addresses. Everything that counts is in
`support.privacy`.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from desk.pages import page, part
from desk.refusals import DeskRefusal
from desk.session import Admin
from gateway.door import Door, TheDoor
from support.privacy import erasure, export, inventory, places_of, retention
from support.privacy.erasure import REASONS, CannotErase, Reason, Subject
from support.services.staff import SignedIn

router = APIRouter(prefix="/privacy")

_ERASURES_SHOWN = 20
Kind = Annotated[Literal["customer", "conversation"], Form()]
Id = Annotated[str, Form(max_length=200)]


@router.get("")
async def privacy(request: Request, door: TheDoor, me: Admin) -> Response:
    return page(request, "privacy.html", me, **await _shown(door), **_NOBODY)


@router.post("/look")
async def look(request: Request, door: TheDoor, me: Admin, kind: Kind = "customer", id: Id = "") -> Response:
    """What is held about somebody, by kind."""
    return await _found(request, door, me, Subject(kind, id.strip()))


@router.post("/export")
async def hand_out(door: TheDoor, me: Admin, id: Id = "") -> Response:
    """Everything about a customer, as a file that is made now and kept nowhere."""
    settings, policy = door.shop.settings, door.shop.policy
    with tempfile.NamedTemporaryFile(suffix=".zip", delete=False) as file:
        path = Path(file.name)
    try:
        with _explained():
            await export.export(
                places_of(door.shop),
                id.strip(),
                path,
                me.login,
                door.shop.clock(),
                shop_names={"zh": settings.shop_name, "en": settings.shop_name_en},
                zone=policy.zone,
            )
    except BaseException:
        path.unlink()
        raise
    gone = BackgroundTask(path.unlink)
    return FileResponse(path, filename="customer.zip", headers={"Cache-Control": "no-store"}, background=gone)


@router.post("/erase")
async def erase(
    request: Request,
    door: TheDoor,
    me: Admin,
    kind: Kind = "customer",
    id: Id = "",
    typed: Id = "",
    reason: Annotated[Reason, Form()] = "asked",
) -> Response:
    """Erase; the number has to be typed once more."""
    if typed.strip() != id.strip():
        raise DeskRefusal("erase_unconfirmed")
    subject = Subject(kind, id.strip())
    with _explained():
        done = await erasure.erase(places_of(door.shop), subject, me.login, reason, door.shop.clock())
    answer = part(request, "privacy.html", "found", me, **_NOBODY | {"done": done, "reasons": REASONS})
    answer.headers["HX-Trigger"] = "changed"
    return answer


@router.get("/erasures")
async def erasures(request: Request, door: TheDoor, me: Admin) -> Response:
    """The list alone, after an erasure."""
    return part(request, "privacy.html", "erasures", me, **await _shown(door))


_NOBODY: dict[str, Any] = {"subject": None, "counts": {}, "done": None}


async def _found(request: Request, door: Door, me: SignedIn, subject: Subject) -> Response:
    with _explained():
        _, by_table = await erasure.held(door.shop.store, subject)
    counts: Counter[str] = Counter()
    for table, count in by_table.items():
        if holding := inventory.of(table):
            counts[holding.kind] += count
    found = _NOBODY | {"subject": subject, "counts": counts, "reasons": REASONS}
    return part(request, "privacy.html", "found", me, **found)


async def _shown(door: Door) -> dict[str, Any]:
    async with door.shop.store.reading() as unit:
        last = await unit.erasures.last(_ERASURES_SHOWN)
        job = await unit.jobs.last(retention.JOB)
    return {
        "erasures": last,
        "kept": retention.periods(door.shop.settings),
        "setting_of": retention.setting_of,
        "job": job,
        "reasons": REASONS,
    }


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except CannotErase as error:
        raise DeskRefusal(f"erase_{error.code}", **error.values) from error
