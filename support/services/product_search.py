"""The few products of a large shop that hold the answer to a message, as a shelf of their own.

    shelf = await gather(unit, Asked(text, context, picture_lines, picture_view))
    await index(unit, products)                                     # what imports do

What is fetched in which order is said in `support.products.lookups`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from support.model import Product
from support.products import lookups
from support.products.amounts import Budget
from support.products.lookups import Lookup, Need, Wish
from support.products.plan import parts_of
from support.products.query import Query, fold, read, wanted_with
from support.products.search import Found, called_so, naming_words, particular_words, search
from support.products.shelf import Entry, Shelf, entry_of
from support.products.tokens import category, look
from support.products.tokens import tokens as tokens_of
from support.store import Unit
from support.store.product_index import TokenRow

# Of those that something is to go with: the ones in question, and if none is, what the text may mean.
_BASES = 3
# More than are shown.
_SEVERAL, _MANY = 2, 10


@dataclass(frozen=True)
class Asked:
    """A message and what came with it; see `ask_product.answer`."""

    text: str
    context: Sequence[str] = ()
    picture_texts: Sequence[str] = ()
    picture_view: str = ""


async def gather(unit: Unit, asked: Asked) -> Shelf:
    """A shelf on which `plan.decide` finds what it would find on that of the whole shop."""
    gathering = _Gathering(unit)
    query = await asyncio.to_thread(read, asked.text)  # the first reading ever loads a dictionary
    printed = fold(" ".join(asked.picture_texts))
    await unit.product_index.prepare()
    gathering.want(asked.context)
    texts = [*lookups.named(query.text), *lookups.named(printed), *lookups.printed(printed)]
    first, *others = _queries(query, asked.picture_view)
    await gathering.search(first, beside=texts)
    for one in others:
        await gathering.search(one)
    shelf = await gathering.shelf()
    if context := [entry for one in asked.context if (entry := shelf.get(one))]:
        await gathering.alike(query, context)
    if query.task == "pairing":
        await gathering.partners(query, context)
    return await gathering.shelf()


def _queries(query: Query, view: str) -> list[Query]:
    """What may be looked for: all of it, what a picture shows, each side of a comparison."""
    others = [read(view)] if view else []
    if query.task == "compare":
        others += map(read, parts_of(query.text))
    if query.task == "pairing":
        wanted = wanted_with(query)
        others.append(replace(query, things=tuple(one for one in query.things if one.name not in wanted)))
    return [query, *others]


async def index(unit: Unit, products: Sequence[Product]) -> None:
    """Make products findable; to be followed by `unit.product_index.settle()` after the last of them."""
    await unit.product_index.put(await asyncio.to_thread(lambda: list(map(_row, products))))


def _row(product: Product) -> TokenRow:
    prices = [float(sku.price.decimal) for sku in product.skus] or [0.0]
    return TokenRow(
        product.product_id, min(prices), max(prices), product.stock > 0, tokens_of(entry_of(product))
    )


class _Gathering:
    """Products by id, and the shelf made of those that there are so far."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._wanted: set[str] = set()
        self._products: dict[str, Product] = {}
        self._shelf = Shelf(())

    def want(self, product_ids: Iterable[str]) -> None:
        """To be on the shelf when it is looked at next."""
        self._wanted.update(product_ids)

    async def shelf(self) -> Shelf:
        if new := sorted(self._wanted - self._products.keys()):
            found = await self._unit.products.get_many(new)
            self._products |= {one.product_id: one for one in found}
            # In the order of the whole shelf.
            ordered = [product for _, product in sorted(self._products.items())]
            self._shelf = await asyncio.to_thread(Shelf, ordered, self._shelf)
            self._wanted &= self._products.keys()
        return self._shelf

    async def find(self, wanted: Sequence[Lookup]) -> list[int]:
        """Want what the lookups find; how much each of them found."""
        found = await self._unit.product_index.find(wanted)
        self.want(one for ids in found for one in ids)
        return list(map(len, found))

    async def search(self, query: Query, base: Need = (), beside: Sequence[Lookup] = ()) -> None:
        """What misses the least of a query, in stock and at all. `beside`: further lookups to make."""
        await self.find([*lookups.pairs(query), *beside])
        await self.find([lookups.run(one) for one in (await self.shelf()).runs(query.rest)])
        words = naming_words(await self.shelf(), query)
        found = await self._look(query, Wish(query, words, base), bool(base))
        if not found and query.things and not base:
            # A shop may call a thing by a name that nobody took for one.
            await self._look(query, Wish(query, words, by_kind=False), False)

    async def _look(self, query: Query, wish: Wish, apart: bool) -> bool:
        """Whether anything was found. `apart`: not among all products."""
        if wish.empty:
            return False
        for lookup in wish.exactly():
            if sum(await self.find([lookup])) >= _MANY:
                break
        if len(called_so((await self.shelf()).entries.values(), query)) < _SEVERAL:
            await self.find(wish.called(particular_words(query)))
        if not apart and _is_enough(search(await self.shelf(), query)):
            return True
        singles = wish.singles()
        met = (await self.find([*singles, *wish.naming()]))[: len(singles)]
        chains = [wish.chain(list(map(bool, met)), in_stock=in_stock) for in_stock in (True, False)]
        anything = False
        while steps := [(chain, some) for chain in chains if (some := next(chain, None)) is not None]:
            found = iter(await self.find([one for _, some in steps for one in some]))
            here = [sum([next(found) for _ in some]) > 0 for _, some in steps]
            # A chain that has found something is at its end.
            chains = [chain for (chain, _), ended in zip(steps, here, strict=True) if not ended]
            anything = anything or any(here)
        return anything

    async def alike(self, query: Query, context: Sequence[Entry]) -> None:
        """Products like the one under discussion: of its kinds, of its category."""
        first = context[0]
        wish = replace(query, budget=_other_price(query, context) or query.budget)
        bases: list[Need] = [((f"k:{kind}",),) for kind in sorted(first.kinds)]
        if first.product.category:
            bases.append(((category(first.product.category),),))
        for base in bases:
            await self.search(wish, base)

    async def partners(self, query: Query, context: Sequence[Entry]) -> None:
        """What goes with the products that the question may be about."""
        shelf = await self.shelf()
        bases = (*context[:1], *shelf.named_in(query.text)) or tuple(shelf.entries.values())[:_BASES]
        if not bases:
            return
        self.want(one for base in bases for one in base.product.goes_with)
        wanted = [thing.name for thing in query.things]
        looks = [one for base in bases for one in look(base.product)]
        await self.find(lookups.beside([one.product.product_id for one in bases], wanted, looks))


def _is_enough(found: Found) -> bool:
    """Whether nothing else could matter: several products in stock, and nothing of the query is missed."""
    return len(found.hits) >= _SEVERAL and not found.missing and not found.unknown


def _other_price(query: Query, context: Sequence[Entry]) -> Budget | None:
    """Cheaper or dearer than what is under discussion."""
    prices = [price.decimal for entry in context if entry.product.prices for price in entry.product.prices]
    if not prices or query.order not in ("cheaper", "dearer"):
        return None
    step = Decimal("0.01")
    cheaper = query.order == "cheaper"
    return Budget(None, min(prices) - step) if cheaper else Budget(max(prices) + step, None)
