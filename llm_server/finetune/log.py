"""The run's progress: a line for people and the same as JSON in `log.jsonl`, for the report and for machines.

    {"step": 40, "steps": 120, "seconds": 31.2, "loss": 1.71, "learning_rate": 8e-5, "tokens_per_s": 5210}
    {"step": 40, "steps": 120, "seconds": 33.0, "dev_loss": 1.82}

After an interruption the file is cut back to the checkpoint, so that no step is in it twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Entry = dict[str, Any]

# TRL's names that are worth keeping; for the held-out rows they begin with `eval_`, here with `dev_`.
KEPT = (
    *("loss", "learning_rate", "grad_norm", "kl"),
    *("rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies"),
    *("logps/chosen", "logps/rejected"),
)
SHOWN = {
    "loss": "loss",
    "dev_loss": "dev loss",
    "rewards/margins": "margin",
    "dev_rewards/margins": "dev margin",
}


class Log:
    """Appends entries and prints them. `step` is where this process begins."""

    def __init__(self, path: Path, step: int = 0) -> None:
        self._path = path
        self._begun = self._last = time.monotonic()
        self._first_step = step
        self._tokens = 0.0
        kept = [entry for entry in read(path) if entry["step"] <= step]
        self._before = kept[-1]["seconds"] if kept else 0.0
        path.write_text("".join(map(_line, kept)), encoding="utf-8")

    def add(self, step: int, steps: int, figures: Mapping[str, float]) -> None:
        """What TRL reports after a step or an evaluation; silent when nothing of it is worth keeping."""
        now = time.monotonic()
        renamed = {key.replace("eval_", "dev_", 1): value for key, value in figures.items()}
        kept = {key: value for key, value in renamed.items() if key.removeprefix("dev_") in KEPT}
        if not kept:
            return
        entry = {"step": step, "steps": steps, "seconds": round(self._before + now - self._begun, 1)} | kept
        if "loss" in kept:
            tokens = figures.get("num_tokens", self._tokens)
            entry["tokens_per_s"] = round((tokens - self._tokens) / max(now - self._last, 1e-6))
            self._tokens, self._last = tokens, now
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(entry))
        print(self._spoken(entry, now), flush=True)

    def _spoken(self, entry: Entry, now: float) -> str:
        parts = [f"step {entry['step']}/{entry['steps']}"]
        parts += [f"{name} {entry[key]:.4f}" for key, name in SHOWN.items() if key in entry]
        if "tokens_per_s" in entry:
            parts.append(f"{entry['tokens_per_s']:,} tokens/s")
            done = entry["step"] - self._first_step
            left = (entry["steps"] - entry["step"]) * (now - self._begun) / max(done, 1)
            parts.append(f"{duration(left)} left")
        return "  ".join(parts)


def _line(entry: Entry) -> str:
    return json.dumps(entry) + "\n"


def read(path: Path) -> list[Entry]:
    """What a log holds; nothing when there is none. A last line that a crash has cut is left out."""
    if not path.exists():
        return []
    whole = [line for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return [json.loads(line) for line in whole]


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 05 min`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
