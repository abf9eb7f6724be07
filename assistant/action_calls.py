"""What travels with an action call: as much of a conversation as actions read, however long it was.

Rasa sends all events of the session, each message's ranking of intents with it, and the whole domain: 110 kB
a call on the average of short conversations, and more with every turn. Here a call carries

* the present: slots, the message, the form, the action before,
* the last `TURNS` to `TURNS + STRIDE - 1` things said, and what was done from there on,
* before that, of each kind of event that actions look back at, the last two at least,
* and between the two `{"event": "earlier", "before": time}`, where something is left out: an action that
  needs to know the whole conversation reads that from the tracker store (`actions.turn.Turn.recall`).

The beginning moves on by `STRIDE` at once, as what the model is told does (`support.services.history`).

An action of a shop's own that wants all that Rasa sends, as a `FormValidationAction` of rasa-sdk does, says
so in the domain: `my_action: {send_domain: true}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from rasa import __version__
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.replaced import replaces

# What the model is told before this message at the most, and this message.
TURNS = 7
STRIDE = 4
# Of each kind that is looked back at: actions, forms, the customer's messages.
_LAST = 2
_OF_A_MESSAGE = ("attachments", "content")
_OF_THE_LATEST_MESSAGE = ("text", "intent", "entities", "message_id", "metadata")

Json = dict[str, Any]

_as_rasa_does = RemoteAction._action_call_format


@replaces("rasa.core.actions.action", "RemoteAction._action_call_format", "428795b944f2")
def action_call(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Json:
    """The body of a call. rasa-sdk 3.21 takes an empty domain, and answers 449 where there is none."""
    if _wants_all(action.name(), domain):
        whole: Json = _as_rasa_does(action, tracker, domain)
        return whole
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": _state(tracker),
        "version": __version__,
        "domain": {},
    }


def _wants_all(name: str, domain: Domain) -> bool:
    """Whether the domain says so; Rasa itself would send the domain to every validation of a form as well."""
    listed = domain.as_dict().get("actions") or ()
    return any(isinstance(one, dict) and (one.get(name) or {}).get("send_domain") for one in listed)


def _state(tracker: DialogueStateTracker) -> Json:
    """As `DialogueStateTracker.current_state`."""
    message = tracker._latest_message_data() or {}
    loop = tracker.active_loop
    return {
        "sender_id": tracker.sender_id,
        "slots": tracker.current_slot_values(),
        "latest_message": {part: message[part] for part in _OF_THE_LATEST_MESSAGE if part in message},
        "followup_action": tracker.followup_action,
        "paused": tracker.is_paused(),
        "events": list(_recent(tracker.events)),
        "active_loop": {"name": loop.name} if loop else {},
        "latest_action_name": tracker.latest_action_name,
    }


def _recent(events: Iterable[Event]) -> Iterator[Json]:
    """The events that travel, oldest first."""
    read = [event for event in events if type(event) in _READ]
    said = [at for at, event in enumerate(read) if type(event) in _SAID and event.text]
    beyond = max(0, len(said) - TURNS)
    start = said[beyond - beyond % STRIDE] if beyond >= STRIDE else 0
    if start:
        yield from (_READ[type(read[at])](read[at]) for at in sorted(_looked_back_at(read, start)))
        yield {"event": "earlier", "before": read[start].timestamp}
    yield from (_READ[type(event)](event) for event in read[start:])


def _looked_back_at(events: list[Event], start: int) -> Iterator[int]:
    """Where those of the last few of each kind are that came before the start."""
    for kind in (ActionExecuted, ActiveLoop, UserUttered):
        missing = _LAST - sum(type(event) is kind for event in events[start:])
        places = (at for at in range(start - 1, -1, -1) if type(events[at]) is kind)
        yield from islice(places, max(0, missing))


def _message(event: UserUttered) -> Json:
    metadata = event.metadata or {}
    kept = {part: metadata[part] for part in _OF_A_MESSAGE if metadata.get(part)}
    return {"event": "user", "text": event.text, "metadata": kept}


def _answer(event: BotUttered) -> Json:
    response = (event.metadata or {}).get("utter_action")
    return {"event": "bot", "text": event.text, "metadata": {"utter_action": response} if response else {}}


_READ: dict[type[Event], Any] = {
    UserUttered: _message,
    BotUttered: _answer,
    ActionExecuted: lambda event: {"event": "action", "name": event.action_name},
    ActiveLoop: lambda event: {"event": "active_loop", "name": event.name},
}
_SAID = (UserUttered, BotUttered)
