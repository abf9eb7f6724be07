"""Has summary and draft written for a conversation that was handed over, while its customer waits already."""

from __future__ import annotations

import logging

from support.bootstrap import Shop
from support.prompts import Persona
from support.services import briefing

log = logging.getLogger(__name__)


async def brief(shop: Shop, handover_id: int) -> None:
    """A packet without them is still a packet: trouble is logged."""
    try:
        await briefing.brief(shop.store, _office(shop), handover_id, shop.clock())
    except Exception:
        log.exception("handover %s has no briefing", handover_id)


async def renew(shop: Shop, handover_id: int) -> None:
    """Have them written again if they are out of date; the old ones stay where that fails."""
    try:
        await briefing.renew(shop.store, _office(shop), handover_id, shop.clock())
    except Exception:
        log.exception("the briefing of handover %s stays as it was", handover_id)


def _office(shop: Shop) -> briefing.Office:
    settings = shop.settings
    return briefing.Office(
        policy=shop.policy,
        knowledge=shop.knowledge,
        llm=shop.llm,
        staff=settings.default_language,
        personas={
            "zh": Persona(settings.shop_name, settings.persona),
            "en": Persona(settings.shop_name_en, settings.persona),
        },
        call_book=shop.call_book,
    )


async def brief_current(shop: Shop, conversation_id: str) -> None:
    """Of the open handover, if there is one."""
    async with shop.store.reading() as unit:
        handover = await unit.handovers.current(conversation_id)
    if handover:
        await brief(shop, handover.id)
