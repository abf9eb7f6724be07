"""Which products fit a query, best first, and what had to be given up where none fits all of it.

Every condition that a product misses costs something, the less the less it matters to a customer (`COSTS`).
The products that cost least are the answer: with no cost at all they fit, otherwise they are the nearest, and
`Found.missing` says in what they differ from what was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from support.model import Money, Product, Sku
from support.products.amounts import Budget
from support.products.options import LARGE_SHOE, colour_fit, is_size, option_values
from support.products.query import Query
from support.products.shelf import NAMING_WEIGHT, Entry, Shelf
from support.products.vocabulary import key, vocabulary

Condition = Literal["audience", "size", "price", "measure", "colour", "wish", "quality", "word"]

COSTS: dict[Condition, float] = {
    "audience": 6.0,
    "size": 5.0,
    "price": 4.0,
    "measure": 3.5,
    "colour": 3.0,
    "wish": 2.5,
    "quality": 2.0,
    "word": 1.0,
}
_CURRENCIES = {
    "¥": ("CNY", "JPY"), "rmb": ("CNY",), "cny": ("CNY",), "人民币": ("CNY",), "yuan": ("CNY",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"), "usd": ("USD",),
    "dollar": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"), "buck": ("USD", "CAD", "AUD", "NZD"),
    "€": ("EUR",), "eur": ("EUR",), "£": ("GBP",), "gbp": ("GBP",), "quid": ("GBP",), "pound": ("GBP",),
}  # fmt: skip
# A word in the title says more of a product than one in its attributes, though not three times as much.
_BEST_FIND = 4.0


@dataclass(frozen=True)
class Hit:
    """A product, its SKUs that fit best, what they miss, and how well words and colours fit."""

    entry: Entry
    skus: tuple[Sku, ...]
    missing: frozenset[Condition]
    cost: float
    fit: float

    @property
    def product(self) -> Product:
        return self.entry.product

    @property
    def price(self) -> Money:
        return min(sku.price for sku in self.skus)


@dataclass(frozen=True)
class Found:
    """`hits`: the best, in order. `one`: the only product, in stock or not, that can be meant.

    `unknown`: words that no candidate has. `sold_out`: nothing that fits is in stock, though the shop has it.
    `foreign`: the budget was in a currency in which the shop does not sell, and was left aside.
    """

    hits: tuple[Hit, ...]
    one: Entry | None = None
    unknown: tuple[str, ...] = ()
    sold_out: tuple[Hit, ...] = ()
    foreign: bool = False

    @property
    def missing(self) -> frozenset[Condition]:
        return self.hits[0].missing if self.hits else frozenset()


@dataclass(frozen=True)
class _Term:
    """Something that a product should have in its record, by any of these words (as keys)."""

    condition: Condition
    surface: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Field:
    """Where a search looks: products, the terms that some of them meet, and the words that none does.

    `called_so`: the only product with the customer's own word for the thing in its title.
    """

    entries: tuple[Entry, ...]
    terms: tuple[_Term, ...]
    unknown: tuple[str, ...]
    called_so: Entry | None


def search(shelf: Shelf, query: Query, *, among: Collection[Entry] | None = None) -> Found:
    """The best in-stock products; `among` limits the search to some of the shelf."""
    field = _field(shelf, query, among)
    foreign = query.budget is not None and not _same_currency(query.budget, field.entries)
    fitting = _best(_hits(field, query, foreign), query)
    hits = _best(_hits(field, query, foreign, only_in_stock=True), query)
    sold_out = fitting if fitting and (not hits or fitting[0].cost < hits[0].cost) else ()
    return Found(hits, _only(field, fitting, query), field.unknown, sold_out, foreign)


def the_one(shelf: Shelf, query: Query) -> Entry | None:
    """The product that the query can only mean, in stock or not; None when it could be several."""
    return search(shelf, query).one


def _only(field: _Field, fitting: Sequence[Hit], query: Query) -> Entry | None:
    if len(fitting) == 1:
        return fitting[0].entry
    if query.suggests:
        return None
    return next((hit.entry for hit in fitting if hit.entry is field.called_so), None)


# --- candidates ------------------------------------------------------------------------------------
def _field(shelf: Shelf, query: Query, among: Collection[Entry] | None) -> _Field:
    """Products that the query may mean at all."""
    terms = _terms(shelf, query)
    if among is not None:
        entries = tuple(among)
    elif query.things:
        entries = _of_things(shelf, query)
    elif terms:
        found = {product_id for term in terms for word in term.words for product_id in shelf.with_word(word)}
        entries = tuple(shelf.entries[one] for one in found)
    else:
        entries = tuple(shelf.entries.values()) if query.narrows or query.measures else ()
    unknown = tuple(term for term in terms if not any(_has(entry, term) for entry in entries))
    looked_for = query.things or any(one.name in vocabulary().alone for one in query.qualities)
    if unknown and not looked_for and among is None:
        # Only a name makes up for a word that means nothing here: the unknown one may be what is looked for.
        entries = tuple(one for one in entries if any(_names(one, term) for term in terms))
    met = tuple(term for term in terms if term not in unknown)
    return _Field(entries, met, tuple(term.surface for term in unknown), _called_so(entries, query))


def _of_things(shelf: Shelf, query: Query) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for thing in query.things:
        entries = shelf.of_kind(thing.name)
        if not entries:
            titled = shelf.with_word(thing.surface)
            entries = tuple(shelf.entries[one] for one, weight in titled.items() if weight > NAMING_WEIGHT)
        found |= {entry.product.product_id: entry for entry in entries}
    return tuple(found.values())


def _terms(shelf: Shelf, query: Query) -> tuple[_Term, ...]:
    known = vocabulary()
    wishes = [_Term("wish", one.surface, known.keys[one.name]) for one in query.wishes]
    qualities = [_Term("quality", one.surface, known.keys[one.name]) for one in query.qualities]
    return (*wishes, *qualities, *(_Term("word", word, (key(word),)) for word in naming_words(shelf, query)))


def naming_words(shelf: Shelf, query: Query) -> list[str]:
    """Words that name something: those of titles first, for a dictionary cuts names that it does not know."""
    titled = shelf.title_words(query.rest)
    known = {char for word in titled for char in word}
    return [*titled, *(word for word in query.literals if not known & set(word))]


def _has(entry: Entry, term: _Term) -> float:
    return max(map(entry.weight, term.words), default=0.0)


def _names(entry: Entry, term: _Term) -> bool:
    return term.condition == "word" and _has(entry, term) >= NAMING_WEIGHT


def _called_so(entries: Sequence[Entry], query: Query) -> Entry | None:
    """The product that the customer's own word singles out, if it is a particular one (小黑裙)."""
    found = called_so(entries, query)
    return found[0] if len(found) == 1 else None


def called_so(entries: Iterable[Entry], query: Query) -> list[Entry]:
    """Those with a particular word of the customer's in their titles."""
    particular = [f" {one} " for one in particular_words(query)]
    return [one for one in entries if any(word in title for word in particular for title in one.titles)]


def particular_words(query: Query) -> list[str]:
    """What the customer calls the thing, as keys, where that is more than the name of a kind."""
    keys = (key(thing.surface) for thing in query.things)
    return [one for one in keys if one.count(" ") >= (1 if one.isascii() else 2)]


# --- conditions ------------------------------------------------------------------------------------
def _hits(field: _Field, query: Query, foreign: bool = False, *, only_in_stock: bool = False) -> list[Hit]:
    """Every product of the field, by those of its SKUs that fit best."""
    hits = []
    for entry in field.entries:
        skus = tuple(sku for sku in entry.product.skus if sku.stock > 0 or not only_in_stock)
        if skus:
            hits.append(_hit(entry, query, field, skus, foreign))
    return hits


def _hit(entry: Entry, query: Query, field: _Field, skus: Sequence[Sku], foreign: bool) -> Hit:
    weights = [(term.condition, _has(entry, term)) for term in field.terms]
    lacking = [condition for condition, weight in weights if not weight]
    lacking += _product_misses(entry, query)
    by_sku = [(tuple(_sku_misses(sku, query, foreign)), sku) for sku in skus]
    least = min((misses for misses, _ in by_sku), key=_cost)
    best = tuple(sku for misses, sku in by_sku if misses == least)
    fit = sum(min(weight, _BEST_FIND) for _, weight in weights) + max(colour_fit(sku, query) for sku in best)
    fit += bool(query.audience and entry.audience == query.audience) + (entry is field.called_so)
    return Hit(entry, best, frozenset((*lacking, *least)), _cost((*lacking, *least)), fit)


def _product_misses(entry: Entry, query: Query) -> Iterator[Condition]:
    if query.audience and not _suits(entry, query.audience):
        yield "audience"
    if query.measures and not _measures_up(entry, query):
        yield "measure"


def _cost(conditions: Iterable[Condition]) -> float:
    return sum(COSTS[one] for one in conditions)


def _sku_misses(sku: Sku, query: Query, foreign: bool) -> Iterator[Condition]:
    if (query.colours or query.not_colours) and not colour_fit(sku, query):
        yield "colour"
    if query.sizes and not any(is_size(sku, size) for size in query.sizes):
        yield "size"
    if query.budget and not foreign and not _affordable(sku.price, query.budget):
        yield "price"


def _affordable(price: Money, budget: Budget) -> bool:
    return (budget.low is None or price.decimal >= budget.low) and (
        budget.high is None or price.decimal <= budget.high
    )


def _same_currency(budget: Budget, candidates: Iterable[Entry]) -> bool:
    """Whether the sign used can mean the currency in which these are sold."""
    sold_in = {sku.price.currency for entry in candidates for sku in entry.product.skus}
    return not sold_in or not budget.currency or bool(sold_in & set(_CURRENCIES[budget.currency]))


def _suits(entry: Entry, audience: str) -> bool:
    if audience == "kids":
        return entry.audience == "kids"
    if entry.audience in ("", "both") and "shoes" in entry.kinds and audience == "men":
        return any(
            value.isdigit() and int(value) >= LARGE_SHOE
            for sku in entry.product.skus
            for value in option_values(sku)
        )
    return entry.audience in ("", "both", audience)


def _measures_up(entry: Entry, query: Query) -> bool:
    return all(any(said.fits(wanted) for said in entry.measures) for wanted in query.measures)


# --- order -----------------------------------------------------------------------------------------
def _best(hits: Sequence[Hit], query: Query) -> tuple[Hit, ...]:
    """Those that cost least, the best first: by fit, then by price."""
    if not hits:
        return ()
    least = min(hit.cost for hit in hits)
    best = [hit for hit in hits if hit.cost == least]
    if query.order in ("cheapest", "dearest", "cheaper", "dearer"):
        best.sort(
            key=lambda hit: (hit.price, hit.product.product_id), reverse=query.order in ("dearest", "dearer")
        )
    elif "price" in best[0].missing:
        best.sort(key=lambda hit: (_distance(hit.price, query.budget), -hit.fit, hit.product.product_id))
    else:
        best.sort(key=lambda hit: (-hit.fit, hit.price, hit.product.product_id))
    return tuple(best)


def _distance(price: Money, budget: Budget | None) -> float:
    """How far a price is from the budget."""
    if budget is None:
        return 0.0
    value = price.decimal
    over = value - budget.high if budget.high is not None and value > budget.high else 0
    under = budget.low - value if budget.low is not None and value < budget.low else 0
    return float(over or under)
