"""Compares what was made faster with Rasa's own, in Rasa's environment; one JSON object of findings.

.venv/rasa/bin/python -m tests.unit.speed_probe

Conversations are made by chance, with forms, digressions, reverted messages and restarts, likely or not.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from assistant import log_copies, replaced

CHANGED = replaced.changed()

from jsonschema import ValidationError  # noqa: E402
from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.core.featurizers.tracker_featurizers import FullDialogueTrackerFeaturizer  # noqa: E402
from rasa.engine.graph import GraphComponent, GraphSchema, SchemaNode  # noqa: E402
from rasa.engine.runner.dask import DaskGraphRunner  # noqa: E402
from rasa.shared.core import events as rasa_events  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402

from assistant.graph import _run  # noqa: E402
from assistant.remote_actions import _validate_action_result  # noqa: E402
from assistant.rules import _may_follow_words  # noqa: E402
from assistant.trackers import Tracker  # noqa: E402

_CONVERSATIONS = 60
_TURNS = 40
_INTENTS = ("greet", "refund", "rate")
_FORMS = ("refund_form", "rate_form")
_ACTIONS = ("action_listen", "action_listen", "action_greet", "action_thank", *_FORMS)

_DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [greet, refund, rate]
entities: [language]
slots:
  language: {type: categorical, values: [zh, en], mappings: [{type: custom}]}
  order: {type: text, mappings: [{type: custom}]}
  note: {type: any, influence_conversation: false, mappings: [{type: custom}]}
actions: [action_greet, action_thank]
forms:
  refund_form: {required_slots: [order]}
  rate_form: {required_slots: [note]}
"""
)


def _conversation(chance: random.Random) -> Iterator[list[Any]]:
    """Its events, some at a time."""
    for _ in range(_TURNS):
        intent = {"name": chance.choice(_INTENTS), "confidence": 1.0}
        yield [rasa_events.UserUttered(f"words {chance.random()}", intent)]
        for _ in range(chance.randrange(4)):
            yield [_event(chance)]
        if chance.random() < 0.8:
            yield [rasa_events.ActionExecuted("action_listen")]


def _event(chance: random.Random) -> Any:
    value = chance.choice(("zh", "en", None, "2024051700321"))
    makers: list[tuple[int, Any]] = [
        (30, lambda: rasa_events.ActionExecuted(chance.choice(_ACTIONS))),
        (12, lambda: rasa_events.SlotSet(chance.choice(("language", "order", "note")), value)),
        (12, lambda: rasa_events.ActiveLoop(chance.choice((*_FORMS, None)))),
        (8, lambda: rasa_events.BotUttered("answer")),
        (5, lambda: rasa_events.ActionExecutionRejected(chance.choice(_FORMS))),
        (4, lambda: rasa_events.LoopInterrupted(chance.random() < 0.5)),
        (3, lambda: rasa_events.FollowupAction("action_greet")),
        (2, lambda: rasa_events.UserUtteranceReverted()),
        (2, lambda: rasa_events.ActionReverted()),
        (1, lambda: rasa_events.AllSlotsReset()),
        (1, lambda: rasa_events.ConversationPaused()),
        (1, lambda: rasa_events.ConversationResumed()),
        (1, lambda: rasa_events.Restarted()),
        (1, lambda: rasa_events.SessionStarted()),
    ]
    return chance.choices([make for _, make in makers], [weight for weight, _ in makers])[0]()


def _differences() -> dict[str, int]:
    """How often a tracker of ours was not as Rasa's; `folded` says that the shortcut was taken."""
    found = dict.fromkeys(("applied", "state", "copy", "states", "folded"), 0)
    for seed in range(_CONVERSATIONS):
        chance = random.Random(seed)
        ours = Tracker("c", _DOMAIN.slots)
        every: list[Any] = []
        for events in _conversation(chance):
            every += events
            for event in events:
                ours.update(event)
            theirs = DialogueStateTracker.from_events("c", every, _DOMAIN.slots)
            found["applied"] += ours.applied_events() != theirs.applied_events()
            found["state"] += _state(ours) != _state(theirs)
            found["copy"] += _state(ours.copy()) != _state(theirs)
            states = chance.randrange(1, 6)
            recent = _states(ours.recent(states))
            found["states"] += recent != _states(theirs)[-states:]
            if chance.random() < 0.3:
                ours.fold()
            if chance.random() < 0.3:
                ours = ours.copy()
        found["folded"] += ours._checkpoint.count > 0
    return found


def _state(tracker: DialogueStateTracker) -> Any:
    from rasa.shared.core.trackers import EventVerbosity

    return tracker.current_state(EventVerbosity.ALL)


def _states(tracker: Any) -> list[Any]:
    return FullDialogueTrackerFeaturizer().prediction_states([tracker], _DOMAIN)[0]


def _answers() -> list[tuple[Any, Any]]:
    """For answers of an action server, right and wrong, what Rasa says to each and what we say."""
    slot = {"event": "slot", "timestamp": None, "name": "order", "value": ["1"]}
    answers: list[Any] = [
        {"events": [slot, {"event": "active_loop", "name": None, "timestamp": None}], "responses": []},
        {"events": [slot, slot], "responses": [{"text": "hello", "buttons": []}]},
        {},
        {"events": [{**slot, "name": 5}]},
        {"events": [{**slot, "timestamp": "now"}]},
        {"events": [{**slot, "timestamp": True}]},
        {"events": [{**slot, "metadata": []}]},
        {"events": [{"event": "slot", "name": "order"}]},
        {"events": [{"name": "order"}]},
        {"events": ["slot"]},
        {"events": "none", "responses": []},
        {"events": [slot], "responses": ["hello"]},
        [slot],
    ]
    action = RemoteAction("action_greet", None)
    return [
        (
            _verdict(action._validate_action_result, one),
            _verdict(lambda it: _validate_action_result(action, it), one),
        )
        for one in answers
    ]


def _verdict(validate: Any, answer: Any) -> str:
    try:
        return str(validate(answer))
    except ValidationError as error:
        return error.message.partition(". Failed to validate")[0]


class _Part(GraphComponent):
    """Stands in a graph's schema."""


def _graph_runs() -> list[Any]:
    """A graph with a fork, run by Rasa's runner and by ours."""
    needs = {"words": {"message": "given"}, "left": {"of": "words"}, "right": {"of": "words"}}
    needs["joined"] = {"one": "left", "other": "right"}
    nodes = {
        name: SchemaNode(needs=of, uses=_Part, fn="", constructor_name="", config={})
        for name, of in needs.items()
    }
    runner = DaskGraphRunner.__new__(DaskGraphRunner)
    runner._graph_schema, runner._execution_context = GraphSchema(nodes), None
    runner._instantiated_nodes = {
        name: lambda *inputs, name=name: (name, [name, *(value for _, value in inputs)]) for name in nodes
    }
    return [run(runner, {"given": "hello"}, ["joined"]) for run in (DaskGraphRunner.run, _run)]


def main() -> None:
    rules = {
        "a message by its intent": [
            {"prev_action": {"action_name": "action_listen"}, "user": {"intent": "x"}}
        ],
        "a message by its words": [{"prev_action": {"action_name": "action_listen"}, "user": {"text": "x"}}],
        "what an action did": [{"prev_action": {"action_name": "action_greet"}, "user": {"text": "x"}}],
        "a slot": [{"prev_action": {"action_name": "action_listen"}, "slots": {"order": [1.0]}}],
    }
    told = {
        "changed": CHANGED,
        "copies": [log_copies.copies_for_the_log_only(import_module(name)) for name in log_copies.MODULES],
        "differences": _differences(),
        "answers": _answers(),
        "graphs": _graph_runs(),
        "by words": [name for name, rule in rules.items() if _may_follow_words(rule)],
    }
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
