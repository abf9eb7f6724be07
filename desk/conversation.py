"""One conversation: its story, who the customer is, and everything that an agent does with it.

Parts of the page are fetched one by one when something changes (`live.py`); the field that an agent writes in
is never among them while it stays theirs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from desk import queue, talk
from desk.pages import page, part
from desk.queue import Tab
from desk.refusals import DeskRefusal
from desk.session import Agent
from gateway import reading
from gateway.door import Door, TheDoor
from gateway.replies import picture_address
from gateway.schemas import ConversationId, MessageId
from support import wording
from support.services import desk as services
from support.services import dossier, identity, packet, staff
from support.services.desk import DeskError
from support.services.dossier import Dossier
from support.services.handoff import NotPossible
from support.services.staff import SignedIn
from support.store import Handover, StaffMember

router = APIRouter(prefix="/conversations/{conversation_id}")

Id = Annotated[ConversationId, Path()]
# Checked by the services, with words of their own for what is too long.
Words = Annotated[str, Form()]
Standing = Literal["waiting", "mine", "theirs", "over"]

_REFUSED_MOVES = {
    "taken": "with_colleague",
    "not_taken": "take_first",
    "closed": "is_over",
    "unknown": "not_found",
}


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


# --- reading -----------------------------------------------------------------------------------------------


@router.get("")
async def conversation(
    request: Request, door: TheDoor, me: Agent, conversation_id: Id, tab: Tab | None = None, all: bool = False
) -> Response:
    shown = await view(door, me, conversation_id, everything=all)
    beside = queue.values(await queue.read(door, me, tab))
    return page(request, "conversation.html", me, **beside, **values(shown, request), talk=conversation_id)


@router.get("/part/{name}")
async def one_part(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    name: Literal["story", "bar", "composer", "side"],
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


@router.get("/pictures/{attachment_id}")
async def picture(door: TheDoor, me: Agent, conversation_id: Id, attachment_id: str) -> Response:
    """A picture of the conversation, as it is stored: cleaned, with private numbers covered."""
    file = await _file(door, conversation_id)
    row = next((one for one in file.pictures if one.attachment_id == attachment_id), None)
    data = await door.shop.pictures.get(attachment_id) if row else None
    if row is None or data is None:
        raise DeskRefusal("not_found")
    return Response(data, media_type=row.media_type, headers={"Cache-Control": "private, max-age=3600"})


async def view(door: Door, me: SignedIn, conversation_id: str, *, everything: bool = False) -> View:
    """Everything that the parts show. DeskRefusal `not_found` for what never came to a person."""
    now = door.shop.clock()
    try:
        async with door.shop.store.reading() as unit:
            file = await dossier.of(unit, conversation_id, now)
            told = await talk.read(unit, conversation_id, file.notes, everything=everything)
            team = await unit.staff.all()
            labels = await unit.review.values("label")
    except DeskError as error:
        raise refusal(error) from error
    colleagues = [one for one in team if one.active and one.login != me.login and _answers(one)]
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


def _answers(member: StaffMember) -> bool:
    return "agent" in member.roles or "admin" in member.roles


# --- who has it --------------------------------------------------------------------------------------------


@router.post("/take")
async def take(request: Request, door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Of two who try, one gets it; the other is told who."""
    handover = await _current(door, conversation_id)
    await _moved(door, me, "take", conversation_id, door.persons.take(handover.id, me.login, me.name))
    await reading.staff_has_read(door, conversation_id)
    return _news("holder")


@router.post("/transfer")
async def transfer(
    request: Request, door: TheDoor, me: Agent, conversation_id: Id, to: Words = "", note: Words = ""
) -> Response:
    """To a colleague, or (`to` empty) back into the queue."""
    handover = await _current(door, conversation_id)
    to_name = await _name_of(door, to) if to else ""
    if len(note) > services.NOTE_CHARACTERS:
        raise DeskRefusal("too_long", length=len(note), limit=services.NOTE_CHARACTERS)
    change = door.persons.transfer(handover.id, me.login, to or None, to_name=to_name, note=note.strip())
    await _moved(door, me, "transfer", conversation_id, change, to=to)
    return _news("holder")


@router.post("/give-back")
async def give_back(request: Request, door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    handover = await _current(door, conversation_id)
    await _moved(door, me, "give_back", conversation_id, door.persons.give_back(handover.id, me.login))
    return _news("holder")


@router.post("/close")
async def close(request: Request, door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    handover = await _current(door, conversation_id)
    await _moved(door, me, "close", conversation_id, door.persons.close(handover.id, me.login))
    return _news("holder")


async def _current(door: Door, conversation_id: str) -> Handover:
    async with door.shop.store.reading() as unit:
        found = await unit.handovers.of_conversation(conversation_id)
    if not found:
        raise DeskRefusal("not_found")
    return found[-1]


async def _moved(
    door: Door, me: SignedIn, act: str, conversation_id: str, change: Awaitable[Handover], **details: str
) -> None:
    try:
        await change
    except NotPossible as error:
        raise DeskRefusal(_REFUSED_MOVES[error.code], person=error.person) from error
    await _note(door, me, act, conversation_id, **details)


async def _note(door: Door, me: SignedIn, act: str, conversation_id: str, **details: str) -> None:
    async with door.shop.store.writing() as unit:
        await staff.note(unit, me.login, act, door.shop.clock(), conversation_id=conversation_id, **details)


async def _name_of(door: Door, login: str) -> str:
    async with door.shop.store.reading() as unit:
        member = await unit.staff.get(login)
    if member is None or not member.active or not _answers(member):
        raise DeskRefusal("unknown_colleague")
    return member.name


def _news(*names: str) -> Response:
    """Nothing to show by itself: the page fetches these parts anew."""
    return Response(status_code=204, headers={"HX-Trigger": ", ".join(f"desk:{name}" for name in names)})


# --- words -------------------------------------------------------------------------------------------------


@router.post("/reply")
async def reply(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    message_id: Annotated[MessageId, Form()],
    text: Words = "",
) -> Response:
    """Say something to the customer; the same `message_id` says it once."""
    try:
        text = services.checked(text, services.REPLY_CHARACTERS, "reply")
    except DeskError as error:
        raise refusal(error) from error
    if missing := services.unfilled(text):
        raise DeskRefusal("unfilled", names=", ".join(f"{{{name}}}" for name in missing))
    handover = await _current(door, conversation_id)
    change = door.persons.reply(handover.id, me.login, text, message_id)
    await _moved(door, me, "reply", conversation_id, change, message_id=message_id)
    await reading.staff_has_read(door, conversation_id)
    return _news("story", "queue")


@router.post("/note")
async def note(
    request: Request, door: TheDoor, me: Agent, conversation_id: Id, words: Words = ""
) -> Response:
    """A private note: for colleagues only."""
    try:
        await services.write_note(door.shop.store, me.login, conversation_id, words, door.shop.clock())
    except DeskError as error:
        raise refusal(error) from error
    door.news.wake()
    return _news("story")


@router.post("/typing", status_code=204)
async def typing(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Show the customer that I am writing; nothing happens when the conversation is not mine."""
    if standing(await _current(door, conversation_id), me) == "mine":
        door.streams.typing(conversation_id, me.name)
    return Response(status_code=204)


@router.post("/read", status_code=204)
async def read(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Note that I have seen everything so far, when the conversation is mine."""
    if standing(await _current(door, conversation_id), me) == "mine":
        await reading.staff_has_read(door, conversation_id)
    return Response(status_code=204)


# --- labels and identity -----------------------------------------------------------------------------------


@router.post("/labels")
async def label(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    label: Words = "",
    remove: Annotated[bool, Form()] = False,
) -> Response:
    change = services.remove_label if remove else services.add_label
    try:
        await change(door.shop.store, me.login, conversation_id, label, door.shop.clock())
    except DeskError as error:
        raise refusal(error) from error
    shown = await view(door, me, conversation_id)
    return part(request, "conversation.html", "side", me, **values(shown, request))


@router.post("/verify")
async def verify(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    order_id: Annotated[str, Form(max_length=80)] = "",
    phone_last4: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Prove who the customer is by what they say: the same proof and limits as with the assistant."""
    if standing(await _current(door, conversation_id), me) != "mine":
        raise DeskRefusal("take_first")
    settings = door.shop.settings
    proof = await identity.prove_by_order(
        door.shop.store,
        conversation_id,
        order_id.strip(),
        phone_last4.strip(),
        door.shop.clock(),
        tries_per_hour=settings.identity_tries_per_hour,
        valid_for=timedelta(hours=settings.identity_hours),
    )
    await _note(door, me, "verify", conversation_id, order_id=order_id.strip(), outcome=proof.outcome)
    if proof.outcome != "verified":
        raise DeskRefusal(f"proof_{proof.outcome}", left=proof.tries_left)
    shown = await view(door, me, conversation_id)
    return part(request, "conversation.html", "side", me, **values(shown, request))
