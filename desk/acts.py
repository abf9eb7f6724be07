"""What a reviewer's act is answered with: a toast that says what was done and, where possible, takes it back.

    with explained(request, me):                       # a service's refusal becomes the desk's
        change = await review.set_state(...)
    return done(request, me, "review.did_state", undo=Undo(changes=(change,)))

The answer holds no part of the page: it carries the event `changed`, on which the page fetches itself again
(`_review.html`, macro `follow`). So an act and its undo need no markup of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from desk import words
from desk.pages import language_of, part
from desk.refusals import DeskRefusal
from desk.words import Words
from gateway.door import Door
from support.services import projection, staff
from support.services.review import NotPossible
from support.services.staff import SignedIn
from support.training import Problem


@dataclass(frozen=True)
class Undo:
    """What takes an act back: numbers of review changes, of training examples added, and of those dropped."""

    changes: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()


def done(
    request: Request, me: SignedIn, key: str, *, undo: Undo | None = None, also: str = "", **values: Any
) -> Response:
    """`key` names the words; `also` is a sentence more, as it is."""
    said = f"{words_for(request, me)(key, **values)} {also}".strip()
    answer = part(request, "_done.html", "done", me, said=said, undo=asdict(undo) if undo else None)
    answer.headers["HX-Trigger"] = "changed"
    return answer


@contextmanager
def explained(request: Request, me: SignedIn) -> Iterator[None]:
    """What review and training refuse, in the reader's language."""
    try:
        yield
    except NotPossible as refusal:
        raise DeskRefusal(refusal.code) from refusal
    except Problem as problem:
        raise DeskRefusal("told", why=problem.words(language_of(request, me))) from problem


async def note(door: Door, me: SignedIn, action: str, conversation_id: str = "", **details: Any) -> None:
    """Write down an act of which nothing else is in our database."""
    async with door.shop.store.writing() as unit:
        await staff.note(
            unit, me.login, action, door.shop.clock(), conversation_id=conversation_id, **details
        )


async def minutes_behind(door: Door) -> int:
    """How far what review and analytics show is behind the conversations; 0 while they keep up."""
    async with door.shop.store.reading() as unit:
        late = await projection.behind(unit, door.shop.clock())
    return int(late.total_seconds() // 60) if late else 0


def words_for(request: Request, me: SignedIn) -> Words:
    return words.of(language_of(request, me))
