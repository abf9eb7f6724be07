"""The figures of a run, as JSON, as a table and as a plot."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import matplotlib

from benchmarks.llm.load import Load

# Of all loads, the one that the ratio is quoted for.
_BUSY = 8
DOORS = ("server", "proxy", "assistant")
_COLOURS = {"server": "#4c6a92", "proxy": "#c98a2b", "assistant": "#3f8f68"}


Figure = Literal["first_ms", "per_token_ms", "tokens_per_s", "worded"]  # properties of `Load`


@dataclass(frozen=True)
class Figures:
    """`loads`: by callers and door, one a round."""

    model: str
    tokens: int
    hardware: str
    proxy_overhead_ms: float
    loads: Mapping[int, Mapping[str, Sequence[Load]]]

    def median(self, callers: int, door: str, figure: Figure) -> float:
        """Over the rounds."""
        return float(statistics.median(getattr(load, figure) for load in self.loads[callers][door]))

    def ratio(self, callers: int) -> float:
        """How much of the bare server's throughput is left at the assistant's door."""
        return self.median(callers, "assistant", "tokens_per_s") / self.median(
            callers, "server", "tokens_per_s"
        )

    def as_json(self) -> dict[str, Any]:
        one = min(self.loads)
        return {
            "proxy_overhead_ms": round(self.proxy_overhead_ms, 2),
            "first_token_overhead_ms": round(
                self.median(one, "assistant", "first_ms") - self.median(one, "server", "first_ms"), 1
            ),
            "throughput_ratio": round(self.ratio(_BUSY), 3) if _BUSY in self.loads else None,
            "model": self.model,
            "tokens_an_answer": self.tokens,
            "rounds": len(self.loads[one]["server"]),
            "callers": {str(callers): self._at(callers) for callers in self.loads},
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": self.hardware,
        }

    def _at(self, callers: int) -> dict[str, Any]:
        return {
            door: {
                "first_token_ms": round(self.median(callers, door, "first_ms"), 1),
                "per_token_ms": round(self.median(callers, door, "per_token_ms"), 2),
                "tokens_per_s": round(self.median(callers, door, "tokens_per_s"), 1),
                "worded": round(self.median(callers, door, "worded"), 3),
            }
            for door in self.loads[callers]
        }


def hardware(gpu: str = "") -> str:
    cores = f"{os.cpu_count()} cores"
    return f"{gpu or 'no GPU'}, {cores}, {platform.machine()}, Python {platform.python_version()}"


def table(figures: Figures) -> str:
    """Markdown."""
    rows = ["| callers | door | first token | each token | tokens/s | worded |", "|---|---|---|---|---|---|"]
    for callers, doors in figures.as_json()["callers"].items():
        for door, at in doors.items():
            waits = f"{at['first_token_ms']} ms | {at['per_token_ms']} ms"
            rows.append(f"| {callers} | {door} | {waits} | {at['tokens_per_s']} | {at['worded']:.0%} |")
    return "\n".join(rows)


def write(figures: Figures, results: Path, name: str = "") -> None:
    """`llm.json`; with a name, for a model of full size, its own file with a table and a plot beside it."""
    results.mkdir(exist_ok=True)
    stem = f"llm-{name}" if name else "llm"
    found = figures.as_json()
    (results / f"{stem}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if name:
        words = f"# {figures.model}\n\n{figures.hardware}, {found['when']}\n\n{table(figures)}\n"
        (results / f"{stem}.md").write_text(words, encoding="utf-8")
    _plot(figures, results / f"{stem}.svg")
    print(table(figures))
    print(
        f"the proxy adds {found['proxy_overhead_ms']} ms to a request, the assistant "
        f"{found['first_token_overhead_ms']} ms to the first token;\nwith {_BUSY} callers "
        f"{found['throughput_ratio']} of the bare server's tokens a second arrive"
    )


def _plot(figures: Figures, file: Path) -> None:
    matplotlib.use("svg")
    # Imported once the backend is chosen; nothing else of this program needs it.
    from matplotlib import pyplot

    drawn, (speed, wait) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for door in DOORS:
        at = [callers for callers in sorted(figures.loads) if door in figures.loads[callers]]
        look: dict[str, Any] = {"color": _COLOURS[door], "label": door, "marker": "o"}
        speed.plot(at, [figures.median(callers, door, "tokens_per_s") for callers in at], **look)
        wait.plot(at, [figures.median(callers, door, "first_ms") for callers in at], **look)
    speed.set(xlabel="callers", ylabel="tokens per second")
    wait.set(xlabel="callers", ylabel="first token, ms")
    for axes in (speed, wait):
        axes.set_xscale("log", base=2)
        axes.set_xticks(sorted(figures.loads), [str(callers) for callers in sorted(figures.loads)])
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.25)
    speed.legend(frameon=False)
    drawn.suptitle(f"{figures.model} · {figures.hardware}", fontsize=9)
    drawn.savefig(file)
    pyplot.close(drawn)
