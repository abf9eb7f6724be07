"""What a product is found by in a database: a set of short tokens, the same on both kinds of database.

    tokens(entry)  ->  {"k:dress", "a:women", "in:c:white/m", "w:亚麻", "t:连衣", "i:p1001", ...}

    i   ids of the product and its SKUs          k   kinds of thing        cat  category
    w   words of any field                       n   words of the fields that name a product
    t   words of the title                       tt  a whole title
    a   audience                                 m   measures     goes, look   what it goes with
    c   colours of some SKU, plain just that colour, s sizes, c/s both; with in: before it, of SKUs in stock

A token may promise more than it holds (a pair of characters is no word): what is found is looked at again,
by the same code as in a small shop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from support.model import Product, Sku
from support.products.amounts import Measure
from support.products.options import colours_of, plain_colours_of, sizes_of
from support.products.shelf import Entry, is_a_name, is_naming
from support.products.vocabulary import normal

_NOT_PLAIN = re.compile(r"[^\w.%/-]")
_ID = re.compile(r"[a-z0-9_#-]+")
_PARTS = re.compile(r"[、，,/;；]| and ")
_OCCASIONS = ("occasion", "style")


def tokens(entry: Entry) -> frozenset[str]:
    """Of all of the product."""
    product = entry.product
    found = {*_ids(product), *_words(entry), *_partners(product)}
    found |= {f"k:{kind}" for kind in entry.kinds} | {measure(one) for one in entry.measures}
    found |= {f"a:{entry.audience or 'any'}"} | {whole(title) for title in entry.titles if is_a_name(title)}
    if product.category:
        found.add(category(product.category))
    for sku in product.skus:
        options = set(_options(sku))
        found |= options
        if sku.stock > 0:
            found.update(map(in_stock, options))
    return frozenset(found)


def number(product_or_sku_id: str) -> str:
    return _plain("i", product_or_sku_id)


def option(kind: str, *values: str) -> str:
    """Of a SKU: `c` a colour, `plain` just that colour, `s` a size, `c/s` colour and size."""
    return _plain(kind, "/".join(values))


def in_stock(one: str) -> str:
    """The same of SKUs that are in stock; what is not said of SKUs stays as it is."""
    return f"in:{one}" if one.startswith(("c:", "plain:", "s:", "c/s:")) else one


def category(name: str) -> str:
    return _plain("cat", normal(name))


def whole(title: str) -> str:
    """A whole title, given as its key."""
    return _plain("tt", "_".join(title.split()))


def measure(one: Measure) -> str:
    # 256G is how people write 256 GB.
    return _plain("m", f"{'g' if one.unit == 'gb' else one.unit}_{one.value.normalize():f}")


def goes_with(product_id: str) -> str:
    """Of the products that name this one."""
    return _plain("goes", normal(product_id))


def look(product: Product) -> list[str]:
    """The occasions and styles that the record names."""
    return [
        _plain(f"look:{name}", normal(part))
        for name in _OCCASIONS
        for part in _PARTS.split(str(product.attributes.get(name) or ""))
        if part.strip()
    ]


def words(prefix: str, of: str) -> tuple[str, ...]:
    """The tokens of a key, all of which a text with it has. Chinese goes by pairs of characters."""
    parts = of.split()
    pairs = [a + b for a, b in pairwise(parts) if _is_han(a) and _is_han(b)]
    in_pairs = {char for pair in pairs for char in pair}
    return tuple(_plain(prefix, one) for one in (*pairs, *(part for part in parts if part not in in_pairs)))


def _ids(product: Product) -> Iterator[str]:
    ids = (normal(one) for one in (product.product_id, *(sku.sku_id for sku in product.skus)))
    return (number(one) for one in ids if _ID.fullmatch(one))


def _words(entry: Entry) -> Iterator[str]:
    for place, text in enumerate(entry.fields):
        prefixes = ["w", *(["n"] if is_naming(place) else []), *(["t"] if place == 0 else [])]
        for one in set(_units_and_pairs(text)):
            yield from (_plain(prefix, one) for prefix in prefixes)


def _units_and_pairs(text: str) -> Iterator[str]:
    parts = text.split()
    yield from parts
    yield from (a + b for a, b in pairwise(parts) if _is_han(a) and _is_han(b))


def _options(sku: Sku) -> Iterator[str]:
    colours, sizes = colours_of(sku), sizes_of(sku)
    yield from (option("c", one) for one in colours)
    yield from (option("plain", one) for one in plain_colours_of(sku))
    yield from (option("s", one) for one in sizes)
    yield from (option("c/s", colour, size) for colour in colours for size in sizes)


def _partners(product: Product) -> Iterable[str]:
    return [*look(product), *map(goes_with, product.goes_with)]


def _is_han(unit: str) -> bool:
    return len(unit) == 1 and unit > "\u2e80"


def _plain(kind: str, value: str) -> str:
    """Without what means something to a database."""
    return f"{kind}:{_NOT_PLAIN.sub('_', value)}"
