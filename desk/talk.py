"""A conversation as the people who answer read it: everybody's words, notes, and who had it when, by time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gateway import history
from gateway.schemas import Entry
from gateway.texts import PICTURE_WITHOUT_WORDS
from support.picture_links import PictureLinks
from support.store import Event, Note, Transition, Unit

# So many of the customer's messages; earlier ones are one click away.
LAST_MESSAGES = 60
ALL_MESSAGES = 2_000

Kind = Literal["customer", "assistant", "person", "note", "moved"]
# Text in pieces: words, and whether they are bold.
Pieces = Sequence[tuple[str, bool]]

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)


@dataclass(frozen=True)
class Line:
    """One entry of the story. `pictures` are ids of attachments, `choices` what a message offered to tap."""

    kind: Kind
    at: datetime
    key: str
    name: str = ""
    pieces: Pieces = ()
    message_id: str = ""
    pictures: Sequence[str] = ()
    image: str = ""
    choices: Sequence[str] = ()
    sources: Sequence[str] = ()
    moved: Transition | None = None


@dataclass(frozen=True)
class Story:
    """`read_key` is the newest line of ours that the customer has seen; `earlier`: there is more before.

    `yes_choices` are the customer's messages, the newest first.
    """

    lines: Sequence[Line]
    read_key: str = ""
    earlier: bool = False
    last_event_id: int = 0
    yes_choices: Sequence[Line] = field(default=())


async def read(
    unit: Unit, conversation_id: str, notes: Sequence[Note], links: PictureLinks, *, everything: bool = False
) -> Story:
    """The newest part of it, or all."""
    limit = ALL_MESSAGES if everything else LAST_MESSAGES
    events = await unit.conversations.events(conversation_id, 0)
    entries = await history.entries(unit, conversation_id, events, links, limit)
    moves = await unit.conversations.transitions(conversation_id)
    said = [_said(number, entry) for number, entry in enumerate(entries)]
    since = said[0].at if said and _is_cut(said, limit) else None
    beside = [*_notes(notes), *_moves(moves)]
    lines = sorted(
        [*said, *(one for one in beside if since is None or one.at >= since)], key=lambda one: one.at
    )
    seen = (await unit.conversations.read_state(conversation_id)).customer
    return Story(
        lines=lines,
        read_key=_read(lines, seen),
        earlier=since is not None,
        last_event_id=_newest(events),
        yes_choices=[one for one in said if one.kind == "customer"][::-1],
    )


def _is_cut(said: Sequence[Line], limit: int) -> bool:
    return sum(one.kind == "customer" for one in said) >= limit


def _newest(events: Sequence[Event]) -> int:
    return events[-1].id if events else 0


def _read(lines: Sequence[Line], seen: datetime | None) -> str:
    ours = [one for one in lines if one.kind == "person" and seen and one.at <= seen]
    return ours[-1].key if ours else ""


def _said(number: int, entry: Entry) -> Line:
    text = entry.text or ""
    pictures = [one.id for one in entry.attachments or ()]
    if pictures and text == PICTURE_WITHOUT_WORDS:
        text = ""
    return Line(
        kind=entry.sender,
        at=entry.at,
        key=f"{entry.sender}-{int(entry.at.timestamp() * 1000)}-{number}",
        name=entry.person or "",
        pieces=list(_pieces(text)),
        message_id=entry.message_id or "",
        pictures=pictures,
        image=entry.image or "",
        choices=[one.title for one in (entry.buttons or ())] + [one.title for one in (entry.cards or ())],
        sources=[one.title for one in entry.citations or ()],
    )


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """`**bold**` as the customer's page shows it; everything else as it is."""
    for place, piece in enumerate(_BOLD.split(text)):
        if piece:
            yield piece, place % 2 == 1


def _notes(notes: Sequence[Note]) -> Iterator[Line]:
    for one in notes:
        yield Line("note", one.at, f"note-{one.id}", one.name, [(one.words, False)])


def _moves(moves: Sequence[Transition]) -> Iterator[Line]:
    for number, one in enumerate(moves):
        yield Line("moved", one.at, f"moved-{number}", one.to_name or one.by_name, moved=one)
