"""`assistant.language.LanguageDetector`: the language of each message, as an entity (`zh` or `en`).

A text that tells nothing (digits, ids, emoji, "ok") gets what the channel's metadata declares under
`language`, and no entity when that is missing: the conversation stays in the language that it was in.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.detection import language_of
from assistant.pictures import PICTURE_TEXTS

_LANGUAGES = ("zh", "en")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageDetector(GraphComponent, EntityExtractorMixin):
    """The language of each message, as an entity over its whole text."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entity; other extractors' entities stay."""
        for message in messages:
            text = message.get(TEXT) or ""
            declared = (message.get(METADATA) or {}).get("language")
            declared = declared if declared in _LANGUAGES else None
            # The text that stands for a picture was not written by the customer.
            language = declared if text in PICTURE_TEXTS else language_of(text, declared)
            if language:
                entity = {"entity": "language", "value": language, "start": 0, "end": len(text)}
                entities = [*message.get(ENTITIES, []), {**entity, "extractor": self.name}]
                message.set(ENTITIES, entities, add_to_output=True)
        return messages
