"""What the statements of the analytics are put together from.

The two databases have no function for days of a zone in common, so a day is counted from the seconds since
1970 and the zone's offset at that moment (`support.period`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.period import DAY_S, Period
from support.store import tables as t
from support.store.rows import Rows

talks, said = t.review_conversations, t.review_messages

# It was handed over, or a person wrote in it.
REACHED = sa.or_(talks.c.handed_over_at.is_not(None), talks.c.person_messages > 0)

# PostgreSQL would compile statements that read much, which takes longer than running them, and sort on disk.
_ROOM = sa.text("SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)")


class Counting(Rows):
    """Runs statements, and knows what each database calls things."""

    async def _all(self, query: sa.Select[Any]) -> list[Any]:
        if self._db.dialect.name == "postgresql":
            await self._db.execute(_ROOM)
        return list((await self._db.execute(query)).all())

    def _seconds(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
        """Whole seconds since 1970."""
        if self._db.dialect.name == "postgresql":
            return sa.cast(sa.func.floor(sa.func.date_part("epoch", column)), sa.BigInteger)
        # SQLite keeps times as text, and would round what is behind the seconds.
        return sa.cast(sa.func.strftime("%s", sa.func.substr(column, 1, 19)), sa.Integer)

    def _day(self, column: sa.ColumnElement[datetime], period: Period) -> sa.ColumnElement[int]:
        """The day in the period's zone, as a number (`support.period.day_of`)."""
        *changes, (_, offset) = period.offsets
        by_time = [(column < sa.bindparam(None, until, t.UtcDateTime), held) for until, held in changes]
        shift = sa.case(*by_time, else_=offset) if by_time else sa.literal(offset)
        return (self._seconds(column) + shift) // DAY_S


def key(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column to group by: its label where it has one, so that what it is made from is written once."""
    return sa.literal_column(column.name) if isinstance(column, sa.Label) else column


def within(column: sa.ColumnElement[datetime], period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return column >= period.since, column < period.until


def began(period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    """Customers' conversations that began in the period, with at least one message."""
    spoken = talks.c.customer_messages > 0
    return (*within(talks.c.started_at, period), sa.not_(talks.c.is_test), spoken)


def no_test(conversation_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    tests = t.review_conversations.alias()
    return ~sa.exists().where(tests.c.conversation_id == conversation_id, tests.c.is_test)
