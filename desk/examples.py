"""Training examples that wait: look at them, see what an export would change, write them into `data/nlu`.

The export is a run (`models.py` shows how it goes): Rasa validates the files before any of them changes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk import acts
from desk.pages import language_of, page, part
from desk.refusals import DeskRefusal
from desk.session import Reviewer
from gateway.door import TheDoor
from support.store import TrainingExample
from support.training import Problem

router = APIRouter()


@router.get("/review/examples")
async def waiting(request: Request, door: TheDoor, me: Reviewer) -> Response:
    examples = door.training.examples
    preview, problem = None, ""
    try:
        preview = await examples.preview()
    except Problem as trouble:
        problem = trouble.words(language_of(request, me))
    listed = await examples.listed()
    return page(
        request,
        "examples.html",
        me,
        groups=_groups(listed),
        count=len(listed),
        preview=preview,
        seen=json.dumps(preview.seen) if preview else "{}",
        problem=problem,
        run=await door.training.runs.running(),
    )


def _groups(listed: list[TrainingExample]) -> list[tuple[str, str, list[TrainingExample]]]:
    """By intent and language."""
    found: dict[tuple[str, str], list[TrainingExample]] = defaultdict(list)
    for one in listed:
        found[one.intent, one.language].append(one)
    return [(intent, language, found[intent, language]) for intent, language in sorted(found)]


@router.post("/review/examples/{number}/drop")
async def drop(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    with acts.explained(request, me):
        await door.training.examples.drop(number)
    await acts.note(door, me, "drop_example", example=number)
    return acts.done(request, me, "examples.did_drop", undo=acts.Undo(dropped=(number,)))


@router.post("/review/examples/export")
async def export(
    request: Request, door: TheDoor, me: Reviewer, seen: Annotated[str, Form(max_length=100_000)] = "{}"
) -> Response:
    """Start writing them; `seen` is the state of the files that the page's preview was made from."""
    with acts.explained(request, me):
        number = await door.training.examples.export(me.login, _seen(seen))
        run = await door.training.runs.get(number)
    await acts.note(door, me, "export_examples", run=number)
    return part(request, "_run.html", "run", me, run=run)


def _seen(given: str) -> dict[str, str]:
    try:
        found = json.loads(given)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DeskRefusal("csrf")
    return {str(name): str(digest) for name, digest in found.items()}


@router.get("/review/examples/download")
async def download(door: TheDoor, me: Reviewer) -> Response:
    """All that wait, as a training file of their own."""
    return Response(
        await door.training.examples.download(),
        media_type="application/yaml",
        headers={"Content-Disposition": 'attachment; filename="examples.yml"', "Cache-Control": "no-store"},
    )
