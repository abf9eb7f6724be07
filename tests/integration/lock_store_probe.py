"""Takes turns with lock stores of ours, in Rasa's environment; one JSON object of findings.

.venv/rasa/bin/python -m tests.integration.lock_store_probe WORKERS REDIS_URL
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import uuid
from typing import Any

import redis
from rasa.core.lock_store import LockError
from rasa.utils.endpoints import EndpointConfig

from assistant.lock_store import LockStore

_TURNS = 60
_REDIS: Any = redis.from_url(sys.argv[2]) if sys.argv[2] else None


def _store() -> Any:
    workers, url = sys.argv[1:]
    return LockStore(EndpointConfig(url, workers=int(workers)))


async def _turns(stores: list[Any]) -> dict[str, Any]:
    """Many turns of one conversation, each asked for while those before still wait."""
    conversation, chance = uuid.uuid4().hex, random.Random(1)
    served: list[int] = []
    done: list[int] = []
    holding, most = 0, 0

    async def turn(number: int) -> None:
        nonlocal holding, most
        async with chance.choice(stores).lock(conversation):
            holding += 1
            most = max(most, holding)
            await asyncio.sleep(chance.random() / 200)
            served.append(number)
            holding -= 1
        done.append(number)

    asked = []
    for number in range(_TURNS):
        asked.append(asyncio.ensure_future(turn(number)))
        await _in_line(conversation, number + 1, done)
    await asyncio.gather(*asked)
    return {"in order": served == sorted(served), "served": len(served), "at once": most}


async def _in_line(conversation: str, asked: int, done: list[int]) -> None:
    """Until the one that asked last has its place: before that, no order is promised between workers."""
    await asyncio.sleep(0)
    while sys.argv[2] and _REDIS.llen(f"shopclerk:line:{conversation}") + len(done) < asked:
        await asyncio.sleep(0.001)


async def _patience(stores: list[Any]) -> str:
    """What somebody gets who waits for less long than the turn before takes; and who comes after."""
    conversation = uuid.uuid4().hex
    async with stores[0].lock(conversation):
        try:
            async with stores[-1].lock(conversation, lock_lifetime=0.1):
                return "served"
        except LockError:
            pass
    async with stores[-1].lock(conversation):
        return "waited in vain, then served"


async def _dead(stores: list[Any]) -> str:
    """A worker died that held the conversation: its place is in the line, and nobody renews it."""
    conversation = uuid.uuid4().hex
    _REDIS.rpush(f"shopclerk:line:{conversation}", "of a dead worker")
    async with stores[0].lock(conversation, lock_lifetime=1):
        return "served"


async def main() -> None:
    stores = [_store(), _store()] if int(sys.argv[1]) > 1 else [_store()]
    told = {"turns": await _turns(stores), "patience": await _patience(stores)}
    if sys.argv[2]:
        told["dead"] = await _dead(stores)
        told["left"] = len(_REDIS.keys("shopclerk:place:*"))
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
