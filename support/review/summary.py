"""What a conversation comes to: its counts, facts and outcome, from its events and from what other tables
say.

A summary is always made from all events of a conversation, in the order of their times: an event that comes
twice or late needs no care of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from support.model import Holder
from support.review import tokens
from support.review.events import FALLBACK, StoryEvent

ReviewState = Literal["unreviewed", "reviewed", "saved"]
# Below this the model counts as unsure of a message, which then waits in the inbox.
UNSURE_BELOW = 0.6
# Conversations of these channels are made by colleagues and guests who try the assistant.
TEST_CHANNELS = frozenset({"desk", "guest", "test"})
_DEFAULT_CHANNEL = "rasa"
_PICTURE = "picture"
# A message of these asks for nothing that could stay unanswered.
SMALL_TALK = frozenset({"greet", "goodbye", "thank", "chitchat", "affirm", "deny", "stop", "rate"})
# Responses that say "I cannot answer this".
_NO_ANSWER = frozenset(
    {"utter_clarify", "utter_not_an_answer", "utter_sorry_not_understood", "utter_knowledge_no_answer"}
    | {"utter_out_of_scope", "utter_internal_error"}
)
_LONGEST_SNIPPET = 160
_LONGEST_SAID = 200_000
_MOST_TOKENS = 20_000


class Outcome(StrEnum):
    """What became of a conversation: the first of these that is true of it."""

    OPEN = "open"  # waiting for a person, or with one
    REFUND = "refund"  # a refund was approved in it
    CANCELLED = "cancelled"  # an order was cancelled in it
    HANDED_OVER = "handed_over"
    REFUSED = "refused"  # policy refused what was asked
    UNFINISHED = "unfinished"  # the last words were in the middle of a form
    UNANSWERED = "unanswered"  # the last question got no answer
    ANSWERED = "answered"
    SMALL_TALK = "small_talk"  # nothing was asked


@dataclass(frozen=True)
class Beside:
    """What other tables say about a conversation. `decisions`: (action, outcome) of the ledger, in order."""

    holder: str = Holder.BOT.value
    customer_id: str | None = None
    handover_reason: str = ""
    handed_over_at: datetime | None = None
    rating: int | None = None
    decisions: Sequence[tuple[str, str]] = ()
    state: str = "unreviewed"
    labels: Sequence[str] = ()
    flagged: int = 0


@dataclass(frozen=True)
class Heard:
    """A customer's message with what became of it. `answered` is None where a person was to answer."""

    event: StoryEvent
    latency_ms: int | None
    answered: bool | None

    @property
    def is_unsure(self) -> bool:
        """Whether a reviewer should look at it."""
        confidence = self.event.data.get("confidence")
        return self.event.name == FALLBACK or (confidence is not None and confidence < UNSURE_BELOW)


def heard(events: Sequence[StoryEvent]) -> list[Heard]:
    """The customer's messages, each with the first words and the kind of its answer."""
    turns: list[list[StoryEvent]] = []
    for event in events:
        if event.type == "user":
            turns.append([event])
        elif event.type == "bot" and turns:
            turns[-1].append(event)
    return [_heard(turn[0], turn[1:]) for turn in turns]


def _heard(message: StoryEvent, answers: Sequence[StoryEvent]) -> Heard:
    if not answers:
        return Heard(message, None, False if message.name else None)
    latency = round((answers[0].at - message.at).total_seconds() * 1000)
    return Heard(message, max(latency, 0), not any(one.name in _NO_ANSWER for one in answers))


@dataclass(frozen=True)
class Summary:
    """The derived columns of `review_conversations`, by their names."""

    columns: Mapping[str, Any]
    document: frozenset[str]
    values: frozenset[tuple[str, str]]


def summarise(events: Sequence[StoryEvent], beside: Beside) -> Summary:
    """`events` in the order of their times, at least one."""
    messages = heard(events)
    columns = _columns(events, messages, beside)
    single = _single_values(columns)
    named = set(_names(events)) | {("label", one) for one in beside.labels}
    facts = {tokens.fact(kind, value) for kind, value in single | named if kind != "slot"}
    facts.update(*(tokens.slot_facts(one.name, one.data["value"]) for one in _slots(events)))
    # Facts first: should there ever be too much, words are missing and no filter lies.
    found = [*sorted(facts), *sorted(tokens.words(columns["said"]) - facts)]
    choices = {pair for pair in single | named if pair[0] in CHOICES}
    return Summary(columns, frozenset(found[:_MOST_TOKENS]), frozenset(choices))


# What lists offer to choose from, and what of that a conversation has several of.
CHOICES = ("channel", "language", "intent", "action", "slot", "label", "model")


def _single_values(columns: Mapping[str, Any]) -> set[tuple[str, str]]:
    named = {
        "channel": columns["channel"],
        "language": columns["language"],
        "model": columns["model_id"],
        "customer": columns["customer_id"],
        "holder": columns["holder"],
        "outcome": columns["outcome"],
        "reason": columns["handover_reason"],
        "rating": columns["rating"],
        "state": columns["state"],
        "flagged": "yes" if columns["flagged"] else None,
        "test": "yes" if columns["is_test"] else None,
    }
    return {(kind, str(value)) for kind, value in named.items() if value not in (None, "")}


def _names(events: Iterable[StoryEvent]) -> Iterator[tuple[str, str]]:
    for event in events:
        if event.type == "user" and event.name:
            yield "intent", event.name
        elif event.type == "action" and event.name:
            yield "action", event.name
    yield from (("slot", one.name) for one in _slots(events))


def _slots(events: Iterable[StoryEvent]) -> Iterator[StoryEvent]:
    return (one for one in events if one.type == "slot" and one.data.get("value") is not None)


def _columns(events: Sequence[StoryEvent], messages: Sequence[Heard], beside: Beside) -> dict[str, Any]:
    customers = [one.event for one in messages]
    spoken = [one for one in events if one.type in ("user", "bot", "person") and one.data.get("text")]
    channel = next((one.data["channel"] for one in customers if one.data.get("channel")), _DEFAULT_CHANNEL)
    confidences = [
        one.data["confidence"] for one in customers if one.name != _PICTURE and "confidence" in one.data
    ]
    return {
        "channel": channel,
        "language": _language(customers),
        "is_test": channel in TEST_CHANNELS,
        "customer_id": beside.customer_id,
        "model_id": next((str(one.data["model"]) for one in reversed(events) if one.data.get("model")), ""),
        "started_at": events[0].at,
        "last_at": events[-1].at,
        "last_customer_at": customers[-1].at if customers else None,
        "customer_messages": len(customers),
        "bot_messages": sum(one.type == "bot" for one in events),
        "person_messages": sum(one.type == "person" for one in events),
        "lowest_confidence": min(confidences, default=None),
        "slowest_ms": max((one.latency_ms for one in messages if one.latency_ms is not None), default=None),
        "holder": beside.holder,
        "outcome": _outcome(events, messages, beside).value,
        "handover_reason": beside.handover_reason,
        "handed_over_at": beside.handed_over_at,
        "rating": beside.rating,
        "state": beside.state,
        "flagged": beside.flagged,
        "labels": sorted(beside.labels),
        "last_text": _snippet(spoken[-1].data["text"]) if spoken else "",
        "said": "\n".join(_line(one.data["text"]) for one in spoken)[:_LONGEST_SAID],
    }


def _language(customers: Sequence[StoryEvent]) -> str:
    """The most frequent one; of equals the first."""
    counted = Counter(str(one.data["language"]) for one in customers if one.data.get("language"))
    return counted.most_common(1)[0][0] if counted else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _snippet(text: str) -> str:
    line = _line(text)
    return line if len(line) <= _LONGEST_SNIPPET else line[: _LONGEST_SNIPPET - 1] + "…"


def _outcome(events: Sequence[StoryEvent], messages: Sequence[Heard], beside: Beside) -> Outcome:
    if beside.holder in (Holder.QUEUE, Holder.PERSON):
        return Outcome.OPEN
    if ("refund", "approve") in beside.decisions:
        return Outcome.REFUND
    if ("cancel", "approve") in beside.decisions:
        return Outcome.CANCELLED
    if beside.handed_over_at:
        return Outcome.HANDED_OVER
    if beside.decisions and beside.decisions[-1][1] == "refuse":
        return Outcome.REFUSED
    loops = [one.name for one in events if one.type == "active_loop"]
    if loops and loops[-1]:
        return Outcome.UNFINISHED
    asked = [one for one in messages if one.event.name and one.event.name not in SMALL_TALK]
    if not asked:
        return Outcome.SMALL_TALK
    return Outcome.ANSWERED if asked[-1].answered else Outcome.UNANSWERED
