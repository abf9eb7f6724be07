"""Rasa's events on their way into the tables that review reads.

`assistant.broker` publishes them into a queue: a table of the shop's database, RabbitMQ or Kafka, as
`SHOPCLERK_EVENTS_URL` says. `python -m support.events` is the process that takes them out (`projector.py`)
and hands them to `support.services.projection`: each at least once, in the order of its conversation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from support.model import RawEvent


def read_event(data: str) -> RawEvent:
    """An event from the JSON that Rasa published; ValueError when it is none."""
    body = json.loads(data)
    if not isinstance(body, dict):
        raise ValueError("an event is a JSON object")
    return RawEvent(
        conversation_id=_text(body, "sender_id"),
        key=hashlib.sha256(_canonical(body).encode()).hexdigest(),
        at=_time(body.get("timestamp")),
        type=_text(body, "event"),
        body=body,
    )


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"an event without {name!r}")
    return value


def _time(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError("an event without a time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"an event at an impossible time: {seconds}") from error


def _canonical(body: Mapping[str, Any]) -> str:
    """The same text for the same event, however its JSON was laid out; the conversation is a part of it."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
