"""For the people who answer: the queue, a conversation with its story, take, reply, give back.

Small on purpose: a desk is built on this. Every route needs `Authorization: Bearer <SHOPCLERK_STAFF_TOKEN>`.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from gateway import auth, texts
from gateway.door import Door, TheDoor
from gateway.errors import Refusal
from gateway.history import entries
from gateway.rasa import RasaUnavailable
from gateway.schemas import EventOut, HandoverDetail, HandoverOut, ReplyIn, TakeIn
from support.model import Language
from support.services import handoff
from support.store import Handover

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/staff/handovers", tags=["staff"], dependencies=[Depends(auth.staff_only)])


@router.get("")
async def handovers(
    door: TheDoor, status: Annotated[Literal["waiting", "taken"], Query()] = "waiting"
) -> list[HandoverOut]:
    """Open handovers, the longest waiting first."""
    async with door.shop.store.reading() as unit:
        return [_out(one) for one in await unit.handovers.listed(status)]


@router.get("/{handover_id}")
async def handover(door: TheDoor, handover_id: int) -> HandoverDetail:
    """One handover with its packet, the conversation so far and its events."""
    async with door.shop.store.reading() as unit:
        found = await unit.handovers.get(handover_id)
        if found is None:
            raise Refusal("unknown_handover")
        events = await unit.conversations.events(found.conversation_id, 0)
        story = await entries(unit, found.conversation_id, events)
    return HandoverDetail(
        **_out(found).model_dump(),
        packet=dict(found.packet),
        messages=story,
        events=[EventOut(id=one.id, kind=one.kind, payload=dict(one.payload), at=one.at) for one in events],
    )


@router.post("/{handover_id}/take")
async def take(door: TheDoor, handover_id: int, body: TakeIn) -> HandoverOut:
    """Take a waiting conversation; of two who try, one gets it."""
    await _find(door, handover_id)
    try:
        return _out(await handoff.take(door.shop.store, handover_id, body.person, door.shop.clock()))
    except handoff.NotPossible as error:
        raise Refusal("not_possible", why=error) from error


@router.post("/{handover_id}/reply")
async def reply(door: TheDoor, handover_id: int, body: ReplyIn) -> HandoverOut:
    """Say something to the customer; only by whoever took the conversation."""
    conversation_id = (await _find(door, handover_id)).conversation_id
    async with door.turns.alone(conversation_id):
        try:
            found = await handoff.reply(
                door.shop.store, handover_id, body.person, body.text, door.shop.clock()
            )
        except handoff.NotPossible as error:
            raise Refusal("not_possible", why=error) from error
        try:
            await door.rasa.note_person(conversation_id, body.person, body.text)
        except RasaUnavailable as error:
            log.warning("a person's words are missing in Rasa's tracker: %s", error)
    return _out(found)


@router.post("/{handover_id}/give-back")
async def give_back(door: TheDoor, handover_id: int, body: TakeIn) -> HandoverOut:
    """End the handover; the assistant answers again and says so."""
    found = await _find(door, handover_id)
    conversation_id = found.conversation_id
    async with door.turns.alone(conversation_id):
        try:
            closed = await handoff.close(
                door.shop.store, handover_id, "given_back", door.shop.clock(), person=body.person
            )
        except handoff.NotPossible as error:
            raise Refusal("not_possible", why=error) from error
        await door.turns.resume(conversation_id)
        line = texts.given_back(await _language(door, found))
        async with door.shop.store.writing() as unit:
            await unit.conversations.tell(conversation_id, "message", line, door.shop.clock())
    return _out(closed)


async def _find(door: Door, handover_id: int) -> Handover:
    async with door.shop.store.reading() as unit:
        found = await unit.handovers.get(handover_id)
    if found is None:
        raise Refusal("unknown_handover")
    return found


async def _language(door: Door, found: Handover) -> Language:
    """As the packet says, else as the customer wrote last."""
    stated = found.packet.get("language")
    if stated in ("zh", "en"):
        return "en" if stated == "en" else "zh"
    async with door.shop.store.reading() as unit:
        last = await unit.conversations.last_messages(found.conversation_id, 1)
    return texts.language_of(last[0].text if last else "", door.shop.settings.default_language)


def _out(found: Handover) -> HandoverOut:
    return HandoverOut.model_validate(
        {name: value for name, value in asdict(found).items() if name != "packet"}
    )
