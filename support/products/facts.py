"""One product's record in words: price, stock, options, attributes, and what its description says.

Every function takes the product as it was just read from the database and the language of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from support import wording
from support.model import Language, Product, Sku
from support.products.options import Options
from support.products.shelf import attributes_in
from support.products.vocabulary import key, vocabulary

# From here down the number is told.
FEW = 5
_HIDDEN = frozenset({"goes_with", "size_guide", "size_chart", "colours"})
_ZH_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
_EN_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def joined(values: Iterable[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(values)


def price(skus: Sequence[Sku]) -> str:
    """¥169, or ¥49–¥89."""
    prices = sorted({sku.price for sku in skus})
    if not prices:
        return ""
    lowest, highest = wording.money(prices[0]), wording.money(prices[-1])
    return lowest if lowest == highest else f"{lowest}–{highest}"


def stock(count: int, language: Language) -> str:
    """Numbers only when few are left."""
    if count <= 0:
        return "缺货" if language == "zh" else "out of stock"
    if count <= FEW:
        return f"仅剩 {count} 件" if language == "zh" else f"only {count} left"
    return "有货" if language == "zh" else "in stock"


def total_stock(skus: Sequence[Sku]) -> int:
    return sum(sku.stock for sku in skus)


def options(product: Product, sku: Sku, language: Language) -> str:
    """白色 M; "" for a product without options."""
    return (" " if language == "zh" else ", ").join(Options(product).values(sku, language))


def named(product: Product, sku: Sku, language: Language) -> str:
    """亚麻方领连衣裙（白色 M）."""
    chosen, title = options(product, sku, language), product.title_in(language)
    if not chosen:
        return title
    return f"{title}（{chosen}）" if language == "zh" else f"{title} ({chosen})"


def prices(product: Product, skus: Sequence[Sku], language: Language) -> str:
    """The price; where it depends on the option, what costs what."""
    by_price: dict[str, list[Sku]] = {}
    for sku in sorted(skus, key=lambda sku: sku.price):
        by_price.setdefault(wording.money(sku.price), []).append(sku)
    if len(by_price) < 2:
        return next(iter(by_price), "")
    own, parts = Options(product), list[str]()
    telling = _telling_option(own, skus)
    for amount, group in by_price.items():
        values = dict.fromkeys(own.value(sku, telling, language) for sku in group)
        parts.append(
            f"{amount}（{joined(values, language)}）"
            if language == "zh"
            else f"{amount} ({joined(values, language)})"
        )
    return ("，" if language == "zh" else "; ").join(parts)


def _telling_option(own: Options, skus: Sequence[Sku]) -> str:
    """The option that decides the price: each of its values has one price."""
    for name in own.names:
        amounts: dict[str, set[int]] = {}
        for sku in skus:
            amounts.setdefault(own.value(sku, name, "zh"), set()).add(sku.price.minor)
        if all(len(one) == 1 for one in amounts.values()):
            return name
    return own.names[0] if own.names else ""


def values_of(product: Product, name: str, language: Language) -> list[str]:
    """The values of one option, the sold out ones marked."""
    own, by_value = Options(product), dict[str, int]()
    for sku in product.skus:
        if name in sku.options:
            value = own.value(sku, name, language)
            by_value[value] = by_value.get(value, 0) + sku.stock
    gone = "（缺货）" if language == "zh" else " (out of stock)"
    return [value + ("" if count else gone) for value, count in by_value.items()]


def option_lines(product: Product, language: Language, only: Sequence[str] | None = None) -> list[str]:
    """颜色：白色、米色；尺码：S、M: one line for each option."""
    own, colon = Options(product), "：" if language == "zh" else ": "
    return [
        f"{own.label(name, language)}{colon}{joined(values_of(product, name, language), language)}"
        for name in (own.names if only is None else only)
    ]


def stock_lines(product: Product, skus: Sequence[Sku], language: Language) -> list[str]:
    """白色：M、L 有货，XL 仅剩 4 件，S 缺货: a line for each value of the first option."""
    own, groups = Options(product), dict[str, list[tuple[str, int]]]()
    for sku in skus:
        values = own.values(sku, language)
        first = values[0] if len(values) > 1 else ""
        groups.setdefault(first, []).append((" ".join(values[1:] or values), sku.stock))
    colon = "：" if language == "zh" else ": "
    return [
        (f"{first}{colon}" if first else "") + _by_stock(rest, language) for first, rest in groups.items()
    ]


def grouped(product: Product, skus: Sequence[Sku], language: Language) -> str:
    """白色 M/L/XL、米色 S: the options, the first one said once."""
    own, groups = Options(product), dict[str, list[str]]()
    for sku in skus:
        first, *rest = own.values(sku, language) or ("",)
        groups.setdefault(first, []).append(" ".join(rest))
    return joined((f"{first} {'/'.join(rest)}".strip() for first, rest in groups.items()), language)


def _by_stock(counts: Sequence[tuple[str, int]], language: Language) -> str:
    by_words: dict[str, list[str]] = {}
    for value, count in counts:
        by_words.setdefault(stock(count, language), []).append(value)
    parts = [f"{joined(values, language)} {words}".strip() for words, values in by_words.items()]
    return ("，" if language == "zh" else "; ").join(parts)


# --- attributes ------------------------------------------------------------------------------------
def attribute(product: Product, name: str, language: Language) -> str | None:
    """材质：55%亚麻、45%棉; None when the record has no such attribute."""
    if name == "brand" and product.brand:
        return _labelled("brand", product.brand, language)
    for attribute_key, value in attributes_in(product, language).items():
        if attribute_key not in _HIDDEN and vocabulary().attribute_named(attribute_key) == name:
            return _labelled(attribute_key, value, language)
    return None


def attributes(product: Product, language: Language) -> dict[str, str]:
    """Every attribute that customers may read: label -> text."""
    return {
        vocabulary().label(name, language): _plain(value, language)
        for name, value in attributes_in(product, language).items()
        if name not in _HIDDEN and value not in (None, "", [], {})
    }


def said_of(product: Product, words: Iterable[str], language: Language) -> str | None:
    """The sentence of the record that has most of these words, as it stands there; None when none has any."""
    keys = [key(word) for word in words]
    other: Language = "en" if language == "zh" else "zh"
    for tongue in (language, other):
        sentences = [*_description_sentences(product, tongue), *_attribute_sentences(product, tongue)]
        counted = [
            (sum(f" {one} " in f" {key(sentence)} " for one in keys), sentence) for sentence in sentences
        ]
        best = max(counted, key=lambda pair: pair[0], default=(0, ""))
        if best[0]:
            return best[1]
    title = product.title_in(language)
    if any(f" {one} " in f" {key(title)} " for one in keys):
        return f"商品名：{title}" if language == "zh" else f"Its name says: {title}"
    return None


def _description_sentences(product: Product, language: Language) -> list[str]:
    label = "商品介绍：" if language == "zh" else "From the description: "
    return [label + sentence for sentence in _sentences(product.description_in(language))]


def _attribute_sentences(product: Product, language: Language) -> list[str]:
    return [
        _labelled(name, value, language)
        for name, value in attributes_in(product, language).items()
        if name not in _HIDDEN
    ]


def _labelled(name: str, value: Any, language: Language) -> str:
    colon = "：" if language == "zh" else ": "
    return f"{vocabulary().label(name, language)}{colon}{_plain(value, language)}"


def _plain(value: Any, language: Language) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][value]
    if isinstance(value, list):
        return joined(map(str, value), language)
    if isinstance(value, dict):
        return joined((f"{name} {what}" for name, what in value.items()), language)
    return str(value)


def _sentences(text: str) -> list[str]:
    if re.search(r"[。！？]", text):
        return [sentence.strip() for sentence in _ZH_SENTENCE.findall(text) if sentence.strip()]
    return [sentence.strip() for sentence in _EN_SENTENCE.split(text) if sentence.strip()]


def opening(product: Product, language: Language) -> str:
    """The first sentence of the description."""
    return next(iter(_sentences(product.description_in(language))), "")


def record(product: Product, language: Language) -> str:
    """The whole record as text, for the model and for the check of its words."""
    lines = [
        f"{product.title_in(language)} ({product.product_id})",
        product.brand,
        product.category_in(language),
        *(
            f"{options(product, sku, language)}: {wording.money(sku.price)}, {stock(sku.stock, language)}"
            for sku in product.skus
        ),
        *(f"{label}: {text}" for label, text in attributes(product, language).items()),
        product.description_in(language),
    ]
    return "\n".join(line for line in lines if line)
