"""Pictures: uploads of customers, their own pictures back, and the shop's product pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import FileResponse, Response

from gateway.door import Address, TheDoor
from gateway.errors import Refusal
from gateway.limits import megabytes
from gateway.schemas import AttachmentId, AttachmentOut, ConversationId
from support.services import picture_intake
from support.vision import OcrError, PictureError

router = APIRouter()

UPLOAD_PATH = "/api/chat/attachments"
_TRY_AGAIN_S = 5
_REFUSED = {
    "empty": "picture_empty",
    "too_large": "picture_too_large",
    "not_a_picture": "not_a_picture",
    "too_many_pixels": "picture_too_many_pixels",
    "broken": "picture_broken",
}


@router.post(UPLOAD_PATH, tags=["chat"])
async def upload(
    door: TheDoor, address: Address, conversation_id: Annotated[ConversationId, Form()], file: UploadFile
) -> AttachmentOut:
    """Add a picture to a conversation; send its id with the next message.

    What counts is what is in the file, not its name. Private numbers (identity card, bank card, phone) are
    covered before anything is stored.
    """
    await door.limits.check("upload", conversation_id, address)
    shop = door.shop
    limit = shop.settings.attachment_bytes
    try:
        if (file.size or 0) > limit:
            raise PictureError("too_large", limit)
        attachment = await picture_intake.take_in(
            shop.store, shop.pictures, door.ocr, conversation_id, await file.read(), shop.clock()
        )
    except PictureError as error:
        door.meters.uploads.labels(error.code).inc()
        raise Refusal(_REFUSED[error.code], limit=megabytes(error.limit or limit)) from error
    except OcrError as error:
        door.meters.uploads.labels(error.code).inc()
        raise Refusal("pictures_busy", seconds=_TRY_AGAIN_S) from error
    door.meters.uploads.labels("kept").inc()
    return AttachmentOut(
        id=attachment.attachment_id, kind=attachment.kind, width=attachment.width, height=attachment.height
    )


@router.get(
    "/api/chat/attachments/{attachment_id}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
    tags=["chat"],
)
async def attachment(
    door: TheDoor, attachment_id: AttachmentId, conversation_id: Annotated[ConversationId, Query()]
) -> Response:
    """A picture, for the conversation that it belongs to."""
    shop = door.shop
    found = await picture_intake.fetch(shop.store, shop.pictures, conversation_id, attachment_id)
    if found is None:
        raise Refusal("unknown_attachment")
    row, data = found
    return Response(
        data, media_type=row.media_type, headers={"Cache-Control": "private, max-age=86400, immutable"}
    )


@router.get("/pictures/{name}", response_class=FileResponse, tags=["shop"])
async def product_picture(door: TheDoor, name: str) -> FileResponse:
    """A picture of the shop's catalogue."""
    path = door.shop.settings.shop / "pictures" / name
    if name != Path(name).name or not path.is_file():
        raise Refusal("not_found")
    return FileResponse(path, headers={"Cache-Control": "public, max-age=3600"})
