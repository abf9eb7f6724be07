"""What of Rasa's events the story of a conversation is told from.

`kept` turns an event as Rasa published it into a `StoryEvent` with only the parts that are shown, or into
None where a reader learns nothing from it. `worth_telling` leaves out what changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support.model import RawEvent

FALLBACK = "nlu_fallback"
# What Rasa notes for itself, once or several times a turn.
_OWN_ACTIONS = frozenset({"action_listen", "action_session_start"})
_OWN_EVENTS = frozenset({"user_featurization", "session_started", "followup", "entities"})
# The language has a place of its own beside each message.
_OWN_SLOTS = frozenset({"session_started_metadata", "language"})
_RANKED = 3
_LANGUAGE_ENTITY = "language"

Json = dict[str, Any]


@dataclass(frozen=True)
class StoryEvent:
    """One step. By `type`, `name` and `data` are:

    user        the intent    text, message_id, confidence, ranking, entities, language, attachments, channel
    bot         the response  text, buttons, image, custom (citations and cards are in it)
    person      who           text
    action      the action    policy, confidence
    slot        the slot      value
    active_loop the form, or empty at its end
    others      (pause, resume, restart, rewind, undo ...) nothing

    `model` is in the data of user, bot and action: the id of Rasa's trained model.
    """

    conversation_id: str
    key: str
    at: datetime
    type: str
    name: str
    data: Mapping[str, Any]


def kept(raw: RawEvent) -> StoryEvent | None:
    """The event as the story needs it."""
    body = _clean(raw.body)
    if raw.type in _OWN_EVENTS or body.get("name") in _OWN_ACTIONS | _OWN_SLOTS:
        return None
    kind, name, data = _READERS.get(raw.type, _other)(raw.type, body)
    return StoryEvent(raw.conversation_id, raw.key, raw.at, kind, name, _filled(data))


def worth_telling(events: Iterable[StoryEvent]) -> list[StoryEvent]:
    """Without slots and forms that were set to what they were: Rasa's forms empty a dozen empty slots at
    first.
    """
    now: dict[tuple[str, str], Any] = {}
    told = []
    for event in events:
        if event.type in ("slot", "active_loop"):
            of = ("slot", event.name) if event.type == "slot" else ("form", "")
            value = event.data.get("value") if event.type == "slot" else event.name or None
            if now.get(of) == value:
                continue
            now[of] = value
        told.append(event)
    return told


def _user(_: str, body: Json) -> tuple[str, str, Json]:
    parsed = body.get("parse_data") or {}
    metadata = body.get("metadata") or {}
    ranking = [
        {"name": str(one.get("name") or ""), "confidence": float(one.get("confidence") or 0)}
        for one in parsed.get("intent_ranking") or ()
    ]
    intent = parsed.get("intent") or {}
    entities = [one for one in parsed.get("entities") or () if one.get("entity") != _LANGUAGE_ENTITY]
    data = {
        "text": body.get("text") or "",
        "message_id": metadata.get("message_id") or body.get("message_id") or "",
        "confidence": _certainty(intent, ranking),
        "ranking": ranking[:_RANKED],
        "entities": [_entity(one) for one in entities],
        "language": _language(parsed.get("entities") or (), metadata),
        "attachments": list(metadata.get("attachments") or ()),
        "channel": metadata.get("channel") or body.get("input_channel") or "",
        "model": metadata.get("model_id"),
    }
    return "user", str(intent.get("name") or ""), data


def _certainty(intent: Json, ranking: Sequence[Json]) -> float | None:
    """How certain the model was of the likeliest intent; the fallback is none, it says that one was
    unlikely.
    """
    if not intent.get("name"):
        return None
    if intent["name"] != FALLBACK:
        return float(intent.get("confidence") or 0)
    return max((one["confidence"] for one in ranking if one["name"] != FALLBACK), default=0.0)


def _entity(entity: Json) -> Json:
    return {name: entity.get(name) for name in ("entity", "value", "start", "end", "role", "extractor")}


def _language(entities: Iterable[Json], metadata: Json) -> str:
    spoken = (one.get("value") for one in entities if one.get("entity") == _LANGUAGE_ENTITY)
    return str(next(spoken, None) or metadata.get("language") or "")


def _bot(_: str, body: Json) -> tuple[str, str, Json]:
    metadata, uttered = body.get("metadata") or {}, body.get("data") or {}
    data = {
        "text": body.get("text"),
        "buttons": uttered.get("buttons"),
        "image": uttered.get("image"),
        "custom": uttered.get("custom"),
        "model": metadata.get("model_id"),
    }
    if person := metadata.get("person"):
        return "person", str(person), data
    return "bot", str(metadata.get("utter_action") or ""), data


def _action(_: str, body: Json) -> tuple[str, str, Json]:
    model = (body.get("metadata") or {}).get("model_id")
    data = {"policy": body.get("policy"), "confidence": body.get("confidence"), "model": model}
    return "action", str(body.get("name") or body.get("action_text") or ""), data


def _slot(_: str, body: Json) -> tuple[str, str, Json]:
    return "slot", str(body.get("name") or ""), {"value": body.get("value")}


def _other(kind: str, body: Json) -> tuple[str, str, Json]:
    return kind, str(body.get("name") or ""), {}


_READERS = {"user": _user, "bot": _bot, "action": _action, "slot": _slot}


def _filled(data: Json) -> Json:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def _clean(value: Any) -> Any:
    """Without what PostgreSQL takes in no text: zero characters and halves of characters."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(_clean(name)): _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list | tuple) else value
