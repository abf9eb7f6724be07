"""What a run leaves for people and for the registry.

training.json          base, method, dataset, figures before and after: what the registry reads
report/report.md       the same for people, with the curves and the answers
report/answers.json    the answers to held-out questions
report/log.jsonl       the whole course, see `log.py`
"""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch  # type: ignore[import-not-found]
from matplotlib.figure import Figure

from llm_server.finetune.config import Config
from llm_server.finetune.log import Entry, duration
from llm_server.finetune.plan import Plan
from llm_server.finetune.rows import Rows
from llm_server.finetune.samples import Sample
from llm_server.machine import GIB

LIBRARIES = ("torch", "transformers", "trl", "peft")
LANGUAGES = {"zh": "中文", "en": "English"}
LONGEST_QUESTION = 300  # characters
FIGURES = {
    "loss": "loss",
    "rewards/chosen": "reward of wanted answers",
    "rewards/rejected": "reward of unwanted answers",
    "rewards/margins": "margin between the two",
    "rewards/accuracies": "pairs in which the wanted answer is ahead",
    "logps/chosen": "log-likelihood of wanted answers",
    "logps/rejected": "log-likelihood of unwanted answers",
}
CURVES = {
    "loss.svg": ("loss", ("loss",)),
    "rewards.svg": ("reward", ("rewards/chosen", "rewards/rejected", "rewards/margins")),
}


@dataclass(frozen=True)
class Result:
    """A finished run. `before` and `after` are TRL's figures on the held-out rows."""

    config: Config
    rows: Rows
    plan: Plan
    before: Mapping[str, float]
    after: Mapping[str, float]
    samples: Sequence[Sample]
    log: Sequence[Entry]
    best_step: int

    @property
    def seconds(self) -> float:
        """All the time that went into training, before an interruption and after."""
        return float(self.log[-1]["seconds"])


def write(result: Result, folder: Path) -> None:
    """Everything but PEFT's own files, into the adapter's folder."""
    report = folder / "report"
    report.mkdir(parents=True)
    (folder / "training.json").write_text(
        json.dumps(_training(result), ensure_ascii=False, indent=1), encoding="utf-8"
    )
    (report / "answers.json").write_text(
        json.dumps([asdict(one) for one in result.samples], ensure_ascii=False, indent=1), encoding="utf-8"
    )
    curves = [name for name, (axis, keys) in CURVES.items() if _draw(report / name, axis, keys, result.log)]
    (report / "report.md").write_text("\n".join(_report(result, curves)) + "\n", encoding="utf-8")
    (report / "log.jsonl").write_text(
        "".join(json.dumps(entry) + "\n" for entry in result.log), encoding="utf-8"
    )


def _training(result: Result) -> dict[str, object]:
    config = result.config
    metrics = {f"dev_{key}_before": value for key, value in result.before.items()}
    metrics |= {f"dev_{key}": value for key, value in result.after.items()}
    return {
        "base": config.base,
        "method": config.method,
        "dataset": str(config.dataset),
        "dataset_sha256": result.rows.digest,
        "dataset_manifest_sha256": result.rows.manifest,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "metrics": {key: round(value, 4) for key, value in metrics.items()},
        "rows": {"train": len(result.plan.train.rows), "dev": len(result.plan.dev.rows)},
        "seconds": round(result.seconds),
        "peak_memory_gb": round(peak_memory_gb(), 2),
        "environment": environment(),
        "config": config.model_dump(mode="json"),
    }


def environment() -> dict[str, str]:
    """The machine and the versions that made the adapter."""
    gpu = torch.cuda.is_available()
    machine = {
        "device": torch.cuda.get_device_name() if gpu else "CPU",
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    return machine | {library: version(library) for library in LIBRARIES}


def peak_memory_gb() -> float:
    """Of the GPU where there is one, else of this process."""
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated() / GIB)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / GIB


def _draw(path: Path, axis: str, keys: Sequence[str], log: Sequence[Entry]) -> bool:
    """One picture with a line for each of the figures that the log has; False when it has none."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for number, key in enumerate(keys):
        for prefix, style in (("", "-"), ("dev_", "o--")):
            points = [(entry["step"], entry[prefix + key]) for entry in log if prefix + key in entry]
            if points:
                label = f"{FIGURES[key]}, {'held out' if prefix else 'training'}"
                axes.plot(*zip(*points, strict=True), style, color=f"C{number}", markersize=4, label=label)
    if not axes.lines:
        return False
    axes.set(xlabel="step", ylabel=axis)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=2, fontsize="small")
    figure.savefig(path)
    return True


def _report(result: Result, curves: Sequence[str]) -> list[str]:
    config = result.config
    return [
        f"# {config.name}",
        "",
        f"{config.method.upper()} on {config.base}, {datetime.now(UTC):%Y-%m-%d}. This is the adapter of"
        f" step {result.best_step} of {result.plan.steps}, where the loss on the held-out rows was lowest.",
        "",
        *_table(("held-out rows", "before", "after"), _compared(result)),
        "",
        *(f"![{name.removesuffix('.svg')}]({name})\n" for name in curves),
        "## Answers to held-out questions",
        "",
        *(line for sample in result.samples for line in _answers(sample)),
        "## How it was made",
        "",
        *_table(("", ""), _circumstances(result)),
    ]


def _compared(result: Result) -> list[tuple[str, str, str]]:
    return [
        (name, f"{result.before[key]:.4f}", f"{result.after[key]:.4f}")
        for key, name in FIGURES.items()
        if key in result.before and key in result.after
    ]


def _answers(sample: Sample) -> list[str]:
    pictures = f" ({sample.pictures} picture{'s' * (sample.pictures > 1)})" if sample.pictures else ""
    rows = [("base", sample.base), ("adapter", sample.adapter)]
    rows += [("wanted", sample.wanted)] if sample.wanted else []
    return [
        f"**{LANGUAGES[sample.language]}{pictures}:** {_end(sample.question)}",
        "",
        *_table(("", ""), rows),
        "",
    ]


def _circumstances(result: Result) -> list[tuple[str, str]]:
    plan, config = result.plan, result.config
    rows = (
        f"{len(plan.train.rows):,} learnt from, {len(plan.dev.rows):,} held out, {plan.too_long:,} too long"
    )
    return [
        ("rows", rows),
        ("sha256 of the rows", result.rows.digest),
        ("sha256 of the dataset's manifest", result.rows.manifest or "there is none"),
        ("trained", f"{plan.trained:,} of {plan.parameters:,} parameters"),
        ("time", duration(result.seconds)),
        ("peak memory", f"{peak_memory_gb():.2f} GB (estimated {plan.memory_gb:.2f})"),
        *environment().items(),
        *((key, str(value)) for key, value in config.model_dump(mode="json").items()),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(map(_one_line, row))} |" for row in (head, *rows)]
    return [lines[0], "|" + "---|" * len(head), *lines[1:]]


def _end(question: str) -> str:
    """The question stands at the end of what the model is told; before it come passages and records."""
    text = _one_line(question)
    return text if len(text) <= LONGEST_QUESTION else f"… {text[-LONGEST_QUESTION:]}"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
