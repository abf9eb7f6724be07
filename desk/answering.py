"""What an agent does with a conversation: taking, answering, passing on, ending; notes, labels, the proof of
who the customer is.

Acts answer with nothing but the names of the parts that have changed (`HX-Trigger`): the page fetches those.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk import conversation
from desk.conversation import Id
from desk.pages import part
from desk.refusals import DeskRefusal
from desk.session import Agent
from gateway import reading
from gateway.door import Door, TheDoor
from gateway.schemas import MessageId
from support.services import answers, identity, staff
from support.services import desk as services
from support.services.desk import DeskError
from support.services.handoff import NotPossible
from support.services.staff import SignedIn
from support.store import Handover

router = APIRouter(prefix="/conversations/{conversation_id}")

# Checked by the services, with words of their own for what is too long.
Words = Annotated[str, Form()]

_REFUSED = {"taken": "with_colleague", "not_taken": "take_first", "closed": "is_over", "unknown": "not_found"}


# --- who has it --------------------------------------------------------------------------------------------


@router.post("/take")
async def take(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Of two who try, one gets it; the other is told who."""
    handover = await _current(door, conversation_id)
    await _moved(door, me, "take", conversation_id, door.persons.take(handover.id, me.login, me.name))
    await reading.staff_has_read(door, conversation_id)
    return _news("holder")


@router.post("/transfer")
async def transfer(
    door: TheDoor, me: Agent, conversation_id: Id, to: Words = "", note: Words = ""
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
async def give_back(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    handover = await _current(door, conversation_id)
    await _moved(door, me, "give_back", conversation_id, door.persons.give_back(handover.id, me.login))
    return _news("holder")


@router.post("/close")
async def close(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
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
        raise DeskRefusal(_REFUSED[error.code], person=error.person) from error
    await _note(door, me, act, conversation_id, **details)


async def _note(door: Door, me: SignedIn, act: str, conversation_id: str, **details: str) -> None:
    async with door.shop.store.writing() as unit:
        await staff.note(unit, me.login, act, door.shop.clock(), conversation_id=conversation_id, **details)


async def _name_of(door: Door, login: str) -> str:
    async with door.shop.store.reading() as unit:
        member = await unit.staff.get(login)
    if member is None or not member.active or not conversation.answers(member):
        raise DeskRefusal("unknown_colleague")
    return member.name


def _news(*names: str) -> Response:
    """Nothing to show by itself: the page fetches these parts anew."""
    return Response(status_code=204, headers={"HX-Trigger": ", ".join(f"desk:{name}" for name in names)})


# --- words -------------------------------------------------------------------------------------------------


@router.post("/reply")
async def reply(
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    message_id: Annotated[MessageId, Form()],
    text: Words = "",
    drafted: Annotated[bool, Form()] = False,
) -> Response:
    """Say something to the customer; the same `message_id` says it once. `drafted`: it began as the draft."""
    try:
        text = services.checked(text, services.REPLY_CHARACTERS, "reply")
    except DeskError as error:
        raise conversation.refusal(error) from error
    if missing := services.unfilled(text):
        raise DeskRefusal("unfilled", names=", ".join(f"{{{name}}}" for name in missing))
    handover = await _current(door, conversation_id)
    change = door.persons.reply(handover.id, me.login, text, message_id)
    await _moved(door, me, "reply", conversation_id, change, message_id=message_id)
    if drafted:
        await _judged(door, me, handover, text)
    await reading.staff_has_read(door, conversation_id)
    return _news("story", "queue")


async def _judged(door: Door, me: SignedIn, handover: Handover, text: str) -> None:
    """What became of the draft tells what it was worth."""
    verdict = await answers.agent_sent(door.shop.store, handover, me.login, text, door.shop.clock())
    if verdict:
        await _note(door, me, "judge_draft", handover.conversation_id, verdict=verdict)


@router.post("/note")
async def note(door: TheDoor, me: Agent, conversation_id: Id, words: Words = "") -> Response:
    """A private note: for colleagues only."""
    try:
        await services.write_note(door.shop.store, me.login, conversation_id, words, door.shop.clock())
    except DeskError as error:
        raise conversation.refusal(error) from error
    door.news.wake()
    return _news("story")


@router.post("/typing", status_code=204)
async def typing(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Show the customer that I am writing; nothing happens when the conversation is not mine."""
    if conversation.standing(await _current(door, conversation_id), me) == "mine":
        door.streams.typing(conversation_id, me.name)
    return Response(status_code=204)


@router.post("/read", status_code=204)
async def read(door: TheDoor, me: Agent, conversation_id: Id) -> Response:
    """Note that I have seen everything so far, when the conversation is mine."""
    if conversation.standing(await _current(door, conversation_id), me) == "mine":
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
        raise conversation.refusal(error) from error
    shown = await conversation.view(door, me, conversation_id)
    return part(request, "conversation.html", "side", me, **conversation.values(shown, request))


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
    if conversation.standing(await _current(door, conversation_id), me) != "mine":
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
    shown = await conversation.view(door, me, conversation_id)
    answer = part(request, "conversation.html", "side", me, **conversation.values(shown, request))
    answer.headers["HX-Trigger"] = "desk:bar"  # whose name and proof it shows
    return answer
