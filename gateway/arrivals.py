"""A message comes in: it is stored once, its conversation's lease is taken, what is for people goes there.

All in one transaction, so that a message is never answered by two gateways, and never lost between the
assistant and a person who takes the conversation in this moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway import texts
from gateway.incoming import Incoming, Json, public, reply, stored_reply
from gateway.lease import LEASE, LeaseLost, Leases
from support.bootstrap import Shop
from support.model import Holder
from support.services import content, handoff
from support.store import Unit


@dataclass(frozen=True)
class Arrival:
    """What a message has met. `reply` is None while it has to be answered, `leased` whether that may be now.

    `new`: it was not here before. `delivered`: it went to the people's side just now. `returns`: it asked for
    the assistant back.
    """

    leased: bool
    new: bool = False
    reply: Json | None = None
    delivered: bool = False
    returns: bool = False


class Arrivals:
    """Takes messages in, and keeps their answers."""

    def __init__(self, shop: Shop, leases: Leases) -> None:
        self._shop, self._leases = shop, leases

    async def take_in(self, incoming: Incoming, lease: str) -> Arrival:
        """Wait until the conversation is free, or the message needs no answer of ours."""
        while True:
            arrival = await self._receive(incoming, lease)
            if arrival.leased or arrival.reply is not None:
                return arrival
            await self._leases.until_free(incoming.conversation_id)

    async def _receive(self, incoming: Incoming, lease: str) -> Arrival:
        """Store the message; one that is for people is delivered and answered with it, leased or not."""
        conversation_id, now = incoming.conversation_id, self._shop.clock()
        async with self._shop.store.writing() as unit:
            begun = await unit.turns.begin(
                conversation_id,
                incoming.channel,
                incoming.language,
                incoming.origin,
                by=lease,
                now=now,
                until=now + LEASE,
            )
            new = await unit.conversations.receive(
                conversation_id, incoming.message_id, incoming.text, incoming.attachments, now
            )
            if not new:
                earlier = await stored_reply(unit, incoming)
                if earlier is not None and not earlier.get("pending"):
                    await unit.conversations.release(conversation_id, lease)
                    return Arrival(leased=False, reply=earlier)
                if not begun.leased:
                    return Arrival(leased=False)  # perhaps it is being answered
            await self._label(unit, incoming)
            holder = await handoff.customer_wrote(unit, conversation_id, begun.holder, now)
            returns = texts.asks_for_assistant(incoming.text)
            if holder is Holder.QUEUE and returns:
                if begun.leased:
                    await handoff.leave(unit, conversation_id, now)
            elif holder is not Holder.BOT:
                delivered = await self._deliver(unit, incoming, holder)
                return Arrival(begun.leased, reply=delivered, delivered=True)
            return Arrival(begun.leased, new, returns=returns)

    async def _label(self, unit: Unit, incoming: Incoming) -> None:
        """For the people at the desk and those who review, in their language."""
        shop, staff = self._shop, self._shop.settings.default_language
        if incoming.ruling:
            await content.label(
                unit, shop.content, incoming.conversation_id, incoming.ruling, staff, shop.clock()
            )

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

    async def keep(self, incoming: Incoming, lease: str, messages: list[Json]) -> Json:
        """Store the answer and give up the lease; LeaseLost, and nothing is stored, if it was not ours."""
        async with self._shop.store.writing() as unit:
            holder = await unit.turns.end(incoming.conversation_id, lease)
            if holder is None:
                raise LeaseLost(incoming.conversation_id)
            return await self._give(unit, incoming, messages, holder)

    async def _give(self, unit: Unit, incoming: Incoming, messages: list[Json], holder: Holder) -> Json:
        """The answer becomes the message's reply, or follows the promise of one; LeaseLost if there is one.

        Who talks with a person by now does not hear the assistant's late words: the person sees them.
        """
        conversation_id, message_id = incoming.conversation_id, incoming.message_id
        answer = reply(messages, holder)
        if await unit.conversations.reply_to(conversation_id, message_id, answer):
            return answer
        earlier = await stored_reply(unit, incoming)
        if earlier is None or not earlier.get("pending"):
            raise LeaseLost(conversation_id)
        for message in messages if holder is not Holder.PERSON else ():
            await unit.conversations.tell(conversation_id, "message", message, self._shop.clock())
        answer = public(earlier) | {"holder": holder.value}
        await unit.conversations.settle(conversation_id, message_id, answer)
        return answer

    async def promise(self, incoming: Incoming) -> tuple[Json, bool]:
        """Store that the answer follows: that promise, and True; or the answer, if it came in this moment."""
        conversation_id, now = incoming.conversation_id, self._shop.clock()
        async with self._shop.store.writing() as unit:
            holder = await unit.conversations.holder(conversation_id)
            promise = reply([texts.answer_follows(incoming.spoken)], holder) | {"pending": True}
            if await unit.conversations.reply_to(conversation_id, incoming.message_id, promise):
                return promise, True
            if earlier := await stored_reply(unit, incoming):
                return earlier, False
            # The database is slow: the turn has not stored the message yet, and will find the promise.
            await unit.conversations.touch(
                conversation_id, incoming.channel, incoming.language, now, incoming.origin
            )
            await unit.conversations.receive(
                conversation_id, incoming.message_id, incoming.text, incoming.attachments, now
            )
            if await unit.conversations.reply_to(conversation_id, incoming.message_id, promise):
                return promise, True
            return await stored_reply(unit, incoming) or promise, False
