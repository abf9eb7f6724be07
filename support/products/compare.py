"""Two or three products side by side, in few lines: price, options, the attributes in which they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from support import wording
from support.model import Language, Money, Product
from support.products import facts
from support.products.options import Options
from support.products.query import Query
from support.products.vocabulary import vocabulary

_DIFFERENCES = 6


def side_by_side(query: Query, products: Sequence[Product], language: Language) -> list[str]:
    zh, colon, between = (
        language == "zh",
        "：" if language == "zh" else ": ",
        "；" if language == "zh" else "; ",
    )
    lines = [
        f"{number}. {product.title_in(language)} {facts.price(product.skus)}"
        for number, product in enumerate(products, 1)
    ]
    asked = {vocabulary().attributes[one.name].labels[language]: one.name for one in query.attributes}
    rows = {**_option_rows(products, language), **_attribute_rows(products, language)}
    rows |= {label: _told(products, name, language) for label, name in asked.items() if label not in rows}
    order = sorted(rows, key=lambda label: label not in asked)
    shown = [label for label in order if len(set(rows[label])) > 1 or label in asked][:_DIFFERENCES]
    silent = "未写" if zh else "not said"
    lines += [
        label + colon + between.join(f"{n}) {value or silent}" for n, value in enumerate(rows[label], 1))
        for label in shown
    ]
    return [*_cheaper(query, products, language), *lines]


def _told(products: Sequence[Product], name: str, language: Language) -> list[str]:
    """What the descriptions say on something that is no attribute of its own."""
    said = (facts.said_of(product, vocabulary().words[name], language) or "" for product in products)
    return [re.split("：|: ", one)[-1].rstrip("。.") for one in said]


def _cheaper(query: Query, products: Sequence[Product], language: Language) -> list[str]:
    """Which costs less, when that was the question."""
    if "price" not in query.points and not any(
        word in query.text for word in ("便宜", "贵", "cheap", "expensive")
    ):
        return []
    priced: list[tuple[Money, Product]] = [
        (product.prices[0], product) for product in products if product.prices
    ]
    if len({price for price, _ in priced}) < 2:
        return ["价格一样。" if language == "zh" else "They cost the same."]
    price, product = min(priced, key=lambda pair: pair[0])
    title = product.title_in(language)
    return [
        f"{title}更便宜，{wording.money(price)}。"
        if language == "zh"
        else f"{title} costs less, {wording.money(price)}."
    ]


def _option_rows(products: Sequence[Product], language: Language) -> Mapping[str, list[str]]:
    """Label -> what each product offers."""
    told = [
        {own.label(name, language): "/".join(facts.values_of(one, name, language)) for name in own.names}
        for one, own in ((product, Options(product)) for product in products)
    ]
    return {
        label: [one.get(label, "") for one in told]
        for label in dict.fromkeys(label for one in told for label in one)
    }


def _attribute_rows(products: Sequence[Product], language: Language) -> Mapping[str, list[str]]:
    told = [facts.attributes(product, language) for product in products]
    labels = dict.fromkeys(label for one in told for label in one)
    # What all of them have says most about how they differ.
    by_use = sorted(labels, key=lambda label: -sum(label in one for one in told))
    return {label: [one.get(label, "") for one in told] for label in by_use}
