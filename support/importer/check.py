"""Checks all files against each other and against the ids that the database has; pure.

Besides what `Row` finds in single cells: ids that occur twice, references to nothing, and what follows from
a bad row. A row that refers to a bad row is bad too. An order is loaded whole or not at all, because refunds
are computed from all its lines and parcels: one bad line leaves out the order, its other lines, its parcels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.importer.csvfile import CsvFile, RawRow
from support.importer.kinds import KINDS, Kind
from support.importer.report import Problem, Severity
from support.importer.row import Conventions, Row


@dataclass(frozen=True)
class Record:
    """A good row: values by column of the table."""

    line: int
    values: dict[str, Any]


@dataclass
class Checked:
    """Records by table, in the order of their files, and everything that was wrong."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def references(files: Mapping[str, CsvFile]) -> dict[str, set[str]]:
    """Ids by table that the files refer to without holding them: the database may."""
    wanted: dict[str, set[str]] = {}
    for kind in KINDS:
        for column, table in kind.refers.items():
            wanted.setdefault(table, set()).update(_column(files.get(kind.table), column))
    own = {kind.table: kind.key[0] for kind in KINDS}
    return {table: ids - _column(files.get(table), own[table]) for table, ids in wanted.items()}


def _column(file: CsvFile | None, column: str) -> set[str]:
    return {row.cells[column] for row in file.rows if row.cells.get(column)} if file else set()


def check(files: Mapping[str, CsvFile], conventions: Conventions, known: Mapping[str, set[str]]) -> Checked:
    """Turn the files' rows into records. `known` are the ids of `references` that the database has."""
    checker = _Checker(conventions, known)
    for kind in KINDS:
        if kind.table in files:
            checker.read(kind, files[kind.table])
    checker.keep_orders_whole()
    return checker.result


class _Checker:
    """Goes through the files once, remembering which ids are good and which are bad."""

    def __init__(self, conventions: Conventions, known: Mapping[str, set[str]]) -> None:
        self.result = Checked()
        self._conventions = conventions
        self._known = known
        # Files that could not be read: what refers to them cannot be judged.
        self._unread: set[str] = set()
        self._lines: dict[str, dict[tuple[str, ...], int]] = {kind.table: {} for kind in KINDS}
        self._good: dict[str, set[str]] = {kind.table: set() for kind in KINDS}
        self._bad: dict[str, dict[str, int]] = {kind.table: {} for kind in KINDS}
        # Orders with a bad row in any file, and where.
        self._broken_orders: dict[str, Problem] = {}

    def read(self, kind: Kind, file: CsvFile) -> None:
        if file.problems:
            self.result.problems.extend(file.problems)
            self._unread.add(kind.table)
        records = self.result.records.setdefault(kind.table, [])
        for raw in file.rows:
            record, problems = self._row(kind, raw)
            if problems:
                self._note_bad(kind, raw, problems)
            else:
                records.append(record)
                self._good[kind.table].add(record.values[kind.key[0]])
                if kind.table == "orders":
                    order_id, currency = record.values["order_id"], record.values["currency"]
                    self._conventions.order_currencies[order_id] = currency

    def keep_orders_whole(self) -> None:
        """Leave out every record of an order that has a bad row somewhere."""
        for kind in KINDS:
            records = self.result.records.get(kind.table)
            if records and "order_id" in kind.key:
                self.result.records[kind.table] = [one for one in records if not self._left_out(kind, one)]

    def _row(self, kind: Kind, raw: RawRow) -> tuple[Record, list[Problem]]:
        row = Row(raw.cells, self._conventions)
        record = Record(raw.line, kind.read(row) if not raw.fault else {})
        messages = [raw.fault] if raw.fault else [*row.problems, *self._twice(kind, record)]
        problems = [Problem(kind.file, raw.line, message) for message in messages]
        if not raw.fault:
            problems.extend(self._bad_references(kind, record))
        return record, problems

    def _twice(self, kind: Kind, record: Record) -> Iterator[str]:
        key = tuple(record.values[column] for column in kind.key)
        first = self._lines[kind.table].setdefault(key, record.line)
        if first != record.line and all(key):
            named = " with ".join(f"{column} '{part}'" for column, part in zip(kind.key, key, strict=True))
            yield f"{named} is also on line {first}: make one row of the two"

    def _bad_references(self, kind: Kind, record: Record) -> Iterator[Problem]:
        for column, table in kind.refers.items():
            wanted = record.values[column]
            if not wanted or wanted in self._good[table]:
                continue
            named, target = f"{column} '{wanted}'", f"{table}.csv"
            if wanted in self._bad[table]:
                message = f"{named} is on {target} line {self._bad[table][wanted]}, which is bad"
                yield Problem(kind.file, record.line, message, Severity.FOLLOWS)
            elif table not in self._unread and wanted not in self._known.get(table, ()):
                message = f"{named} is neither in {target} nor in the database: add or correct it"
                yield Problem(kind.file, record.line, message)

    def _note_bad(self, kind: Kind, raw: RawRow, problems: list[Problem]) -> None:
        self.result.problems.extend(problems)
        self._bad[kind.table].setdefault(raw.cells.get(kind.key[0], ""), raw.line)
        if "order_id" in kind.key:
            self._broken_orders.setdefault(raw.cells.get("order_id", ""), problems[0])

    def _left_out(self, kind: Kind, record: Record) -> bool:
        cause = self._broken_orders.get(record.values["order_id"])
        if cause is None:
            return False
        message = f"left out with its whole order, because {cause.file} line {cause.line} is bad"
        self.result.problems.append(Problem(kind.file, record.line, message, Severity.FOLLOWS))
        return True
