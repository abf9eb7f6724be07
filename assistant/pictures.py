"""`assistant.pictures.PictureMessageClassifier`: a message that is only a picture has the intent `picture`.

The gateway gives such a message the text `[图片]` or `[picture]`. Comes after the intent classifier and
overrules it.
"""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.certain import CertainClassifier

PICTURE_TEXTS = frozenset({"[图片]", "[picture]"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PictureMessageClassifier(CertainClassifier):
    """Recognises the text that stands for a picture without words."""

    intent = "picture"

    def knows(self, message: Message) -> bool:
        return message.get(TEXT) in PICTURE_TEXTS
