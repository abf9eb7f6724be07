"""Filters as conditions in SQL, over the columns of `review_conversations` or of a part of it.

Facts and words are looked up among a conversation's tokens (`support.review.tokens`), ranges in its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from support.review import tokens
from support.review.filters import Filters

# Of a table or of a subquery.
Columns = Any
Condition = sa.ColumnElement[bool]
Wanted = Sequence[tuple[str, bool]]

_FACTS = ("channel", "intent", "action", "slot", "language", "holder", "outcome", "reason", "state", "label")
_TIMES: Mapping[str, Callable[[Columns, Any], Condition]] = {
    "since": lambda c, value: c.last_at >= value,
    "until": lambda c, value: c.last_at < value,
}
_RANGES: Mapping[str, Callable[[Columns, Any], Condition]] = {
    "shortest": lambda c, value: c.customer_messages >= value,
    "longest": lambda c, value: c.customer_messages <= value,
    "confidence_below": lambda c, value: c.lowest_confidence < value,
    "confidence_above": lambda c, value: c.lowest_confidence > value,
}


def wanted(filters: Filters) -> Wanted:
    """The tokens that a conversation must have, each with whether it is the beginning of one only."""
    facts = {name: getattr(filters, name) for name in (*_FACTS, "customer", "model")}
    facts["rating"] = str(filters.rating or "")
    facts |= {name: "yes" for name in ("flagged", "test") if getattr(filters, name)}
    found = [(tokens.fact(name, value), False) for name, value in facts.items() if value]
    return found + tokens.searched(filters.text)


def times(filters: Filters, c: Columns) -> list[Condition]:
    """When the last message was."""
    return _met(_TIMES, filters, c)


def passing(filters: Filters, c: Columns, dialect: str) -> list[Condition]:
    """All that the filters demand."""
    found = [*_met(_TIMES, filters, c), *_met(_RANGES, filters, c)]
    if filters.flagged is False:
        found.append(c.flagged == 0)
    if filters.test is False:
        found.append(sa.not_(c.is_test))
    if some := wanted(filters):
        found.append(_has(some, c, dialect))
    return found


def _met(
    conditions: Mapping[str, Callable[[Columns, Any], Condition]], filters: Filters, c: Columns
) -> list[Condition]:
    values = {name: getattr(filters, name) for name in conditions}
    return [conditions[name](c, value) for name, value in values.items() if value is not None]


def _has(some: Wanted, c: Columns, dialect: str) -> Condition:
    if dialect == "postgresql":
        text = " & ".join(f"'{token}'{':*' if begins else ''}" for token, begins in some)
        found: Condition = c.document.op("@@", is_comparison=True)(sa.cast(sa.cast(text, sa.Text), TSQUERY))
        return found
    text = " AND ".join(f'"{token}"{"*" if begins else ""}' for token, begins in some)
    search = sa.text("SELECT rowid FROM review_search WHERE review_search MATCH :tokens")
    rows: Condition = c.id.in_(search.bindparams(tokens=text).columns(sa.column("rowid", sa.Integer)))
    return rows
