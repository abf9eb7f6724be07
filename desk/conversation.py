"""One conversation: its story, who the customer is, its pictures, canned replies for it.

What an agent does with it is in `answering.py`, money in `money.py`.

Parts of the page are fetched one by one when something changes (`live.py`); the field that an agent writes in
is never among them while it stays theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from desk import queue, talk
from desk.pages import page, part
from desk.queue import Tab
from desk.refusals import DeskRefusal
from desk.session import Agent
from gateway import briefs
from gateway.door import Door, TheDoor
from gateway.replies import picture_address
from gateway.schemas import ConversationId
from support import wording
from support.services import desk as services
from support.services import dossier, packet
from support.services.desk import DeskError
from support.services.dossier import Dossier
from support.services.staff import SignedIn
from support.store import Handover, StaffMember

router = APIRouter(prefix="/conversations/{conversation_id}")

Id = Annotated[ConversationId, Path()]
Standing = Literal["waiting", "mine", "theirs", "over"]


@dataclass(frozen=True)
class View:
    """What a page of a conversation shows."""

    conversation_id: str
    file: Dossier
    story: talk.Story
    standing: Standing
    colleagues: list[StaffMember]
    names: Mapping[str, str]  # of logins
    known_labels: list[str]

    @property
    def address(self) -> str:
        return f"/desk/conversations/{self.conversation_id}"


@router.get("")
async def conversation(
    request: Request, door: TheDoor, me: Agent, conversation_id: Id, tab: Tab | None = None, all: bool = False
) -> Response:
    shown = await view(door, me, conversation_id, everything=all)
    door.turns.later(briefs.renew(door.shop, shown.file.handover.id))
    beside = queue.values(await queue.read(door, me, tab))
    return page(request, "conversation.html", me, **beside, **values(shown, request), talk=conversation_id)


@router.get("/part/{name}")
async def one_part(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    name: Literal["story", "bar", "composer", "draft", "side"],
    all: bool = False,
) -> Response:
    shown = await view(door, me, conversation_id, everything=all)
    return part(request, "conversation.html", name, me, **values(shown, request))


@router.get("/replies")
async def replies(request: Request, door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Canned replies filled for this conversation, those in its language first."""
    now, shop = door.shop.clock(), door.shop.settings
    canned = await services.canned_replies(door.shop.store, now)
    file = await _file(door, conversation_id)
    language = str(file.packet.get("language") or shop.default_language)
    facts = file.variables(me.name, shop.shop_name_en if language == "en" else shop.shop_name)
    found = [(one, services.fill(one.words, facts)) for one in canned]
    found.sort(key=lambda pair: (pair[0].language != language, pair[0].shortcut))
    return part(request, "conversation.html", "picker", me, replies=found, spoken=language)


async def view(door: Door, me: SignedIn, conversation_id: str, *, everything: bool = False) -> View:
    """Everything that the parts show. DeskRefusal `not_found` for what never came to a person."""
    now = door.shop.clock()
    try:
        async with door.shop.store.reading() as unit:
            file = await dossier.of(unit, conversation_id, now)
            told = await talk.read(unit, conversation_id, file.notes, door.links, everything=everything)
            team = await unit.staff.all()
            labels = await unit.review.values("label")
    except DeskError as error:
        raise refusal(error) from error
    colleagues = [one for one in team if one.active and one.login != me.login and answers(one)]
    return View(
        conversation_id=conversation_id,
        file=file,
        story=told,
        standing=standing(file.handover, me),
        colleagues=colleagues,
        names={one.login: one.name for one in team},
        known_labels=[label for label in labels if label not in file.labels],
    )


def standing(handover: Handover, me: SignedIn) -> Standing:
    if handover.status == "closed":
        return "over"
    if handover.status == "waiting":
        return "waiting"
    return "mine" if handover.taken_by == me.login else "theirs"


def values(shown: View, request: Request) -> dict[str, Any]:
    """What the page's parts need."""
    limits = {"note": services.NOTE_CHARACTERS, "reply": services.REPLY_CHARACTERS}
    return {
        "view": shown,
        "file": shown.file,
        "limits": limits,
        "everything": "all" in request.query_params,
        "status_words": wording.STATUS,
        "masked": packet.masked,
        "picture_address": picture_address,
    }


def refusal(error: DeskError) -> DeskRefusal:
    return DeskRefusal(error.code, **error.values)


async def _file(door: Door, conversation_id: str) -> Dossier:
    try:
        async with door.shop.store.reading() as unit:
            return await dossier.of(unit, conversation_id, door.shop.clock())
    except DeskError as error:
        raise refusal(error) from error


def answers(member: StaffMember) -> bool:
    return "agent" in member.roles or "admin" in member.roles
