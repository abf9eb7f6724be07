"""What an evaluation found: a table, `evaluation.json` for the registry, a page with the worst rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.answers import compare
from evals.answers.ask import Answers, Variant
from evals.answers.compare import Compared, Verdict
from evals.answers.judge import Answer, Judgement, judge
from evals.answers.rows import Row, text_of

_QUOTED = 8
_SHARES = {
    "acceptable": "acceptable",
    "supported": "states only what the data states",
    "refusal": "answers or refuses rightly",
    "citations": "cites the right passage",
    "language": "in the customer's language",
    "length": "of sane length",
}
# Title, digits and unit.
_NUMBERS = {
    "similarity": ("similarity to the reference (chrF)", 3, ""),
    "first_token_s": ("first token, median", 2, " s"),
    "total_s": ("whole answer, median", 2, " s"),
}
# A part of what is acceptable that must not get worse, whatever becomes of the whole.
_SPOILERS = ("supported", "refusal")


@dataclass(frozen=True)
class Judged:
    """One row, what both said, and what that is worth."""

    row: Row
    answers: tuple[Answer, Answer]
    judgements: tuple[Judgement, Judgement]

    @property
    def is_regression(self) -> bool:
        current, candidate = self.judgements
        return current.acceptable and not candidate.acceptable

    @property
    def is_repair(self) -> bool:
        current, candidate = self.judgements
        return candidate.acceptable and not current.acceptable


@dataclass(frozen=True)
class Evaluation:
    """Everything that was found, (current, candidate) wherever there are two."""

    variants: tuple[Variant, Variant]
    judged: tuple[Judged, ...]
    figures: tuple[Compared, ...]
    verdict: Verdict
    data: str

    @property
    def acceptable(self) -> Compared:
        return self.figures[0]

    @property
    def summary(self) -> str:
        """One line that stands alone."""
        figure = self.acceptable
        text = (
            f"acceptable answers {figure.current:.1%} -> {figure.candidate:.1%} "
            f"({_points(figure)}) on {figure.rows} rows of {self.data}"
        )
        if self.verdict == "not enough rows to tell":
            text += f"; about {compare.rows_needed(figure)} rows would tell"
        return text


def evaluation(
    rows: Sequence[Row], answers: Answers, variants: tuple[Variant, Variant], data: str
) -> Evaluation:
    """Judge and compare; `data` names the rows for people."""
    judged = tuple(_judged(row, answers) for row in rows)
    figures = tuple(filter(None, [*(_share(name, judged) for name in _SHARES), *_numbers(judged)]))
    spoilers = [figure for figure in figures if figure.name in _SPOILERS]
    return Evaluation(variants, judged, figures, compare.verdict(figures[0], spoilers), data)


def _judged(row: Row, answers: Answers) -> Judged:
    current, candidate = answers[row.id, "current"], answers[row.id, "candidate"]
    return Judged(row, (current, candidate), (judge(row, current), judge(row, candidate)))


def _share(name: str, judged: Sequence[Judged]) -> Compared | None:
    """Over the rows where the question arises for both."""
    pairs = [tuple(getattr(judgement, name) for judgement in one.judgements) for one in judged]
    known = [(first, second) for first, second in pairs if first is not None and second is not None]
    return compare.shares(name, known) if known else None


def _numbers(judged: Sequence[Judged]) -> list[Compared]:
    near = [tuple(judgement.similarity for judgement in one.judgements) for one in judged]
    alike = [(first, second) for first, second in near if first is not None and second is not None]
    answered = [one.answers for one in judged if not any(answer.error for answer in one.answers)]
    first = [(current.first_token_s, candidate.first_token_s) for current, candidate in answered]
    whole = [(current.total_s, candidate.total_s) for current, candidate in answered]
    figures = [compare.means("similarity", alike)] if alike else []
    if answered:
        figures += [compare.medians("first_token_s", first), compare.medians("total_s", whole)]
    return figures


# --- to read -----------------------------------------------------------------------------------------------


def table(found: Evaluation) -> list[tuple[str, ...]]:
    """Heading and lines."""
    current, candidate = (variant.name for variant in found.variants)
    heading = ("", "rows", current, candidate, "difference [95% interval]", "p")
    return [heading, *(_line(figure) for figure in found.figures)]


def _line(figure: Compared) -> tuple[str, ...]:
    if figure.name in _SHARES:
        values = f"{figure.current:.1%}", f"{figure.candidate:.1%}"
        return _SHARES[figure.name], str(figure.rows), *values, _points(figure), f"{figure.p:.3f}"
    title, digits, unit = _NUMBERS[figure.name]
    current, candidate = (f"{value:.{digits}f}{unit}" for value in (figure.current, figure.candidate))
    moved = f"{figure.difference:+.{digits}f}{unit} [{figure.low:+.{digits}f}, {figure.high:+.{digits}f}]"
    return title, str(figure.rows), current, candidate, moved, ""


def _points(figure: Compared) -> str:
    low, high = 100 * figure.low, 100 * figure.high
    return f"{100 * figure.difference:+.1f} points [{low:+.1f}, {high:+.1f}]"


def printed(found: Evaluation) -> str:
    """The table for a terminal, and the verdict."""
    lines = table(found)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join([*(line.rstrip() for line in shown), "", f"{found.verdict}: {found.summary}"])


def write(found: Evaluation, folder: Path) -> Path:
    """`evaluation.json` and `report/evaluation.md` in the adapter's folder; gives the page."""
    page = folder / "report" / "evaluation.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_page(found), encoding="utf-8")
    text = json.dumps(_json(found), ensure_ascii=False, indent=1)
    (folder / "evaluation.json").write_text(text + "\n", encoding="utf-8")
    return page


def _json(found: Evaluation) -> dict[str, Any]:
    current, candidate = found.variants
    return {
        "candidate": {"name": candidate.name, "sha256": candidate.sha256},
        "against": {"name": current.name, "sha256": current.sha256},
        "verdict": found.verdict,
        "summary": found.summary,
        "data": found.data,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "figures": [asdict(figure) for figure in found.figures],
        "rows": [
            {
                "id": one.row.id,
                "current": asdict(one.judgements[0]),
                "candidate": asdict(one.judgements[1]),
            }
            for one in found.judged
        ],
    }


def _page(found: Evaluation) -> str:
    current, candidate = (variant.name for variant in found.variants)
    heading, *lines = table(found)
    worse = sorted((one for one in found.judged if one.is_regression), key=_loss)
    repaired = sum(one.is_repair for one in found.judged)
    return "\n".join(
        [
            f"# {candidate} against {current}",
            "",
            f"**{found.verdict}**: {found.summary}",
            "",
            f"| {' | '.join(heading)} |",
            f"|{'---|' * len(heading)}",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
            f"Acceptable before and not any more: {len(worse)}. Acceptable only now: {repaired}.",
            *(line for one in worse[:_QUOTED] for line in _quoted(one, current, candidate)),
            "",
        ]
    )


def _loss(one: Judged) -> tuple[bool, float]:
    """The worst first: invented claims, then what moved furthest from the reference."""
    current, candidate = one.judgements
    return candidate.supported, (candidate.similarity or 0.0) - (current.similarity or 0.0)


def _quoted(one: Judged, current: str, candidate: str) -> list[str]:
    question = one.row.question or text_of(one.row.messages[-1])
    cells = [_cell(text) for text in (one.row.reference, *(answer.text for answer in one.answers))]
    return [
        "",
        f"## {one.row.id}: {'; '.join(one.judgements[1].faults)}",
        "",
        *(f"> {line}" for line in question.splitlines()),
        "",
        f"| reference | {current} | {candidate} |",
        "|---|---|---|",
        f"| {' | '.join(cells)} |",
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>") or "(nothing)"
