"""One row's cells as typed values; what is wrong with them is collected, not raised, so that all is named.

A method that finds its cell wrong notes the problem and returns a value of the right type that means nothing:
the row will not be loaded.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from support.model import Money

_ID = re.compile(r"#?[\w-]+")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]+)?")
_COUNT = re.compile(r"-?[0-9]{1,9}")
_CURRENCY = re.compile(r"[A-Z]{3}")
# What spreadsheets make of long numbers: 2.02405E+12. The digits that are gone cannot be guessed.
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_PHONE_FILLERS = str.maketrans("", "", " -()\u00a0")
# Allowed by JSON, refused by PostgreSQL and UTF-8: an escaped NUL, half a surrogate pair.
_UNSTORABLE_ESCAPE = re.compile(r"\\u0000|[\ud800-\udfff]")


@dataclass(frozen=True)
class Conventions:
    """What a cell means where the file leaves it open; `order_currencies` is by order id."""

    currency: str = "CNY"
    zone: tzinfo = UTC
    order_currencies: dict[str, str] = field(default_factory=dict)


class Row:
    """The cells of one row. Every column that was not asked for is in `rest`."""

    def __init__(self, cells: Mapping[str, str], conventions: Conventions) -> None:
        self.conventions = conventions
        self.problems: list[str] = []
        self._left = dict(cells)

    def text(self, column: str, default: str = "") -> str:
        """The cell as it is; `default` when it is blank or the file has no such column."""
        return self._left.pop(column, "") or default

    def filled(self, column: str) -> str:
        """As `text`, for a cell that must not be blank."""
        text = self.text(column)
        if not text:
            self._wrong(f"{column} is blank: fill it in")
        return text

    def number(self, column: str) -> str:
        """A number that is a name (an order's, a parcel's): digits must not have been rounded away."""
        text = self.filled(column)
        if _ROUNDED.fullmatch(text):
            self._wrong(
                f"{column} {_show(text)} was rounded by a spreadsheet: "
                "format the column as text there and export again"
            )
        return text

    def id(self, column: str) -> str:
        text = self.number(column)
        if text and not _ROUNDED.fullmatch(text) and not _ID.fullmatch(text):
            self._wrong(
                f"{column} {_show(text)} is not an id: use letters, digits, - and _, with # only at the start"
            )
        return text

    def phone(self, column: str) -> str:
        """Without spaces, hyphens and brackets; customers prove who they are by its last four digits."""
        text = unicodedata.normalize("NFKC", self.text(column)).translate(_PHONE_FILLERS)
        if text and not re.search(r"[0-9]{4}$", text):
            self._wrong(f"{column} {_show(text)} does not end in four digits: export the column as text")
        return text

    def choice(self, column: str, among: Collection[str]) -> str:
        text = self.filled(column)
        if text and text.lower() not in among:
            self._wrong(f"{column} {_show(text)} is not one of {', '.join(among)}")
        return text.lower()

    def currency(self, column: str) -> str:
        text = self.text(column, self.conventions.currency).upper()
        if text == "RMB":
            self._wrong(f"{column} RMB is not an ISO 4217 code: write CNY")
        elif not _CURRENCY.fullmatch(text):
            self._wrong(f"{column} {_show(text)} is not an ISO 4217 code such as CNY or USD")
        return text

    def money(self, column: str, currency: str) -> int:
        """Minor units of `currency`."""
        return self._money(column, self.filled(column), currency)

    def count(self, column: str, least: int, default: int | None = None) -> int:
        """A whole number of at least `least`; a blank cell is wrong unless there is a `default`."""
        text = self.filled(column) if default is None else self.text(column, str(default))
        if text and not _COUNT.fullmatch(text):
            self._wrong(f"{column} {_show(text)} is not a whole number")
        elif text and int(text) < least:
            self._wrong(f"{column} {text} is too small: it must be at least {least}")
        else:
            return int(text or 0)
        return 0

    def time(self, column: str) -> datetime | None:
        """In UTC; None when the cell is blank."""
        text = self.text(column)
        return self._time(column, text) if text else None

    def required_time(self, column: str) -> datetime:
        text = self.filled(column)
        return (self._time(column, text) if text else None) or datetime.min.replace(tzinfo=UTC)

    def mapping(self, column: str) -> dict[str, Any]:
        """A JSON object."""
        value = self._json(column, '{"material": "linen"}', {})
        if isinstance(value, dict):
            return value
        self._wrong(f'{column} is not a JSON object such as {{"material": "linen"}}')
        return {}

    def options(self, column: str) -> dict[str, str]:
        """A JSON object of texts, such as a size and a colour."""
        return {key: _plain(value) for key, value in self.mapping(column).items()}

    def events(self, column: str) -> list[dict[str, Any]]:
        """A JSON list of objects with `at` (becomes ISO 8601 in UTC) and `text`."""
        example = '[{"at": "2024-05-17T09:30:00+08:00", "text": "Picked up"}]'
        value = self._json(column, example, [])
        if not isinstance(value, list) or not all(_is_event(event) for event in value):
            self._wrong(f"{column} is not a JSON list of objects with at and text: write it like {example}")
            return []
        times = [self._time(f"{column}: at", event["at"]) for event in value]
        return [event | {"at": at.isoformat()} for event, at in zip(value, times, strict=True) if at]

    def rest(self) -> dict[str, Any]:
        """The columns not asked for so far that are not blank, JSON objects and lists among them parsed."""
        return {column: _parsed(text) for column, text in self._left.items() if text}

    def extra_amount(self, column: str, currency: str) -> dict[str, Any]:
        """A decimal among the extra columns that answers are computed from: checked, and kept as written."""
        text = self.text(column)
        self._money(column, text, currency)
        return {column: text} if text else {}

    def extra_time(self, column: str) -> dict[str, Any]:
        """As `extra_amount`, for a time; kept in ISO 8601 in UTC."""
        time = self.time(column)
        return {column: time.isoformat()} if time else {}

    def extra_options(self, column: str) -> dict[str, Any]:
        """As `extra_amount`, for a JSON object of texts."""
        options = self.options(column)
        return {column: options} if options else {}

    def _wrong(self, message: str) -> None:
        self.problems.append(message)

    def _money(self, column: str, text: str, currency: str) -> int:
        if not text:
            return 0
        if not _AMOUNT.fullmatch(text):
            self._wrong(
                f"{column} {_show(text)} is not an amount: write it like 239.20, without currency or commas"
            )
        elif text.startswith("-"):
            self._wrong(f"{column} {text} is negative")
        else:
            try:
                return Money.parse(text, currency).minor
            except ValueError as error:
                self._wrong(f"{column}: {error}")
        return 0

    def _time(self, column: str, text: str) -> datetime | None:
        try:
            time = datetime.fromisoformat(text)
            return (time if time.tzinfo else time.replace(tzinfo=self.conventions.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self._wrong(f"{column} {_show(text)} is not an ISO 8601 time such as 2024-05-17T09:30:00+08:00")
            return None

    def _json(self, column: str, example: str, default: Any) -> Any:
        text = self.text(column)
        if not text:
            return default
        try:
            return _load_json(text)
        except ValueError as error:
            self._wrong(f"{column} is not valid JSON ({error}): write it like {example}")
            return default


def _load_json(text: str) -> Any:
    """ValueError also for what JSON allows and a database does not."""
    try:
        value = json.loads(text)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _UNSTORABLE_ESCAPE.search(written):
        raise ValueError("holds a character that cannot be stored")
    return value


def _parsed(text: str) -> Any:
    """The JSON object or list that `text` is, else `text`."""
    if text[0] not in "{[":
        return text
    try:
        return _load_json(text)
    except ValueError:
        return text


def _is_event(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("at", "text"))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show(text: str) -> str:
    return f"'{text[:37]}…'" if len(text) > 40 else f"'{text}'"
