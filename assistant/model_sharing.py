"""With several Rasa workers: a model that one of them was told to load is loaded by all.

`PUT /model` reaches one worker. When it has loaded the model, it tells the others through Redis and answers
once they have it too, so that the next question, whichever worker gets it, is answered by the new model. A
worker that cannot load it keeps the one that it has.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import time
import uuid
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

log = logging.getLogger(__name__)

_LOADED_WITHIN_S = 30
_AGAIN_AFTER_S = 1
_LOOK_EVERY_S = 0.2


async def share_models(app: Sanic) -> None:
    """Once the server has its first model; nothing with one worker."""
    workers = int(os.environ.get("SHOPCLERK_RASA_WORKERS") or 1)
    if workers > 1:
        shared = _Shared(app, workers, os.environ["SHOPCLERK_REDIS_URL"])
        app.add_task(shared.follow())
        app.register_middleware(shared.tell, "response")


class _Shared:
    def __init__(self, app: Sanic, workers: int, url: str) -> None:
        self._app, self._workers = app, workers
        self._redis = redis.asyncio.from_url(url)
        # Of this installation, where several share a Redis; known to its workers only.
        secret = os.environ["SHOPCLERK_CHANNEL_SECRET"]
        self._channel = f"shopclerk:models:{hashlib.sha256(secret.encode()).hexdigest()[:16]}"
        self._name = uuid.uuid4().hex

    async def tell(self, request: Request, _response: HTTPResponse) -> None:
        """After `PUT /model`: wait until the others have what this worker has."""
        agent = self._app.ctx.agent
        if request.method != "PUT" or request.path != "/model" or not agent.is_ready():
            return
        done = f"{self._channel}:{uuid.uuid4().hex}"
        told = {"path": str(agent.processor.model_path), "by": self._name, "done": done}
        await self._all_listen()
        others = await self._redis.publish(self._channel, json.dumps(told)) - 1
        for _ in range(others):
            await self._redis.blpop(done, timeout=_LOADED_WITHIN_S)

    async def _all_listen(self) -> None:
        """A worker that still starts would come with the model before."""
        until = time.monotonic() + _LOADED_WITHIN_S
        while time.monotonic() < until:
            [(_, listening)] = await self._redis.pubsub_numsub(self._channel)
            if listening >= self._workers:
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def follow(self) -> None:
        """Load what another worker has loaded, for as long as this one lives."""
        while True:
            try:
                async with self._redis.pubsub() as listening:
                    await listening.subscribe(self._channel)
                    async for message in listening.listen():
                        if message["type"] == "message":
                            await self._load(json.loads(message["data"]))
            except RedisError as error:
                log.warning("new models of other workers are not heard of: %s", type(error).__name__)
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _load(self, told: dict[str, Any]) -> None:
        if told["by"] == self._name:
            return
        try:
            self._app.ctx.agent.load_model(told["path"])
        except Exception:
            log.exception("another worker's model could not be loaded; the one before stays in use")
        await self._redis.rpush(told["done"], "1")
        await self._redis.expire(told["done"], _LOADED_WITHIN_S)
