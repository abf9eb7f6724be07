"""What a customer thought of the service."""

from __future__ import annotations

from datetime import datetime

from support.store import Store

LOWEST, HIGHEST = 1, 5
# From this score down, the customer is offered a person.
DISSATISFIED = 2


async def rate(store: Store, conversation_id: str, score: int, words: str, now: datetime) -> None:
    """Keep a rating; ValueError for a score outside 1 to 5."""
    if not LOWEST <= score <= HIGHEST:
        raise ValueError(f"a rating is {LOWEST} to {HIGHEST}, not {score}")
    async with store.writing() as unit:
        await unit.ratings.add(conversation_id, score, words, now)
