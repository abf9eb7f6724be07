"""One writer at a time in a conversation: in this process by a lock, among several gateways by a lease.

The lease is in the conversation's row and runs out by itself, so that a gateway that dies in the middle
of a message holds nobody up for longer than `LEASE`; who is still at work makes it longer. It is taken in the
transaction that stores the message and given up in the one that stores the answer; who finds it gone must not
write any more.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from support.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
_RENEW_EVERY_S = 3.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _GROWTH = 0.05, 0.5, 1.6


class LeaseLost(Exception):
    """Somebody else writes in this conversation now."""


class Leases:
    """The leases of one gateway; a holder is one message's or one errand's, never a process's."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._clock, self._sleep = store, clock, sleep
        # A lock lives as long as somebody holds or awaits it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._renewing: set[asyncio.Task[None]] = set()

    @staticmethod
    def new_holder() -> str:
        return uuid.uuid4().hex

    @asynccontextmanager
    async def in_turn(self, conversation_id: str) -> AsyncIterator[None]:
        """After everything that this process began before in the conversation."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield

    @asynccontextmanager
    async def alone(self, conversation_id: str) -> AsyncIterator[None]:
        """Nobody else writes in this conversation meanwhile, in any process."""
        holder = self.new_holder()
        async with self.in_turn(conversation_id):
            await self.get(conversation_id, holder)
            try:
                yield
            finally:
                await self.give_up(conversation_id, holder)

    async def get(self, conversation_id: str, holder: str) -> None:
        """Wait for the lease."""
        while not await self.renew(conversation_id, holder):
            await self.until_free(conversation_id)

    async def renew(self, conversation_id: str, holder: str) -> bool:
        """Get the lease, or keep it for longer; False when somebody else has it."""
        now = self._clock()
        async with self._store.writing() as unit:
            return await unit.conversations.lease(conversation_id, holder, now, now + LEASE)

    @asynccontextmanager
    async def renewed(self, conversation_id: str, holder: str) -> AsyncIterator[None]:
        """The lease, which the caller has, lasts for as long as the block does."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(_RENEW_EVERY_S)
                # A transaction that is cut off would keep SQLite's lock: it ends, whatever becomes of us. The
                # loop alone would let it be collected.
                running = asyncio.create_task(self._try_to_renew(conversation_id, holder))
                self._renewing.add(running)
                running.add_done_callback(self._renewing.discard)
                await asyncio.shield(running)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()

    async def _try_to_renew(self, conversation_id: str, holder: str) -> None:
        try:
            async with self._store.writing() as unit:
                await unit.conversations.extend_lease(conversation_id, holder, self._clock() + LEASE)
        except Exception as error:
            # Whatever the database's driver raises; whether it is still ours is seen when the answer is kept.
            log.warning("a lease could not be renewed: %s", type(error).__name__)

    async def give_up(self, conversation_id: str, holder: str) -> None:
        """Let others write, if this holder still had the lease."""
        async with self._store.writing() as unit:
            await unit.conversations.release(conversation_id, holder)

    async def until_free(self, conversation_id: str) -> None:
        """Wait until the present lease is given up or has run out."""
        pause = _FIRST_PAUSE_S
        while True:
            async with self._store.reading() as unit:
                until = await unit.conversations.leased_until(conversation_id)
            now = self._clock()
            if until is None or not now < until <= now + 2 * LEASE:
                return
            await self._sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_S)
