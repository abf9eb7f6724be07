"""Shows what our action calls carry beside Rasa's own, in Rasa's environment; one JSON object.

.venv/rasa/bin/python -m tests.unit.action_calls_probe
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant import action_calls
from assistant.replaced import changed

_ACTIONS = ["action_order_status", "validate_refund_form", {"action_of_the_shop": {"send_domain": True}}]
_DOMAIN = Domain.from_dict(
    {
        "intents": [f"intent_{number}" for number in range(10)],
        "actions": [
            "action_order_status",
            "validate_refund_form",
            {"action_of_the_shop": {"send_domain": True}},
        ],
        "slots": {"order_id": {"type": "text", "mappings": [{"type": "custom"}]}},
    }
)
_FORMS = ("refund_form", "cancel_order_form")
_CONVERSATIONS, _TURNS = 8, 24


def _said(number: int, by_chance: random.Random) -> UserUttered:
    metadata: dict[str, Any] = {"message_id": f"m{number}", "language": "zh"}
    if by_chance.random() < 0.2:
        metadata["attachments"] = [f"picture-{number}"]
    if by_chance.random() < 0.1:
        metadata["content"] = {"action": "note", "kind": "insult", "rule": "insult", "rest": ""}
    ranking = [{"name": f"intent_{one}", "confidence": 0.1234567890123456} for one in range(10)]
    text = f"第{number}句：我的订单到哪了"
    parsed = {"intent": ranking[0], "entities": [], "intent_ranking": ranking, "text": text}
    return UserUttered(text, ranking[0], parse_data=parsed, metadata=metadata, message_id=f"r{number}")


def _answered(number: int) -> BotUttered:
    text = f"订单 62058450587{number:02}：已发货，运输中\n• 304不锈钢电热水壶（米白） ×1  ¥159.00"
    return BotUttered(text, {"buttons": None}, metadata={"utter_action": "utter_order_status"})


def conversation(turns: int, seed: int) -> Iterator[Event | None]:
    """Events as Rasa notes them; None where it calls an action."""
    by_chance, loop = random.Random(seed), None
    yield SessionStarted()
    for number in range(turns):
        yield ActionExecuted("action_listen")
        yield _said(number, by_chance)
        what = by_chance.random()
        if what < 0.1:
            # A person has it for a while: nothing is predicted.
            yield from (ConversationPaused(), ActionExecuted("action_listen"))
            yield from (_answered(number) for _ in range(by_chance.randrange(4)))
            yield ConversationResumed()
        elif what < 0.35:
            yield ActionExecuted(by_chance.choice(_FORMS))
            if loop is None:
                loop = by_chance.choice(_FORMS)
                yield ActiveLoop(loop)
            yield None
            yield from (SlotSet("order_id", f"{number}"), _answered(number))
            if by_chance.random() < 0.4:
                loop = None
                yield ActiveLoop(None)
                yield None
        else:
            yield None
            yield ActionExecuted("action_order_status")
            yield from (_answered(number) for _ in range(by_chance.randrange(3)))


def _steady(turns: int) -> Iterator[Event | None]:
    """The same again and again."""
    by_chance = random.Random(0)
    yield SessionStarted()
    for number in range(turns):
        yield from (ActionExecuted("action_listen"), _said(0, by_chance), SlotSet("order_id", "1"))
        yield None
        yield from (ActionExecuted("action_order_status"), _answered(number % 10))


def calls(events: Iterator[Event | None], name: str = "action_order_status") -> Iterator[tuple[Any, Any]]:
    """Each call as Rasa would make it, and as we do."""
    tracker = DialogueStateTracker("c1", _DOMAIN.slots)
    action = RemoteAction(name, EndpointConfig("http://127.0.0.1", enable_selective_domain=False))
    for event in events:
        if event:
            tracker.update(event)
        else:
            rasas = action_calls._as_rasa_does(action, tracker, _DOMAIN)
            yield json.loads(json.dumps([rasas, action_calls.action_call(action, tracker, _DOMAIN)]))


def main() -> None:
    varied = [call for seed in range(_CONVERSATIONS) for call in calls(conversation(_TURNS, seed))]
    sizes = [len(json.dumps(ours)) for _, ours in calls(_steady(200))]
    own = next(calls(_steady(1), "action_of_the_shop"))
    forms = next(calls(_steady(1), "validate_refund_form"))
    told = {
        "changed": changed(),
        "sizes": sizes,
        "calls": [(rasas["tracker"], ours["tracker"]) for rasas, ours in varied],
        "domains": [ours["domain"] for _, ours in (varied[0], forms)],
        "own_is_whole": own[0] == own[1],
        "told": [action_calls.TURNS, action_calls.STRIDE],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
