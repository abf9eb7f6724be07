"""The last rung of the ladder: the assistant cannot answer, so a person will, with all that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateway import texts
from support.bootstrap import Shop
from support.model import HandoffReason, Language
from support.services import handoff, packet, tried
from support.services.history import Said
from support.store import Message


async def to_a_person(shop: Shop, conversation_id: str, language: Language) -> dict[str, Any]:
    """Open a handover (once) and return the message that tells the customer where he or she stands."""
    async with shop.store.reading() as unit:
        messages = await unit.conversations.last_messages(conversation_id)
    contents = await packet.build(
        shop.store,
        shop.policy,
        conversation_id,
        shop.clock(),
        said=list(_said(messages)),
        slots={},
        tried=[tried.unanswered(messages[-1].text)] if messages else [],
        language=language,
    )
    queued = await handoff.open(
        shop.store, shop.policy, conversation_id, HandoffReason.FAILURE, contents, shop.clock()
    )
    return texts.sorry_and_queued(queued, language)


def _said(messages: Iterable[Message]) -> Iterator[Said]:
    for message in messages:
        yield Said("customer", message.text, message.attachments)
        for answer in (message.reply or {}).get("messages", ()):
            if answer.get("text"):
                yield Said("assistant", answer["text"])
