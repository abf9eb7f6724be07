"""The shop's products as they are searched: an inverted index of their words, and what each one is.

A `Shelf` is immutable and holds no I/O. Words are found as sequences of units (`vocabulary.units`) in the
fields of a product; how much a find counts depends on the field.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from support.model import Product
from support.products import amounts, query
from support.products.amounts import Measure
from support.products.options import option_values
from support.products.vocabulary import Unit, key, normal, units, vocabulary

# What a word found there is worth. Descriptions praise; titles name.
_FIELD_WEIGHTS = (6.0, 4.0, 3.0, 2.5, 2.0, 1.0)  # title, brand, category, options, attributes, description
NAMING_WEIGHT = 2.5
_NOT_SEARCHED = frozenset({"goes_with", "size_guide", "size_chart", "colours"})


@dataclass(frozen=True, eq=False)
class Entry:
    """One product with what search needs to know of it. `fields` are keys framed by spaces."""

    product: Product
    fields: tuple[str, ...]
    kinds: frozenset[str]
    titles: tuple[str, ...]

    def weight(self, word_key: str) -> float:
        """What the word is worth in the best field that has it; 0 when none has."""
        framed = f" {word_key} "
        return next(
            (weight for weight, text in zip(_FIELD_WEIGHTS, self.fields, strict=True) if framed in text), 0.0
        )

    @cached_property
    def audience(self) -> str:
        """`women`, `men`, `kids`, `both`, or "" when the record does not say."""
        known, (title, _, category, _, _, description) = vocabulary(), self.fields
        if any(word in text for word in known.both_audiences for text in (title, category, description)):
            return "both"
        said = [
            name
            for name, words in known.audiences.items()
            if any(word in text for word in words for text in (title, category))
        ]
        if said:
            return said[0] if len(said) == 1 else "both"
        return next((known.wearers[kind] for kind in sorted(self.kinds) if known.wearers[kind]), "")

    @cached_property
    def measures(self) -> frozenset[Measure]:
        """Every quantity that the title, the options and the attributes state."""
        product = self.product
        options = (
            value for sku in product.skus for value in (*sku.options.values(), *sku.options_en.values())
        )
        texts = (
            *_both(product, "title"),
            *options,
            *_texts(attributes_in(product, "zh")),
            *_texts(attributes_in(product, "en")),
        )
        return frozenset(one for text in texts for one in amounts.measures(query.fold(text))[0])


class Shelf:
    """All products of the shop."""

    def __init__(self, products: Iterable[Product], before: Shelf | None = None) -> None:
        """`before`: a shelf whose entries are taken over where the product has not changed."""
        old: Mapping[str, Entry] = before.entries if before else {}
        self.entries: Mapping[str, Entry] = {
            product.product_id: old[product.product_id]
            if product.product_id in old and old[product.product_id].product == product
            else entry_of(product)
            for product in products
        }
        self._ids = tuple(self.entries)
        self._postings = _postings(self.entries.values())
        self._title_pairs = {
            pair for one in self.entries.values() for title in one.titles for pair in _pairs(title)
        }
        self._of_kind = _of_kind(self.entries.values())
        self._named = {
            normal(one.product.product_id): one.product.product_id for one in self.entries.values()
        }
        self._named |= {
            normal(sku.sku_id): one.product.product_id
            for one in self.entries.values()
            for sku in one.product.skus
        }

    def __len__(self) -> int:
        return len(self._ids)

    def get(self, product_id: str) -> Entry | None:
        return self.entries.get(product_id)

    def of_kind(self, name: str) -> tuple[Entry, ...]:
        """Products that are such a thing, by their titles."""
        return tuple(self.entries[one] for one in self._of_kind.get(name, ()))

    def with_word(self, word: str) -> dict[str, float]:
        """Product id -> what the word is worth there."""
        wanted = key(word)
        places = [self._postings.get(unit, _NOWHERE) for unit in wanted.split()]
        if not places:
            return {}
        rarest = (self.entries[self._ids[number]] for number in min(places, key=len))
        weights = ((entry.product.product_id, entry.weight(wanted)) for entry in rarest)
        return {product_id: weight for product_id, weight in weights if weight}

    def named_in(self, text: str) -> tuple[Entry, ...]:
        """Products whose id, SKU id or whole title stands in a folded text, in the order of mention."""
        framed = f" {key(text)} "
        places = {
            self._named[word]: framed.find(f" {key(word)} ") for word in ids_in(text) if word in self._named
        }
        for entry in self.entries.values():
            place = max((framed.find(title) for title in entry.titles if is_a_name(title)), default=-1)
            if place >= 0:
                places.setdefault(entry.product.product_id, place)
        return tuple(self.entries[one] for one in sorted(places, key=places.__getitem__))

    def title_words(self, text: str) -> list[str]:
        """The runs of a text that name a product."""
        return [
            run
            for run in self.runs(text)
            if any(weight >= NAMING_WEIGHT for weight in self.with_word(run).values())
        ]

    def runs(self, text: str) -> list[str]:
        """Runs of Chinese characters in a text that stand in titles, the longest at each place."""
        runs, last = [""], Unit("", -1, -1)
        for unit in units(text):
            joins = last.end == unit.start and (last.text, unit.text) in self._title_pairs
            runs[-1:] = [runs[-1] + unit.text] if joins else [runs[-1], unit.text]
            last = unit
        grammar = vocabulary().grammar
        return [run for run in runs if len(run) > 1 and not run.isascii() and not set(run) <= grammar]

    def titled_like(self, text: str) -> tuple[Entry, ...]:
        """Products whose title stands in a text with gaps and errors, as character recognition leaves it."""
        pairs = _pairs(key(text))
        shares = [
            (max(_share(title, pairs) for title in entry.titles), entry) for entry in self.entries.values()
        ]
        best = max((share for share, _ in shares), default=0.0)
        return tuple(entry for share, entry in shares if share == best >= _READ_OF_TITLE)


def _pairs(words: str) -> frozenset[tuple[str, str]]:
    parts = words.split()
    return frozenset(pairwise(parts))


def _share(title: str, found: frozenset[tuple[str, str]]) -> float:
    """How much of a title was found, in pairs of neighbours; a title of two words proves nothing."""
    wanted = _pairs(title)
    if len(wanted) < 2:
        return 0.0
    if title.isascii():
        # One misread word breaks two of the few pairs of an English title.
        words, read = set(title.split()), {word for pair in found for word in pair}
        return len(words & read) / len(words) - _WORDS_ARE_LESS
    return len(wanted & found) / len(wanted)


# Of a title that is printed in a picture, at least this much must have been read.
_READ_OF_TITLE = 0.6
_WORDS_ARE_LESS = 0.15
_ID_BREAK = re.compile(r"[^a-z0-9_#-]+")
_NOWHERE: array[int] = array("I")


def attributes_in(product: Product, language: str) -> Mapping[str, Any]:
    """The record's attributes in a language; where it has none in English, as they are."""
    english = product.extra.get("attributes_en")
    return (
        {**product.attributes, **english}
        if language == "en" and isinstance(english, Mapping)
        else product.attributes
    )


def ids_in(text: str) -> list[str]:
    """What may be ids in a folded text."""
    return _ID_BREAK.sub(" ", text).split()


def is_a_name(title: str) -> bool:
    """A title of one or two words may be said of other products, too."""
    return title.count(" ") > 3


def is_naming(place: int) -> bool:
    """Whether words of this field of an entry name the product."""
    return _FIELD_WEIGHTS[place] >= NAMING_WEIGHT


def _both(product: Product, what: str) -> tuple[str, str]:
    return str(getattr(product, what)), str(product.extra.get(f"{what}_en") or "")


def _texts(attributes: Mapping[str, Any]) -> list[str]:
    return [str(value) for name, value in attributes.items() if name not in _NOT_SEARCHED]


def entry_of(product: Product) -> Entry:
    titles = [query.fold(title) for title in _both(product, "title") if title]
    options = " ".join(value for sku in product.skus for value in option_values(sku))
    attributes = (*_texts(attributes_in(product, "zh")), *_texts(attributes_in(product, "en")))
    texts = (
        " ".join(titles),
        product.brand,
        " ".join(_both(product, "category")),
        query.fold(options),
        " ".join(attributes),
        " ".join(_both(product, "description")),
    )
    known = vocabulary()
    kinds = frozenset(wider for title in titles for name in query.heads(title) for wider in known.wider[name])
    return Entry(
        product,
        tuple(f" {key(text)} " for text in texts),
        kinds,
        tuple(f" {key(title)} " for title in titles),
    )


def _postings(entries: Iterable[Entry]) -> Mapping[str, array[int]]:
    """Unit -> numbers of the products that have it in any field."""
    postings: dict[str, array[int]] = {}
    for number, entry in enumerate(entries):
        for unit in {unit for text in entry.fields for unit in text.split()}:
            postings.setdefault(unit, array("I")).append(number)
    return postings


def _of_kind(entries: Iterable[Entry]) -> Mapping[str, Sequence[str]]:
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        for kind in entry.kinds:
            kinds.setdefault(kind, []).append(entry.product.product_id)
    return kinds
