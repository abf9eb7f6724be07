"""Reading one of Rasa's events: what it says, its key, what is none; and where events may come from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from support.events import read_event
from tests.events_rig import event
from tests.stack import stack_settings


def test_an_event_is_read_as_rasa_published_it() -> None:
    body = event("talk-1", 3)
    read = read_event(json.dumps(body))
    assert (read.conversation_id, read.type, read.body) == ("talk-1", "user", body)
    assert read.at == datetime(2023, 11, 14, 22, 13, 23, 250_000, UTC)


def test_an_event_has_one_key_however_its_json_is_laid_out() -> None:
    body = event("talk-1", 3)
    backwards = dict(reversed(body.items()))
    laid_out = json.dumps(backwards, indent=2, ensure_ascii=False)
    assert read_event(json.dumps(body)).key == read_event(laid_out).key


def test_no_two_events_share_a_key() -> None:
    different = [event("talk-1", 1), event("talk-1", 2), event("talk-2", 1), event("talk-1", 1, text="你好")]
    assert len({read_event(json.dumps(body)).key for body in different}) == len(different)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "no json",
        "[]",
        json.dumps({"event": "user", "timestamp": 1}),
        json.dumps({"sender_id": "talk", "timestamp": 1}),
        json.dumps({"sender_id": "talk", "event": "user"}),
        json.dumps({"sender_id": "talk", "event": "user", "timestamp": "yesterday"}),
        json.dumps({"sender_id": "talk", "event": "user", "timestamp": 1e300}),
        json.dumps({"sender_id": "talk", "event": "user", "timestamp": float("nan")}),
    ],
)
def test_what_is_no_event_is_a_value_error(data: str) -> None:
    with pytest.raises(ValueError):
        read_event(data)


def test_an_address_of_an_unknown_kind_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="events_url"):
        stack_settings(tmp_path, events_url="http://127.0.0.1/events")
