"""One turn at a time in a conversation, first come first served: in one Rasa process, or in several by Redis.

    lock_store:
      type: assistant.lock_store.LockStore
      url: ${SHOPCLERK_REDIS_URL}             # asked with several workers only
      workers: ${SHOPCLERK_RASA_WORKERS}

Rasa's own lock looks once a second whether it is free, and its Redis form reads, changes and writes in three
steps, so that two workers can hold one lock. Here a waiting turn is told at once in one process. With Redis,
each turn has a place in the conversation's line, taken and left in one step; the places of a worker that
died are passed over when they have not been renewed for `_LOST_AFTER_S`.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any
from weakref import WeakValueDictionary

import redis.asyncio
from rasa.core.lock_store import LOCK_LIFETIME, LockError
from rasa.core.lock_store import LockStore as RasaLockStore
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import RedisError

_LOOK_EVERY_S = 0.01
_RENEWED_EVERY_S = 5
# Longer than a worker's event loop may stand still, for example while it loads a model.
_LOST_AFTER_S = 30
_REDIS_WITHIN_S = 3

# KEYS: the line. ARGV: a place, the prefix of places, milliseconds. Whether it is the first place that lives.
_IS_FIRST = """
while true do
  local first = redis.call('LINDEX', KEYS[1], 0)
  if first == ARGV[1] then return 1 end
  if not first then return -1 end
  if redis.call('EXISTS', ARGV[2] .. first) == 1 then return 0 end
  redis.call('LPOP', KEYS[1])
end
"""
_ENTER = f"""
redis.call('SET', ARGV[2] .. ARGV[1], '', 'PX', ARGV[3])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], 10 * ARGV[3])
{_IS_FIRST}
"""
_LEAVE = """
redis.call('DEL', ARGV[2] .. ARGV[1])
return redis.call('LREM', KEYS[1], 1, ARGV[1])
"""


class LockStore(RasaLockStore):
    """What `endpoints.yml` names."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        url, workers = endpoint_config.url, int(endpoint_config.kwargs.get("workers") or 1)
        if workers > 1 and not url:
            raise ValueError("several Rasa workers need SHOPCLERK_REDIS_URL: they share the locks there")
        self._lines: _Own | _Shared = _Shared(url) if workers > 1 else _Own()

    def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AbstractAsyncContextManager[None]:
        """Holds the conversation; LockError when its turn did not come in `lock_lifetime` seconds."""
        return self._lines.hold(conversation_id, lock_lifetime)


class _Own:
    """The lines of this process. A lock lives as long as somebody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, conversation_id: str, patience_s: float) -> AsyncIterator[None]:
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        try:
            # Without a task of its own where nobody is before.
            await (asyncio.wait_for(lock.acquire(), patience_s) if lock.locked() else lock.acquire())
        except asyncio.TimeoutError as error:  # noqa: UP041  (Python 3.10)
            raise LockError(f"the turn before took longer than {patience_s:g} s") from error
        try:
            yield
        finally:
            lock.release()


class _Shared:
    """The lines in Redis, for all workers."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.from_url(
            url,
            socket_timeout=_REDIS_WITHIN_S,
            socket_connect_timeout=_REDIS_WITHIN_S,
            client_name=f"shopclerk-rasa-{os.getpid()}",
        )
        # Places are asked for on several connections: those of one conversation one after the other.
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._enter = self._redis.register_script(_ENTER)
        self._is_first = self._redis.register_script(_IS_FIRST)
        self._leave = self._redis.register_script(_LEAVE)

    @asynccontextmanager
    async def hold(self, conversation_id: str, patience_s: float) -> AsyncIterator[None]:
        place = uuid.uuid4().hex
        keys = [f"shopclerk:line:{conversation_id}"]
        arguments = [place, "shopclerk:place:", 1000 * _LOST_AFTER_S]
        renewing = asyncio.ensure_future(self._renew(f"shopclerk:place:{place}"))
        try:
            async with self._doors.setdefault(conversation_id, asyncio.Lock()):
                first = await self._asked(self._enter, keys, arguments)
            await self._wait(first, keys, arguments, patience_s)
            yield
        finally:
            renewing.cancel()
            # A place that cannot be left is passed over when it is not renewed.
            with suppress(RedisError):
                await self._leave(keys, arguments)

    async def _wait(self, first: int, keys: list[str], arguments: list[Any], patience_s: float) -> None:
        until = asyncio.get_running_loop().time() + patience_s
        while first == 0:
            if asyncio.get_running_loop().time() > until:
                raise LockError(f"the turns before took longer than {patience_s:g} s")
            await asyncio.sleep(_LOOK_EVERY_S)
            first = await self._asked(self._is_first, keys, arguments)
        if first < 0:
            raise LockError("the place in the conversation's line was lost")

    async def _asked(self, script: Any, keys: list[str], arguments: list[Any]) -> int:
        try:
            return int(await script(keys, arguments))
        except RedisError as error:
            raise LockError(f"Redis: {type(error).__name__}") from error

    async def _renew(self, place: str) -> None:
        while True:
            await asyncio.sleep(_RENEWED_EVERY_S)
            with suppress(RedisError):
                await self._redis.pexpire(place, 1000 * _LOST_AFTER_S)
