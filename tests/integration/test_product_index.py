"""Lookups of products by tokens and price: what is found is what going through all of them finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest_asyncio
import sqlalchemy as sa

from support.products.lookups import Lookup
from support.store import Store
from support.store import tables as t
from support.store.product_index import TokenRow

# More than the cheapest ones that are gone through first. Every second product is a shirt, every hundredth a
# rare one, and the dearest is the only one of its kind.
PRODUCTS = 1_200
SHIRT, RARE, ONLY = "k:shirt", "k:rare", "k:only"


def _row(number: int) -> TokenRow:
    kinds = {SHIRT} if number % 2 else set()
    kinds |= {RARE} if number % 100 == 0 else set()
    kinds |= {ONLY} if number == PRODUCTS else set()
    return TokenRow(f"P{number:05}", number, number + 0.5, number % 3 > 0, frozenset(kinds))


def _product(product_id: str) -> dict[str, Any]:
    texts = dict.fromkeys(("title", "category", "brand", "description", "image"), product_id)
    return {"product_id": product_id, **texts, "attributes": {}, "extra": {}}


ROWS = [_row(number) for number in range(1, PRODUCTS + 1)]


@pytest_asyncio.fixture
async def filled(store: Store) -> Store:
    async with store.writing() as unit:
        products = [_product(row.product_id) for row in ROWS]
        await unit.connection.execute(sa.insert(t.products), products)
        await unit.product_index.put(ROWS)
        await unit.product_index.settle()
    return store


def _lookups() -> Iterator[Lookup]:
    for kind in (SHIRT, RARE, ONLY, "k:none"):
        needs = (((kind,),),)
        for one in (Lookup(needs), Lookup(needs, limit=1), Lookup(needs, rare=True, limit=8)):
            exact = replace(one, exact=True)
            yield from (exact, replace(exact, in_stock=True), replace(exact, dearest=True))
        # More than the thousand cheapest hold, and more than are sorted where it does not matter.
        yield Lookup(needs, limit=550, exact=True)
        yield from (Lookup(needs, high=30.0), Lookup(needs, low=1_190.0))
        yield Lookup(needs, low=500.0, high=510.0)
    yield from (Lookup((), high=3.0), Lookup((), high=0.5), Lookup((), low=1_199.0))
    yield Lookup((), dearest=True, exact=True)


def _expected(lookup: Lookup) -> list[str]:
    found = [
        row
        for row in ROWS
        if all(any(set(way) <= row.document for way in need) for need in lookup.needs)
        and (row.in_stock or not lookup.in_stock)
        and (lookup.high is None or row.low <= lookup.high)
        and (lookup.low is None or row.high >= lookup.low)
    ]
    found.sort(key=lambda row: row.low, reverse=lookup.dearest)
    return [row.product_id for row in found[: lookup.limit]]


async def test_the_cheapest_or_dearest_that_meet_all_are_found(filled: Store) -> None:
    lookups = list(_lookups())
    async with filled.reading() as unit:
        await unit.product_index.prepare()
        found = await unit.product_index.find(lookups)
    assert list(zip(lookups, found, strict=True)) == [(one, _expected(one)) for one in lookups]
