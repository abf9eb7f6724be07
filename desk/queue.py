"""The desk's first page: who waits, what is mine, what colleagues have.

The list is beside an open conversation too (`conversation.py`): the same part, which refreshes itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from desk.pages import page, part
from desk.session import Agent
from gateway.door import Door, TheDoor
from support.services.staff import SignedIn
from support.store import QueueLine

router = APIRouter()

Tab = Literal["waiting", "mine", "all"]
TABS: tuple[Tab, ...] = get_args(Tab)


@dataclass(frozen=True)
class Queue:
    """All open lines, and those of the chosen tab."""

    tab: Tab
    every: Sequence[QueueLine]
    login: str
    refunds: int

    def of(self, tab: Tab) -> list[QueueLine]:
        if tab == "waiting":
            return [one for one in self.every if one.status == "waiting"]
        if tab == "mine":
            # Who waits for me comes first, the longest wait at the top.
            mine = [one for one in self.every if one.taken_by == self.login]
            return sorted(mine, key=lambda one: (not one.customer_waits, one.said_at or one.opened_at))
        return list(self.every)

    @property
    def lines(self) -> list[QueueLine]:
        return self.of(self.tab)

    @property
    def news(self) -> dict[str, str]:
        return news(self.every, self.login)


async def read(door: Door, me: SignedIn, tab: Tab | None) -> Queue:
    """Without a chosen tab: mine when I have some, else who waits."""
    async with door.shop.store.reading() as unit:
        every = await unit.queue.lines()
        refunds = len(await unit.refunds.in_review())
    has_mine = any(one.taken_by == me.login for one in every)
    return Queue(tab or ("mine" if has_mine else "waiting"), every, me.login, refunds)


def news(lines: Sequence[QueueLine], login: str) -> dict[str, str]:
    """What may want this person's attention, by conversation: who waits, and new words in what is theirs."""
    found = {}
    for one in lines:
        if one.status == "waiting":
            found[one.conversation_id] = _stamp(one.opened_at)
        elif one.taken_by == login and one.unread and one.said_at:
            found[one.conversation_id] = _stamp(one.said_at)
    return found


def _stamp(at: datetime) -> str:
    return at.isoformat()


@router.get("")
async def queue(request: Request, door: TheDoor, me: Agent, tab: Tab | None = None) -> Response:
    shown = await read(door, me, tab)
    return page(request, "queue.html", me, **values(shown), talk="")


@router.get("/lines")
async def lines(
    request: Request,
    door: TheDoor,
    me: Agent,
    tab: Tab | None = None,
    talk: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The list alone; `talk` is the conversation that is open beside it."""
    shown = await read(door, me, tab)
    return part(request, "queue.html", "lines", me, **values(shown), talk=talk)


def values(shown: Queue) -> dict[str, Any]:
    """What the list's part of a page needs."""
    return {"queue": shown, "tabs": TABS}
