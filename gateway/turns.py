"""One customer's message from arrival to answer, one at a time in each conversation.

Contract: the message is stored before anything is asked; the answer is stored with it, once, so that the same
message id gets the same answer from any gateway; a turn that has begun ends even when its caller is gone. Who
answers, and who speaks with Rasa about a conversation at all, holds its lease (`gateway.lease`).

Nobody waits for longer than `answer_seconds`: then the customer reads that the answer follows, which is
stored as the reply with `pending`, and the answer comes as an event. While a part of the assistant is away,
the message is sent again for up to `patience_seconds` (Rasa answers one message id once); then a person gets
the conversation. Where not even the message can be stored, the caller is told so, and sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from gateway import briefs, replies, rescue, texts
from gateway.errors import TRY_AGAIN_S, Refusal
from gateway.lease import LEASE, LeaseLost, Leases
from gateway.meters import Meters
from gateway.news import News
from gateway.rasa import Rasa, RasaUnavailable
from support.bootstrap import Shop
from support.guard.content import Ruling
from support.model import Holder, Language
from support.services import content, handoff
from support.store import Unanswered, Unit, is_away

log = logging.getLogger(__name__)

Json = dict[str, Any]
_T = TypeVar("_T")
_SHUTDOWN_WAIT_S = 5
# A lease is lost only to a process that stood still for longer than it lasts: twice is once too often.
_TRIES = 2
# Storing a few rows takes so long at most, or the database is as good as away.
_STORED_WITHIN_S = 0.8
# Between two tries while Rasa is away; and how long one may take where that is known.
_PAUSE_S, _LAST_TRY_S = 0.7, 2.5
# While an answer's words are appearing nobody needs to hear that it follows.
_LOOK_EVERY_S = 0.2
_LEFT_OVER = timedelta(minutes=15)
_AT_ONCE = 8


@dataclass(frozen=True)
class Incoming:
    """A message that passed every check; `text` is neutralised and not empty.

    `declared` is the page's language, if it says so; `language` and `spoken` (the words') are never unknown.
    `ruling` is what the content filter found in it.
    """

    conversation_id: str
    message_id: str
    text: str
    attachments: tuple[str, ...]
    declared: Language | None
    language: Language
    spoken: Language
    channel: str
    ruling: Ruling | None = None
    # Where it comes from, without saying where that is: see `gateway.door.origin`.
    origin: str = ""

    @property
    def metadata(self) -> Json:
        """What Rasa keeps beside the text; pictures by reference only.

        The content filter's ruling travels here: made by this process, read by `assistant` and `actions`.

        Without a declared language the conversation stays in the one that it had.
        """
        declared = {"language": self.declared} if self.declared else {}
        ruled = {"content": asdict(self.ruling)} if self.ruling else {}
        return {"attachments": list(self.attachments), "channel": self.channel, **declared, **ruled}


@dataclass(frozen=True)
class _Arrival:
    """What a message has met. `reply` is None while it has to be answered, `leased` whether that may be now.

    `new`: it was not here before. `delivered`: it went to the people's side just now. `returns`: it asked for
    the assistant back.
    """

    leased: bool
    new: bool = False
    reply: Json | None = None
    delivered: bool = False
    returns: bool = False


class Turns:
    """Answers messages. Two in one conversation are answered in order of arrival."""

    def __init__(self, shop: Shop, rasa: Rasa, meters: Meters, news: News) -> None:
        self.leases = Leases(shop.store, shop.clock)
        self._shop, self._rasa, self._meters, self._news = shop, rasa, meters, news
        self._running: set[asyncio.Task[Any]] = set()
        self._waits_for_rasa = asyncio.Lock()

    async def answer(self, incoming: Incoming, is_appearing: Callable[[], bool] = lambda: False) -> Json:
        """`{"messages": [...], "holder": ...}`, in time; what is not ready then follows as an event.

        `is_appearing`: whether the customer sees the words of the answer already.
        """
        turn = self.later(self._timed(incoming))
        patience: float = self._shop.settings.answer_seconds
        while not (await asyncio.wait([turn], timeout=patience))[0]:
            if not is_appearing():
                self.later(self._pursue(incoming, turn))
                return _public(await self.within(_STORED_WITHIN_S, self._promise(incoming)))
            patience = _LOOK_EVERY_S
        return _public(self._result(turn))

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

    async def take_up(self) -> None:
        """Answer what a gateway that ended in the middle of it has left; for the start."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(left: Incoming) -> None:
            async with places:
                await self._pursue(left, self.later(self._timed(left)))

        async with self._shop.store.reading() as unit:
            found = await unit.conversations.unanswered(self._shop.clock() - _LEFT_OVER)
        for left in found:
            self.later(one(_as_it_was(left)))

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
        incoming = await self._judged(incoming)
        async with self.leases.in_turn(incoming.conversation_id):
            outcome, reply = await self._turn(incoming)
        self._meters.messages.labels(outcome).inc()
        self._meters.seconds.observe(time.perf_counter() - started)
        if reply["holder"] == Holder.QUEUE and reply["messages"]:
            self.later(briefs.brief_current(self._shop, incoming.conversation_id))
        return reply

    async def _judged(self, incoming: Incoming) -> Incoming:
        shop = self._shop
        ruling = await content.judge(
            shop.content,
            shop.call_book,
            incoming.text,
            incoming.conversation_id,
            incoming.message_id,
            incoming.spoken,
            llm=shop.llm if shop.settings.content_model else None,
        )
        return replace(incoming, ruling=ruling)

    # --- in time ---------------------------------------------------------------------------------------
    async def _promise(self, incoming: Incoming) -> Json:
        """Store that the answer follows; the answer, if it came in this moment."""
        conversation_id, now = incoming.conversation_id, self._shop.clock()
        async with self._shop.store.writing() as unit:
            await _received(unit, incoming, now)
            holder = await unit.conversations.holder(conversation_id)
            promise = _reply([texts.answer_follows(incoming.spoken)], holder) | {"pending": True}
            if await unit.conversations.reply_to(conversation_id, incoming.message_id, promise):
                self._meters.answers.labels("promise").inc()
                return promise
            return await _stored_reply(unit, incoming) or promise

    async def _pursue(self, incoming: Incoming, turn: asyncio.Task[Json]) -> None:
        """A turn whose customer was told to wait is tried until it ends well: the database may be away."""
        until = time.monotonic() + _LEFT_OVER.total_seconds()
        while (await asyncio.wait([turn]))[0] and turn.exception() and time.monotonic() < until:
            await asyncio.sleep(TRY_AGAIN_S)
            turn = self.later(self._timed(incoming))

    async def _turn(self, incoming: Incoming) -> tuple[str, Json]:
        for _ in range(_TRIES):
            lease = self.leases.new_holder()
            try:
                return await self._once(incoming, lease)
            except LeaseLost:
                log.warning("an answer came too late and is not given: another gateway has the conversation")
            except Exception:
                with suppress(Exception):  # a database that is away: the lease runs out
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
        async with self.leases.renewed(incoming.conversation_id, lease):
            return await self._ask(incoming, lease, again=not arrival.new)

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
            new = await _received(unit, incoming, now)
            earlier = None if new else await _stored_reply(unit, incoming)
            if earlier is not None and not earlier.get("pending"):
                return _Arrival(leased=False, reply=earlier)
            if incoming.ruling:
                await self._label(unit, incoming, incoming.ruling)
            leased = await unit.conversations.lease(conversation_id, lease, now, now + LEASE)
            if not leased and not new:
                return _Arrival(leased)  # perhaps it is being answered
            holder = await handoff.customer_wrote(unit, conversation_id, now)
            returns = texts.asks_for_assistant(incoming.text)
            if holder is Holder.QUEUE and returns:
                if leased:
                    await handoff.leave(unit, conversation_id, now)
            elif holder is not Holder.BOT:
                return _Arrival(leased, reply=await self._deliver(unit, incoming, holder), delivered=True)
            return _Arrival(leased, new, returns=returns)

    async def _label(self, unit: Unit, incoming: Incoming, ruling: Ruling) -> None:
        """For the people at the desk and those who review, in their language."""
        shop, staff = self._shop, self._shop.settings.default_language
        await content.label(unit, shop.content, incoming.conversation_id, ruling, staff, shop.clock())

    async def _deliver(self, unit: Unit, incoming: Incoming, holder: Holder) -> Json:
        """To the people's side, where the answer to come is theirs."""
        payload = {
            "message_id": incoming.message_id,
            "text": incoming.text,
            "attachments": list(incoming.attachments),
        }
        await unit.conversations.tell(incoming.conversation_id, "customer", payload, self._shop.clock())
        return await self._give(unit, incoming, self._meanwhile(incoming, holder), holder)

    def _meanwhile(self, incoming: Incoming, holder: Holder) -> list[Json]:
        """Who may be in danger does not wait in a silent queue."""
        ruling = incoming.ruling
        if ruling is None or ruling.action != "care" or holder is not Holder.QUEUE:
            return []
        return [{"text": self._shop.content.answer(ruling.rule, "care", incoming.spoken)}]

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
    async def _ask(self, incoming: Incoming, lease: str, again: bool) -> tuple[str, Json]:
        wants_person = self._rasa.away_s and texts.asks_for_person(incoming.text)
        raw: list[Json] = []
        try:
            raw = [] if wants_person else await self._from_rasa(incoming, lease, again)
        except RasaUnavailable as error:
            log.warning("Rasa did not answer: %s", error)
        messages = replies.from_rasa(raw)
        if messages or await self._holder(incoming) is Holder.PERSON:
            self._meters.answers.labels(replies.step(raw)).inc()
            return "answered", await self._keep(incoming, lease, messages)
        await self._still_mine(incoming, lease)
        sorry = await rescue.to_a_person(self._shop, incoming.conversation_id, incoming.spoken)
        self._news.wake()
        self._meters.answers.labels("queue").inc()
        return "rescued", await self._keep(incoming, lease, [sorry])

    async def _from_rasa(self, incoming: Incoming, lease: str, again: bool) -> list[Json]:
        """Ask; an empty answer gets one more try, because a tracker that stayed paused says nothing.

        That happens when Rasa was away at the end of a handover, so that `resume` never reached it.
        """
        answer = await self._patiently(incoming, again)
        if answer or await self._holder(incoming) is not Holder.BOT:
            return answer
        await self._still_mine(incoming, lease)
        conversation_id = incoming.conversation_id
        await self._rasa.resume(conversation_id)
        return await self._rasa.send(conversation_id, incoming.text, incoming.message_id, incoming.metadata)

    async def _patiently(self, incoming: Incoming, again: bool) -> list[Json]:
        """Rasa's answer, as soon as it is there; RasaUnavailable when it is away for too long.

        After a while of that one message at a time waits for it to come back; the others hardly wait.
        """
        patience = self._shop.settings.patience_seconds
        if self._rasa.away_s > patience:
            if self._waits_for_rasa.locked():
                return await self._sent_until(time.monotonic() + _LAST_TRY_S, incoming, again)
            async with self._waits_for_rasa:
                return await self._sent_until(time.monotonic() + patience, incoming, again)
        return await self._sent_until(time.monotonic() + patience, incoming, again)

    async def _sent_until(self, until: float, incoming: Incoming, again: bool) -> list[Json]:
        while True:
            left = max(until - time.monotonic(), _PAUSE_S)
            try:
                return await self._rasa.send(
                    incoming.conversation_id,
                    incoming.text,
                    incoming.message_id,
                    incoming.metadata,
                    again=again,
                    within_s=left,
                )
            except RasaUnavailable as error:
                if not error.may_pass or time.monotonic() + _PAUSE_S > until:
                    raise
            again = True
            await asyncio.sleep(_PAUSE_S)

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
            holder = await unit.conversations.holder(conversation_id)
            reply = await self._give(unit, incoming, messages, holder)
        self._news.wake()
        return reply

    async def _give(self, unit: Unit, incoming: Incoming, messages: list[Json], holder: Holder) -> Json:
        """The answer becomes the message's reply, or follows the promise of one; LeaseLost if there is one.

        Who talks with a person by now does not hear the assistant's late words: the person sees them.
        """
        conversation_id, message_id = incoming.conversation_id, incoming.message_id
        reply = _reply(messages, holder)
        if await unit.conversations.reply_to(conversation_id, message_id, reply):
            return reply
        earlier = await _stored_reply(unit, incoming)
        if earlier is None or not earlier.get("pending"):
            raise LeaseLost(conversation_id)
        for message in messages if holder is not Holder.PERSON else ():
            await unit.conversations.tell(conversation_id, "message", message, self._shop.clock())
        reply = _public(earlier) | {"holder": holder.value}
        await unit.conversations.settle(conversation_id, message_id, reply)
        return reply


async def _received(unit: Unit, incoming: Incoming, now: datetime) -> bool:
    """Store the message; False when it was there before."""
    conversation_id = incoming.conversation_id
    await unit.conversations.touch(conversation_id, incoming.channel, incoming.language, now, incoming.origin)
    return await unit.conversations.receive(
        conversation_id, incoming.message_id, incoming.text, incoming.attachments, now
    )


async def _stored_reply(unit: Unit, incoming: Incoming) -> Json | None:
    earlier = await unit.conversations.message(incoming.conversation_id, incoming.message_id)
    return dict(earlier.reply) if earlier and earlier.reply is not None else None


def _reply(messages: list[Json], holder: Holder) -> Json:
    return {"messages": messages, "holder": holder.value}


def _public(reply: Json) -> Json:
    return {name: value for name, value in reply.items() if name != "pending"}


def _as_it_was(left: Unanswered) -> Incoming:
    language: Language = "en" if left.language == "en" else "zh"
    return Incoming(
        conversation_id=left.conversation_id,
        message_id=left.message_id,
        text=left.text,
        attachments=left.attachments,
        declared=None,
        language=language,
        spoken=texts.language_of(left.text, language),
        channel=left.channel,
    )
