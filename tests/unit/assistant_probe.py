"""Runs the pipeline's parts in Rasa's environment and prints what they do, for `test_assistant_parts.py`.

    .venv/rasa/bin/python -m tests.unit.assistant_probe

A tiny model is trained, stored and loaded the way Rasa does it; each line of standard input is a JSON object
with `text`, `language` (the page's, or null) and perhaps the gateway's ruling as `content`,
and answered by a line with the message's data.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.content import ContentClassifier
from assistant.intents import LinearIntentClassifier
from assistant.language import LanguageDetector
from assistant.pictures import PictureMessageClassifier

_EXAMPLES = {
    "order_status": ["我的快递到哪了", "查一下物流", "where is my parcel", "track my order"],
    "refund": ["我要退款", "这件坏了想退", "i want a refund", "it arrived broken"],
    "greet": ["你好", "在吗", "hello", "good morning"],
    "picture": ["[图片]", "[picture]"],
}
_CONCEPTS = [{"name": "parcel", "elements": ["快递", "包裹", "parcel", "shipment"]}]


def _pipeline(folder: Path) -> list[Any]:
    """The parts, the classifier trained, stored and loaded."""
    messages = [Message.build(text, intent) for intent, texts in _EXAMPLES.items() for text in texts]
    storage, resource = LocalModelStorage.create(folder), Resource("classifier")
    context = ExecutionContext(GraphSchema({}))
    config = {**LinearIntentClassifier.get_default_config(), "ignored_intents": ["picture"]}
    trainer = LinearIntentClassifier.create(config, storage, resource, context)
    trainer.train(TrainingData(messages, lookup_tables=_CONCEPTS))
    return [
        LinearIntentClassifier.load(config, storage, resource, context),
        PictureMessageClassifier.create({}, storage, resource, context),
        ContentClassifier.create({}, storage, resource, context),
        LanguageDetector.create({}, storage, resource, context),
    ]


def _metadata(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("language", "content") if name in asked}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pipeline = _pipeline(Path(folder))
        for line in sys.stdin:
            asked = json.loads(line)
            message = Message({"text": asked["text"], "metadata": _metadata(asked)})
            for part in pipeline:
                part.process([message])
            print(json.dumps(message.as_dict(), ensure_ascii=False))


if __name__ == "__main__":
    main()
