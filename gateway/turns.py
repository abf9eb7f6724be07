"""Customers' messages from arrival to answer: in order, in time, and to their end.

Contract: two messages of one conversation are answered in order of arrival; a turn that has begun ends even
when its caller is gone. What a turn is: `gateway.turn`.

Nobody waits for longer than `answer_seconds` from the message's arrival: then the customer reads that the
answer follows, which is stored as the reply with `pending`, and the answer comes as an event. While a part of
the assistant is away, the message is sent again for up to `patience_seconds`; then a person gets the
conversation. Where not even the message can be stored, the caller is told so, and sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from gateway import briefs
from gateway.arrivals import Arrivals
from gateway.errors import TRY_AGAIN_S, Refusal
from gateway.incoming import Incoming, Json, as_it_was, public
from gateway.lease import Leases
from gateway.meters import Meters
from gateway.news import News
from gateway.rasa import Rasa
from gateway.turn import Answerer
from support.bootstrap import Shop
from support.model import Holder
from support.store import is_away

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_SHUTDOWN_WAIT_S = 5
# Storing a promise takes so long at most, or the database is as good as away.
_PROMISED_WITHIN_S = 1.2
# While an answer's words are appearing nobody needs to hear that it follows.
_LOOK_EVERY_S = 0.2
_LEFT_OVER = timedelta(minutes=15)
_AT_ONCE = 8


class Turns:
    """Answers messages. Two in one conversation are answered in order of arrival."""

    def __init__(
        self, shop: Shop, rasa: Rasa, meters: Meters, news: News, leases: Leases | None = None
    ) -> None:
        self.leases = leases or Leases(shop.store, shop.clock)
        self._shop, self._meters = shop, meters
        self._arrivals = Arrivals(shop, self.leases)
        self._answerer = Answerer(shop, rasa, self.leases, self._arrivals, meters, news)
        self._running: set[asyncio.Task[Any]] = set()

    async def answer(self, incoming: Incoming, is_appearing: Callable[[], bool] = lambda: False) -> Json:
        """`{"messages": [...], "holder": ...}`, in time; what is not ready then follows as an event.

        `is_appearing`: whether the customer sees the words of the answer already.
        """
        turn = self.later(self._timed(incoming))
        patience = max(0.0, incoming.arrived + self._shop.settings.answer_seconds - time.monotonic())
        while not (await asyncio.wait([turn], timeout=patience))[0]:
            if not is_appearing():
                self.later(self._pursue(incoming, turn))
                return public(await self.within(_PROMISED_WITHIN_S, self._promise(incoming)))
            patience = _LOOK_EVERY_S
        return public(self._result(turn))

    async def within(self, seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
        """What takes longer ends all the same, but its caller is told to come again (Refusal)."""
        task = self.later(work)
        if not (await asyncio.wait([task], timeout=seconds))[0]:
            raise self._refusal()
        return self._result(task)

    def _result(self, task: asyncio.Task[_T]) -> _T:
        if (error := task.exception()) and is_away(error):
            raise self._refusal() from error
        return task.result()

    def _refusal(self) -> Refusal:
        self._meters.answers.labels("refused").inc()
        return Refusal("unavailable", seconds=TRY_AGAIN_S)

    # --- one turn --------------------------------------------------------------------------------------
    async def _timed(self, incoming: Incoming) -> Json:
        started = time.perf_counter()
        incoming = await self._answerer.judged(incoming)
        async with self.leases.in_turn(incoming.conversation_id):
            outcome, reply = await self._answerer.turn(incoming)
        self._meters.messages.labels(outcome).inc()
        self._meters.seconds.observe(time.perf_counter() - started)
        if reply["holder"] == Holder.QUEUE and reply["messages"]:
            self.later(briefs.brief_current(self._shop, incoming.conversation_id))
        return reply

    # --- what could not be in time ---------------------------------------------------------------------
    async def _promise(self, incoming: Incoming) -> Json:
        """The promise that the answer follows; the answer, if it came in this moment."""
        reply, promised = await self._arrivals.promise(incoming)
        if promised:
            self._meters.answers.labels("promise").inc()
        return reply

    async def _pursue(self, incoming: Incoming, turn: asyncio.Task[Json]) -> None:
        """A turn whose customer was told to wait is tried until it ends well: the database may be away."""
        until = time.monotonic() + _LEFT_OVER.total_seconds()
        while (await asyncio.wait([turn]))[0] and turn.exception() and time.monotonic() < until:
            await asyncio.sleep(TRY_AGAIN_S)
            turn = self.later(self._timed(incoming))

    async def take_up(self) -> None:
        """Answer what a gateway that ended in the middle of it has left; for the start."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(left: Incoming) -> None:
            async with places:
                await self._pursue(left, self.later(self._timed(left)))

        async with self._shop.store.reading() as unit:
            found = await unit.conversations.unanswered(self._shop.clock() - _LEFT_OVER)
        for left in found:
            self.later(one(as_it_was(left)))

    def resume_later(self, conversation_id: str) -> None:
        """Let Rasa answer again, before this process's next message to the conversation is answered."""

        async def resume() -> None:
            async with self.leases.alone(conversation_id):
                await self._answerer.resume(conversation_id)

        self.later(resume())

    # --- to the end --------------------------------------------------------------------------------------
    def later(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Begin something that ends even if nobody waits for it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # Here as well as where it is waited for: its caller may have gone.
            log.warning("not finished: %s", type(error).__name__)

    async def finish(self) -> None:
        """Let what is running end; for shutdown."""
        if self._running:
            await asyncio.wait(self._running, timeout=_SHUTDOWN_WAIT_S)
