"""What to look up in a database, so that what is found holds the answer to a customer's message. Pure.

A large shop's products are not in memory. A few are fetched for each message, and the same code answers from
these as from the whole shelf of a small shop. So all that could be the answer must be among them:

* what the text names: ids, titles (`named`), titles read in a picture (`printed`);
* one product for each pair of title characters (`pairs`) and some for each run of them (`run`);
* for a search, `Wish`: the products that miss the least; its lookups come in the order of what they give up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from support.products import tokens
from support.products.query import Query
from support.products.search import COSTS, Condition
from support.products.shelf import ids_in
from support.products.vocabulary import key, units, vocabulary

# Of these any, of each of these all: `(("k:dress",), ("t:连衣", "t:衣裙"))`.
Need = tuple[tuple[str, ...], ...]

# For a customer who is shown five.
_FETCHED, _NAMED, _PRINTED = 24, 8, 12
# With more conditions, the least important of them are not looked for.
_CONDITIONS = 5
_UNITS_READ = 60
_LONGEST_TITLE = 30


@dataclass(frozen=True)
class Lookup:
    """The cheapest products, or the dearest, that meet all needs, with a price within the bounds.

    Prices are in whole units of currency.
    """

    needs: tuple[Need, ...]
    limit: int = _FETCHED
    low: float | None = None
    high: float | None = None
    in_stock: bool = False
    dearest: bool = False
    rare: bool = False  # few products meet the needs, if any
    exact: bool = False  # what is found is said to be the cheapest, or the dearest


def named(text: str) -> list[Lookup]:
    """What a folded text names by id or by whole title."""
    ids = [(tokens.number(word),) for word in ids_in(text)]
    parts = [unit.text for unit in units(text)][:_UNITS_READ]
    titles = [
        (tokens.whole(" ".join(parts[start:end])),)
        for start in range(len(parts))
        for end in range(start + 3, min(len(parts), start + _LONGEST_TITLE) + 1)
    ]
    return [Lookup((tuple(some),), _NAMED, rare=True) for some in (ids, titles) if some]


def printed(text: str) -> list[Lookup]:
    """Titles that stand in a text with gaps and errors: three units in a row were read well."""
    parts = [unit.text for unit in units(text)][: 2 * _UNITS_READ]
    rows = (" ".join(parts[start : start + 3]) for start in range(len(parts) - 2))
    found = _either("t", dict.fromkeys(rows))
    return [Lookup((found,), _PRINTED, rare=True)] if found else []


def pairs(query: Query) -> list[Lookup]:
    """For each two neighbouring characters of what nobody understood, a product with both in its title."""
    read = units(query.rest)
    beside = (a.text + b.text for a, b in pairwise(read) if a.end == b.start and not a.text.isascii())
    return [Lookup((((f"t:{one}",),),), 1, rare=True) for one in dict.fromkeys(beside)]


def run(characters: str) -> Lookup:
    """Products that have such a run of characters in what names them."""
    return Lookup((_either("n", [key(characters)]),), _NAMED, rare=True)


def beside(product_ids: Collection[str], kinds: Collection[str], looks: Collection[str]) -> list[Lookup]:
    """What goes with products: what names them, and what shares their occasion."""
    naming: Need = tuple((tokens.goes_with(one),) for one in product_ids)
    sharing: Need = tuple((one,) for one in looks)
    wanted: Need = tuple((f"k:{kind}",) for kind in kinds)
    needs = [(naming,), *([(sharing, wanted) if wanted else (sharing,)] if sharing else [])]
    return [Lookup(some, in_stock=True) for some in needs]


@dataclass(frozen=True)
class _Wanted:
    """`closely`: the need in a narrower sense, by which the best of many are fetched."""

    condition: Condition
    need: Need
    closely: Need = ()


class Wish:
    """A search: what every product must be (`base`), and the conditions, each with what missing it costs."""

    def __init__(self, query: Query, words: Sequence[str], base: Need = (), *, by_kind: bool = True) -> None:
        """`words` are those that name something (`search.naming_words`). `base` replaces the query's things.

        `by_kind`: whether a thing is looked for by its kind, or by what it is called.
        """
        self._query = query
        terms = list(_terms(query, words))
        either = tuple(dict.fromkeys(one for term in terms for one in term.need))
        self._base = base or _things(query, by_kind) or either
        wanted = sorted([*terms, *_conditions(query)], key=lambda one: -COSTS[one.condition])
        self._wanted = wanted[:_CONDITIONS]
        self._both = _Wanted("colour", *_colour_and_size(query))
        self.empty = not self._base and not (query.narrows or query.measures)

    def singles(self) -> list[Lookup]:
        """For each condition, a product that meets it: what nothing meets is not in the way of anything."""
        return [self._lookup([one.need], {one.condition}, limit=1) for one in self._wanted]

    def called(self, words: Iterable[str]) -> list[Lookup]:
        """Products with such a word, as a key, in their titles."""
        need = _either("t", words)
        return [self._lookup([need], frozenset(), limit=_NAMED)] if need else []

    def naming(self) -> list[Lookup]:
        """Products that each of the words names."""
        needs = (one.closely for one in self._wanted if one.condition == "word")
        return [self._lookup([need], frozenset(), limit=_NAMED) for need in needs if need]

    def exactly(self) -> list[Lookup]:
        """What is in stock and misses nothing: first in the narrower sense, which is enough if it is many."""
        return next(self.chain([True] * len(self._wanted), in_stock=True))[::-1]

    def chain(self, met: Sequence[bool], *, in_stock: bool) -> Iterator[list[Lookup]]:
        """The lookups to make until some find something. `met`: which of `singles` found something."""
        wanted = [one for one, found in zip(self._wanted, met, strict=True) if found]
        some = (kept for count in range(len(wanted) + 1) for kept in combinations(wanted, count))
        for kept in sorted(some, key=lambda kept: -sum(COSTS[one.condition] for one in kept)):
            conditions = {one.condition for one in kept}
            if {"colour", "size"} <= conditions:
                kept = (*(one for one in kept if one.condition not in ("colour", "size")), self._both)
            ways = [[one.need for one in kept], [one.closely or one.need for one in kept]]
            limit = _FETCHED if in_stock else _NAMED
            yield [self._lookup(way, conditions, in_stock=in_stock, limit=limit) for way in _distinct(ways)]

    def _lookup(
        self,
        needs: Iterable[Need],
        conditions: Collection[Condition],
        *,
        in_stock: bool = False,
        limit: int = _FETCHED,
    ) -> Lookup:
        every = [one for one in needs if one]
        if in_stock:
            every = [tuple(tuple(map(tokens.in_stock, way)) for way in need) for need in every]
        budget = self._query.budget if "price" in conditions else None
        low, high = (budget.low, budget.high) if budget else (None, None)
        return Lookup(
            (*((self._base,) if self._base else ()), *every),
            limit,
            None if low is None else float(low),
            None if high is None else float(high),
            in_stock,
            self._query.order in ("dearest", "dearer"),
            exact=bool(self._query.order),
        )


def _things(query: Query, by_kind: bool) -> Need:
    if by_kind:
        return tuple((f"k:{thing.name}",) for thing in query.things)
    return _either("n", (key(thing.surface) for thing in query.things))


def _terms(query: Query, words: Sequence[str]) -> Iterator[_Wanted]:
    known = vocabulary()
    for one in query.wishes:
        yield _Wanted("wish", *_ways(known.keys[one.name]))
    for one in query.qualities:
        yield _Wanted("quality", *_ways(known.keys[one.name]))
    for word in words:
        yield _Wanted("word", *_ways([key(word)]))


def _ways(keys: Iterable[str]) -> tuple[Need, Need]:
    """Anywhere, and in what names a product."""
    keys = list(keys)
    return _either("w", keys), _either("n", keys)


def _either(prefix: str, keys: Iterable[str]) -> Need:
    """Any of these keys."""
    return tuple(filter(None, (tokens.words(prefix, one) for one in keys)))


def _conditions(query: Query) -> Iterator[_Wanted]:
    if query.audience == "kids":
        yield _Wanted("audience", (("a:kids",),))
    elif query.audience:
        own = (f"a:{query.audience}",)
        yield _Wanted("audience", (own, ("a:both",), ("a:any",)), (own,))
    if query.sizes:
        yield _Wanted("size", tuple((tokens.option("s", one),) for one in query.sizes))
    if query.budget:
        yield _Wanted("price", ())
    if query.measures:
        yield _Wanted("measure", (tuple(map(tokens.measure, query.measures)),))
    if query.colours:
        plain = tuple((tokens.option("plain", one),) for one in query.colours)
        yield _Wanted("colour", tuple((tokens.option("c", one),) for one in query.colours), plain)


def _colour_and_size(query: Query) -> tuple[Need, Need]:
    """A SKU of one of the colours in one of the sizes, and one that is plainly of the colour."""
    each = [(colour, size) for colour in query.colours for size in query.sizes]
    some = tuple((tokens.option("c/s", *one),) for one in each)
    return some, tuple((tokens.option("c/s", *one), tokens.option("plain", one[0])) for one in each)


def _distinct(ways: Sequence[list[Need]]) -> list[list[Need]]:
    return [way for place, way in enumerate(ways) if way not in ways[:place]]
