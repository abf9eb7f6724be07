"""The story of one conversation: the words, and beside them what was understood, done and decided.

What can be done to all of it is here: its state, its labels, a test made from it. What is said of
messages: `marking.py`, of answers: `answers.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from desk import acts, intents
from desk.pages import language_of, page
from desk.refusals import DeskRefusal
from desk.review import STATES, TONES, worded
from desk.session import Reviewer
from gateway.door import Door, TheDoor
from gateway.rasa import RasaUnavailable
from support.prompts import NO_ANSWER
from support.review.events import FALLBACK
from support.review.filters import BadFilter, Filters
from support.services import review
from support.services.review import Step, Story
from support.services.staff import SignedIn
from support.store.review import Listed, Place
from support.training.conversations import Recorded

router = APIRouter()

# What stands beside the words; everything else is told among them.
_BESIDE = frozenset({"action", "slot", "form", "model_call", "other"})
_WORDS = frozenset({"customer", "bot", "person"})
# How far back the next newer one of a filtered list is looked for.
_NEWER = 500

Label = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True)
class Turn:
    """A customer's message with all that followed; the first one may have none."""

    customer: Step | None = None
    words: list[Step] = field(default_factory=list)
    beside: list[Step] = field(default_factory=list)


@router.get("/review/{conversation_id}")
async def show(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    conversation_id: str,
    view: Annotated[Literal["all", "words"], Query()] = "all",
) -> Response:
    found = await _story(door, conversation_id)
    steps = [one for one in found.steps if view == "all" or one.kind in _WORDS]
    return page(
        request,
        "story.html",
        me,
        story=found,
        conversation_id=conversation_id,
        one=found.conversation,
        turns=turns(steps),
        view=view,
        states=STATES,
        tones=TONES,
        marks=await review.judged(door.shop.store, conversation_id),
        no_answer=NO_ANSWER,
        query={name: value for name, value in request.query_params.items() if name != "view"},
        labels=await review.values(door.shop.store, "label"),
        worded=partial(worded, acts.words_for(request, me)),
        about=lambda name: intents.about(name, language_of(request, me)),
        fallback=FALLBACK,
    )


def turns(steps: Iterable[Step]) -> list[Turn]:
    """The steps by customer's message, in order."""
    found = [Turn()]
    for step in steps:
        if step.kind == "customer":
            found.append(Turn(step))
        else:
            (found[-1].beside if step.kind in _BESIDE else found[-1].words).append(step)
    return [one for one in found if one.customer or one.words]


@router.get("/review/{conversation_id}/newer")
async def newer(request: Request, door: TheDoor, me: Reviewer, conversation_id: str) -> Response:
    """On to the conversation above this one in the list that it was opened from; at its end to the list."""
    one, filters = await _listed(door, conversation_id), _filters(request, door)
    # The list only runs towards older ones, so the newer ones are listed from the top.
    since = max(filters.since, one.last_at) if filters.since else one.last_at
    found = await review.list_conversations(door.shop.store, replace(filters, since=since), limit=_NEWER)
    listed = [row.conversation for row in found.rows]
    above = [other for other in listed if (other.last_at, other.id) > (one.last_at, one.id)]
    return _on_to(request, above[-1] if above else None)


@router.get("/review/{conversation_id}/older")
async def older(request: Request, door: TheDoor, me: Reviewer, conversation_id: str) -> Response:
    """On to the one below."""
    one, filters = await _listed(door, conversation_id), _filters(request, door)
    place = str(Place(one.last_at, one.id))
    found = await review.list_conversations(door.shop.store, filters, before=place, limit=1)
    return _on_to(request, found.rows[0].conversation if found.rows else None)


def _filters(request: Request, door: Door) -> Filters:
    try:
        return Filters.parse(request.query_params, door.shop.policy.zone)
    except BadFilter as bad:
        raise DeskRefusal("bad_filter") from bad


def _on_to(request: Request, other: Listed | None) -> Response:
    place = f"/{quote(other.conversation_id, safe='')}" if other else ""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/desk/review{place}{query}", status_code=303)


# --- state and labels --------------------------------------------------------------------------------------


@router.post("/review/{conversation_id}/state")
async def set_state(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    conversation_id: str,
    state: Annotated[str, Form(max_length=20)],
) -> Response:
    with acts.explained(request, me):
        change = await review.set_state(door.shop.store, conversation_id, state, me.login, door.shop.clock())
    await acts.note(door, me, "review_state", conversation_id, state=state)
    said = worded(acts.words_for(request, me), "state", state)
    return acts.done(request, me, "story.did_state", undo=acts.Undo(changes=(change,)), state=said)


@router.post("/review/{conversation_id}/labels")
async def add_label(
    request: Request, door: TheDoor, me: Reviewer, conversation_id: str, label: Label
) -> Response:
    with acts.explained(request, me):
        change = await review.label(door.shop.store, conversation_id, label, me.login, door.shop.clock())
    await acts.note(door, me, "add_label", conversation_id, label=label)
    return acts.done(request, me, "story.did_label", undo=acts.Undo(changes=(change,)), label=label)


@router.post("/review/{conversation_id}/labels/remove")
async def remove_label(
    request: Request, door: TheDoor, me: Reviewer, conversation_id: str, label: Label
) -> Response:
    with acts.explained(request, me):
        change = await review.unlabel(door.shop.store, conversation_id, label, me.login, door.shop.clock())
    await acts.note(door, me, "remove_label", conversation_id, label=label)
    return acts.done(request, me, "story.did_unlabel", undo=acts.Undo(changes=(change,)), label=label)


# --- a test of the dialogue --------------------------------------------------------------------------------


@router.post("/review/{conversation_id}/test")
async def make_test(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    conversation_id: str,
    name: Annotated[str, Form(max_length=200)],
) -> Response:
    """Keep it as a test conversation in the project's own files."""
    recorded = await _recorded(request, door, me, conversation_id, name)
    with acts.explained(request, me):
        place = await door.training.conversations.save(recorded)
    await acts.note(door, me, "make_test", conversation_id, place=place)
    return acts.done(request, me, "story.did_test", place=place)


@router.get("/review/{conversation_id}/test/download")
async def download_test(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    conversation_id: str,
    name: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The same as a file, for where the project's files cannot be written."""
    recorded = await _recorded(request, door, me, conversation_id, name)
    return Response(
        recorded.yaml,
        media_type="application/yaml",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(recorded.file)}"},
    )


async def _recorded(request: Request, door: Door, me: SignedIn, conversation_id: str, name: str) -> Recorded:
    found = await _story(door, conversation_id)
    meant = {
        step.message.message_id: step.message.corrected_intent
        for step in found.steps
        if step.message and step.message.corrected_intent
    }
    try:
        events = await door.rasa.events(conversation_id)
    except RasaUnavailable as error:
        raise DeskRefusal("rasa_away") from error
    with acts.explained(request, me):
        return await door.training.conversations.prepare(conversation_id, events, name, intents=meant)


async def _story(door: Door, conversation_id: str) -> Story:
    found = await review.story(door.shop.store, conversation_id)
    if found is None:
        raise DeskRefusal("not_found")
    return found


async def _listed(door: Door, conversation_id: str) -> Listed:
    async with door.shop.store.reading() as unit:
        found = await unit.review.conversation(conversation_id)
    if found is None:
        raise DeskRefusal("not_found")
    return found
