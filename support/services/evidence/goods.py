"""Whether a photo shows what was ordered: the model's view, asked for once and kept. Advice, never proof.

`look` asks while the customer is in the refund dialogue, outside of any transaction; `findings` reads what
was said. Without a model nothing is compared, and that counts for nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from support import prompts
from support.llm import Llm, ModelUnavailable
from support.model import Order, Reason
from support.pictures import PictureStore
from support.prompts import Persona
from support.services.evidence.findings import Finding
from support.services.history import data_url
from support.services.model_calls import Calls
from support.store import Attachment, PictureView, Store, Unit

if TYPE_CHECKING:
    from support.services.refund import Wish

log = logging.getLogger(__name__)

# A wrong item does not look like the ordered one, and what never arrived cannot be seen.
_COMPARABLE = frozenset({Reason.QUALITY, Reason.DAMAGED})
_SURE = 70
_MAX_TOKENS = 60
# The customer waits for the next question.
_WITHIN_S = 3.0


async def look(
    store: Store,
    pictures: PictureStore,
    llm: Llm | None,
    order: Order,
    wish: Wish,
    now: datetime,
    *,
    persona: Persona,
    calls: Calls | None = None,
) -> None:
    """Ask the model about the photos that it has not seen yet, and keep what it says."""
    if llm is None or wish.reason not in _COMPARABLE:
        return
    async with store.reading() as unit:
        seen = await unit.evidence.views(wish.evidence, order.order_id)
        unseen = [one for one in wish.evidence if not _covers(seen, one, wish)]
        photos = await unit.attachments.get_many(unseen)
    for photo in photos:
        view = await _view(llm, pictures, photo, order, wish, now, persona, calls or Calls())
        if view is None:
            return
        async with store.writing() as unit:
            await unit.evidence.put_view(view)


async def findings(unit: Unit, order: Order, wish: Wish) -> list[Finding]:
    """What the model's views say against the photos; one good photo is enough."""
    if wish.reason not in _COMPARABLE or not wish.evidence:
        return []
    views = list((await unit.evidence.views(wish.evidence, order.order_id)).values())
    return list(_doubts([one for one in views if set(wish.sku_ids) <= set(one.sku_ids)]))


def _covers(seen: dict[str, PictureView], photo: str, wish: Wish) -> bool:
    return photo in seen and set(wish.sku_ids) <= set(seen[photo].sku_ids)


def _doubts(views: Sequence[PictureView]) -> Iterator[Finding]:
    if not views:
        yield Finding("not_compared")
        return
    sure = {"confidence": str(max(one.confidence for one in views))}
    if all(one.shows == "no" and one.confidence >= _SURE for one in views):
        yield Finding("other_goods", views[0].picture, facts=sure)
    elif all(one.fault == "no" and one.confidence >= _SURE for one in views):
        yield Finding("no_fault_seen", views[0].picture, facts=sure)


async def _view(
    llm: Llm,
    pictures: PictureStore,
    photo: Attachment,
    order: Order,
    wish: Wish,
    now: datetime,
    persona: Persona,
    calls: Calls,
) -> PictureView | None:
    url = await data_url(pictures, photo)
    if url is None:
        return None
    lines = [f"{one.title} / {one.title_en}" for one in order.lines(wish.sku_ids)]
    read = [line for line in photo.reading.get("lines", ()) if line.strip()]
    messages = prompts.build(
        "goods", "en", persona, data={"records": lines, "picture_text": read}, pictures=[url]
    )
    try:
        reply = await calls.complete(
            llm,
            "picture",
            messages,
            schema=prompts.GOODS_SCHEMA,
            max_tokens=_MAX_TOKENS,
            within_s=_WITHIN_S,
        )
        said: dict[str, Any] = json.loads(reply.text, strict=False)
        sure = min(100, max(0, int(said["confidence"])))
        return PictureView(
            photo.attachment_id, order.order_id, wish.sku_ids, said["shows"], said["fault"], sure, now
        )
    except ModelUnavailable as error:
        log.warning("a photo is not compared: the model is unavailable (%s)", error.reason)
    except (ValueError, KeyError, TypeError):
        log.warning("a photo is not compared: the model did not keep to the schema")
        calls.judge("no_answer")
    return None
