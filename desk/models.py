"""The dialogue's models: train, compare, bring into use, go back; in the background, one run at a time.

A page asks once a second how the run goes (`_run.html`) and shows its last lines; when it is over, the page's
other parts follow.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk import acts
from desk.pages import page, part
from desk.refusals import DeskRefusal
from desk.session import Reviewer
from gateway.door import Door, TheDoor
from support.services.staff import SignedIn

router = APIRouter()

Model = Annotated[str, Form(max_length=80)]
_RECENT = 8


@router.get("/models")
async def models(request: Request, door: TheDoor, me: Reviewer) -> Response:
    runs = door.training.runs
    compared = [run for run in await runs.recent(kind="compare") if run.state == "done"]
    return page(
        request,
        "models.html",
        me,
        models=await door.training.models.listed(),
        run=await runs.running(),
        recent=[run for run in await runs.recent(_RECENT) if run.state != "running"],
        reports={run.model: run.id for run in reversed(compared)},
    )


@router.get("/models/runs/{number}")
async def run(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    """How a run goes. Once it is over, what it changed is fetched again."""
    with acts.explained(request, me):
        found = await door.training.runs.get(number)
    answer = part(request, "_run.html", "run", me, run=found)
    if found.state != "running":
        answer.headers["HX-Trigger"] = "changed"
    return answer


@router.get("/models/runs/{number}/report")
async def report(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    """Two models side by side."""
    with acts.explained(request, me):
        found = await door.training.runs.get(number)
    if found.kind != "compare" or found.state != "done" or not found.result:
        raise DeskRefusal("not_found")
    return page(request, "report.html", me, run=found, report=found.result)


@router.post("/models/train")
async def train(request: Request, door: TheDoor, me: Reviewer) -> Response:
    with acts.explained(request, me):
        return await _started(request, door, me, await door.training.models.train(me.login))


@router.post("/models/compare")
async def compare(request: Request, door: TheDoor, me: Reviewer, before: Model, after: Model) -> Response:
    with acts.explained(request, me):
        return await _started(request, door, me, await door.training.models.compare(before, after, me.login))


@router.post("/models/activate")
async def activate(request: Request, door: TheDoor, me: Reviewer, model: Model) -> Response:
    with acts.explained(request, me):
        return await _started(request, door, me, await door.training.models.activate(model, me.login))


@router.post("/models/back")
async def go_back(request: Request, door: TheDoor, me: Reviewer) -> Response:
    with acts.explained(request, me):
        return await _started(request, door, me, await door.training.models.go_back(me.login))


@router.post("/models/runs/{number}/cancel")
async def cancel(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    with acts.explained(request, me):
        await door.training.runs.cancel(number)
    await acts.note(door, me, "cancel_run", run=number)
    return await run(request, door, me, number)


async def _started(request: Request, door: Door, me: SignedIn, number: int) -> Response:
    found = await door.training.runs.get(number)
    await acts.note(door, me, f"run_{found.kind}", run=number, model=found.model)
    return part(request, "_run.html", "run", me, run=found)
