"""`assistant.content.ContentClassifier`: what the gateway's content filter decided has the intent `content`.

The ruling comes in the message's metadata, which only the gateway writes. Messages that are answered as ever
(the actions `note` and `no_model`) keep the intent that they have. Comes after the intent classifiers and
overrules them.
"""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import METADATA
from rasa.shared.nlu.training_data.message import Message

from assistant.certain import CertainClassifier

_DECIDED = frozenset({"care", "person", "decline", "calm"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContentClassifier(CertainClassifier):
    """Follows the ruling in the metadata."""

    intent = "content"

    def knows(self, message: Message) -> bool:
        ruling = (message.get(METADATA) or {}).get("content") or {}
        return ruling.get("action") in _DECIDED
