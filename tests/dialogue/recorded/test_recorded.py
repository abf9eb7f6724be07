"""Recorded conversations, said again to the running system: each message must mean what it meant.

The files beside this one are Rasa's test stories; conversation review writes them (`support.training`), and a
designer may. What the assistant answers depends on records that a recording does not hold, so that is left to
the other dialogue tests; here it must answer, and understand every message as the file says.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from gateway.rasa import Rasa
from tests.stack import Stack

_HERE = Path(__file__).parent


def _stories() -> list[Any]:
    files = sorted(_HERE.glob("test_*.yml"))
    return [
        pytest.param(story["steps"], id=f"{path.stem}: {story['story']}")
        for path in files
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]
    ]


@pytest_asyncio.fixture
async def rasa(stack: Stack) -> AsyncIterator[Rasa]:
    opened = Rasa(stack.rasa_url, stack.settings.channel_secret.get_secret_value())
    yield opened
    await opened.close()


@pytest.mark.parametrize("steps", _stories())
async def test_every_message_is_understood_as_it_was_and_answered(
    steps: list[dict[str, Any]], door: httpx.AsyncClient, rasa: Rasa
) -> None:
    said = [(step["user"].strip(), step["intent"]) for step in steps if "user" in step]
    understood = [(text, (await rasa.parse(text))["intent"]["name"]) for text, _ in said]
    assert understood == said
    conversation_id = uuid.uuid4().hex
    for text, _ in said:
        message = {"conversation_id": conversation_id, "text": text}
        answer = (await door.post("/api/chat/messages", json=message)).json()
        # With a person, nothing answers at once.
        assert answer["messages"] or answer["holder"] != "bot"
