"""One turn: a message is taken in and answered by Rasa, or whoever is next, under its conversation's lease.

Contract: the message is stored before anything is asked; the answer is stored with it, once, so that the same
message id gets the same answer from any gateway. Who answers, and who speaks with Rasa about a conversation
at all, holds its lease (`gateway.lease`).
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

from gateway import replies, rescue, texts
from gateway.arrivals import Arrivals
from gateway.asking import Asking
from gateway.incoming import Incoming, Json
from gateway.lease import LeaseLost, Leases
from gateway.meters import Meters
from gateway.news import News
from gateway.rasa import Rasa, RasaUnavailable
from support.bootstrap import Shop
from support.model import Holder
from support.services import content

log = logging.getLogger(__name__)

# A lease is lost only to a process that stood still for longer than it lasts: twice is once too often.
_TRIES = 2


class Answerer:
    """Makes turns. One at a time in a conversation, for which the caller sees to it in this process."""

    def __init__(
        self, shop: Shop, rasa: Rasa, leases: Leases, arrivals: Arrivals, meters: Meters, news: News
    ) -> None:
        self._shop, self._rasa, self._leases, self._arrivals = shop, rasa, leases, arrivals
        self._meters, self._news = meters, news
        self._asking = Asking(rasa, shop.settings.patience_seconds)

    async def judged(self, incoming: Incoming) -> Incoming:
        """The message with what the content filter says of it."""
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

    async def turn(self, incoming: Incoming) -> tuple[str, Json]:
        """How it ended (see `gateway.meters`), and the reply that is stored with the message now."""
        for _ in range(_TRIES):
            lease = self._leases.new_holder()
            try:
                return await self._once(incoming, lease)
            except LeaseLost:
                log.warning("an answer came too late and is not given: another gateway has the conversation")
            except Exception:
                with suppress(Exception):  # a database that is away: the lease runs out
                    await self._leases.give_up(incoming.conversation_id, lease)
                raise
        raise LeaseLost(incoming.conversation_id)

    async def resume(self, conversation_id: str) -> None:
        """Let Rasa answer again. If it is away now, the next message's second try does it."""
        try:
            await self._rasa.resume(conversation_id)
        except RasaUnavailable as error:
            log.warning("Rasa was not told that the handover ended: %s", error)

    async def _once(self, incoming: Incoming, lease: str) -> tuple[str, Json]:
        arrival = await self._arrivals.take_in(incoming, lease)
        if arrival.delivered:
            self._news.wake()
            await self._note(incoming, lease, arrival.leased)
        if arrival.reply is not None:
            return "to_person" if arrival.delivered else "duplicate", arrival.reply
        if arrival.returns:
            self._news.wake()
            await self.resume(incoming.conversation_id)
            welcome = texts.welcome_back(incoming.spoken)
            return "left_queue", await self._keep(incoming, lease, [welcome])
        async with self._leases.renewed(incoming.conversation_id, lease):
            return await self._ask(incoming, lease, again=not arrival.new)

    async def _note(self, incoming: Incoming, lease: str, leased: bool) -> None:
        """Into Rasa's tracker, after what is being done there."""
        conversation_id = incoming.conversation_id
        if not leased:
            await self._leases.get(conversation_id, lease)
        try:
            await self._rasa.note_customer(
                conversation_id, incoming.text, incoming.message_id, incoming.metadata
            )
        except RasaUnavailable as error:
            log.warning("a message to a person is missing in Rasa's tracker: %s", error)
        finally:
            await self._leases.give_up(conversation_id, lease)

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
        answer = await self._asking.answer(incoming, again)
        if answer or await self._holder(incoming) is not Holder.BOT:
            return answer
        await self._still_mine(incoming, lease)
        conversation_id = incoming.conversation_id
        await self._rasa.resume(conversation_id)
        return await self._rasa.send(conversation_id, incoming.text, incoming.message_id, incoming.metadata)

    async def _holder(self, incoming: Incoming) -> Holder:
        async with self._shop.store.reading() as unit:
            return await unit.conversations.holder(incoming.conversation_id)

    async def _still_mine(self, incoming: Incoming, lease: str) -> None:
        if not await self._leases.renew(incoming.conversation_id, lease):
            raise LeaseLost(incoming.conversation_id)

    async def _keep(self, incoming: Incoming, lease: str, messages: list[Json]) -> Json:
        kept = await self._arrivals.keep(incoming, lease, messages)
        self._news.wake()
        return kept
