"""What is done once a day beside all conversations: the retention job, and erasures that were broken off.

Every gateway asks for it now and then; the job's lease in the database sees to it that one does it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid

from support.bootstrap import Shop
from support.privacy import erasure, places_of, retention

log = logging.getLogger(__name__)

# Not at once: a gateway that starts has customers to answer.
_FIRST_AFTER_S = 300.0
_EVERY_S = 900.0


async def run(shop: Shop) -> None:
    """For as long as the gateway lives."""
    by, places = uuid.uuid4().hex, places_of(shop)
    kept = retention.periods(shop.settings)
    await asyncio.sleep(_FIRST_AFTER_S)
    while True:
        try:
            await erasure.finish_all(places, shop.clock())
            await retention.sweep_if_due(places, kept, shop.clock, by)
        except Exception:
            # Whatever the database's driver or the file system raises: the next time may do better.
            log.exception("old data could not be removed; trying again")
        await asyncio.sleep(_EVERY_S)
