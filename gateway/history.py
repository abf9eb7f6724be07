"""A conversation as its page shows it: the customer's messages, their answers, and what arrived later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Path

from gateway import attachments, reading
from gateway.chat import state_of
from gateway.door import TheDoor
from gateway.schemas import AttachmentOut, ConversationId, Entry, History
from support.picture_links import PictureLinks
from support.services import answers
from support.store import Event, Message, Unit
from support.store.answer_marks import Verdict

router = APIRouter(prefix="/api/chat", tags=["chat"])

_LAST_MESSAGES = 50


@router.get("/conversations/{conversation_id}/messages", response_model_exclude_none=True)
async def messages(door: TheDoor, conversation_id: Annotated[ConversationId, Path()]) -> History:
    """The newest messages, oldest first, and who answers now."""
    async with door.shop.store.reading() as unit:
        state = await state_of(unit, conversation_id)
        events = await unit.conversations.events(conversation_id, 0)
        found = await entries(unit, conversation_id, events, door.links)
        read = await reading.read_by_staff(unit, conversation_id)
    last_event_id = events[-1].id if events else 0
    return History(**state.model_dump(), entries=found, last_event_id=last_event_id, read_message_id=read)


async def entries(
    unit: Unit,
    conversation_id: str,
    events: Sequence[Event],
    links: PictureLinks,
    limit: int = _LAST_MESSAGES,
) -> list[Entry]:
    """The newest messages with their answers, and the events that are messages, by time."""
    received = await unit.conversations.last_messages(conversation_id, limit)
    pictures = await _pictures(unit, conversation_id, received, links)
    marks = await unit.answer_marks.of_conversation(conversation_id)
    verdicts = {one.message_id: one.verdict for one in marks if one.kind == "customer"}
    lines = [line for message in received for line in _lines(message, pictures, verdicts)]
    # Earlier events belong to messages that are not shown any more.
    since = received[0].received_at if len(received) == limit else None
    for event in events:
        if event.kind == "message" and (since is None or event.at >= since):
            lines.append(_later(event))
    return sorted(lines, key=lambda line: line.at)


async def _pictures(
    unit: Unit, conversation_id: str, received: Sequence[Message], links: PictureLinks
) -> dict[str, AttachmentOut]:
    ids = [one for message in received for one in message.attachments]
    if not ids:
        return {}
    found = await unit.attachments.of_conversation(conversation_id, ids)
    return {one.attachment_id: attachments.out(one, links) for one in found}


def _lines(
    message: Message, pictures: Mapping[str, AttachmentOut], verdicts: Mapping[str, Verdict]
) -> Iterator[Entry]:
    yield Entry(
        sender="customer",
        at=message.received_at,
        message_id=message.message_id,
        text=message.text,
        attachments=[pictures[one] for one in message.attachments if one in pictures] or None,
        answered=message.reply is not None,
    )
    judged = answers.open_ended(message.reply)
    for answer in (message.reply or {}).get("messages", ()):
        # The answer's own time is not kept; it follows its message.
        line = Entry(sender="assistant", at=message.received_at, **answer)
        if answer is judged:
            line.answers, line.verdict = message.message_id, verdicts.get(message.message_id)
        yield line


def _later(event: Event) -> Entry:
    payload = dict(event.payload)
    person = payload.pop("from", None)
    return Entry(sender="person" if person else "assistant", at=event.at, person=person, **payload)
