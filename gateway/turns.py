"""One customer's message from arrival to answer, one at a time in each conversation.

Contract: the message is stored before anything is asked; the answer is stored with it, so that the same
message id gets the same answer; a turn that has begun ends even when its caller is gone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from gateway import replies, rescue, texts
from gateway.meters import Meters
from gateway.rasa import Rasa, RasaUnavailable
from support.bootstrap import Shop
from support.model import Holder, Language
from support.services import handoff
from support.store import Unit

log = logging.getLogger(__name__)

Json = dict[str, Any]
_SHUTDOWN_WAIT_S = 5


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


class Turns:
    """Answers messages. Two in one conversation are answered in order of arrival."""

    def __init__(self, shop: Shop, rasa: Rasa, meters: Meters) -> None:
        self._shop, self._rasa, self._meters = shop, rasa, meters
        # A lock lives as long as somebody holds or awaits it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[Json]] = set()

    async def answer(self, incoming: Incoming) -> Json:
        """`{"messages": [...], "holder": ...}`."""
        turn = asyncio.create_task(self._timed(incoming))
        self._running.add(turn)
        turn.add_done_callback(self._running.discard)
        return await asyncio.shield(turn)

    async def finish(self) -> None:
        """Let running turns end; for shutdown."""
        if self._running:
            await asyncio.wait(self._running, timeout=_SHUTDOWN_WAIT_S)

    @asynccontextmanager
    async def alone(self, conversation_id: str) -> AsyncIterator[None]:
        """Nothing else happens in this conversation meanwhile."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield

    async def _timed(self, incoming: Incoming) -> Json:
        started = time.perf_counter()
        async with self.alone(incoming.conversation_id):
            outcome, reply = await self._turn(incoming)
        self._meters.messages.labels(outcome).inc()
        self._meters.seconds.observe(time.perf_counter() - started)
        return reply

    async def _turn(self, incoming: Incoming) -> tuple[str, Json]:
        holder, earlier = await self._receive(incoming)
        if earlier is not None:
            return "duplicate", dict(earlier)
        if holder is Holder.BOT:
            return await self._ask(incoming)
        if holder is Holder.QUEUE and texts.asks_for_assistant(incoming.text):
            return await self._leave_queue(incoming)
        await self._note(incoming)
        return "to_person", _reply([], holder)

    async def _receive(self, incoming: Incoming) -> tuple[Holder, Mapping[str, Any] | None]:
        """Store the message. With a person, one transaction also tells the staff's side and answers it."""
        conversation_id, message_id, now = incoming.conversation_id, incoming.message_id, self._shop.clock()
        async with self._shop.store.writing() as unit:
            conversations = unit.conversations
            await conversations.touch(conversation_id, incoming.channel, incoming.language, now)
            new = await conversations.receive(
                conversation_id, message_id, incoming.text, incoming.attachments, now
            )
            holder = await conversations.holder(conversation_id)
            if not new:
                earlier = await conversations.message(conversation_id, message_id)
                if earlier and earlier.reply is not None:
                    return holder, earlier.reply
            leaves = holder is Holder.QUEUE and texts.asks_for_assistant(incoming.text)
            if holder is not Holder.BOT and not leaves:
                payload = {
                    "message_id": message_id,
                    "text": incoming.text,
                    "attachments": list(incoming.attachments),
                }
                await conversations.tell(conversation_id, "customer", payload, now)
                await conversations.reply_to(conversation_id, message_id, _reply([], holder))
        return holder, None

    async def _ask(self, incoming: Incoming) -> tuple[str, Json]:
        try:
            messages = replies.from_rasa(await self._from_rasa(incoming))
        except RasaUnavailable as error:
            log.warning("Rasa did not answer: %s", error)
            messages = []
        async with self._shop.store.writing() as unit:
            holder = await unit.conversations.holder(incoming.conversation_id)
            if messages or holder is Holder.PERSON:
                return "answered", await _keep(unit, incoming, _reply(messages, holder))
        return "rescued", await self._rescue(incoming)

    async def _from_rasa(self, incoming: Incoming) -> list[Json]:
        """Ask; an empty answer gets one more try, because a tracker that stayed paused says nothing.

        That happens when Rasa was away at the end of a handover, so that `resume` never reached it.
        """
        conversation_id, metadata = incoming.conversation_id, incoming.metadata
        answer = await self._rasa.send(conversation_id, incoming.text, incoming.message_id, metadata)
        if answer:
            return answer
        async with self._shop.store.reading() as unit:
            if await unit.conversations.holder(conversation_id) is not Holder.BOT:
                return []
        await self._rasa.resume(conversation_id)
        return await self._rasa.send(conversation_id, incoming.text, incoming.message_id, metadata)

    async def _rescue(self, incoming: Incoming) -> Json:
        message = await rescue.to_a_person(self._shop, incoming.conversation_id, incoming.spoken)
        async with self._shop.store.writing() as unit:
            return await _keep(unit, incoming, _reply([message], Holder.QUEUE))

    async def _leave_queue(self, incoming: Incoming) -> tuple[str, Json]:
        conversation_id = incoming.conversation_id
        async with self._shop.store.reading() as unit:
            handover = await unit.handovers.current(conversation_id)
        try:
            if handover:
                await handoff.close(self._shop.store, handover.id, "left", self._shop.clock())
        except handoff.NotPossible:
            pass  # a person ended it in this moment, which is what was asked for
        await self.resume(conversation_id)
        async with self._shop.store.writing() as unit:
            reply = _reply([texts.welcome_back(incoming.spoken)], Holder.BOT)
            return "left_queue", await _keep(unit, incoming, reply)

    async def resume(self, conversation_id: str) -> None:
        """Let Rasa answer again; if it is away now, the next message's second try does it."""
        try:
            await self._rasa.resume(conversation_id)
        except RasaUnavailable as error:
            log.warning("Rasa was not told that the handover ended: %s", error)

    async def _note(self, incoming: Incoming) -> None:
        try:
            await self._rasa.note_customer(
                incoming.conversation_id, incoming.text, incoming.message_id, incoming.metadata
            )
        except RasaUnavailable as error:
            log.warning("a message to a person is missing in Rasa's tracker: %s", error)


def _reply(messages: list[Json], holder: Holder) -> Json:
    return {"messages": messages, "holder": holder.value}


async def _keep(unit: Unit, incoming: Incoming, reply: Json) -> Json:
    await unit.conversations.reply_to(incoming.conversation_id, incoming.message_id, reply)
    return reply
