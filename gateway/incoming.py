"""A customer's message on its way through the gateway, and the rows it leaves behind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway import texts
from support.guard.content import Ruling
from support.model import Holder, Language
from support.store import Unanswered, Unit

Json = dict[str, Any]


@dataclass(frozen=True)
class Incoming:
    """A message that passed every check; `text` is neutralised and not empty.

    `declared` is the page's language, if it says so; `language` and `spoken` (the words') are never unknown.
    `ruling` is what the content filter found in it. `arrived` is when, by this process's monotonic clock.
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
    # Whether its customer sees the answer's words appear.
    watched: bool = False
    arrived: float = field(default_factory=time.monotonic, compare=False)

    @property
    def metadata(self) -> Json:
        """What Rasa keeps beside the text; pictures by reference only.

        The content filter's ruling travels here: made by this process, read by `assistant` and `actions`.

        Without a declared language the conversation stays in the one that it had.
        """
        declared = {"language": self.declared} if self.declared else {}
        ruled = {"content": asdict(self.ruling)} if self.ruling else {}
        watched = {"watched": True} if self.watched else {}
        return {
            "attachments": list(self.attachments),
            "channel": self.channel,
            **declared,
            **ruled,
            **watched,
        }


def as_it_was(left: Unanswered) -> Incoming:
    """A message that a gateway before this one has left."""
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


def reply(messages: list[Json], holder: Holder) -> Json:
    """An answer as it is stored with its message."""
    return {"messages": messages, "holder": holder.value}


def public(stored: Mapping[str, Any]) -> Json:
    """As the customer's page gets it."""
    return {name: value for name, value in stored.items() if name != "pending"}


async def stored_reply(unit: Unit, incoming: Incoming) -> Json | None:
    """What the message was answered with so far; `pending` in it: the answer itself is still owed."""
    earlier = await unit.conversations.message(incoming.conversation_id, incoming.message_id)
    return dict(earlier.reply) if earlier and earlier.reply is not None else None
