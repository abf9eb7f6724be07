"""Taking in a customer's picture: read, made anonymous, stored, and entered under its conversation.

What is stored is never what was sent: the picture is cleaned and private numbers are covered first, and
without that nothing is stored at all.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from support.pictures import PictureStore
from support.store import Attachment, Store
from support.vision import OcrPool, Reading, examine


async def take_in(
    store: Store, pictures: PictureStore, pool: OcrPool, conversation_id: str, data: bytes, now: datetime
) -> Attachment:
    """PictureError when the bytes are of no use; OcrError when nobody can read them now."""
    reading = await examine(data, pool, conversation_id)
    attachment = _attachment(uuid.uuid4().hex, conversation_id, reading, now)
    # Bytes first: a row without its picture would be a broken promise, bytes without a row are merely unused.
    await pictures.put(attachment.attachment_id, reading.picture.data)
    async with store.writing() as unit:
        await unit.attachments.add(attachment)
        await unit.evidence.add_fingerprint(attachment.attachment_id, reading.fingerprint, now)
    return attachment


async def fetch(
    store: Store, pictures: PictureStore, conversation_id: str, attachment_id: str
) -> tuple[Attachment, bytes] | None:
    """A picture of this conversation; None for any other."""
    async with store.reading() as unit:
        found = await unit.attachments.of_conversation(conversation_id, [attachment_id])
    if not found:
        return None
    data = await pictures.get(attachment_id)
    return (found[0], data) if data is not None else None


async def fetch_linked(
    store: Store, pictures: PictureStore, attachment_id: str
) -> tuple[Attachment, bytes] | None:
    """A picture of any conversation, for who has a link to it (`support.picture_links`)."""
    async with store.reading() as unit:
        found = await unit.attachments.get(attachment_id)
    data = await pictures.get(attachment_id) if found else None
    return (found, data) if found and data is not None else None


def _attachment(attachment_id: str, conversation_id: str, reading: Reading, now: datetime) -> Attachment:
    picture = reading.picture
    return Attachment(
        attachment_id=attachment_id,
        conversation_id=conversation_id,
        kind=reading.kind,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(picture.data).hexdigest(),
        reading=_as_json(reading),
        metadata=dict(picture.metadata) | {"format": picture.source_format, "frames": picture.frames},
        created_at=now,
    )


def _as_json(reading: Reading) -> dict[str, Any]:
    """`lines` as text, private numbers masked; `claim` with its dates as ISO text; what was `masked`."""
    claim = asdict(reading.claim) if reading.claim else None
    if claim:
        claim["dates"] = [day.isoformat() for day in claim["dates"]]
    return {"lines": [line.text for line in reading.lines], "claim": claim, "masked": list(reading.masked)}
