"""Conversation review: the list with its filters, each of them in the address, and the saved ones.

One conversation's page is `story.py`; what is done to a message is `marking.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from desk import acts
from desk.pages import page, part
from desk.refusals import DeskRefusal
from desk.session import Reviewer
from desk.words import all_words
from gateway.door import Door, TheDoor
from support.model import HandoffReason, Holder
from support.review import tokens
from support.review.filters import BadFilter, Filters
from support.review.filters import Problem as FilterProblem
from support.review.summary import Outcome
from support.services import review
from support.services.review import Page

router = APIRouter()

STATES = ("unreviewed", "reviewed", "saved")
# What the list offers to choose from: what has occurred, and what there can be.
_OCCURRED = ("channel", "language", "intent", "action", "slot", "label")
_FIXED = {
    "state": STATES,
    "outcome": tuple(one.value for one in Outcome),
    "holder": tuple(one.value for one in Holder),
    "reason": tuple(one.value for one in HandoffReason),
}
# Values of these have words of their own.
_WORDED = frozenset({*_FIXED, "channel", "language", "flagged", "test"})
# How an outcome looks.
TONES = {
    "open": "person",
    "handed_over": "person",
    "answered": "accent",
    "refund": "gold",
    "cancelled": "gold",
    "refused": "warn",
    "unanswered": "warn",
    "unfinished": "warn",
}
# Filters that stand in the open; the others are behind "more filters".
COMMON = ("text", "regex", "since", "until", "state", "outcome", "label")
_MOST_AT_ONCE = 100


@router.get("/review")
async def conversations(
    request: Request, door: TheDoor, me: Reviewer, before: Annotated[str | None, Query(max_length=80)] = None
) -> Response:
    """The list; for htmx the rows that follow `before`."""
    asked = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    filters, found, problems = await _found(door, asked, before)
    query = filters.as_query(door.shop.policy.zone)
    shown = {
        "found": found,
        "begun": await _begun(door, found),
        "query": query,
        "marked": marker(filters),
        "worded": partial(worded, acts.words_for(request, me)),
        "tones": TONES,
    }
    if before and "hx-request" in request.headers:
        return part(request, "review.html", "rows", me, **shown)
    return page(
        request,
        "review.html",
        me,
        422 if problems else 200,
        asked=asked,
        problems=problems,
        chips=_chips(request, me, query),
        choices=await _choices(door),
        fixed=_FIXED,
        more_is_used=bool(set(query) - set(COMMON)),
        saved=await review.saved_filters(door.shop.store, me.login),
        behind=await acts.minutes_behind(door),
        **shown,
    )


async def _found(
    door: Door, asked: Mapping[str, str], before: str | None
) -> tuple[Filters, Page | None, list[FilterProblem]]:
    """The filters with their page, or why there is none."""
    filters = Filters()
    try:
        filters = Filters.parse(asked, door.shop.policy.zone)
        return filters, await review.list_conversations(door.shop.store, filters, before=before), []
    except BadFilter as bad:
        return filters, None, bad.problems


async def _begun(door: Door, found: Page | None) -> dict[str, tuple[str, list[str]]]:
    """How each conversation of a page begins: the customer's first words, and the intents in their order."""
    ids = [row.conversation.conversation_id for row in found.rows] if found else []
    async with door.shop.store.reading() as unit:
        said = await unit.review.said_in(ids)
    return {
        one: (messages[0][0], list(dict.fromkeys(intent for _, intent in messages if intent)))
        for one in ids
        if (messages := said.get(one) or [("", "")])
    }


async def _choices(door: Door) -> dict[str, list[str]]:
    return {kind: await review.values(door.shop.store, kind) for kind in _OCCURRED}


def _chips(request: Request, me: Any, query: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each active filter: its name, its value in words, and the list without it."""
    t = acts.words_for(request, me)
    return [
        (t(f"review.f_{name}"), worded(t, name, value), _address({**query, name: ""}))
        for name, value in query.items()
    ]


def worded(t: Any, name: str, value: str) -> str:
    """A value in words, where it has some."""
    key = f"review.{name}_{value}"
    return t(key) if name in _WORDED and key in all_words() else value


def _address(query: Mapping[str, str]) -> str:
    filled = {name: value for name, value in query.items() if value}
    return f"/desk/review?{urlencode(filled)}" if filled else "/desk/review"


def marker(filters: Filters) -> Any:
    """A function that marks the words that were searched for in a text."""
    said = [word for word in filters.text.split() if word]
    said += [token for token, _ in tokens.searched(filters.text)]
    longest_first = sorted(set(said), key=len, reverse=True)
    wanted = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)

    def marked(text: str) -> Markup:
        parts, end = [], 0
        for found in wanted.finditer(text):
            parts += [escape(text[end : found.start()]), Markup("<mark>{}</mark>").format(found[0])]
            end = found.end()
        return Markup("").join([*parts, escape(text[end:])])

    return marked


# --- several at once ---------------------------------------------------------------------------------------


@router.post("/review/state")
async def several(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    state: Annotated[str, Form(max_length=20)],
    chosen: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Give the chosen conversations a state."""
    if not chosen or state not in STATES:
        raise DeskRefusal("nothing_chosen")
    now, store = door.shop.clock(), door.shop.store
    changes = []
    with acts.explained(request, me):
        for one in dict.fromkeys(chosen[:_MOST_AT_ONCE]):
            changes.append(await review.set_state(store, one, state, me.login, now))
            await acts.note(door, me, "review_state", one, state=state)
    t = acts.words_for(request, me)
    undo = acts.Undo(changes=tuple(changes))
    said = worded(t, "state", state)
    return acts.done(request, me, "review.did_state", undo=undo, n=len(changes), state=said)


# --- saved filters -----------------------------------------------------------------------------------------


@router.post("/review/filters")
async def save_filter(
    request: Request, door: TheDoor, me: Reviewer, name: Annotated[str, Form(max_length=200)]
) -> Response:
    """Keep the filters of the page that this comes from; the same name again replaces them."""
    try:
        filters = Filters.parse(request.query_params, door.shop.policy.zone)
    except BadFilter as bad:
        raise DeskRefusal("bad_filter") from bad
    query = filters.as_query(door.shop.policy.zone)
    if not query:
        raise DeskRefusal("filter_empty")
    with acts.explained(request, me):
        await review.save_filter(door.shop.store, me.login, name, query, door.shop.clock())
    await acts.note(door, me, "save_filter", name=name.strip())
    return acts.done(request, me, "review.did_save", name=name.strip())


@router.post("/review/filters/{number}/delete")
async def delete_filter(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    with acts.explained(request, me):
        await review.delete_filter(door.shop.store, me.login, number)
    await acts.note(door, me, "delete_filter", number=number)
    return acts.done(request, me, "review.did_forget")
