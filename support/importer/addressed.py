"""Finds what in the shop's articles reads like an instruction to the assistant, for a warning at the import.

Such an article is imported all the same; the lines are left out of what the model sees and of what is quoted
(`Content.material`). Files of plain text are named with the line, others with the heading.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support.guard.content import Content
from support.knowledge.formats import read
from support.knowledge.passages import Unreadable

_BY_LINE = frozenset({".md", ".markdown", ".txt", ".html", ".htm", ".csv"})


def notices(folder: Path, content: Content) -> list[str]:
    """One for each place in the articles below `folder`/knowledge."""
    articles = sorted(path for path in (folder / "knowledge").rglob("*") if path.is_file())
    return [
        f"{path.relative_to(folder).as_posix()}{place}: this reads like an instruction to the assistant and "
        "will not be shown; write it differently if it is meant for customers."
        for path in articles
        for place in _places(path, content)
    ]


def _places(path: Path, content: Content) -> Iterator[str]:
    if path.suffix.lower() in _BY_LINE:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (f" line {number}" for number, line in enumerate(lines, 1) if content.suspect(line))
        return
    try:
        document = read(path)
    except Unreadable:
        return  # the import of the articles names it
    for section in document.sections:
        if any(map(content.suspect, section.paragraphs)):
            yield f" under “{section.heading or document.title}”"
