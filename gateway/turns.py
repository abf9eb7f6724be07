"""One customer's message from arrival to answer, one at a time in each conversation.

Contract: the message is stored before anything is asked; the answer is stored with it, once, so that the same
message id gets the same answer from any gateway; a turn that has begun ends even when its caller is gone. Who
answers, and who speaks with Rasa about a conversation at all, holds its lease (`gateway.lease`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway import briefs, replies, rescue, texts
from gateway.lease import LEASE, LeaseLost, Leases
from gateway.meters import Meters
from gateway.news import News
from gateway.rasa import Rasa, RasaUnavailable
from support.bootstrap import Shop
from support.model import Holder, Language
from support.services import handoff
from support.store import Unit

log = logging.getLogger(__name__)

Json = dict[str, Any]
_T = TypeVar("_T")
_SHUTDOWN_WAIT_S = 5
# A lease is lost only to a process that stood still for longer than it lasts: twice is once too often.
_TRIES = 2


@dataclass(frozen=True)
class Incoming:
    """A message that passed every check; `text` is neutralised and not empty.

    `declared` is the page's language, if it says so; `language` and `spoken` (the words') are never unknown.
    """

    conversation_id: str
    message_id: str
    text: str
    attachments: tuple[str, ...]
    declared: Language | None
    language: Language
    spoken: Language
    channel: str

    @property
    def metadata(self) -> Json:
        """What Rasa keeps beside the text; pictures by reference only.

        Without a declared language the conversation stays in the one that it had.
        """
        declared = {"language": self.declared} if self.declared else {}
        return {"attachments": list(self.attachments), "channel": self.channel, **declared}


@dataclass(frozen=True)
class _Arrival:
    """What a message has met. `reply` is None while it has to be answered, `leased` whether that may be now.

    `delivered`: it went to the people's side just now. `returns`: it asked for the assistant back.
    """

    leased: bool
    reply: Json | None = None
    delivered: bool = False
    returns: bool = False


class Turns:
    """Answers messages. Two in one conversation are answered in order of arrival."""

    def __init__(self, shop: Shop, rasa: Rasa, meters: Meters, news: News) -> None:
        self.leases = Leases(shop.store, shop.clock)
        self._shop, self._rasa, self._meters, self._news = shop, rasa, meters, news
        self._running: set[asyncio.Task[Any]] = set()

    async def answer(self, incoming: Incoming) -> Json:
        """`{"messages": [...], "holder": ...}`."""
        return await asyncio.shield(self.later(self._timed(incoming)))

    def later(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Begin something that ends even if nobody waits for it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self) -> None:
        """Let what is running end; for shutdown."""
        if self._running:
            await asyncio.wait(self._running, timeout=_SHUTDOWN_WAIT_S)

    def resume_later(self, conversation_id: str) -> None:
        """Let Rasa answer again, before this process's next message to the conversation is answered."""

        async def resume() -> None:
            async with self.leases.alone(conversation_id):
                await self._resume(conversation_id)

        self.later(resume())

    async def _resume(self, conversation_id: str) -> None:
        """If Rasa is away now, the next message's second try does it."""
        try:
            await self._rasa.resume(conversation_id)
        except RasaUnavailable as error:
            log.warning("Rasa was not told that the handover ended: %s", error)

    async def _timed(self, incoming: Incoming) -> Json:
        started = time.perf_counter()
        async with self.leases.in_turn(incoming.conversation_id):
            outcome, reply = await self._turn(incoming)
        self._meters.messages.labels(outcome).inc()
        self._meters.seconds.observe(time.perf_counter() - started)
        if reply["holder"] == Holder.QUEUE and reply["messages"]:
            self.later(briefs.brief_current(self._shop, incoming.conversation_id))
        return reply

    async def _turn(self, incoming: Incoming) -> tuple[str, Json]:
        for _ in range(_TRIES):
            lease = self.leases.new_holder()
            try:
                return await self._once(incoming, lease)
            except LeaseLost:
                log.warning("an answer came too late and is not given: another gateway has the conversation")
            except Exception:
                await self.leases.give_up(incoming.conversation_id, lease)
                raise
        raise LeaseLost(incoming.conversation_id)

    async def _once(self, incoming: Incoming, lease: str) -> tuple[str, Json]:
        arrival = await self._arrive(incoming, lease)
        if arrival.delivered:
            self._news.wake()
            await self._note(incoming, lease, arrival.leased)
        if arrival.reply is not None:
            return "to_person" if arrival.delivered else "duplicate", arrival.reply
        if arrival.returns:
            self._news.wake()
            await self._resume(incoming.conversation_id)
            welcome = texts.welcome_back(incoming.spoken)
            return "left_queue", await self._keep(incoming, lease, [welcome])
        return await self._ask(incoming, lease)

    # --- arriving ------------------------------------------------------------------------------------
    async def _arrive(self, incoming: Incoming, lease: str) -> _Arrival:
        while True:
            arrival = await self._receive(incoming, lease)
            if arrival.leased or arrival.reply is not None:
                return arrival
            await self.leases.until_free(incoming.conversation_id)

    async def _receive(self, incoming: Incoming, lease: str) -> _Arrival:
        """Store the message; one that is for people is delivered and answered with it, leased or not."""
        conversation_id, now = incoming.conversation_id, self._shop.clock()
        async with self._shop.store.writing() as unit:
            conversations = unit.conversations
            await conversations.touch(conversation_id, incoming.channel, incoming.language, now)
            new = await conversations.receive(
                conversation_id, incoming.message_id, incoming.text, incoming.attachments, now
            )
            if not new and (earlier := await _earlier_reply(unit, incoming)) is not None:
                return _Arrival(leased=False, reply=earlier)
            leased = await conversations.lease(conversation_id, lease, now, now + LEASE)
            if not leased and not new:
                return _Arrival(leased)  # perhaps it is being answered
            holder = await handoff.customer_wrote(unit, conversation_id, now)
            returns = texts.asks_for_assistant(incoming.text)
            if holder is Holder.QUEUE and returns:
                if leased:
                    await handoff.leave(unit, conversation_id, now)
            elif holder is not Holder.BOT:
                return _Arrival(leased, await self._deliver(unit, incoming, holder), delivered=True)
            return _Arrival(leased, returns=returns)

    async def _deliver(self, unit: Unit, incoming: Incoming, holder: Holder) -> Json:
        """To the people's side, where the answer to come is theirs."""
        payload = {
            "message_id": incoming.message_id,
            "text": incoming.text,
            "attachments": list(incoming.attachments),
        }
        reply = _reply([], holder)
        await unit.conversations.tell(incoming.conversation_id, "customer", payload, self._shop.clock())
        await unit.conversations.reply_to(incoming.conversation_id, incoming.message_id, reply)
        return reply

    async def _note(self, incoming: Incoming, lease: str, leased: bool) -> None:
        """Into Rasa's tracker, after what is being done there."""
        conversation_id = incoming.conversation_id
        if not leased:
            await self.leases.get(conversation_id, lease)
        try:
            await self._rasa.note_customer(
                conversation_id, incoming.text, incoming.message_id, incoming.metadata
            )
        except RasaUnavailable as error:
            log.warning("a message to a person is missing in Rasa's tracker: %s", error)
        finally:
            await self.leases.give_up(conversation_id, lease)

    # --- answering -----------------------------------------------------------------------------------
    async def _ask(self, incoming: Incoming, lease: str) -> tuple[str, Json]:
        try:
            messages = replies.from_rasa(await self._from_rasa(incoming, lease))
        except RasaUnavailable as error:
            log.warning("Rasa did not answer: %s", error)
            messages = []
        if messages or await self._holder(incoming) is Holder.PERSON:
            return "answered", await self._keep(incoming, lease, messages)
        await self._still_mine(incoming, lease)
        sorry = await rescue.to_a_person(self._shop, incoming.conversation_id, incoming.spoken)
        self._news.wake()
        return "rescued", await self._keep(incoming, lease, [sorry])

    async def _from_rasa(self, incoming: Incoming, lease: str) -> list[Json]:
        """Ask; an empty answer gets one more try, because a tracker that stayed paused says nothing.

        That happens when Rasa was away at the end of a handover, so that `resume` never reached it.
        """
        conversation_id, metadata = incoming.conversation_id, incoming.metadata
        answer = await self._rasa.send(conversation_id, incoming.text, incoming.message_id, metadata)
        if answer or await self._holder(incoming) is not Holder.BOT:
            return answer
        await self._still_mine(incoming, lease)
        await self._rasa.resume(conversation_id)
        return await self._rasa.send(conversation_id, incoming.text, incoming.message_id, metadata)

    async def _holder(self, incoming: Incoming) -> Holder:
        async with self._shop.store.reading() as unit:
            return await unit.conversations.holder(incoming.conversation_id)

    async def _still_mine(self, incoming: Incoming, lease: str) -> None:
        if not await self.leases.renew(incoming.conversation_id, lease):
            raise LeaseLost(incoming.conversation_id)

    async def _keep(self, incoming: Incoming, lease: str, messages: list[Json]) -> Json:
        """Store the answer and give up the lease; LeaseLost, and nothing is stored, if it was not ours."""
        conversation_id = incoming.conversation_id
        async with self._shop.store.writing() as unit:
            if not await unit.conversations.release(conversation_id, lease):
                raise LeaseLost(conversation_id)
            reply = _reply(messages, await unit.conversations.holder(conversation_id))
            if not await unit.conversations.reply_to(conversation_id, incoming.message_id, reply):
                raise LeaseLost(conversation_id)
        return reply


async def _earlier_reply(unit: Unit, incoming: Incoming) -> Json | None:
    earlier = await unit.conversations.message(incoming.conversation_id, incoming.message_id)
    return dict(earlier.reply) if earlier and earlier.reply is not None else None


def _reply(messages: list[Json], holder: Holder) -> Json:
    return {"messages": messages, "holder": holder.value}
