"""Two models side by side, on the project's test set and on what was reviewed. Pure: rows in, figures out."""

from __future__ import annotations

import csv
import math
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from support.training.text import key

# A message that has nothing to do with the shop must not start one of these; the rest answers it politely.
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
_OUTSIDE = "out_of_scope"

Set = Literal["held_out", "out_of_scope", "reviewed"]


@dataclass(frozen=True)
class Sample:
    """A message and what it means. People decided on `reviewed` ones; the models may have learnt them."""

    text: str
    intent: str
    language: str
    set: Set = "reviewed"


@dataclass(frozen=True)
class Guess:
    """What a model made of a message."""

    intent: str
    confidence: float
    milliseconds: float


def held_out(folder: Path, learnt: Collection[str]) -> list[Sample]:
    """The project's test set, without messages that the training data repeats; empty where there is none."""
    found = []
    for name in ("held_out", "out_of_scope"):
        table = folder / ("intents.tsv" if name == "held_out" else "out_of_scope.tsv")
        for row in _rows(table):
            if name == "out_of_scope":
                found.append(Sample(row["text"], _OUTSIDE, row["language"], "out_of_scope"))
            elif key(row["text"]) not in learnt:
                found.append(Sample(row["text"], row["intent"], row["language"], "held_out"))
    return found


def _rows(table: Path) -> Iterator[dict[str, str]]:
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def is_right(sample: Sample, guess: Guess) -> bool:
    if sample.set == "out_of_scope":
        return guess.intent not in FLOWS
    return guess.intent == sample.intent


def compare(samples: Sequence[Sample], before: Sequence[Guess], after: Sequence[Guess]) -> dict[str, Any]:
    """Every pair of figures is [before, after].

    `sets`: messages and accuracy, in all and by language. `intents`: F1 over the held-out messages.
    `changed`: the messages on which the two differ, `verdict` better, worse or other.
    """
    rows = list(zip(samples, before, after, strict=True))
    names = dict.fromkeys(sample.set for sample in samples)
    return {
        "sets": {name: _accuracies([row for row in rows if row[0].set == name]) for name in names},
        "intents": _by_intent([row for row in rows if row[0].set == "held_out"]),
        "changed": [_changed(*row) for row in rows if row[1].intent != row[2].intent],
        "latency_ms": {"median": [_median(before), _median(after)], "p95": [_p95(before), _p95(after)]},
    }


_Row = tuple[Sample, Guess, Guess]


def _accuracies(rows: Sequence[_Row]) -> dict[str, Any]:
    languages = sorted({sample.language for sample, _, _ in rows})
    return {
        "messages": len(rows),
        "accuracy": _accuracy(rows),
        "languages": {
            language: {"messages": len(chosen), "accuracy": _accuracy(chosen)}
            for language in languages
            if (chosen := [row for row in rows if row[0].language == language])
        },
    }


def _accuracy(rows: Sequence[_Row]) -> list[float]:
    right = [(is_right(sample, before), is_right(sample, after)) for sample, before, after in rows]
    return [_share(one for one, _ in right), _share(other for _, other in right)]


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def _by_intent(rows: Sequence[_Row]) -> list[dict[str, Any]]:
    counts = Counter(sample.intent for sample, _, _ in rows)
    return [
        {
            "intent": intent,
            "messages": counts[intent],
            "f1": [_f1(intent, [(row[0].intent, row[side].intent) for row in rows]) for side in (1, 2)],
        }
        for intent in sorted(counts)
    ]


def _f1(intent: str, pairs: Sequence[tuple[str, str]]) -> float:
    """2 hits / (expected + predicted)."""
    hits = sum(expected == predicted == intent for expected, predicted in pairs)
    named = sum((expected == intent) + (predicted == intent) for expected, predicted in pairs)
    return round(2 * hits / named, 4) if named else 0.0


def _changed(sample: Sample, before: Guess, after: Guess) -> dict[str, Any]:
    was, now = is_right(sample, before), is_right(sample, after)
    return {
        "text": sample.text,
        "language": sample.language,
        "set": sample.set,
        "expected": sample.intent,
        "before": before.intent,
        "after": after.intent,
        "verdict": "better" if now > was else "worse" if was > now else "other",
    }


def _median(guesses: Sequence[Guess]) -> float:
    return round(statistics.median(one.milliseconds for one in guesses), 2) if guesses else 0.0


def _p95(guesses: Sequence[Guess]) -> float:
    spent = sorted(one.milliseconds for one in guesses)
    return spent[math.ceil(0.95 * len(spent)) - 1] if spent else 0.0
