"""The inbox: messages that the model was unsure of or that somebody flagged, one card after another.

What is decided about a message goes to `marking.py`; the page then fetches its cards again.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from desk import acts, intents
from desk.pages import language_of, page
from desk.refusals import DeskRefusal
from desk.review import worded
from desk.session import Reviewer
from gateway.door import TheDoor
from support.review.events import FALLBACK
from support.review.filters import BadFilter
from support.services import review
from support.services.review import Step
from support.store.review import ReviewedMessage

router = APIRouter()

STATES = ("open", "confirmed", "relabelled", "deleted")
_CARDS = 20
# Turns of the conversation shown around a message.
_AROUND = 4
_WORDS = frozenset({"customer", "bot", "person"})


@router.get("/review/inbox")
async def inbox(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    state: Annotated[Literal["open", "confirmed", "relabelled", "deleted"], Query()] = "open",
    intent: Annotated[str, Query(max_length=80)] = "",
    language: Annotated[Literal["zh", "en", ""], Query()] = "",
    before: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    store = door.shop.store
    try:
        found = await review.inbox(
            store, state=state, intent=intent, language=language, before=before, limit=_CARDS
        )
    except BadFilter as bad:
        raise DeskRefusal("bad_filter") from bad
    return page(
        request,
        "inbox.html",
        me,
        found=found,
        behind=await acts.minutes_behind(door),
        state=state,
        intent=intent,
        spoken=language,
        states=STATES,
        known=await review.values(store, "intent"),
        languages=await review.values(store, "language"),
        guesses=guesses,
        fallback=FALLBACK,
        worded=partial(worded, acts.words_for(request, me)),
        about=lambda name: intents.about(name, language_of(request, me)),
    )


def guesses(message: ReviewedMessage) -> list[tuple[str, float]]:
    """What it may have meant, the likeliest first; that it was not understood is no guess."""
    ranked = [(str(one["name"]), float(one["confidence"])) for one in message.ranking]
    return [one for one in ranked if one[0] != FALLBACK][:3]


@router.get("/review/messages/{number}/context")
async def context(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    """What was said around a message."""
    async with door.shop.store.reading() as unit:
        message = await unit.review.message(number)
    found = await review.story(door.shop.store, message.conversation_id) if message else None
    if message is None or found is None:
        raise DeskRefusal("unknown_message")
    return page(request, "_context.html", me, steps=_around(found.steps, message), message=message)


def _around(steps: tuple[Step, ...], message: ReviewedMessage) -> list[Step]:
    said = [step for step in steps if step.kind in _WORDS]
    place = next((n for n, one in enumerate(said) if one.message and one.message.id == message.id), 0)
    return said[max(0, place - _AROUND) : place + _AROUND]
