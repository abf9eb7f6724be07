"""Conversations for the tests of review: recorded ones, and short ones made by hand.

`recorded("zh")` is what Rasa published of a real conversation (`tests/recorded`): small talk, a question, a
refund with a picture, nonsense, a person and back, a rating. `Talk` makes others:

    talk = Talk("t1").say("退款", intent="refund", confidence=0.5).do("refund_form",
    refund_reason="size").answer("好的") await talk.project(store)
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from support.events import read_event
from support.model import RawEvent
from support.services.projection import project
from support.store import Store
from tests.records import NOW

_FOLDER = Path(__file__).parent / "recorded"
_numbers = itertools.count(1)


def recorded(language: str) -> list[RawEvent]:
    lines = (_FOLDER / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [read_event(line) for line in lines]


async def put(store: Store, events: Sequence[RawEvent]) -> None:
    async with store.writing() as unit:
        await project(unit, events)


class Talk:
    """A conversation's events as Rasa publishes them, a second apart."""

    def __init__(self, conversation_id: str, at: datetime = NOW, channel: str = "web") -> None:
        self.conversation_id, self.at, self.channel = conversation_id, at, channel
        self.events: list[RawEvent] = []
        self._model = "model-1"

    def say(
        self,
        text: str,
        intent: str = "inform",
        confidence: float = 0.99,
        language: str = "zh",
        **metadata: Any,
    ) -> Self:
        ranking = [{"name": intent, "confidence": confidence}, {"name": "thank", "confidence": 0.001}]
        entity = {"entity": "language", "value": language, "start": 0, "end": len(text)}
        parsed = {"intent": ranking[0], "intent_ranking": ranking, "entities": [entity]}
        message = {"channel": self.channel, "message_id": f"m{next(_numbers)}", **metadata}
        return self.event("user", text=text, parse_data=parsed, metadata=message)

    def not_understood(self, text: str, likeliest: float = 0.2) -> Self:
        ranking = [{"name": "nlu_fallback", "confidence": 0.7}, {"name": "refund", "confidence": likeliest}]
        parsed = {"intent": ranking[0], "intent_ranking": ranking, "entities": []}
        return self.event("user", text=text, parse_data=parsed, metadata={"channel": self.channel})

    def do(self, action: str, **slots: Any) -> Self:
        self.event("action", name=action, policy="RulePolicy", confidence=1.0)
        for name, value in slots.items():
            self.event("slot", name=name, value=value)
        return self

    def form(self, name: str | None) -> Self:
        return self.event("active_loop", name=name)

    def answer(self, text: str, response: str = "utter_order_status", **data: Any) -> Self:
        return self.event("bot", text=text, data=data, metadata={"utter_action": response})

    def person(self, text: str, name: str = "mei") -> Self:
        return self.event("bot", text=text, data={}, metadata={"person": name})

    def event(self, kind: str, metadata: dict[str, Any] | None = None, **body: Any) -> Self:
        self.at += timedelta(seconds=1)
        whole = {"event": kind, "metadata": {"model_id": self._model, **(metadata or {})}, **body}
        key = f"{self.conversation_id}-{len(self.events)}"
        self.events.append(RawEvent(self.conversation_id, key, self.at, kind, whole))
        return self

    async def project(self, store: Store) -> Self:
        await put(store, self.events)
        return self
