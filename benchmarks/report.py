"""The figures of a run of `make bench`: as JSON, as a table, as a plot."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.gateway_share import Share
from benchmarks.growth import Growth
from benchmarks.held import Held
from benchmarks.load import Round

BUSY = 20  # callers, for which the ratio is quoted
_COLOURS = {"ours": "#3f8f68", "stock": "#4c6a92"}


@dataclass
class Figures:
    """`rounds`: by number of callers and side. The rest is missing in a short run."""

    rounds: Mapping[int, Mapping[str, Sequence[Round]]]
    stock_model: str
    held: Mapping[str, Held] = field(default_factory=dict)
    growth: Mapping[str, Growth] = field(default_factory=dict)
    gateway: Share | None = None

    def median(self, callers: int, side: str, figure: Callable[[Round], float]) -> float:
        """Over the rounds."""
        return statistics.median(figure(one) for one in self.rounds[callers][side])

    def turns_per_s(self, callers: int, side: str) -> float:
        return self.median(callers, side, lambda one: one.turns_per_s)

    def ratio(self, callers: int = BUSY) -> float:
        """How many times stock's turns a second."""
        return self.turns_per_s(callers, "ours") / self.turns_per_s(callers, "stock")

    def _percentile(self, callers: int, side: str, percent: int) -> float:
        return round(self.median(callers, side, lambda one: one.percentile_ms(percent)), 1)

    def processor_ms(self, callers: int, side: str) -> dict[str, float]:
        """Of each process and of all, a turn."""
        rounds = self.rounds[callers][side]
        each = {
            name: statistics.median(one.processor_ms_per_turn[name] for one in rounds)
            for name in rounds[0].processor_s
        }
        return {name: round(spent, 2) for name, spent in (each | {"all": sum(each.values())}).items()}

    def as_json(self) -> dict[str, Any]:
        loads = {
            str(callers): {side: self._load(callers, side) for side in sides}
            for callers, sides in self.rounds.items()
        }
        return {
            **self._headline(),
            **self._growth(),
            "gateway": self.gateway and _rounded(vars(self.gateway)),
            "callers": loads,
            "held": {side: vars(held) for side, held in self.held.items()},
            "stock_model": self.stock_model,
            "rounds": len(next(iter(self.rounds.values()))["ours"]),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "database": "sqlite",
        }

    def _headline(self) -> dict[str, Any]:
        mine = {side: self.processor_ms(BUSY, side)["all"] for side in ("ours", "stock")}
        found = {
            "ratio_to_stock": round(self.ratio(), 2),
            "turns_per_s": round(self.turns_per_s(BUSY, "ours"), 1),
            "p95_ms": self._percentile(BUSY, "ours", 95),
            "stock_turns_per_s": round(self.turns_per_s(BUSY, "stock"), 1),
            "stock_p95_ms": self._percentile(BUSY, "stock", 95),
            "processor_ms_per_turn": mine["ours"],
            "stock_processor_ms_per_turn": mine["stock"],
        }
        if 1 in self.rounds:
            for side, name in (("ours", "one_caller_p50_ms"), ("stock", "stock_one_caller_p50_ms")):
                found[name] = self._percentile(1, side, 50)
        return found | ({"gateway_added_ms_p50": round(self.gateway.added, 2)} if self.gateway else {})

    def _growth(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for side, grown in self.growth.items():
            name = "turn200_over_turn5" if side == "ours" else f"{side}_turn200_over_turn5"
            found[name] = round(max(grown.latency, grown.sent), 3)
            found[f"{name}_latency"] = round(grown.latency, 3)
            found[f"{name}_bytes"] = round(grown.sent, 3)
            found[f"{name}_cold"] = round(grown.cold, 3)
            found[f"{side}_long_unanswered"] = grown.unanswered
            turns = {"turn5": grown.early, "turn200": grown.late}
            turns |= {"turn5_cold": grown.early_cold, "turn200_cold": grown.late_cold}
            for turn, cost in turns.items():
                found[f"{side}_{turn}"] = {
                    "ms": round(statistics.median(cost.ms), 1),
                    "bytes_to_actions": round(statistics.median(cost.sent)),
                }
        return found

    def _load(self, callers: int, side: str) -> dict[str, Any]:
        rounds = self.rounds[callers][side]
        return {
            "turns_per_s": round(self.turns_per_s(callers, side), 1),
            "of_each_round": [round(one.turns_per_s, 1) for one in rounds],
            **{f"p{percent}_ms": self._percentile(callers, side, percent) for percent in (50, 95, 99)},
            "turns": sum(one.turns for one in rounds),
            "unanswered": sum(one.unanswered for one in rounds),
            "kinds_p50_ms": _kinds(rounds),
            "processor_ms_per_turn": self.processor_ms(callers, side),
        }


def _kinds(rounds: Sequence[Round]) -> dict[str, float]:
    kinds = sorted({kind for one in rounds for kind in one.times})
    return {
        kind: round(statistics.median(spent for one in rounds for spent in one.times[kind]) * 1000, 1)
        for kind in kinds
    }


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in figures.items()}


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def table(figures: Figures) -> str:
    """Markdown: a line for each side at each load."""
    rows = ["| callers | side | turns/s | p50 | p95 | processor ms a turn |", "|---|---|---|---|---|---|"]
    for callers, sides in figures.as_json()["callers"].items():
        for side, at in sides.items():
            spent = at["processor_ms_per_turn"]
            each = ", ".join(f"{name} {ms}" for name, ms in spent.items() if name != "all")
            waits = f"{at['p50_ms']} ms | {at['p95_ms']} ms"
            rows.append(f"| {callers} | {side} | {at['turns_per_s']} | {waits} | {spent['all']} ({each}) |")
    return "\n".join(rows)


def summary(figures: Figures) -> str:
    """What the issue asks for, a line each."""
    found = figures.as_json()
    wanted = ("ratio", "turns", "p95", "one_caller", "gateway_added", "processor", "stock_")
    return "\n".join(
        f"{name:32} {value}"
        for name, value in found.items()
        if name.startswith(wanted) and isinstance(value, float | int)
    )


def write(figures: Figures, results: Path) -> None:
    """`latest.json` and `latest.svg`."""
    results.mkdir(exist_ok=True)
    found = json.dumps(figures.as_json(), indent=1, ensure_ascii=False)
    (results / "latest.json").write_text(found + "\n", encoding="utf-8")
    _plot(figures, results / "latest.svg")


def _plot(figures: Figures, file: Path) -> None:
    # Nothing else of the benchmark needs it.
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    at = sorted(figures.rounds)
    drawn, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    for side, colour in _COLOURS.items():
        speeds = [figures.turns_per_s(callers, side) for callers in at]
        axes.plot(at, speeds, color=colour, label="Shopclerk" if side == "ours" else "stock Rasa", marker="o")
    axes.set(xlabel="callers", ylabel="turns per second")
    axes.set_xscale("log", base=2)
    axes.set_xticks(at, [str(callers) for callers in at])
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    drawn.suptitle(machine(), fontsize=9)
    drawn.savefig(file)
    pyplot.close(drawn)
