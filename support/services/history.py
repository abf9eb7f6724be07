"""The conversation so far, as the model gets it: the last turns, with the pictures that belong to them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from support.personal import mask
from support.pictures import PictureStore
from support.store import Attachment, Store

# Enough to follow "and the other one?"; more costs the model's time on every answer.
TURNS = 6
# The beginning moves on by so many at once: in between, only the end is new to the server's prefix cache.
STRIDE = 4
# Pictures cost a thousand tokens each; the newest matter.
PICTURES = 2


@dataclass(frozen=True)
class Said:
    """One turn: who (`customer` or `assistant`), the words, and the ids of the pictures sent with them."""

    who: str
    text: str
    attachments: tuple[str, ...] = ()


class PictureUrl(str):
    """A data URL that knows whose bytes it holds: what is written down names the picture instead."""

    attachment_id: str


async def data_url(pictures: PictureStore, attachment: Attachment) -> PictureUrl | None:
    """The stored picture for the model; None when its bytes are gone."""
    data = await pictures.get(attachment.attachment_id)
    if data is None:
        return None
    url = PictureUrl(f"data:{attachment.media_type};base64,{base64.b64encode(data).decode()}")
    url.attachment_id = attachment.attachment_id
    return url


async def messages(
    store: Store, pictures: PictureStore, conversation_id: str, said: Sequence[Said]
) -> list[dict[str, Any]]:
    """The last turns in the chat protocol, oldest first; pictures stand before the words of their turn."""
    turns = recent(said)
    wanted = [one for turn in turns for one in turn.attachments][-PICTURES:]
    async with store.reading() as unit:
        rows = await unit.attachments.of_conversation(conversation_id, wanted)
    urls = {row.attachment_id: await data_url(pictures, row) for row in rows}
    return [_message(turn, [urls[one] for one in turn.attachments if urls.get(one)]) for turn in turns]


def recent(said: Sequence[Said]) -> Sequence[Said]:
    """The last `TURNS`, and up to `STRIDE` - 1 before them."""
    start = max(0, len(said) - TURNS)
    return said[start - start % STRIDE :]


def _message(turn: Said, urls: Sequence[str | None]) -> dict[str, Any]:
    """Without personal data: what was said before is there to be followed, not to be copied."""
    role, text = "user" if turn.who == "customer" else "assistant", mask(turn.text)
    if not urls:
        return {"role": role, "content": text}
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"role": role, "content": [*images, {"type": "text", "text": text}]}
