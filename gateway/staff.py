"""The people's side over HTTP, for those who bring their own desk: queue, story, take, reply, pass on, end.

Every route needs `Authorization: Bearer <SHOPCLERK_STAFF_TOKEN>`. A person is known by the name that the
customer sees. One who does nothing for three minutes while the customer waits loses the conversation to the
queue, unless `presence` says that they are there.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from gateway import auth, reading
from gateway.door import TheDoor
from gateway.errors import Refusal
from gateway.history import entries
from gateway.schemas import EventOut, HandoverDetail, HandoverOut, ReplyIn, TakeIn, TransferIn
from support.services.handoff import NotPossible
from support.store import Handover

router = APIRouter(prefix="/api/staff", tags=["staff"], dependencies=[Depends(auth.staff_only)])


@router.get("/handovers")
async def handovers(
    door: TheDoor, status: Annotated[Literal["waiting", "taken"], Query()] = "waiting"
) -> list[HandoverOut]:
    """Open handovers, the longest waiting first."""
    async with door.shop.store.reading() as unit:
        return [_out(one) for one in await unit.handovers.listed(status)]


@router.get("/handovers/{handover_id}")
async def handover(door: TheDoor, handover_id: int) -> HandoverDetail:
    """One handover with its packet, the conversation so far and its events."""
    async with door.shop.store.reading() as unit:
        found = await unit.handovers.get(handover_id)
        if found is None:
            raise Refusal("unknown_handover")
        events = await unit.conversations.events(found.conversation_id, 0)
        story = await entries(unit, found.conversation_id, events, door.links)
    return HandoverDetail(
        **_out(found).model_dump(),
        packet=dict(found.packet),
        messages=story,
        events=[EventOut(id=one.id, kind=one.kind, payload=dict(one.payload), at=one.at) for one in events],
    )


@router.post("/handovers/{handover_id}/take")
async def take(door: TheDoor, handover_id: int, body: TakeIn) -> HandoverOut:
    """Take a waiting conversation; of two who try, one gets it."""
    return await _done(door.persons.take(handover_id, body.person))


@router.post("/handovers/{handover_id}/reply")
async def reply(door: TheDoor, handover_id: int, body: ReplyIn) -> HandoverOut:
    """Say something to the customer; only by whoever took the conversation."""
    said = await _done(door.persons.reply(handover_id, body.person, body.text, body.message_id or ""))
    await reading.staff_has_read(door, said.conversation_id)
    return said


@router.post("/handovers/{handover_id}/transfer")
async def transfer(door: TheDoor, handover_id: int, body: TransferIn) -> HandoverOut:
    """Pass the conversation on to a colleague, or back into the queue, where it keeps its place."""
    return await _done(door.persons.transfer(handover_id, body.person, body.to, note=body.note))


@router.post("/handovers/{handover_id}/give-back")
async def give_back(door: TheDoor, handover_id: int, body: TakeIn) -> HandoverOut:
    """End the handover; the assistant answers again and says so."""
    return await _done(door.persons.give_back(handover_id, body.person))


@router.post("/handovers/{handover_id}/close")
async def close(door: TheDoor, handover_id: int, body: TakeIn) -> HandoverOut:
    """End the handover: the matter is settled. The assistant answers when the customer writes again."""
    return await _done(door.persons.close(handover_id, body.person))


@router.post("/presence")
async def presence(door: TheDoor, body: TakeIn) -> dict[str, int]:
    """Say that a person is there; answers how many conversations they have."""
    return {"conversations": await door.persons.renew(body.person)}


async def _done(change: Awaitable[Handover]) -> HandoverOut:
    try:
        return _out(await change)
    except NotPossible as error:
        if error.code == "unknown":
            raise Refusal("unknown_handover") from error
        raise Refusal("not_possible", why=error, why_zh=error.zh) from error


def _out(found: Handover) -> HandoverOut:
    wanted = HandoverOut.model_fields.keys()
    values = asdict(found) | {"ticket": found.ticket}
    return HandoverOut.model_validate({name: value for name, value in values.items() if name in wanted})
