"""What the classifiers share that know an intent for certain, and overrule those that estimate it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message


class CertainClassifier(GraphComponent, IntentClassifier):
    """Gives the messages that it knows one intent with confidence 1 and leaves the others."""

    intent: str

    @abstractmethod
    def knows(self, message: Message) -> bool:
        """Whether the message has this intent for certain."""

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
    ) -> CertainClassifier:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in filter(self.knows, messages):
            intent = {"name": self.intent, "confidence": 1.0}
            message.set(INTENT, intent, add_to_output=True)
            message.set(INTENT_RANKING_KEY, [intent], add_to_output=True)
        return messages
