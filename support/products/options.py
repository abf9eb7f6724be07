"""SKUs by their options: colours with their shades, sizes, and the SKU that a customer names.

choose(product, read("黑色M码有吗"))  ->  Choice(skus=(black M,), absent=())
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from support.model import Language, Product, Sku
from support.products.amounts import measures, same_size
from support.products.query import Query, fold
from support.products.vocabulary import key, normal, units, vocabulary

_EXACT_COLOUR, _SHADE = 3.0, 1.0
_COLOUR, _SIZE = "colour", "size"
# In Chinese and European sizes: men's shoes reach this one, women's begin below it.
LARGE_SHOE = 41
# Longer ones are no sizes, and wider ones no ranges of them.
_LONGEST_SIZE, _WIDEST = 12, 100


@dataclass(frozen=True)
class Choice:
    """What the options named in a question pick out of one product.

    `skus`: those that are all of it, every SKU when none was named. `named`: whether any was. `absent`: of
    what kind the product has nothing like the one named.
    """

    skus: tuple[Sku, ...]
    named: bool
    absent: tuple[Literal["colour", "size"], ...]


def choose(product: Product, query: Query) -> Choice:
    """The SKUs that a question about this product means."""
    by_id = tuple(
        sku
        for sku in product.skus
        if re.search(rf"(?<![a-z0-9_-]){re.escape(normal(sku.sku_id))}(?![a-z0-9_-])", query.text)
    )
    if by_id:
        return Choice(by_id, True, ())
    chosen, named, absent = list(product.skus), False, list[Literal["colour", "size"]]()
    options = Options(product)
    for name in options.names:
        wanted = _named_values(product, options, name, query)
        if wanted:
            named, chosen = True, [sku for sku in chosen if sku.options.get(name) in wanted]
        elif (kind := kind_of_option(name)) and (query.colours if kind == _COLOUR else query.sizes):
            named, absent = True, [*absent, kind]
    return Choice(tuple(chosen), named, tuple(absent))


def kind_of_option(name: str) -> Literal["colour", "size"] | None:
    kind = vocabulary().option_kinds.get(normal(name))
    return "colour" if kind == _COLOUR else "size" if kind == _SIZE else None


class Options:
    """The options of one product in both languages, in an order of their own: colour first, size last.

    Databases keep no order of names in JSON, and records do not say which English name is which Chinese one.
    """

    def __init__(self, product: Product) -> None:
        names = {name for sku in product.skus for name in sku.options}
        self.names = tuple(sorted(names, key=lambda name: (_PLACES.get(kind_of_option(name), 1), name)))
        self._english = _english_names(product.skus, self.names)

    def of_kind(self, kind: Literal["colour", "size"]) -> tuple[str, ...]:
        return tuple(name for name in self.names if kind_of_option(name) == kind)

    def label(self, name: str, language: Language) -> str:
        return self._english.get(name, name) if language == "en" else name

    def value(self, sku: Sku, name: str, language: Language) -> str:
        """ "" for a SKU without this option."""
        own = sku.options.get(name, "")
        return sku.options_en.get(self._english.get(name, ""), own) if language == "en" else own

    def values(self, sku: Sku, language: Language) -> tuple[str, ...]:
        return tuple(self.value(sku, name, language) for name in self.names if name in sku.options)


_PLACES: Mapping[str | None, int] = {_COLOUR: 0, _SIZE: 2}


def _english_names(skus: Sequence[Sku], names: Sequence[str]) -> dict[str, str]:
    """Which English option is which: of the same kind, else the one whose values go hand in hand with it."""
    left = {name for sku in skus for name in sku.options_en}
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: kind_of_option(name) is None):
        kind = kind_of_option(name)
        fitting = [one for one in sorted(left) if kind_of_option(one) == kind and _in_step(skus, name, one)]
        if fitting:
            found[name] = fitting[0]
            left.discard(fitting[0])
    return found


def _in_step(skus: Sequence[Sku], name: str, english: str) -> bool:
    pairs = {(sku.options.get(name), sku.options_en.get(english)) for sku in skus}
    return len(pairs) == len({one for one, _ in pairs}) == len({two for _, two in pairs})


def option_values(sku: Sku) -> tuple[str, ...]:
    """The SKU's options in both languages."""
    return (*sku.options.values(), *sku.options_en.values())


def colour_fit(sku: Sku, query: Query) -> float:
    """0: not the colour asked for; a shade or a pattern fits less than the plain colour."""
    return _fit(_colours(option_values(sku)), query)


def is_size(sku: Sku, size: str) -> bool:
    return any(_covers(value, size) for value in option_values(sku))


def colours_of(sku: Sku) -> frozenset[str]:
    """The colours that a SKU may be asked for by, families of colours among them."""
    own, families = _colours(option_values(sku)), vocabulary().families
    return frozenset(own) | {families[one] for one in own if families[one]}


def plain_colours_of(sku: Sku) -> frozenset[str]:
    """Those that an option is plainly of, as white is and off-white is not."""
    return frozenset(name for name, plain in _colours(option_values(sku)).items() if plain)


def sizes_of(sku: Sku) -> frozenset[str]:
    """The sizes that a SKU may be asked for by: those of its options, and those between two of them."""
    named = {same_size(value) for value in option_values(sku) if not _colours((value,))}
    return frozenset(one for one in named if len(one) <= _LONGEST_SIZE).union(*map(_between, named))


def _fit(own: Mapping[str, bool], query: Query) -> float:
    families = vocabulary().families
    widened = {families[one] for one in own}
    if any(one in own or one in widened for one in query.not_colours):
        return 0.0
    if not query.colours:
        return _EXACT_COLOUR
    fits = [_EXACT_COLOUR if own[one] else _SHADE for one in query.colours if one in own]
    fits += [_SHADE for one in query.colours if one in widened]
    return max(fits, default=0.0)


@cache
def _colours(values: tuple[str, ...]) -> Mapping[str, bool]:
    """Colour -> whether it is plainly that colour (True), or has it in a pattern (False)."""
    known, found = vocabulary(), dict[str, bool]()
    for value in map(normal, values):
        for one in known.mentions(value, "colours"):
            plain = value.strip() == one.surface.strip()
            found[one.name] = found.get(one.name, False) or plain
    return found


def _covers(value: str, size: str) -> bool:
    value = same_size(value)
    bounds = _bounds(value)
    return value == size or bool(bounds and size.isdigit() and bounds[0] <= int(size) <= bounds[1])


def _bounds(value: str) -> tuple[int, int] | None:
    """Of a size like 36-40."""
    low, _, high = value.replace("–", "-").partition("-")
    return (int(low), int(high)) if low.isdigit() and high.isdigit() else None


def _between(value: str) -> frozenset[str]:
    low, high = _bounds(value) or (1, 0)
    return frozenset(map(str, range(low, min(high, low + _WIDEST) + 1)))


def _named_values(product: Product, options: Options, name: str, query: Query) -> frozenset[str]:
    """The values of one option that the question names: as a colour, a size, a quantity, or by its words."""
    kind = kind_of_option(name)
    by_value = {
        sku.options[name]: (sku.options[name], options.value(sku, name, "en"))
        for sku in product.skus
        if name in sku.options
    }
    if kind == _COLOUR and (query.colours or query.not_colours):
        fits = {value: _fit(_colours(both), query) for value, both in by_value.items()}
        best = max(fits.values())
        return frozenset(value for value, fit in fits.items() if fit == best > 0)
    if kind == _SIZE:
        return frozenset(value for value in by_value if any(_covers(value, size) for size in query.sizes))
    if kind == _COLOUR:
        return frozenset()
    return frozenset(value for value, both in by_value.items() if any(_says(query, one) for one in both))


def _says(query: Query, value: str) -> bool:
    """Whether the question states the value's quantity or has all of its telling words."""
    stated, _ = measures(fold(value))
    if any(one.fits(wanted) for one in stated for wanted in query.measures):
        return True
    asked, known = {unit.text for unit in units(query.text)}, vocabulary().noise
    if not value.isascii():
        return f" {key(fold(value))} " in f" {key(query.text)} "
    telling = {unit.text for unit in units(fold(value))} - known
    return bool(telling) and telling <= asked
