"""`assistant.content.ContentClassifier`: what the gateway's content filter decided has the intent `content`.

The ruling comes in the message's metadata, which only the gateway writes. Messages that are answered as ever
(the actions `note` and `no_model`) keep the intent that they have. Comes after the intent classifiers and
overrules them.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA
from rasa.shared.nlu.training_data.message import Message

_DECIDED = frozenset({"care", "person", "decline", "calm"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContentClassifier(GraphComponent, IntentClassifier):
    """Follows the ruling in the metadata."""

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        return [IntentClassifier]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContentClassifier:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of decided messages, confidence 1; leaves the others."""
        for message in messages:
            ruling = (message.get(METADATA) or {}).get("content") or {}
            if ruling.get("action") in _DECIDED:
                intent = {"name": "content", "confidence": 1.0}
                message.set(INTENT, intent, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [intent], add_to_output=True)
        return messages
