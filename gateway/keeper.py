"""Looks after handovers that nobody looks after: the gateway's background task, in each of several gateways.

Every few seconds it does what is due (`handoff.sweep`), lets Rasa answer again where the bot got a
conversation back, and has briefings written whose gateway died before it could.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gateway import briefs, texts
from gateway.news import News
from gateway.turns import Turns
from support.bootstrap import Shop
from support.services import handoff
from support.services.handoff import Patience, Queued, Swept

log = logging.getLogger(__name__)

_EVERY_S = 3.0
# By then the gateway that opened it has written it, or is not there any more.
_BRIEFED_AFTER = timedelta(minutes=1)


class Keeper:
    """`run` is the loop; `keep` is one round."""

    def __init__(self, shop: Shop, turns: Turns, news: News) -> None:
        self._shop, self._turns, self._news = shop, turns, news
        settings = shop.settings
        self._patience = Patience(
            away=timedelta(minutes=settings.handoff_agent_away_minutes),
            idle=timedelta(minutes=settings.handoff_idle_minutes),
        )

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            # A transaction cut off at shutdown would keep SQLite's lock: a round that has begun ends.
            await asyncio.shield(self._turns.later(self._round()))

    async def _round(self) -> None:
        try:
            await self.keep()
        except Exception:
            # Whatever the database's driver raises: the next round may do better.
            log.exception("handovers could not be looked after; trying again")

    async def keep(self) -> list[Swept]:
        shop = self._shop
        swept = await handoff.sweep(shop.store, shop.policy, self._patience, shop.clock(), self._line)
        if swept:
            self._news.wake()
        for one in swept:
            log.info("handover %s: %s", one.handover.id, one.due)
            if one.due == "idle":
                self._turns.resume_later(one.handover.conversation_id)
        await self._brief()
        return swept

    async def _brief(self) -> None:
        shop = self._shop
        before = shop.clock() - _BRIEFED_AFTER
        async with shop.store.reading() as unit:
            found = await unit.handovers.open_ones()
        for one in found:
            if "summary" not in one.packet and one.opened_at < before:
                await briefs.brief(shop, one.id)

    def _line(self, swept: Swept, queued: Queued) -> Mapping[str, Any]:
        language = texts.language_of_packet(swept.handover.packet, self._shop.settings.default_language)
        return texts.swept(swept.due, queued, language)
