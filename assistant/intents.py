"""`assistant.intents.LinearIntentClassifier`: the linear model as a part of Rasa's pipeline.

Needs no tokenizer and no featurizer: it reads the message's text and, in training, the lookup tables of
the training data (the concepts). Sets `intent` and the ten best as `intent_ranking`. An empty text has no
intent and confidence 0, which the fallback classifier then turns into `nlu_fallback`.
"""

from __future__ import annotations

from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.linear import LinearModel, tables_of

_FILE = "linear.joblib"
_RANKED = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Intents by a linear model over words, characters, sounds and concepts."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ignored_intents`: decided by other parts, so not to be learnt here."""
        return {"ignored_intents": []}

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn", "jieba", "opencc", "pypinyin", "snowballstemmer"]

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as folder:
            model: LinearModel = joblib.load(folder / _FILE)
        # The first text costs a second of dictionaries: at loading, not on a customer's time.
        model.rank("你好 hello")
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the examples and the lookup tables, and keeps the model."""
        ignored = set(self._config["ignored_intents"])
        examples = [
            one for one in training_data.intent_examples if one.get(INTENT) not in ignored and one.get(TEXT)
        ]
        texts = [one.get(TEXT) for one in examples]
        intents = [one.get(INTENT) for one in examples]
        self._model = LinearModel.train(texts, intents, tables_of(training_data.lookup_tables))
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent and the ranking of each message."""
        for message in messages:
            # What there is to answer, where the gateway's content filter has set the rest aside.
            ruling = (message.get(METADATA) or {}).get("content") or {}
            text = ruling.get("rest") or message.get(TEXT)
            ranking = self._model.rank(text)[:_RANKED] if self._model and text and text.strip() else []
            ranked = [{"name": name, "confidence": confidence} for name, confidence in ranking]
            message.set(
                INTENT, ranked[0] if ranked else {"name": None, "confidence": 0.0}, add_to_output=True
            )
            message.set(INTENT_RANKING_KEY, ranked, add_to_output=True)
        return messages
