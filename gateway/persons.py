"""What a person does to a conversation: the change itself, what the customer hears, and what Rasa learns.

    handover = await door.persons.take(7, "lin", "小林")
    await door.persons.reply(7, "lin", "您好，我来看一下。", message_id="r-1")
    await door.persons.close(7, "lin")

Used by the staff's API and by the desk. A person is a login; the customer sees the name given with `take`.
Everything raises `handoff.NotPossible` where the handover is not in a state for it. The change is made, and
the customer told, in one transaction; Rasa's tracker follows when it can.
"""

from __future__ import annotations

import logging

from gateway import texts
from gateway.news import News
from gateway.rasa import Rasa, RasaUnavailable
from gateway.turns import Turns
from support.bootstrap import Shop
from support.model import Language
from support.services import handoff
from support.services.handoff import NotPossible
from support.store import Handover

log = logging.getLogger(__name__)


class Persons:
    """The people's side of conversations; one a gateway."""

    def __init__(self, shop: Shop, rasa: Rasa, turns: Turns, news: News) -> None:
        self._shop, self._rasa, self._turns, self._news = shop, rasa, turns, news

    async def take(self, handover_id: int, person: str, name: str = "") -> Handover:
        """Of two who try, one gets it; the other's NotPossible says who has it."""
        taken = await handoff.take(self._shop.store, handover_id, person, self._shop.clock(), name=name)
        self._news.wake()
        return taken

    async def transfer(
        self, handover_id: int, person: str, to: str | None = None, *, to_name: str = "", note: str = ""
    ) -> Handover:
        """To a colleague, who finds it among their own, or (None) back into the queue."""
        line = texts.passed_on(await self._language(handover_id)) if to is None else None
        moved = await handoff.transfer(
            self._shop.store,
            handover_id,
            person,
            self._shop.clock(),
            to=to,
            to_name=to_name,
            note=note,
            line=line,
        )
        self._news.wake()
        return moved

    async def reply(self, handover_id: int, person: str, text: str, message_id: str = "") -> Handover:
        """Words to the customer, at once; the same `message_id` says them once."""
        handover, new = await handoff.reply(
            self._shop.store, handover_id, person, text, self._shop.clock(), message_id=message_id
        )
        if new:
            self.told(handover.conversation_id, handover.taken_name or person, text)
        return handover

    def told(self, conversation_id: str, name: str, text: str) -> None:
        """The customer got these words from a person: let the pages look, and Rasa's tracker have them."""
        self._news.wake()
        self._turns.later(self._note(conversation_id, name, text))

    async def give_back(self, handover_id: int, person: str) -> Handover:
        """The assistant answers from now on, and says so."""
        line = texts.given_back(await self._language(handover_id))
        store, now = self._shop.store, self._shop.clock()
        return self._ended(await handoff.give_back(store, handover_id, person, now, line=line))

    async def close(self, handover_id: int, person: str) -> Handover:
        """Settled; the assistant answers when the customer writes again."""
        line = texts.settled(await self._language(handover_id))
        store, now = self._shop.store, self._shop.clock()
        return self._ended(await handoff.close(store, handover_id, person, now, line=line))

    async def renew(self, person: str) -> int:
        """The person is there; how many conversations they have. Call it every 20 seconds or so."""
        return await handoff.renew(self._shop.store, person, self._shop.clock())

    async def _language(self, handover_id: int) -> Language:
        async with self._shop.store.reading() as unit:
            found = await unit.handovers.get(handover_id)
        if found is None:
            raise NotPossible("unknown", handover_id)
        return texts.language_of_packet(found.packet, self._shop.settings.default_language)

    def _ended(self, handover: Handover) -> Handover:
        self._news.wake()
        self._turns.resume_later(handover.conversation_id)
        return handover

    async def _note(self, conversation_id: str, name: str, text: str) -> None:
        async with self._turns.leases.alone(conversation_id):
            try:
                await self._rasa.note_person(conversation_id, name, text)
            except RasaUnavailable as error:
                log.warning("a person's words are missing in Rasa's tracker: %s", error)
