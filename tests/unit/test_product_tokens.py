"""What products are found by, and what is looked up for a question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.products.lookups import Lookup, Wish, named, pairs
from support.products.query import read
from support.products.shelf import entry_of
from support.products.tokens import tokens, words
from tests.unit.test_products_questions import shelf


def of(product_id: str) -> frozenset[str]:
    return tokens(shelf().entries[product_id])


def wish(text: str, *naming: str) -> Wish:
    return Wish(read(text), naming)


def needs(lookup: Lookup) -> list[set[str]]:
    return [{token for way in need for token in way} for need in lookup.needs]


@pytest.mark.parametrize(
    "token",
    [
        "i:p1001",
        "i:p1001-01",
        "k:dress",
        "k:skirts",
        "a:women",
        "t:亚麻",
        "w:亚麻",
        "c:white",
        "s:m",
    ],
)
def test_a_product_is_found_by(token: str) -> None:
    assert token in of("P1001")


def test_what_is_in_stock_is_said_of_colour_and_size_together() -> None:
    product = shelf().entries["P1001"].product
    white_m = next(sku for sku in product.skus if set(sku.options.values()) == {"白色", "M"})
    sold_out = replace(
        product, skus=tuple(replace(one, stock=0) if one is white_m else one for one in product.skus)
    )
    assert {"c/s:white/m", "in:c/s:white/m"} <= of("P1001")
    found = tokens(entry_of(sold_out))
    assert {"c/s:white/m", "in:c:white", "in:s:m"} <= found
    assert "in:c/s:white/m" not in found


def test_tokens_hold_nothing_that_means_something_to_a_database() -> None:
    for entry in shelf().entries.values():
        assert not {char for token in tokens(entry) for char in token} & set(" '\"\\()|&!*")


def test_chinese_words_go_by_pairs_of_characters() -> None:
    assert words("w", "连 衣 裙") == ("w:连衣", "w:衣裙")
    assert words("w", "棉") == ("w:棉",)
    assert words("w", "down jacket") == ("w:down", "w:jacket")


def test_the_first_lookup_wants_everything_and_the_last_only_the_thing() -> None:
    chain = list(wish("200元以内的白色连衣裙 M码").chain([True] * 3, in_stock=True))
    first, last = chain[0][0], chain[-1][0]
    assert needs(first)[0] == {"k:dress"} and first.in_stock
    assert {"in:c/s:white/m"} in needs(first) and first.high == 200
    assert (needs(last), last.high) == ([{"k:dress"}], None)


def test_the_least_important_condition_is_given_up_first() -> None:
    second = list(wish("200元以内的白色连衣裙 M码").chain([True] * 3, in_stock=True))[1][0]
    assert {"in:s:m"} in needs(second) and second.high == 200
    assert {"in:c:white"} not in needs(second)


def test_what_no_product_meets_is_not_looked_for_with_the_rest() -> None:
    chain = list(wish("红色连衣裙").chain([False], in_stock=False))
    assert [needs(one) for some in chain for one in some] == [[{"k:dress"}]]


def test_ids_and_whole_titles_are_looked_up() -> None:
    tokens_of_ids, titles = (needs(one)[0] for one in named("p1005 亚 麻 裙"))
    assert "i:p1005" in tokens_of_ids
    assert "tt:亚_麻_裙" in titles


def test_each_pair_of_characters_that_nobody_understood_is_looked_for() -> None:
    assert needs(pairs(read("栖禾的连衣裙"))[0]) == [{"t:栖禾"}]


def test_every_product_can_be_found_by_what_its_entry_says() -> None:
    for entry in shelf().entries.values():
        assert {f"k:{kind}" for kind in entry.kinds} <= tokens(entry_of(entry.product))
