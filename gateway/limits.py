"""How much is taken in: requests a minute, by conversation, customer and address, and the size of a body."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import Refusal
from support.settings import Settings

log = logging.getLogger(__name__)

# Redis is one step away. What takes longer is not waited for, and is not asked again for a while: limits are
# then counted in this process, as they are without Redis.
_REDIS_WITHIN_S, _REDIS_RESTS_S = 0.25, 5.0
_PREFIX = "shopclerk:limits"
# JSON may write one character in twelve bytes (\ud83d\ude00); the rest is ids and punctuation.
_BYTES_PER_CHARACTER = 12
_OVERHEAD_BYTES = 16_384
# A client that is still sending does not listen; up to this many times the limit is read and dropped so that
# it hears the refusal. Who sends more finds the connection closed.
_DRAINED_LIMITS = 4


class Limits:
    """Sliding windows, in Redis where there is one for all gateways, else in this process's memory."""

    def __init__(self, settings: Settings) -> None:
        self._conversation = RateLimitItemPerMinute(settings.messages_per_minute)
        self._customer = RateLimitItemPerMinute(settings.customer_messages_per_minute)
        self._address = RateLimitItemPerMinute(settings.address_messages_per_minute)
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = _in_redis(settings.redis_url) if settings.redis_url else None
        self._rests_until = 0.0

    async def check(self, what: str, conversation_id: str, address: str) -> None:
        """Count one `what` (message, upload, ...); Refusal `too_many_messages` when that is too many."""
        await self._count(self._conversation, what, conversation_id)
        await self._count(self._address, what, address)

    async def check_customer(self, what: str, customer_id: str) -> None:
        """As `check`, for all conversations of one customer who has proven to be it."""
        await self._count(self._customer, what, f"customer {customer_id}")

    async def _count(self, item: RateLimitItem, *keys: str) -> None:
        if self._shared and time.monotonic() >= self._rests_until:
            try:
                return await asyncio.wait_for(_hit(self._shared, item, *keys), _REDIS_WITHIN_S)
            except (RedisError, OSError, TimeoutError) as error:
                self._rests_until = time.monotonic() + _REDIS_RESTS_S
                log.warning("limits are counted in this process: Redis does not answer (%s)", error)
        await _hit(self._here, item, *keys)


def _in_redis(url: str) -> SlidingWindowCounterRateLimiter:
    storage: Storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix=_PREFIX)
    return SlidingWindowCounterRateLimiter(storage)


async def _hit(windows: SlidingWindowCounterRateLimiter, item: RateLimitItem, *keys: str) -> None:
    if not await windows.hit(item, *keys):
        reset_at, _ = await windows.get_window_stats(item, *keys)
        raise Refusal("too_many_messages", seconds=max(1, math.ceil(reset_at - time.time())))


class Upload(NamedTuple):
    """How large a file of some kind may be, and the code of the refusal when it is larger."""

    largest: int
    refusal: str


class BodyLimit:
    """ASGI middleware: refuses a body as soon as it is, or says it will be, too large.

    `uploads`: the paths that take files. Everything else is JSON.
    """

    def __init__(self, app: ASGIApp, message_characters: int, uploads: Mapping[str, Upload]) -> None:
        self._app = app
        self._uploads = uploads
        self._json_bytes = message_characters * _BYTES_PER_CHARACTER + _OVERHEAD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit, refusal = self._limit_of(scope)
        if (declared := _declared_length(scope)) > limit:
            if declared <= limit * _DRAINED_LIMITS:
                await _drain(receive, declared)
            return await refusal.response()(scope, receive, send)
        await self._app(scope, _Counted(receive, limit, refusal), send)

    def _limit_of(self, scope: MutableMapping[str, Any]) -> tuple[int, Refusal]:
        if upload := self._uploads.get(scope["path"]):
            refusal = Refusal(upload.refusal, limit=megabytes(upload.largest))
            return upload.largest + _OVERHEAD_BYTES, refusal
        return self._json_bytes, Refusal("body_too_large")


class _Counted:
    """A `receive` that raises once more than `limit` bytes have come."""

    def __init__(self, receive: Receive, limit: int, refusal: Refusal) -> None:
        self._receive, self._limit, self._refusal = receive, limit, refusal
        self._seen = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            await _drain(self._receive, self._limit * _DRAINED_LIMITS, more=message.get("more_body", False))
            raise self._refusal
        return message


async def _drain(receive: Receive, at_most: int, more: bool = True) -> None:
    while more and at_most > 0:
        message = await receive()
        at_most -= len(message.get("body", b""))
        more = message.get("more_body", False)


def _declared_length(scope: MutableMapping[str, Any]) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


def megabytes(size: int) -> str:
    """As people write it: 10, 2.5."""
    return f"{size / 1_000_000:.3g}"
