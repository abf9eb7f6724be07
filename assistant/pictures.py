"""`assistant.pictures.PictureMessageClassifier`: a message that is only a picture has the intent `picture`.

The gateway gives such a message the text `[图片]` or `[picture]`. Comes after the intent classifier and
overrules it.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

PICTURE_TEXTS = frozenset({"[图片]", "[picture]"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PictureMessageClassifier(GraphComponent, IntentClassifier):
    """Recognises the text that stands for a picture without words."""

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
    ) -> PictureMessageClassifier:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of picture messages, confidence 1; leaves the others."""
        for message in messages:
            if message.get(TEXT) in PICTURE_TEXTS:
                intent = {"name": "picture", "confidence": 1.0}
                message.set(INTENT, intent, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [intent], add_to_output=True)
        return messages
