"""How much personal data the masking finds, and how much that is harmless it takes: by kind, both languages.

    python -m evals.personal [--missed] [--presidio]

The texts are written by hand in `data/personal.txt`; odd ones were looked at while the rules were written,
even ones were not. A value is found when nothing of it is left to read. A finding is right when it lies on
something personal, of whatever kind; how often the kind is right too stands beside it. `--presidio` asks the
slow way that exports take (`support.personal.engine`); `--missed` prints each mistake of the odd half.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.personal import Finding, find

DATA = Path(__file__).parent / "data" / "personal.txt"
RESULTS = Path(__file__).parent / "results" / "personal.json"
_MARKED = re.compile(r"\{(\w+):([^}]*)\}")
# Kinds that are one to whoever reads the mask.
_SAME = {"mobile": "phone", "iban": "bank_card"}
_ROUNDS = 20

Search = Callable[[str], Sequence[Finding]]


@dataclass(frozen=True)
class Case:
    """A text, and what in it is personal: start, end, kind."""

    line: int
    text: str
    spans: tuple[tuple[int, int, str], ...]


def cases() -> list[Case]:
    lines = enumerate(DATA.read_text(encoding="utf-8").splitlines(), 1)
    return [_case(number, line) for number, line in lines if line and not line.startswith("# ")]


def _case(number: int, line: str) -> Case:
    text, spans, at = "", [], 0
    for marked in _MARKED.finditer(line):
        text += line[at : marked.start()]
        spans.append((len(text), len(text) + len(marked[2]), _SAME.get(marked[1], marked[1])))
        text += marked[2]
        at = marked.end()
    return Case(number, text + line[at:], tuple(spans))


def half(held_out: bool) -> list[Case]:
    """Every other case: those that were looked at, or those that were not."""
    return cases()[1 if held_out else 0 :: 2]


def mistakes(case: Case, search: Search = find) -> Iterator[tuple[str, str, str]]:
    """`missed` or `wrong`, the kind, and the words."""
    found = search(case.text)
    covered = {place for one in found for place in range(one.start, one.end)}
    for start, end, kind in case.spans:
        if any(place not in covered for place in range(start, end) if case.text[place].isalnum()):
            yield "missed", kind, case.text[start:end]
    for one in found:
        if not any(one.start < end and start < one.end for start, end, _ in case.spans):
            yield "wrong", _SAME.get(one.kind, one.kind), case.text[one.start : one.end]


def run(search: Search = find, held_out: bool = True) -> dict[str, Any]:
    """Recall, precision and right kinds of one half; harmless texts of which something was taken."""
    chosen = half(held_out)
    values = Counter(kind for case in chosen for _, _, kind in case.spans)
    wrong = [mistake for case in chosen for mistake in mistakes(case, search)]
    missed = Counter(kind for what, kind, _ in wrong if what == "missed")
    false = Counter(kind for what, kind, _ in wrong if what == "wrong")
    findings = sum(len(search(case.text)) for case in chosen)
    harmless = [case for case in chosen if not case.spans]
    return {
        "texts": len(chosen),
        "values": values.total(),
        "recall": _share(values.total() - missed.total(), values.total()),
        "precision": _share(findings - false.total(), findings),
        "right_kind": _share(_right_kinds(chosen, search), values.total()),
        "harmless_texts": len(harmless),
        "harmless_touched": sum(bool(search(case.text)) for case in harmless),
        "by_kind": {
            kind: {"values": count, "missed": missed[kind], "wrong": false[kind]}
            for kind, count in sorted(values.items())
        },
    }


def _right_kinds(chosen: Sequence[Case], search: Search) -> int:
    return sum(
        any(one.start < end and start < one.end and _SAME.get(one.kind, one.kind) == kind for one in found)
        for case in chosen
        for found in [search(case.text)]
        for start, end, kind in case.spans
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _milliseconds(search: Search) -> float:
    texts = [case.text for case in cases()]
    begun = time.perf_counter()
    for _ in range(_ROUNDS):
        for text in texts:
            search(text)
    return round((time.perf_counter() - begun) * 1000 / _ROUNDS / len(texts), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true", help="print each mistake of the odd half")
    parser.add_argument("--presidio", action="store_true", help="ask as exports do")
    arguments = parser.parse_args()
    search: Search = find
    if arguments.presidio:
        from support.personal import engine

        search = engine.find
    if arguments.missed:
        for case in half(held_out=False):
            for what, kind, words in mistakes(case, search):
                print(f"{case.line:4} {what:7} {kind:12} {words}   |  {case.text}")
    result = {
        "held_out": run(search),
        "seen": run(search, held_out=False),
        "ms_a_text": _milliseconds(search),
    }
    print(json.dumps(result, indent=2))
    if not arguments.presidio:
        RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
