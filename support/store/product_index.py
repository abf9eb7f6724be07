"""Products by their tokens (`support.products.tokens`): found for a question, written by an import.

A lookup wants the cheapest products that meet its needs. PostgreSQL's index of tokens is quick where few do,
and lists all of them where many do. So the `_WINDOW` cheapest products are gone through first, or the
`_GLANCE` cheapest for tokens that few products should have; where many meet the needs, enough are among them.
Only where they are not are tokens looked up, and then up to `_GATHERED` of what is found is sorted, or all of
it where the answer depends on that. (SQLite's index gives one after the other.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from support.products.lookups import Lookup, Need
from support.store import tables as t
from support.store.rows import Rows

_WINDOW, _GLANCE, _GATHERED = 1_000, 100, 500
_table = t.product_tokens


@dataclass(frozen=True)
class TokenRow:
    """A product's row; `low` and `high` are its lowest and highest price, in whole units of currency."""

    product_id: str
    low: float
    high: float
    in_stock: bool
    document: frozenset[str]


class ProductIndex(Rows):
    """Lookups, and what they look at."""

    async def is_larger_than(self, products: int) -> bool:
        """Whether the shop has more products than that."""
        beyond = sa.select(t.products.c.product_id).limit(1).offset(products)
        return await self._db.scalar(beyond) is not None

    async def prepare(self) -> None:
        """To be called before the first `find` of a transaction."""
        if self._db.dialect.name == "postgresql":
            await self._db.execute(_BY_INDEX)

    async def find(self, lookups: Sequence[Lookup]) -> list[list[str]]:
        """The ids that each lookup finds, all in one statement."""
        found: list[list[str]] = [[] for _ in lookups]
        if not lookups:
            return found
        values: dict[str, Any] = {}
        # As text: there are many shapes of it, and SQLAlchemy takes longer to put one together than
        # PostgreSQL to carry it out.
        statement = " UNION ALL ".join(self._select(place, one, values) for place, one in enumerate(lookups))
        for place, product_id in await self._db.execute(sa.text(statement), values):
            found[place].append(product_id)
        return found

    async def put(self, rows: Sequence[TokenRow]) -> None:
        """Insert the products' rows, or bring them up to date."""
        if not rows:
            return
        insert = self._insert(_table)
        update = {name: insert.excluded[name] for name in ("low", "high", "in_stock", "document")}
        differs = sa.or_(*(_table.c[name].is_distinct_from(insert.excluded[name]) for name in update))
        insert = insert.on_conflict_do_update(index_elements=["product_id"], set_=update, where=differs)
        if self._db.dialect.name == "postgresql":
            await self._db.execute(_GATHER_FIRST)
        await self._db.execute(insert, [vars(row) for row in rows])

    async def settle(self) -> None:
        """To be called after the last `put`, so that no reader goes through what is not sorted in yet."""
        if self._db.dialect.name == "postgresql":
            await self._db.execute(_SORT_IN)

    def _select(self, place: int, lookup: Lookup, values: dict[str, Any]) -> str:
        """One part of the statement; what it is to be given is added to `values`."""
        for name, bound in (("high", lookup.high), ("low", lookup.low)):
            if bound is not None:
                values[f"{name}{place}"] = bound
        dialect = self._db.dialect.name
        has = _HAS[dialect].format(f":needs{place}") if lookup.needs else "true"
        if lookup.needs:
            values[f"needs{place}"] = _expression(lookup.needs, *_WORDS[dialect])
        shape = _NEAR if dialect == "postgresql" else _LISTED
        return shape.format(
            has=has,
            where=_bounds(lookup, place),
            # A sum has no index: that of prices would list all of the cheap products beside the few found.
            where_listed=_bounds(lookup, place, " + 0"),
            order="high DESC" if lookup.dearest else "high" if lookup.low is not None else "low",
            limit=lookup.limit,
            place=place,
            window=_GLANCE if lookup.rare else _WINDOW,
            gathered="" if lookup.exact else f"LIMIT {_GATHERED}",
        )


def _bounds(lookup: Lookup, place: int, added: str = "") -> str:
    bounds = ["in_stock"] if lookup.in_stock else []
    if lookup.high is not None:
        bounds.append(f"low{added} <= :high{place}")
    if lookup.low is not None:
        bounds.append(f"high{added} >= :low{place}")
    return " AND ".join(bounds) or "true"


# Where "near" has enough, or "nearest" has all that is in the bounds, the rest is not carried out.
_NEAR = """
    SELECT {place} AS place, product_id FROM (
        WITH nearest AS MATERIALIZED (
            SELECT product_id, low, high, {has} AS meets
            FROM product_tokens WHERE {where} ORDER BY {order} LIMIT {window}
        ), near AS MATERIALIZED (
            SELECT product_id, low, high FROM nearest WHERE meets LIMIT {limit}
        )
        SELECT product_id FROM (
            SELECT * FROM near UNION ALL (
                SELECT product_id, low, high FROM product_tokens
                WHERE {where_listed} AND {has} AND (SELECT count(*) FROM near) < {limit}
                AND (SELECT count(*) FROM nearest) = {window} {gathered}
            )
        ) AS every GROUP BY product_id, low, high ORDER BY {order}, product_id LIMIT {limit}
    ) AS chosen"""
_LISTED = """
    SELECT {place} AS place, product_id FROM (SELECT product_id FROM (
        SELECT product_id, low, high FROM product_tokens WHERE {where} AND {has} {gathered}
    ) AS every ORDER BY {order}, product_id LIMIT {limit}) AS chosen"""
# Told nothing, PostgreSQL takes tokens for independent and reads the table where it expects many hits.
_BY_INDEX = sa.text("SELECT set_config('enable_seqscan', 'off', true)")
# Many tokens are sorted into the index at once, which takes a tenth of the time that each alone would.
_GATHER_FIRST = sa.text("SELECT set_config('gin_pending_list_limit', '64MB', true)")
_SORT_IN = sa.text("SELECT gin_clean_pending_list('ix_product_tokens_document')")
_HAS = {
    "postgresql": "document @@ CAST(CAST({} AS text) AS tsquery)",
    "sqlite": "id IN (SELECT rowid FROM product_search WHERE product_search MATCH {})",
}
# How each writes a token, "and", "or".
_WORDS = {"postgresql": ("'{}'", " & ", " | "), "sqlite": ('"{}"', " AND ", " OR ")}


def _expression(needs: Iterable[Need], token: str, both: str, either: str) -> str:
    """The needs in a database's language of full text."""
    ways = ([f"({both.join(map(token.format, way))})" for way in need] for need in needs)
    return both.join(f"({either.join(need)})" for need in ways)
