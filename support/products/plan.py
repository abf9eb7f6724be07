"""What an answer is about: decided from the query, the products under discussion, and what a picture shows.

    decide(shelf, query, context, seen)  ->  Plan(kind="about", entries=(...))

Pure. `context` are the products that the conversation was last about, in the order shown; `seen` are those
that a picture of this message may show.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from support.products import questions
from support.products.amounts import Budget
from support.products.query import Query, fold, read, wanted_with
from support.products.questions import how_many, ordinals
from support.products.search import Found, search, the_one
from support.products.shelf import Entry, Shelf

Kind = Literal["about", "list", "extreme", "compare", "pairing", "no_more", "not_found", "which", "what"]

SHOWN = 5
_COMPARED = 3
_BETWEEN = re.compile(
    r"和|跟|与|还是|、|,|，|;|；|\bvs\.?\b|\bversus\b|\band\b|\bor\b|\bbetween\b|\bthan\b|比(?!较)"
)


@dataclass(frozen=True)
class Plan:
    """`entries`: what is shown, in order. `base`: what goes with them, or what they are alternatives to.

    `example`: the base was chosen for the customer, who named only its kind.
    """

    kind: Kind
    entries: tuple[Entry, ...] = ()
    found: Found | None = None
    base: Entry | None = None
    example: bool = False


def decide(
    shelf: Shelf, query: Query, context: Sequence[Entry], seen: Sequence[Entry], *, pictured: bool
) -> Plan:
    """`pictured`: there was a picture with something to go by, whether or not it was recognised."""
    context = tuple(seen) or tuple(context)
    if query.task == "compare" and len(compared := _compared(shelf, query, context)) > 1:
        return Plan("compare", compared)
    if query.task == "pairing" and (plan := _pairing(shelf, query, context)):
        return plan
    subjects = _subjects(shelf, query, context)
    if not subjects and seen and not query.more and not query.searches:
        subjects = tuple(seen)
    if subjects:
        return Plan("about", subjects[:SHOWN])
    if context and (query.more or query.order in ("cheaper", "dearer")) and not query.searches:
        return _others(shelf, query, context)
    if query.searches or query.narrows:
        return _searched(shelf, query, context)
    if pictured:
        return Plan("not_found")
    return Plan("which" if query.refers or query.asks else "what")


def recognise(shelf: Shelf, lines: Sequence[str], view: str) -> tuple[Entry, ...]:
    """The products that a picture may show, from the text read in it and from what the model saw."""
    text = fold(" ".join(lines))
    printed = shelf.named_in(text) or shelf.titled_like(text)
    if printed or not view:
        return printed
    query = read(view)
    if not query.searches:
        return ()
    found = search(shelf, query)
    return (found.one,) if found.one else tuple(hit.entry for hit in found.hits[:SHOWN])


# --- one or several products that are known to both sides ------------------------------------------
def _subjects(shelf: Shelf, query: Query, context: Sequence[Entry]) -> tuple[Entry, ...]:
    """The products that the question is about; empty when it looks for something."""
    if named := shelf.named_in(query.text):
        return named
    if picked := ordinals(query.text, len(context)):
        return tuple(context[place] for place in picked)
    if not context or query.more or query.order or (query.suggests and not query.refers and query.searches):
        return ()
    if query.budget and not query.refers:
        return ()
    if query.things:
        return _of_those_things(shelf, query, context)
    if query.literals and not query.refers and _is_a_name(shelf, query):
        return ()
    asks = query.asks or (questions.said("asks", query.text) and not query.suggests)
    return tuple(context) if query.refers or query.narrows or asks else ()


def _of_those_things(shelf: Shelf, query: Query, context: Sequence[Entry]) -> tuple[Entry, ...]:
    """这条裙子 after a list with one skirt means that skirt."""
    kinds = {thing.name for thing in query.things}
    same = tuple(entry for entry in context if entry.kinds & kinds)
    if not same or not (query.refers or query.asks or questions.said("asks", query.text)):
        return ()
    if query.literals or query.qualities or query.measures:
        one = the_one(shelf, query)
        if one in same:
            return (one,)
        return same if query.refers and one is None else ()
    return same


def _is_a_name(shelf: Shelf, query: Query) -> bool:
    """Whether the words that no vocabulary knows name products."""
    return bool(search(shelf, replace(query, wishes=(), qualities=(), measures=())).hits)


# --- looking for something -------------------------------------------------------------------------
def _searched(shelf: Shelf, query: Query, context: Sequence[Entry]) -> Plan:
    among = None
    if not query.searches and context:
        # "有100以内的吗" after dresses means dresses.
        among = _alike(shelf, context[0])[0] or None
    found = search(shelf, query, among=among)
    if found.hits and query.order in ("cheapest", "dearest"):
        return Plan("extreme", (found.hits[0].entry,), found)
    # Shoes for grown-ups are no help to a child.
    for_others = "audience" in found.missing and (query.audience == "kids" or not query.searches)
    if (not found.hits and not found.sold_out) or for_others:
        pointing = query.refers and not query.things
        return Plan("which" if pointing else "not_found", found=found)
    if found.one:
        return Plan("about", (found.one,), found)
    shown = found.hits or found.sold_out
    return Plan("list", tuple(hit.entry for hit in shown[:SHOWN]), found)


def _others(shelf: Shelf, query: Query, context: Sequence[Entry]) -> Plan:
    """Alternatives to what is under discussion, cheaper ones if that was the wish."""
    base = context[0]
    prices = [price for entry in context if entry.product.prices for price in entry.product.prices]
    wish = query
    if prices and query.order == "cheaper":
        wish = replace(query, budget=Budget(None, min(prices).decimal - Decimal("0.01")))
    elif prices and query.order == "dearer":
        wish = replace(query, budget=Budget(max(prices).decimal + Decimal("0.01"), None))
    # A cheaper umbrella is no cheaper tent.
    for group in _alike(shelf, base, by_category=not query.order):
        found = search(shelf, wish, among=[entry for entry in group if entry not in context])
        if found.hits and "price" not in found.missing:
            return Plan("list", tuple(hit.entry for hit in found.hits[:SHOWN]), found, base=base)
    return Plan("no_more", (base,), base=base)


def _alike(shelf: Shelf, entry: Entry, *, by_category: bool = True) -> list[tuple[Entry, ...]]:
    """Products of the same kind, the narrowest kind first; else those of its category, if that will do."""
    groups = sorted((shelf.of_kind(kind) for kind in entry.kinds), key=len)
    if not by_category:
        return groups
    category = entry.product.category
    same = tuple(one for one in shelf.entries.values() if category and one.product.category == category)
    return [group for group in groups if len(group) > 1] or [same]


# --- comparing -------------------------------------------------------------------------------------
def _compared(shelf: Shelf, query: Query, context: Sequence[Entry]) -> tuple[Entry, ...]:
    """The two or three products to compare; fewer when they cannot be made out."""
    named = shelf.named_in(query.text)
    picked = tuple(context[place] for place in ordinals(query.text, len(context)))
    for choice in (named, picked, _with_prices(query, context)):
        if len(choice) > 1:
            return choice[:_COMPARED]
    described = bool(query.literals or query.qualities or query.things)
    if described and (parts := _parts(shelf, query.text)):
        others = tuple(entry for entry in context if entry not in parts)
        if len(parts) > 1 or (query.refers and others):
            return (*parts, *others)[: max(2, len(parts))][:_COMPARED]
    kinds = {thing.name for thing in query.things}
    group = tuple(entry for entry in context if not kinds or entry.kinds & kinds)
    if len(group) < 2 and query.things:
        group = tuple(hit.entry for hit in search(shelf, query).hits)
        return group if len(group) <= _COMPARED else ()
    return group[: min(how_many(query.text) or _COMPARED, _COMPARED)]


def parts_of(text: str) -> list[str]:
    """The sides of a comparison: A 和 B, "A or B"."""
    return list(filter(None, map(str.strip, _BETWEEN.split(text))))


def _parts(shelf: Shelf, text: str) -> tuple[Entry, ...]:
    """The products that the parts of the sentence name."""
    found: dict[str, Entry] = {}
    for part in parts_of(text):
        query = read(part)
        if not query.searches:
            continue
        said = search(shelf, query)
        entry = said.one or next((hit.entry for hit in said.hits), None)
        if entry:
            found.setdefault(entry.product.product_id, entry)
    return tuple(found.values())


def _with_prices(query: Query, context: Sequence[Entry]) -> tuple[Entry, ...]:
    """599 的和 799 的: those under discussion that cost just that."""
    said = {Decimal(number) for number in re.findall(r"(?<![\d.])\d{2,6}(?:\.\d+)?(?![\d.])", query.text)}
    return tuple(entry for entry in context if any(sku.price.decimal in said for sku in entry.product.skus))


# --- pairing ---------------------------------------------------------------------------------------
def _pairing(shelf: Shelf, query: Query, context: Sequence[Entry]) -> Plan | None:
    """What goes with a product: what its record names, else what shares its occasion or style."""
    wanted = wanted_with(query) or _not_discussed(query, context)
    asked = replace(query, things=tuple(one for one in query.things if one.name not in wanted), task="")
    bases = _subjects(shelf, replace(asked, refers=True), context) if context or not asked.searches else ()
    bases = bases or shelf.named_in(query.text)
    example = False
    if not bases and asked.searches:
        found = search(shelf, asked)
        example = found.one is None
        bases = (found.one,) if found.one else tuple(hit.entry for hit in found.hits[:1])
    if not bases:
        return Plan("which") if query.refers or not query.searches else None
    partners = _partners(shelf, bases[0], wanted)
    return Plan("pairing", partners[:SHOWN], base=bases[0], example=example)


def _not_discussed(query: Query, context: Sequence[Entry]) -> tuple[str, ...]:
    """With a dress under discussion, the shoes in the question are what is looked for."""
    names = [thing.name for thing in query.things]
    discussed = any(entry.kinds & set(names) for entry in context)
    return () if discussed or not context or query.literals or query.qualities else tuple(names)


def _partners(shelf: Shelf, base: Entry, wanted: Collection[str]) -> tuple[Entry, ...]:
    """In stock: what the record names, what names it; where that is not enough, what suits its occasion."""
    named = [entry for one in base.product.goes_with if (entry := shelf.get(one))]
    named += [one for one in shelf.entries.values() if base.product.product_id in one.product.goes_with]
    fitting = [one for one in named if not wanted or one.kinds & set(wanted)]
    if wanted or not named:
        pool = [one for kind in wanted for one in shelf.of_kind(kind)] if wanted else shelf.entries.values()
        fitting += [one for one in pool if _shares_occasion(base, one)]
    return tuple(one for one in dict.fromkeys(fitting) if one.product.stock > 0 and one is not base)


def _shares_occasion(base: Entry, other: Entry) -> bool:
    """Whether two products of different kinds are for the same occasion or of the same style."""
    if base.kinds & other.kinds:
        return False
    own, its = base.product.attributes, other.product.attributes
    shared = any(set(_split(own.get(name))) & set(_split(its.get(name))) for name in ("occasion", "style"))
    return shared and _suits_the_same(base, other)


def _suits_the_same(base: Entry, other: Entry) -> bool:
    people = {base.audience, other.audience} - {"", "both"}
    return len(people) < 2


def _split(text: object) -> list[str]:
    return [part.strip() for part in re.split(r"[、，,/;；]| and ", str(text or "")) if part.strip()]
