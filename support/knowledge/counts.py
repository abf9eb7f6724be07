"""What an index publishes beside its table: which version of it readers use, and how rare each token is.

A small SQLite file, replaced as a whole. A question looks up its own few tokens, so that nobody loads or
keeps the million of them that a large shop's documents have.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from support.knowledge.ranking import Statistics

_SCHEMA = """
CREATE TABLE published (layout, table_version, passages, version, embedding_model);
CREATE TABLE frequency (token TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Published:
    """`table_version`: the version of the table that this belongs to. `version`: what was imported.

    `embedding_model`: what the vectors are of; empty for an import without.
    """

    layout: int
    table_version: int
    passages: int
    version: str
    embedding_model: str


class Counts:
    """One such file, open for reading."""

    def __init__(self, path: Path) -> None:
        address = f"{path.absolute().as_uri()}?mode=ro"
        self._db = sqlite3.connect(address, uri=True, check_same_thread=False)
        self.published = Published(*self._db.execute("SELECT * FROM published").fetchone())

    def of(self, terms: Iterable[str]) -> Statistics:
        """The statistics of these tokens."""
        # Few, and each is found in some microseconds; a list of them would be as long as the question.
        one = "SELECT passages FROM frequency WHERE token = ?"
        found = ((term, self._db.execute(one, (term,)).fetchone()) for term in terms)
        return Statistics(self.published.passages, {term: row[0] for term, row in found if row})


def written_at(path: Path) -> tuple[int, int] | None:
    """Differs from one file to the next; None when there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def write(path: Path, published: Published, frequency: Mapping[str, int]) -> None:
    """Publish. A token that one passage has counts like one that none has, so only concepts are kept then."""
    waiting = path.with_suffix(".new")
    waiting.unlink(missing_ok=True)
    kept = ((token, count) for token, count in frequency.items() if count > 1 or token.startswith("~"))
    db = sqlite3.connect(waiting)
    db.executescript(_SCHEMA)
    with db:
        db.execute("INSERT INTO published VALUES (?, ?, ?, ?, ?)", tuple(asdict(published).values()))
        db.executemany("INSERT INTO frequency VALUES (?, ?)", sorted(kept))
    db.close()
    waiting.replace(path)
