"""A table of figures: shown on the page, drawn as a chart, handed out as CSV. All three from the same cells.

    Sheet("languages", ("language", "count"), columns, rows, Chart("bar", label=0, series=(1,)))

A cell is a number, a text or None (nothing to count). What kind of number a column holds says how it is
written; a CSV holds the plain numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from support.model import Language

Kind = Literal["text", "code", "day", "count", "share", "seconds", "ms", "score", "money"]
Cell = str | int | float | Decimal | date | None

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind = "count"

    @property
    def is_number(self) -> bool:
        return self.kind not in ("text", "code", "day")


@dataclass(frozen=True)
class Chart:
    """Which columns are drawn: `label` names the places on the axis, each of `series` is drawn over them.

    Of the rows the first `most` are drawn; the bars of `pale` ones hold themselves back.
    """

    kind: Literal["bar", "line"]
    series: tuple[int, ...]
    label: tuple[int, ...] = (0,)
    stacked: bool = False
    sideways: bool = False
    most: int = 400
    pale: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """`name` is what it is called in addresses."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    chart: Chart | None = None
    about: Sequence[str] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted: no rows, or only zeros and blanks."""
        numbers = [n for n, column in enumerate(self.columns) if column.is_number]
        return not any(row[number] for row in self.rows for number in numbers)

    def drawn(self, language: Language) -> dict[str, Any] | None:
        """What the script draws, as JSON can hold it."""
        chart = self.chart
        if chart is None or self.is_empty:
            return None
        rows = self.rows[: chart.most]
        return {
            "kind": chart.kind,
            "stacked": chart.stacked,
            "sideways": chart.sideways,
            "pale": chart.pale,
            "labels": [" · ".join(self._label(row, chart, language)) for row in rows],
            "series": [
                {
                    "title": self.columns[number].title,
                    "unit": self.columns[number].kind,
                    "values": [row[number] for row in rows],
                }
                for number in chart.series
            ],
        }

    def _label(self, row: Sequence[Cell], chart: Chart, language: Language) -> list[str]:
        return [shown(row[number], self.columns[number].kind, language) for number in chart.label]

    def csv(self) -> bytes:
        """UTF-8 with a mark at its beginning, without which Excel takes Chinese for something else."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([_harmless(column.title) for column in self.columns])
        writer.writerows([[_plain(cell) for cell in row] for row in self.rows])
        return text.getvalue().encode("utf-8-sig")


def shown(cell: Cell, kind: Kind, language: Language) -> str:
    """As a person reads it."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return f"{cell.month}月{cell.day}日" if language == "zh" else f"{cell.day} {cell:%b}"
    return _NUMBERS[kind](cell, language)


def lasting(seconds: float, language: Language) -> str:
    """Two units at most: 45 s, 3 min 20 s, 2 h 5 min, 1 d 4 h."""
    units = (("天", "d", 86_400), ("小时", "h", 3_600), ("分", "min", 60), ("秒", "s", 1))
    rest, parts = round(seconds), []
    for chinese, english, size in units:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {chinese if language == 'zh' else english}")
        elif parts:
            break
    return " ".join(parts[:2]) or ("0 秒" if language == "zh" else "0 s")


_NUMBERS: Mapping[str, Callable[[Any, Language], str]] = {
    "count": lambda cell, _: f"{cell:,}",
    "share": lambda cell, _: f"{cell:.1%}",
    "seconds": lasting,
    "ms": lambda cell, language: f"{cell:,} {'毫秒' if language == 'zh' else 'ms'}",
    "score": lambda cell, _: f"{cell:.2f}",
    "money": lambda cell, _: f"{cell:,}",
}


def _plain(cell: Cell) -> str | int | float | Decimal:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _harmless(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return round(cell, 4) if isinstance(cell, float) else cell


def _harmless(text: str) -> str:
    """An apostrophe before what begins like a formula: customers write some of these texts."""
    return f"'{text}" if text.lstrip(" \n").startswith(_FORMULA) or text.startswith(_FORMULA) else text
