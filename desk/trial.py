"""Talk to your bot, with its tracker beside the words.

The page sends messages through the customers' own door (`POST /api/chat/messages`, channel `test`) and then
asks for itself again: what it shows is what Rasa remembers. Only conversations that were begun here are
shown, so that nobody speaks in a customer's name.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from desk import acts, intents
from desk.pages import language_of, page
from desk.refusals import DeskRefusal
from desk.review import worded
from desk.session import Reviewer
from desk.story import turns
from gateway.door import TheDoor
from gateway.rasa import RasaUnavailable
from support.model import RawEvent
from support.review.events import FALLBACK, StoryEvent, kept, worth_telling
from support.services.review import Step
from support.services.review.story import KINDS

router = APIRouter()

_BEGINS = "test-"


@dataclass
class Tracker:
    """What Rasa holds after the last event."""

    slots: dict[str, Any] = field(default_factory=dict)
    form: str = ""
    paused: bool = False


@router.get("/talk")
async def begin(me: Reviewer) -> Response:
    """A fresh conversation."""
    return RedirectResponse(f"/desk/talk/{_BEGINS}{uuid.uuid4().hex}", status_code=303)


@router.get("/talk/{conversation_id}")
async def talk(request: Request, door: TheDoor, me: Reviewer, conversation_id: str) -> Response:
    if not conversation_id.startswith(_BEGINS):
        raise DeskRefusal("not_found")
    try:
        told, away = _told(conversation_id, await door.rasa.events(conversation_id)), False
    except RasaUnavailable:
        told, away = [], True
    async with door.shop.store.reading() as unit:
        holder = await unit.conversations.holder(conversation_id)
    return page(
        request,
        "trial.html",
        me,
        conversation_id=conversation_id,
        away=away,
        turns=turns(map(_step, told)),
        tracker=tracker(told),
        holder=holder,
        fallback=FALLBACK,
        worded=partial(worded, acts.words_for(request, me)),
        about=lambda name: intents.about(name, language_of(request, me)),
    )


def _told(conversation_id: str, events: Sequence[dict[str, Any]]) -> list[StoryEvent]:
    raw = (
        RawEvent(conversation_id, str(n), datetime.fromtimestamp(one["timestamp"], UTC), one["event"], one)
        for n, one in enumerate(events)
    )
    return worth_telling(filter(None, map(kept, raw)))


def _step(event: StoryEvent) -> Step:
    kind = KINDS.get(event.type, "other")
    return Step(event.at, kind, event.name if kind != "other" else event.type, event.data)


def tracker(events: Iterable[StoryEvent]) -> Tracker:
    """Slots that are set, the form that is open, and whether a person has the word."""
    found = Tracker()
    for event in events:
        if event.type == "slot":
            found.slots[event.name] = event.data.get("value")
        elif event.type in ("reset_slots", "restart"):
            found.slots.clear()
        elif event.type == "active_loop":
            found.form = event.name
        elif event.type in ("pause", "resume"):
            found.paused = event.type == "pause"
    found.slots = {name: value for name, value in sorted(found.slots.items()) if value is not None}
    return found
