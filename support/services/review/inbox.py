"""The inbox: messages that the model was unsure of or that somebody flagged, and what is decided about each.

A message waits (`open`) until somebody confirms its intent, names the right one, or deletes it from the
inbox. What becomes a training example is made of confirmed and relabelled ones, by others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support.review.filters import BadFilter, Problem
from support.review.summary import UNSURE_BELOW
from support.services.review.marks import NotPossible, changed, known
from support.store import Store, Unit
from support.store.review import Change, Place, ReviewedMessage
from support.store.review.listing import COUNTED

_WHY_CHARACTERS = 500
_INTENT = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True)
class InboxPage:
    """Messages, newest first. `total` is known on the first page; `next` continues after this one."""

    messages: tuple[ReviewedMessage, ...]
    next: str | None
    total: int | None
    total_is_more: bool


async def inbox(
    store: Store,
    *,
    state: str = "open",
    intent: str = "",
    language: str = "",
    before: str | None = None,
    limit: int = 50,
) -> InboxPage:
    """A page of messages in this state (open, confirmed, relabelled, deleted)."""
    place = _place(before)
    async with store.reading() as unit:
        found = await unit.review.inbox(state, intent, language, place, limit + 1)
        count = None if place else await unit.review.inbox_count(state, intent, language)
    shown = found[:limit]
    following = str(Place(shown[-1].at, shown[-1].id)) if len(found) > limit else None
    more = count is not None and count > COUNTED
    return InboxPage(tuple(shown), following, COUNTED if more else count, more)


async def confirm(store: Store, message_id: int, staff: str, now: datetime) -> int:
    """The model was right; the change's number."""
    return await _decide(store, message_id, "confirmed", None, staff, now)


async def relabel(store: Store, message_id: int, intent: str, staff: str, now: datetime) -> int:
    """The customer meant this intent; the change's number."""
    if not _INTENT.fullmatch(intent):
        raise NotPossible("bad_intent")
    return await _decide(store, message_id, "relabelled", intent, staff, now)


async def delete(store: Store, message_id: int, staff: str, now: datetime) -> int:
    """Nothing is to be learned from it; the change's number."""
    return await _decide(store, message_id, "deleted", None, staff, now)


async def flag(store: Store, message_id: int, why: str, staff: str, now: datetime) -> int:
    """Ask for somebody to look at a message: it waits in the inbox, decided already or not."""
    async with store.writing() as unit:
        message = await _known_message(unit, message_id)
        after = {"flagged_by": staff, "flagged_why": why.strip()[:_WHY_CHARACTERS], "state": "open"}
        return await _change(unit, message, after, staff, now)


async def unflag(store: Store, message_id: int, staff: str, now: datetime) -> int:
    """Take the flag away; what the model was sure of leaves the inbox with it."""
    async with store.writing() as unit:
        message = await _known_message(unit, message_id)
        state = message.state
        if state == "open" and message.confidence is not None and message.confidence >= UNSURE_BELOW:
            state = "sure"
        after = {"flagged_by": None, "flagged_why": None, "state": state}
        return await _change(unit, message, after, staff, now)


async def _decide(
    store: Store, message_id: int, state: str, intent: str | None, staff: str, now: datetime
) -> int:
    async with store.writing() as unit:
        message = await _known_message(unit, message_id)
        after = {"state": state, "corrected_intent": intent, "handled_by": staff}
        return await _change(unit, message, after, staff, now)


async def _known_message(unit: Unit, message_id: int) -> ReviewedMessage:
    message = await unit.review.message(message_id)
    if message is None:
        raise NotPossible("unknown_message")
    await known(unit, message.conversation_id)
    return message


async def _change(
    unit: Unit, message: ReviewedMessage, after: Mapping[str, Any], staff: str, now: datetime
) -> int:
    before = {name: getattr(message, name) for name in after}
    await unit.review.change_message(message.id, after, now)
    return await changed(
        unit, Change(message.conversation_id, message.id, "message", before, after, staff, now)
    )


def _place(before: str | None) -> tuple[datetime, int] | None:
    if not before:
        return None
    try:
        place = Place.parse(before)
    except ValueError:
        zh, en = "这个页码已失效，请回到第一页。", "This page address is broken. Go back to the first page."
        raise BadFilter([Problem("before", zh, en)]) from None
    return place.last_at, place.id
