"""A made-up shop's products, four SKUs each, and what customers ask about them.

What goods are called, their colours and qualities are the words of `vocabulary.yml`; brands and models are
invented. Some kinds of thing fill shelves and some a corner: how many products there are of a kind falls
with its rank, as with words in a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml

from benchmarks.scale.words import Lexicon

Language = Literal["zh", "en"]
Row = dict[str, Any]

_WORDS = Path(__file__).parents[2] / "support" / "products" / "vocabulary.yml"
_LANGUAGES: tuple[Language, Language] = ("zh", "en")
_SIZES = ("S", "M", "L", "XL")
_BRANDS, _MODELS = 3_000, 40_000
_SOLD_OUT = 0.2
_CATEGORIES = (("女装", "Women"), ("男装", "Men"), ("童装", "Kids"), ("家居", "Home"), ("户外", "Outdoor"))
_MATERIALS = (
    ("纯棉", "cotton"), ("亚麻", "linen"), ("羊毛", "wool"), ("真皮", "leather"), ("不锈钢", "steel"),
)  # fmt: skip
_PLACES = (("通勤", "work"), ("度假", "holiday"), ("露营", "camping"), ("约会", "dates"), ("居家", "home"))
_COLOURS = (
    ("白色", "White"), ("黑色", "Black"), ("红色", "Red"), ("蓝色", "Blue"), ("米白", "Off-white"),
    ("灰色", "Grey"), ("粉色", "Pink"), ("绿色", "Green"),
)  # fmt: skip


_ASKED: Mapping[Language, tuple[str, ...]] = {
    "zh": (
        "{budget}元以内的{colour}{thing}", "有{size}码的{colour}{thing}吗", "{material}的{thing}",
        "{brand}的{thing}", "适合{place}的{thing}，{budget}以下", "{model}{material}{thing}多少钱",
        "最便宜的{thing}", "{thing}有货吗", "推荐一款{colour}的{material}{thing} {size}码",
        "{product_id}还有吗", "{model}",
    ),
    "en": (
        "{colour} {thing} under {budget}", "do you have a {thing} in {size}", "{material} {thing}",
        "{brand} {thing}", "a {thing} for {place} below {budget}",
        "how much is the {model} {material} {thing}",
        "cheapest {thing}", "any {colour} {material} {thing} in {size}?", "is {product_id} in stock",
        "{model} {thing}",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Goods:
    """Rows for `products` and `skus`; `said`: what the product is called in each language."""

    product: Row
    skus: list[Row]
    said: Mapping[Language, Mapping[str, str]]


class Shelves:
    """Products by number: the same number is the same product, whoever asks."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        rng = Random(seed)
        zh, en = Lexicon("zh", rng, 20_000), Lexicon("en", rng, 20_000)
        self._brands = [f"{a}{b}".upper() for a, b in zip(en.draw(_BRANDS), en.draw(_BRANDS), strict=True)]
        self._models = [
            (a + b, f"{c} {d}")
            for a, b, c, d in zip(*(one.draw(_MODELS) for one in (zh, zh, en, en)), strict=True)
        ]
        self._things = list(_things())
        rng.shuffle(self._things)
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._things) + 1)))

    def rows(self, products: int) -> Iterator[Goods]:
        return (self._goods(number) for number in range(products))

    def questions(self, products: int, count: int) -> list[tuple[str, Language]]:
        """By attributes and by words, half of them in each language, most of them with an answer."""
        rng = Random(self._seed + 1)
        return [self._question(rng.randrange(products), rng) for _ in range(count)]

    def _goods(self, number: int) -> Goods:
        rng = Random(f"{self._seed} {number}")
        zh, en = rng.choices(self._things, cum_weights=self._weights)[0]
        brand, (model, model_en) = rng.choice(self._brands), rng.choice(self._models)
        category, material, place = rng.choice(_CATEGORIES), rng.choice(_MATERIALS), rng.choice(_PLACES)
        english = {
            "title_en": f"{model_en} {material[1]} {en}",
            "category_en": category[1],
            "description_en": f"A {en} of {material[1]} for {place[1]}.",
            "attributes_en": {"material": material[1], "occasion": place[1]},
        }
        product = {
            "product_id": f"P{number:07}",
            "title": f"{model}{material[0]}{zh}",
            "category": category[0],
            "brand": brand,
            "description": f"{material[0]}{zh}，适合{place[0]}，{model}系列。",
            "attributes": {"material": material[0], "occasion": place[0]},
            "image": "",
            "extra": english,
        }
        price = round(20 * 1.02 ** rng.randrange(200))
        colours = rng.sample(_COLOURS, 2)
        kinds = [(colour, size) for colour in colours for size in rng.sample(_SIZES, 2)]
        skus = [self._sku(number, place, kind, price, rng) for place, kind in enumerate(kinds)]
        zh_en = {"thing": (zh, en), "model": (model, model_en), "material": material, "place": place}
        said = {
            language: {name: words[at] for name, words in zh_en.items()}
            for at, language in enumerate(_LANGUAGES)
        }
        return Goods(product, skus, said)

    def _sku(
        self, number: int, place: int, kind: tuple[tuple[str, str], str], price: int, rng: Random
    ) -> Row:
        (colour, colour_en), size = kind
        return {
            "sku_id": f"P{number:07}-{place}",
            "product_id": f"P{number:07}",
            "options": {"颜色": colour, "尺码": size},
            "price_minor": price * 100,
            "currency": "CNY",
            "stock": 0 if rng.random() < _SOLD_OUT else rng.randint(1, 90),
            "extra": {"options_en": {"Colour": colour_en, "Size": size}},
        }

    def _question(self, number: int, rng: Random) -> tuple[str, Language]:
        goods, language = self._goods(number), rng.choice(_LANGUAGES)
        sku = rng.choice(goods.skus)
        options = sku["options"] if language == "zh" else sku["extra"]["options_en"]
        colour, size = options.values()
        asked = rng.choice(_ASKED[language]).format(
            **goods.said[language],
            brand=goods.product["brand"],
            product_id=goods.product["product_id"],
            budget=sku["price_minor"] // 100 + 50,
            colour=colour,
            size=size,
        )
        return asked, language


def _things() -> Iterator[tuple[str, str]]:
    """What goods are called, in both languages."""
    for row in yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["things"].values():
        words = [word.strip() for word in row["words"].split(",")]
        zh, en = ([word for word in words if word.isascii() is ascii] for ascii in (False, True))
        if zh and en:
            yield zh[0], en[0]
