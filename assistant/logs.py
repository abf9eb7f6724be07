"""Rasa's log, without what customers wrote.

Rasa logs an error as JSON with the local variables of every frame, which hold the message and the whole
tracker; and some of its lines carry texts under keys of their own. Here a traceback is a traceback, and what
those keys hold is left out. Behind that stands the net of every process (`support.logs`, which needs the
standard library only).
"""

from __future__ import annotations

import os
from typing import Any

import structlog

from support.logs import mask_streams

_HIDDEN = "[hidden]"
# Rasa's own list of what may be personal in its log: `rasa.utils.log_utils`.
_WORDS = frozenset(
    {"text", "response_text", "user_text", "slot_values", "parse_data_text", "parse_data_entities"}
    | {"prediction_events", "tracker_latest_message", "prefilled_slots", "message", "response"}
    | {"slot_candidates", "rasa_event", "rasa_events", "tracker_states", "current_states", "old_states"}
    | {"successes", "current_entity", "next_entity", "states", "entity", "token_text", "user_message"}
    | {"json_message"}
)


def without_words(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A processor of structlog: the event without customers' words, its exception as a plain traceback."""
    kept = {key: _HIDDEN if key in _WORDS else value for key, value in event.items()}
    return dict(structlog.processors.format_exc_info(logger, method, kept))


def set_up() -> None:
    """Before Rasa sets up its log: it then takes this in the place of its own tracebacks."""
    mask_streams()
    os.environ["FORCE_JSON_LOGGING"] = "1"  # the other format shows local variables too
    structlog.processors.dict_tracebacks = without_words
