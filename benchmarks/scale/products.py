"""Product search over made-up SKUs on PostgreSQL: fills a database, asks, and says how long that took.

What is measured of a question is its answer: reading it, the lookups, the products, the words. The rows go
in as an import puts them in, without the reading of CSV files.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Any

from benchmarks.scale.figures import ROUNDS, asked
from benchmarks.scale.goods import Goods, Language, Shelves
from support.services import product_search
from support.services.ask_product import Catalogue, answer
from support.store import Store
from support.store.imports import Imports
from support.store.migrate import migrate

SKUS_A_PRODUCT = 4
_AT_ONCE, _INDEXED_AT_ONCE = 5_000, 500


async def measure(
    store: Store, skus: int, questions: int, size_of: Callable[[], Awaitable[int]]
) -> dict[str, Any]:
    """Fill the database of `store` unless it is full, and ask. `size_of` gives its size in MB."""
    products, shelves = skus // SKUS_A_PRODUCT, Shelves()
    await migrate(store)
    begun, filled = time.perf_counter(), None
    if not await _is_full(store, products):
        made = shelves.rows(products)
        while some := list(islice(made, _AT_ONCE)):
            await _load(store, some)
        await _analyse(store)
        filled = round(time.perf_counter() - begun)
    answers = await asked(_search(store), shelves.questions(products, ROUNDS * questions))
    return {"skus": skus, **answers, "filled_in_s": filled, "database_mb": await size_of()}


async def _is_full(store: Store, products: int) -> bool:
    """A filling that was broken off is done again."""
    async with store.reading() as unit:
        return await unit.product_index.is_larger_than(products - 1)


async def _load(store: Store, goods: Sequence[Goods]) -> None:
    async with store.writing() as unit:
        imports = Imports(unit.connection)
        await imports.upsert("products", [one.product for one in goods], ["title"])
        await imports.upsert("skus", [sku for one in goods for sku in one.skus], ["stock"])
        ids = [one.product["product_id"] for one in goods]
        for start in range(0, len(ids), _INDEXED_AT_ONCE):
            products = await unit.products.get_many(ids[start : start + _INDEXED_AT_ONCE])
            await product_search.index(unit, products)
        await unit.product_index.settle()


async def _analyse(store: Store) -> None:
    """As PostgreSQL does by itself in its own time."""
    async with store.writing() as unit:
        for table in ("products", "skus", "product_tokens"):
            await unit.connection.exec_driver_sql(f"ANALYZE {table}")


def _search(store: Store) -> Callable[[str, Language], Awaitable[bool]]:
    catalogue = Catalogue()

    async def found(text: str, language: Language) -> bool:
        return bool((await answer(store, catalogue, None, text, language)).product_ids)

    return found
