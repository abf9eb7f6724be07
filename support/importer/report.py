"""What an import found and did, and the short text that the operator reads about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from support.knowledge import Refreshed

# A systematic error (every id rounded by a spreadsheet) would otherwise bury the rest.
_SHOWN = 50


class Severity(StrEnum):
    """What a problem does to the import."""

    ROW = "row"  # this row or document is bad: nothing is loaded, or with --skip-bad all but this
    FOLLOWS = "follows"  # the row itself is good, but it belongs to a bad one
    FILE = "file"  # the file or policy cannot be used: nothing is loaded, --skip-bad or not


@dataclass(frozen=True)
class Problem:
    """One thing to put right, by file and line (the line where the row starts; the header is line 1).

    Documents have no lines.
    """

    file: str
    line: int | None
    message: str
    severity: Severity = Severity.ROW

    def __str__(self) -> str:
        return f"{self.file}{f' line {self.line}' if self.line else ''}: {self.message}"


@dataclass(frozen=True)
class Loaded:
    """What became of the rows of one file."""

    read: int
    skipped: int
    new: int = 0
    changed: int = 0


@dataclass
class Report:
    """The result of an import. If not `loaded`, the database and the documents were left as they were.

    `copied` counts changed files by `knowledge`, `pictures`, `policy.yml` and `content.yml`, as far as the
    folder has them; `documents` is what the search index took in (None: the shop has no articles).
    """

    loaded: bool = False
    rows: dict[str, Loaded] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    copied: dict[str, int] = field(default_factory=dict)
    documents: Refreshed | None = None
    seconds: float = 0.0

    @property
    def roots(self) -> list[Problem]:
        """The problems without those that vanish when others are put right."""
        return [problem for problem in self.problems if problem.severity is not Severity.FOLLOWS]

    def blocks(self, skip_bad: bool) -> bool:
        """Whether the problems forbid to load anything."""
        return any(problem.severity is Severity.FILE or not skip_bad for problem in self.problems)


def lines(report: Report, folder: str) -> Iterator[str]:
    """The report for people, problems first, outcome last."""
    named = report.problems if report.loaded else report.roots
    yield from _problem_lines(named)
    yield from _first(report.notices, "notices")
    if not report.loaded:
        yield f"Nothing was loaded from {folder}: {_count(len(named), 'problem')} to put right, named above."
        if all(problem.severity is not Severity.FILE for problem in named):
            yield "To load the rest all the same, add --skip-bad (with make: SKIP_BAD=1)."
        return
    for file, loaded in report.rows.items():
        yield f"{file}: {_loaded(loaded)}"
    yield from _document_lines(report)
    yield f"Imported {folder} in {report.seconds:.1f} s."


def _problem_lines(problems: list[Problem]) -> Iterator[str]:
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in by_file.items():
        yield from _first([str(problem) for problem in found], f"problems of {file}")


def _first(texts: list[str], noun: str) -> Iterator[str]:
    yield from texts[:_SHOWN]
    if len(texts) > _SHOWN:
        yield f"… and {len(texts) - _SHOWN:,} more {noun}"


def _loaded(loaded: Loaded) -> str:
    unchanged = loaded.read - loaded.skipped - loaded.new - loaded.changed
    parts = {"new": loaded.new, "changed": loaded.changed, "unchanged": unchanged, "skipped": loaded.skipped}
    said = ", ".join(f"{number:,} {what}" for what, number in parts.items() if number)
    return f"{_count(loaded.read, 'row')} ({said})" if said else "no rows"


def _document_lines(report: Report) -> Iterator[str]:
    for name in ("policy.yml", "content.yml"):
        if report.copied.get(name):
            yield f"{name}: changed; used from the next start on"
    if "pictures" in report.copied:
        yield f"pictures: {report.copied['pictures']:,} new or changed"
    found = report.documents
    if found is None:
        return
    named = {problem.file for problem in report.problems}
    for problem in found.problems:
        if f"knowledge/{problem.file}" not in named:
            yield f"knowledge/{problem.file}: {problem.message}"
    yield (
        f"knowledge: {found.added} new, {found.updated} changed, {found.removed} removed, "
        f"{found.unchanged} unchanged; {_count(found.passages, 'passage')}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
