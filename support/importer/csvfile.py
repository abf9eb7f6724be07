"""Reads one CSV file into rows of text cells, and says what is wrong with it as a file.

Accepted: UTF-8 with or without a byte order mark, or GB18030 (what Excel writes in China) with a notice;
commas, quotes as in RFC 4180, any line ends, blank lines, blank cells beyond the last column. Spaces around
cells are dropped, column names are lower-cased, columns without a name are ignored.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.importer.report import Problem, Severity

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP = b"PK\x03\x04"
# NUL, and the surrogates that stand for bytes which are not UTF-8: no database takes either.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATE = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


class _UnusableFileError(ValueError):
    """The file as a whole cannot be read: on which line that shows, and what is wrong."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class RawRow:
    """Cells by column, the line on which the row starts, and why its cells cannot be trusted, if so."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass
class CsvFile:
    """A file's header and rows; `problems` are those that make the whole file unusable."""

    name: str
    header: tuple[str, ...] = ()
    rows: list[RawRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read(path: Path, required: Sequence[str]) -> CsvFile:
    """Read `path`; what is wrong with it is in the answer's `problems`. OSError if it cannot be opened."""
    file = CsvFile(path.name)
    try:
        text, encoding = _decode(path.read_bytes())
        if encoding != "UTF-8":
            file.notices.append(
                f"{file.name} is not UTF-8; read as {encoding}. If letters look wrong, save it as UTF-8."
            )
        lines = _lines(text)
        file.header = _header(next(lines, (1, []))[1], required)
        file.rows.extend(_row(line, cells, file.header) for line, cells in lines)
    except _UnusableFileError as error:
        file.problems.append(Problem(path.name, error.line, str(error), Severity.FILE))
    return file


def _decode(raw: bytes) -> tuple[str, str]:
    """The text and its encoding. Stray bytes in a UTF-8 file become surrogates, to be found row by row."""
    if raw.startswith(_ZIP):
        raise _UnusableFileError(None, "is an Excel workbook; save it as CSV UTF-8")
    if raw.startswith(_UTF16):
        raise _UnusableFileError(None, "is UTF-16; save it as CSV UTF-8")
    text = raw.decode("utf-8-sig", "surrogateescape")
    stray = len(_SURROGATE.findall(text))
    # GB18030 read as UTF-8 is nearly all stray bytes; a damaged UTF-8 file is nearly all letters.
    if stray > len(_BEYOND_ASCII.findall(text)) - stray:
        try:
            return raw.decode("gb18030"), "GB18030"
        except UnicodeDecodeError:
            pass
    return text, "UTF-8"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise _UnusableFileError(
            start, f"the quotes of this row are not in order ({error}); nothing after it can be read"
        ) from error


def _header(cells: Sequence[str], required: Sequence[str]) -> tuple[str, ...]:
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if any(_UNSTORABLE.search(name) for name in names):
        raise _UnusableFileError(1, "column names hold bytes that are not UTF-8: type them again")
    found = f"the file has {', '.join(names)}" if names else "the file is empty"
    missing = [name for name in required if name not in names]
    if missing:
        raise _UnusableFileError(1, f"required columns are missing: {', '.join(missing)} ({found})")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise _UnusableFileError(1, f"columns occur more than once: {', '.join(twice)}; rename or drop them")
    return tuple(names)


def _row(line: int, cells: Sequence[str], header: Sequence[str]) -> RawRow:
    width = len(header)
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    if len(cells) < width or any(cells[width:]):
        fault = f"has {len(cells)} cells but the header has {width}: look for a missing or an unquoted comma"
        return RawRow(line, named, fault)
    broken = [name for name, cell in named.items() if _UNSTORABLE.search(cell)]
    if broken:
        fault = f"{', '.join(broken)}: holds NUL characters or bytes that are not UTF-8: type the text again"
        return RawRow(line, named, fault)
    return RawRow(line, named)
