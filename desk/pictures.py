"""Customers' pictures, as they are stored: cleaned, with private numbers covered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from desk.refusals import DeskRefusal
from desk.session import Anyone
from gateway.door import TheDoor
from gateway.schemas import AttachmentId, ConversationId
from support.picture_links import LASTS
from support.services import picture_intake

router = APIRouter(prefix="/pictures")


@router.get("/{conversation_id}/{attachment_id}")
async def picture(
    door: TheDoor,
    me: Anyone,
    conversation_id: Annotated[ConversationId, Path()],
    attachment_id: Annotated[AttachmentId, Path()],
) -> Response:
    """A picture with the conversation that it belongs to: reviewers see any, agents what came to a
    person and what a refund was asked for with, which other refunds' photos are held against.
    """
    shop = door.shop
    if not me.may("reviewer"):
        async with shop.store.reading() as unit:
            came_to_a_person = await unit.handovers.of_conversation(conversation_id)
            if not came_to_a_person and not await unit.evidence.claims([attachment_id]):
                raise DeskRefusal("not_found")
    found = await picture_intake.fetch(shop.store, shop.pictures, conversation_id, attachment_id)
    if found is None:
        raise DeskRefusal("not_found")
    row, data = found
    cached = {"Cache-Control": f"private, max-age={LASTS.seconds}"}
    return Response(data, media_type=row.media_type, headers=cached)
