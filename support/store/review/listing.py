"""The list of conversations: any combination of filters, newest first, page by page.

A page is looked for in up to three ways, each quick where the one before would be slow:

1. Up to `COUNTED` conversations are looked up without order, by the tokens' index. If there are no more,
they are
   the answer, and sorting them is nothing.
2. There are many: the newest `_WINDOW` conversations are gone through, which fills a page when one in a
hundred
   passes.
3. There are many, but elsewhere (a model that was in use last spring): all are looked up by index, and
sorted.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from support.review.filters import Filters
from support.store import tables as t
from support.store.review import conditions
from support.store.rows import Rows

# Beyond this a count is "more than".
COUNTED = 1_000
_WINDOW = 5_000

_table = t.review_conversations


@dataclass(frozen=True)
class Listed:
    """A conversation as the list shows it. The columns are those of `review_conversations`."""

    id: int
    conversation_id: str
    channel: str
    language: str
    is_test: bool
    customer_id: str | None
    model_id: str
    started_at: datetime
    last_at: datetime
    last_customer_at: datetime | None
    customer_messages: int
    bot_messages: int
    person_messages: int
    lowest_confidence: float | None
    slowest_ms: int | None
    holder: str
    outcome: str
    handover_reason: str
    handed_over_at: datetime | None
    rating: int | None
    state: str
    flagged: int
    labels: Sequence[str]
    last_text: str


@dataclass(frozen=True, order=True)
class Place:
    """A place in the list: after the conversation with these, towards the older ones."""

    last_at: datetime
    id: int

    def __str__(self) -> str:
        moment = int(self.last_at.timestamp() * 1_000_000)
        return base64.urlsafe_b64encode(f"{moment}.{self.id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what `str` wrote; ValueError for anything else."""
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        moment, number = base64.urlsafe_b64decode(padded).decode("ascii").split(".")
        seconds, micro = divmod(int(moment), 1_000_000)
        try:
            return cls(datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro), int(number))
        except (OverflowError, OSError) as error:
            raise ValueError(text) from error


class Listing(Rows):
    """Reading the list."""

    async def places(
        self, filters: Filters, before: Place | None, limit: int
    ) -> tuple[list[Place], int | None]:
        """The next that pass, newest first; and how many pass from here on, None for more than `COUNTED`."""
        all_of_them = self._passing(filters, _table.c).where(*_after(before))
        some = await self._read(all_of_them.limit(COUNTED + 1), by_index=bool(conditions.wanted(filters)))
        if len(some) <= COUNTED:
            return sorted(some, reverse=True)[:limit], len(some)
        found = await self._read(self._near(filters, before, limit))
        if len(found) < limit:
            found = await self._read(_newest_first(all_of_them, _table.c).limit(limit), by_index=True)
        return found, None

    def _near(self, filters: Filters, before: Place | None, limit: int) -> sa.Select[Any]:
        """Those that pass among the next ones in the list."""
        times = conditions.times(filters, _table.c)
        following = _newest_first(sa.select(_table).where(*times, *_after(before)), _table.c)
        window = following.limit(_WINDOW + 2 * limit).subquery()
        return _newest_first(self._passing(filters, window.c), window.c).limit(limit)

    def _passing(self, filters: Filters, c: conditions.Columns) -> sa.Select[Any]:
        return sa.select(c.last_at, c.id).where(*conditions.passing(filters, c, self._db.dialect.name))

    async def _read(self, query: sa.Select[Any], *, by_index: bool = False) -> list[Place]:
        """The places that a query finds; `by_index` has PostgreSQL look each condition up where it can.

        It takes filters for independent of each other. Of those that hardly ever meet it expects many
        conversations, and would go through the whole table in the hope of meeting the first soon.
        """
        guided = by_index and self._db.dialect.name == "postgresql"
        if guided:
            await self._db.execute(_ONLY_INDEXES)
        rows = (await self._db.execute(query)).all()
        if guided:
            await self._db.execute(_AS_IT_LIKES)
        return [Place(*row) for row in rows]

    async def listed(self, ids: Collection[int]) -> list[Listed]:
        """Conversations by number, newest first."""
        columns = [_table.c[field.name] for field in fields(Listed)]
        query = _newest_first(sa.select(*columns).where(_table.c.id.in_(ids)), _table.c)
        return [Listed(*row) for row in await self._db.execute(query)]

    async def said(self, ids: Collection[int]) -> dict[int, str]:
        """What was said in conversations, one message a line."""
        query = sa.select(_table.c.id, _table.c.said).where(_table.c.id.in_(ids))
        return {row.id: row.said for row in await self._db.execute(query)}

    async def conversation(self, conversation_id: str) -> Listed | None:
        query = sa.select(_table.c.id).where(_table.c.conversation_id == conversation_id)
        found = await self._db.scalar(query)
        return (await self.listed([found]))[0] if found is not None else None

    async def values(self, kind: str) -> list[str]:
        """What occurred, for choosing from."""
        table = t.review_values
        query = sa.select(table.c.value).where(table.c.kind == kind).order_by(table.c.value)
        return list((await self._db.execute(query)).scalars())


def _plans(others: str) -> sa.TextClause:
    """Whether PostgreSQL may, in this transaction, do anything but collect places from indexes and sort."""
    names = ("enable_seqscan", "enable_indexscan")
    return sa.text("SELECT " + ", ".join(f"set_config('{name}', '{others}', true)" for name in names))


_ONLY_INDEXES, _AS_IT_LIKES = _plans("off"), _plans("on")


def _after(place: Place | None) -> list[sa.ColumnElement[bool]]:
    """What comes after a place, which is older."""
    if place is None:
        return []
    at = sa.bindparam(None, place.last_at, t.UtcDateTime)
    number = sa.bindparam(None, place.id, _table.c.id.type)
    return [sa.tuple_(_table.c.last_at, _table.c.id) < sa.tuple_(at, number)]


def _newest_first(query: sa.Select[Any], c: conditions.Columns) -> sa.Select[Any]:
    return query.order_by(c.last_at.desc(), c.id.desc())
