"""The last rung of the ladder: the assistant cannot answer, so a person will, with all that is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway import texts
from support.bootstrap import Shop
from support.model import HandoffReason, Language
from support.services import handoff, identity
from support.store import Message

Json = dict[str, Any]

_LAST_MESSAGES = 10


async def to_a_person(shop: Shop, conversation_id: str, language: Language) -> Json:
    """Open a handover (once) and return the message that tells the customer where he or she stands."""
    packet = await _packet(shop, conversation_id, language)
    queued = await handoff.open(
        shop.store, shop.policy, conversation_id, HandoffReason.FAILURE, packet, shop.clock()
    )
    return texts.sorry_and_queued(queued, language)


async def _packet(shop: Shop, conversation_id: str, language: Language) -> Json:
    async with shop.store.reading() as unit:
        customer_id = await identity.current(unit, conversation_id, shop.clock())
        messages = await unit.conversations.last_messages(conversation_id, _LAST_MESSAGES)
    return {
        "customer_id": customer_id,
        "language": language,
        "tried": ["the assistant did not answer"],
        "pictures": [one for message in messages for one in message.attachments],
        "last_messages": list(_lines(messages)),
    }


def _lines(messages: Iterable[Message]) -> Iterable[Json]:
    for message in messages:
        yield {"from": "customer", "text": message.text}
        for answer in (message.reply or {}).get("messages", ()):
            yield {"from": "assistant", "text": answer.get("text", "")}
