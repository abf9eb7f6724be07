"""Reads training files with Rasa's own reader, in Rasa's environment, for tests of what is written into them.

.venv/rasa/bin/python -m tests.unit.rasa_reader_probe nlu FILE       # [[intent, text, entities], ...]
.venv/rasa/bin/python -m tests.unit.rasa_reader_probe story FILE...  # [[[story, event, name], ...], ...]
"""

from __future__ import annotations

import json
import sys
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader


def examples(path: str) -> list[list[Any]]:
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123  # as Rasa opens it
        data = RasaYAMLReader().reads(file.read())
    return [[one.get("intent"), one.get("text"), one.get("entities", [])] for one in data.training_examples]


def story(path: str) -> list[list[str]]:
    assert YAMLStoryReader.is_test_stories_file(path), f"{path} is no test story to Rasa"
    found = []
    for step in YAMLStoryReader(Domain.load("domain")).read_from_file(path):
        for event in step.events:
            if isinstance(event, UserUttered):
                found.append([step.block_name, "user", f"{event.intent_name}: {event.text}"])
            elif isinstance(event, ActionExecuted):
                found.append([step.block_name, "action", str(event.action_name)])
    return found


if __name__ == "__main__":
    kind, *paths = sys.argv[1:]
    print(json.dumps([examples(path) if kind == "nlu" else story(path) for path in paths]))
