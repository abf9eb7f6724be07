"""Pictures: uploads of customers, their own pictures back, and the shop's product pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import FileResponse, Response

from gateway.door import Address, TheDoor
from gateway.errors import Refusal
from gateway.limits import megabytes
from gateway.schemas import AttachmentId, AttachmentOut, ConversationId, LinksIn
from support.picture_links import LASTS, Expired, Forged, PictureLinks
from support.pictures import NotKept
from support.services import picture_intake
from support.store import Attachment
from support.vision import OcrError, PictureError

router = APIRouter()

UPLOAD_PATH = "/api/chat/attachments"
_TRY_AGAIN_S, _NO_ROOM_S = 5, 30
_CACHED = f"private, max-age={LASTS.seconds}, immutable"
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
    except NotKept as error:
        door.meters.uploads.labels("not_kept").inc()
        raise Refusal("picture_not_kept", seconds=_NO_ROOM_S) from error
    except OcrError as error:
        door.meters.uploads.labels(error.code).inc()
        raise Refusal("pictures_busy", seconds=_TRY_AGAIN_S) from error
    door.meters.uploads.labels("kept").inc()
    return out(attachment, door.links)


def out(attachment: Attachment, links: PictureLinks) -> AttachmentOut:
    """What is told of a picture, with a fresh link to it."""
    id = attachment.attachment_id
    return AttachmentOut(
        id=id,
        kind=attachment.kind,
        width=attachment.width,
        height=attachment.height,
        url=f"{UPLOAD_PATH}/{id}?link={links.of(id)}",
    )


@router.post(f"{UPLOAD_PATH}/links", tags=["chat"])
async def fresh_links(door: TheDoor, address: Address, body: LinksIn) -> list[AttachmentOut]:
    """Pictures of a conversation, with addresses that are good for a quarter of an hour from now."""
    await door.limits.check("links", body.conversation_id, address)
    async with door.shop.store.reading() as unit:
        found = await unit.attachments.of_conversation(body.conversation_id, body.ids)
    return [out(one, door.links) for one in found]


@router.get(
    f"{UPLOAD_PATH}/{{attachment_id}}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
    tags=["chat"],
)
async def attachment(
    door: TheDoor,
    attachment_id: AttachmentId,
    link: Annotated[str, Query(max_length=100, description="As `url` of the picture has it.")] = "",
) -> Response:
    """A picture, for whoever was given its address less than a quarter of an hour ago."""
    try:
        door.links.check(attachment_id, link)
    except Expired as error:
        raise Refusal("picture_link_expired") from error
    except Forged as error:
        raise Refusal("bad_picture_link") from error
    found = await picture_intake.fetch_linked(door.shop.store, door.shop.pictures, attachment_id)
    if found is None:
        raise Refusal("unknown_attachment")
    row, data = found
    return Response(data, media_type=row.media_type, headers={"Cache-Control": _CACHED})


@router.get("/pictures/{name}", response_class=FileResponse, tags=["shop"])
async def product_picture(door: TheDoor, name: str) -> FileResponse:
    """A picture of the shop's catalogue."""
    path = door.shop.settings.shop / "pictures" / name
    if name != Path(name).name or not path.is_file():
        raise Refusal("not_found")
    return FileResponse(path, headers={"Cache-Control": "public, max-age=3600"})
