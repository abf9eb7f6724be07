"""One conversation from beginning to end: the words, and beside them what was understood, done and decided.

Rasa's events are the thread. What Rasa did not hear of (it was away, or a person was answering) is taken from
what the gateway kept, and nothing is told twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from support.review.events import StoryEvent, worth_telling
from support.store import Attachment, Event, Message, Store, Transition, Unit
from support.store.review import Listed, ReviewedMessage

_GATEWAYS_MESSAGES = 500

Kind = Literal[
    "customer",
    "bot",
    "person",
    "action",
    "slot",
    "form",
    "holder",
    "rating",
    "decision",
    "model_call",
    "other",
]
KINDS: Mapping[str, Kind] = {
    "user": "customer",
    "bot": "bot",
    "person": "person",
    "action": "action",
    "slot": "slot",
    "active_loop": "form",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened. What `name` and `data` are, by kind:

    customer    the intent      as `StoryEvent` of a user; `message` is what reviewers handle, `took_ms` how
    long
                                the customer waited for the first words
    bot         the response    text, buttons, image, custom (with citations, cards, the model that wrote it)
    person      who             text
    action      the action      policy, confidence; `took_ms` is how long it ran
    slot        the slot        value (absent when it was emptied)
    form        its name, empty at its end
    holder      the new holder  from, by, by_name, why, to_name, note
    rating      the score       words
    decision    the action      order_id, rule, outcome, actor
    model_call  what for        first_token_ms, total_ms, outcome, model, endpoint, and counts of tokens
    other       Rasa's event (pause, resume, restart ...)
    """

    at: datetime
    kind: Kind
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    took_ms: int | None = None
    message: ReviewedMessage | None = None
    pictures: tuple[Attachment, ...] = ()

    @property
    def text(self) -> str:
        return str(self.data.get("text") or "")


@dataclass(frozen=True)
class Story:
    """`conversation` is None as long as the projector has not come to it."""

    conversation_id: str
    conversation: Listed | None
    steps: tuple[Step, ...]


async def story(store: Store, conversation_id: str) -> Story | None:
    """Everything about a conversation, in order; None where nothing is known."""
    async with store.reading() as unit:
        listed = await unit.review.conversation(conversation_id)
        events = (await unit.review.events_of([conversation_id])).get(conversation_id, [])
        reviewed = {one.key: one for one in await unit.review.messages_of(conversation_id)}
        received = await unit.conversations.last_messages(conversation_id, _GATEWAYS_MESSAGES)
        told = await unit.conversations.events(conversation_id, 0)
        steps = list(_from_rasa(worth_telling(events), reviewed))
        steps += _unheard(steps, received)
        steps += _untold(steps, told)
        steps += await _beside(unit, conversation_id)
        steps = await _with_pictures(unit, conversation_id, sorted(steps, key=lambda step: step.at))
    return Story(conversation_id, listed, tuple(steps)) if steps else None


# --- Rasa's events -----------------------------------------------------------------------------------------


def _from_rasa(events: Sequence[StoryEvent], reviewed: Mapping[str, ReviewedMessage]) -> Iterator[Step]:
    before: datetime | None = None
    for event in events:
        message = reviewed.get(event.key)
        took = message.latency_ms if message else None
        if event.type == "action" and before:
            took = round((event.at - before).total_seconds() * 1000)
        kind = KINDS.get(event.type, "other")
        name = event.name if kind != "other" else event.type
        yield Step(event.at, kind, name, event.data, took, message)
        before = event.at


# --- what Rasa did not hear --------------------------------------------------------------------------------


def _unheard(steps: Sequence[Step], received: Iterable[Message]) -> Iterator[Step]:
    """Customers' messages that are not among Rasa's events, with what the gateway answered itself."""
    heard = {step.data.get("message_id") for step in steps if step.kind == "customer"}
    for message in received:
        if message.message_id in heard:
            continue
        data = {
            "text": message.text,
            "message_id": message.message_id,
            "attachments": list(message.attachments),
        }
        yield Step(message.received_at, "customer", "", data)
        for answer in (message.reply or {}).get("messages", ()):
            # The answer's own time is not kept; it follows its message.
            yield Step(message.received_at, "bot", "", answer)


def _untold(steps: Sequence[Step], told: Iterable[Event]) -> Iterator[Step]:
    """What pages were told of people's words, as far as Rasa has not noted them."""
    noted = Counter(step.text for step in steps if step.kind in ("bot", "person"))
    for event in told:
        if event.kind != "message":
            continue
        text = str(event.payload.get("text") or "")
        if noted[text]:
            noted[text] -= 1
            continue
        person = str(event.payload.get("from") or "")
        yield Step(event.at, "person" if person else "bot", person, event.payload)


# --- what stands beside the words --------------------------------------------------------------------------


async def _beside(unit: Unit, conversation_id: str) -> list[Step]:
    steps = [_moved(one) for one in await unit.conversations.transitions(conversation_id)]
    for rating in await unit.review.ratings_of(conversation_id):
        steps.append(Step(rating.at, "rating", str(rating.score), {"words": rating.words}))
    for entry in await unit.review.decisions_of(conversation_id):
        data = {name: getattr(entry, name) for name in ("order_id", "rule", "outcome", "actor")}
        steps.append(Step(entry.at, "decision", entry.action, data))
    for call in await unit.review.model_calls_of(conversation_id):
        data = {name: value for name, value in asdict(call).items() if name not in ("conversation_id", "at")}
        steps.append(Step(call.at, "model_call", call.purpose, data, call.total_ms))
    return steps


def _moved(change: Transition) -> Step:
    data = {
        "from": change.from_state.value,
        "by": change.by_kind,
        "by_name": change.by_name,
        "why": change.why,
        "to_name": change.to_name,
        "note": change.note,
    }
    return Step(change.at, "holder", change.to_state.value, data)


async def _with_pictures(unit: Unit, conversation_id: str, steps: Sequence[Step]) -> list[Step]:
    wanted = [one for step in steps for one in step.data.get("attachments") or ()]
    if not wanted:
        return list(steps)
    found = {
        one.attachment_id: one for one in await unit.attachments.of_conversation(conversation_id, wanted)
    }
    return [
        replace(step, pictures=tuple(found[one] for one in step.data["attachments"] if one in found))
        if step.data.get("attachments")
        else step
        for step in steps
    ]
