"""The answers of the action server, checked by one validator that is built once.

Rasa builds it anew for every answer, and checks its constant schema against the schema of schemas each time:
on two cores that was almost half of all the work of a turn.
"""

from __future__ import annotations

from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

from assistant.replaced import replaces

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)
_SLOT = frozenset({"event", "timestamp", "name", "value"})


@replaces("rasa.core.actions.action", "RemoteAction._validate_action_result", "f8cdb4be6812")
def _validate_action_result(_self: RemoteAction, result: dict[str, Any]) -> bool:
    """Raises Rasa's own error for an answer that is none."""
    if not _VALIDATOR.is_valid(_without_plain_slots(result)) and (error := _error(result)):
        raise error
    return True


def _error(result: Any) -> Exception | None:
    found: Exception | None = best_match(_VALIDATOR.iter_errors(result))
    return found


def _without_plain_slots(result: Any) -> Any:
    """Most events set slots, and the schema asks little of them: see there, under `SlotSet`."""
    events = result.get("events") if isinstance(result, dict) else None
    if not isinstance(events, list):
        return result
    return {**result, "events": [event for event in events if not _is_plain_slot(event)]}


def _is_plain_slot(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and event.keys() == _SLOT
        and event["event"] == "slot"
        and isinstance(event["name"], str)
        and (event["timestamp"] is None or type(event["timestamp"]) in (int, float))
    )
