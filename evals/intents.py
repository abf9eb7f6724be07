"""How often the dialogue model understands what a customer wants: `python -m evals.intents --out FILE.json`.

Runs in the Rasa environment, through Rasa's own loading and parsing, so the fallback's thresholds count: an
in-scope message that falls back is an error. Trains a model first unless `--model` names one.

* `intent_accuracy`: over the messages of `data/intents.tsv` that no training example repeats (compared
  without case, width and punctuation); "thanks" and the like are in both and would flatter.
  `intent_accuracy_all` counts them too.
* `oos_rejection`: over `data/out_of_scope.tsv`, not taken for a flow (`FLOWS`).
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).parent.parent
_DATA = _ROOT / "evals" / "data"
FLOWS = frozenset(
    [
        "order_status",
        "ask_product",
        "ask_knowledge",
        "refund",
        "refund_status",
        "cancel_order",
        "change_order",
        "invoice",
        "handoff",
        "complain",
        "rate",
    ]
)


class Answer(NamedTuple):
    """One message of a set with what the model made of it."""

    text: str
    expected: str
    language: str
    predicted: str


def key(text: str) -> str:
    """What two messages have in common when they differ in case, width, blanks and punctuation only."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).lower()) or text


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _train(folder: str) -> str:
    from rasa.model_training import train_nlu

    model = train_nlu(config=str(_ROOT / "config.yml"), nlu_data=str(_ROOT / "data" / "nlu"), output=folder)
    if model is None:
        raise SystemExit("no model came out of the training")
    return str(model)


def _training_keys() -> set[str]:
    from rasa.shared.nlu.training_data.loading import load_data

    return {key(example.get("text")) for example in load_data(str(_ROOT / "data" / "nlu")).intent_examples}


async def _answers(agent: Any, rows: Iterable[dict[str, str]]) -> list[Answer]:
    answers = []
    for row in rows:
        parsed = await agent.parse_message(row["text"])
        predicted = str(parsed["intent"]["name"])
        answers.append(Answer(row["text"], row.get("intent", "out_of_scope"), row["language"], predicted))
    return answers


def accuracy(answers: Iterable[Answer]) -> float:
    hits = [answer.expected == answer.predicted for answer in answers]
    return round(sum(hits) / len(hits), 4) if hits else 0.0


def rejection(answers: Iterable[Answer]) -> float:
    hits = [answer.predicted not in FLOWS for answer in answers]
    return round(sum(hits) / len(hits), 4) if hits else 0.0


def confusions(answers: Iterable[Answer]) -> str:
    """A line an intent: how many, the share that was right, and what the others were taken for."""
    by_intent: dict[str, Counter[str]] = {}
    for answer in answers:
        by_intent.setdefault(answer.expected, Counter())[answer.predicted] += 1
    lines = []
    for intent, predicted in sorted(by_intent.items()):
        total = sum(predicted.values())
        others = ", ".join(f"{name} {times}" for name, times in predicted.most_common() if name != intent)
        lines.append(f"{intent:14} {total:4} {predicted[intent] / total:8.1%}  {others}".rstrip())
    return "\n".join(lines)


def report(in_scope: list[Answer], out_of_scope: list[Answer], trained: set[str]) -> dict[str, Any]:
    """The figures of this module's docstring, by language too, the counts behind them, and the tables."""
    held_out = [answer for answer in in_scope if key(answer.text) not in trained]
    return {
        "intent_accuracy": accuracy(held_out),
        "intent_accuracy_zh": accuracy(answer for answer in held_out if answer.language == "zh"),
        "intent_accuracy_en": accuracy(answer for answer in held_out if answer.language == "en"),
        "intent_accuracy_all": accuracy(in_scope),
        "oos_rejection": rejection(out_of_scope),
        "counts": {
            "held_out": len(held_out),
            "held_out_zh": sum(answer.language == "zh" for answer in held_out),
            "repeated_in_training": len(in_scope) - len(held_out),
            "out_of_scope": len(out_of_scope),
        },
        "confusion": confusions(held_out),
        "confusion_out_of_scope": confusions(out_of_scope),
    }


def evaluate(model: str) -> dict[str, Any]:
    """The report for the model at this path."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    # Unconfigured, Rasa prints every message; nobody who improves the model should read the held-out set.
    configure_structlog(logging.WARNING)
    agent = Agent.load(model)
    in_scope = asyncio.run(_answers(agent, _rows(_DATA / "intents.tsv")))
    out_of_scope = asyncio.run(_answers(agent, _rows(_DATA / "out_of_scope.tsv")))
    return report(in_scope, out_of_scope, _training_keys())


def main() -> None:
    parser = argparse.ArgumentParser(description="accuracy of the dialogue model's intents")
    parser.add_argument("--model", help="a trained model; without it one is trained")
    parser.add_argument("--out", type=Path, required=True, help="where the figures go, as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        results = evaluate(arguments.model or _train(scratch))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print("intent            n    right  taken for\n" + results["confusion"])
    print(results["confusion_out_of_scope"])
    for name, value in results.items():
        if isinstance(value, float):
            print(f"{name:20} {value:.2%}")
    print(", ".join(f"{name} {value}" for name, value in results["counts"].items()))


if __name__ == "__main__":
    main()
