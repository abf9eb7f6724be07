"""Reads catalogue.yml into products and SKUs in both languages.

Contract: `load()` returns products in the file's order. SKU ids are the product's id and the row's number
(`P1001-03`), so they stay the same as long as new rows go to the end. Prices are integer fen.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("catalogue.yml")
NOT_OPTIONS = ("price", "stock")


@dataclass(frozen=True)
class Sku:
    """One thing that can be bought: a product in one size, colour and so on."""

    sku_id: str
    options: dict[str, str]
    options_en: dict[str, str]
    price: int
    stock: int

    def label(self, language: str) -> str:
        """The chosen options as an order page shows them: `白色 S`."""
        return " ".join((self.options if language == "zh" else self.options_en).values())


@dataclass(frozen=True, eq=False)
class Product:
    """A product in both languages; `picture` holds the arguments of its painter."""

    product_id: str
    title: str
    title_en: str
    category: str
    category_en: str
    brand: str
    description: str
    description_en: str
    attributes: dict[str, Any]
    attributes_en: dict[str, Any]
    picture: dict[str, Any]
    skus: tuple[Sku, ...]

    def name(self, language: str) -> str:
        return self.title if language == "zh" else self.title_en


class Catalogue:
    """The products, and the ways the rest of the demo looks them up."""

    def __init__(self, products: list[Product]) -> None:
        self.products = products

    @cached_property
    def skus(self) -> dict[str, tuple[Product, Sku]]:
        """Every SKU by its id, with its product."""
        return {sku.sku_id: (product, sku) for product in self.products for sku in product.skus}

    def product(self, product_id: str) -> Product:
        return next(product for product in self.products if product.product_id == product_id)


def load(file: Path = FILE) -> Catalogue:
    """Reads the catalogue; a value without a translation or a malformed row raises KeyError or ValueError."""
    source = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Catalogue([_product(row, source) for row in source["products"]])


def _product(row: dict[str, Any], source: dict[str, Any]) -> Product:
    skus = tuple(_skus(row, source))
    zh, en = _attributes(row, source, skus)
    return Product(
        product_id=row["product_id"],
        title=row["title"],
        title_en=row["title_en"],
        category=row["category"],
        category_en=source["categories"][row["category"]],
        brand=row["brand"],
        description=row["description"],
        description_en=row["description_en"],
        attributes=zh,
        attributes_en=en,
        picture=row["picture"],
        skus=skus,
    )


def _attributes(
    row: dict[str, Any], source: dict[str, Any], skus: tuple[Sku, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The written attributes, plus those that follow from other parts of the row."""
    pairs = {key: str(text).split(" | ") for key, text in row["attributes"].items()}
    zh: dict[str, Any] = {key: pair[0] for key, pair in pairs.items()}
    en: dict[str, Any] = {key: pair[1] for key, pair in pairs.items()}
    for attributes, colours in (
        (zh, [sku.options.get("颜色") for sku in skus]),
        (en, [sku.options_en.get("Colour") for sku in skus]),
    ):
        if any(colours):
            attributes["colours"] = [colour for colour in dict.fromkeys(colours) if colour]
        if "size_guide" in row:
            attributes["size_guide"] = source["size_guides"][row["size_guide"]]
        attributes["goes_with"] = row["goes_with"]
    return zh, en


def _skus(row: dict[str, Any], source: dict[str, Any]) -> list[Sku]:
    skus: list[Sku] = []
    for options, price, stock in (variant for sku_row in row["skus"] for variant in _variants(sku_row)):
        skus.append(
            Sku(
                sku_id=f"{row['product_id']}-{len(skus) + 1:02d}",
                options=options,
                options_en={source["options"][k]: source["values"].get(v, v) for k, v in options.items()},
                price=int(Decimal(str(price)) * 100),
                stock=stock,
            )
        )
    return skus


def _variants(row: dict[str, Any]) -> list[tuple[dict[str, str], Any, int]]:
    """A row with a grid (`尺码: {S: 12, M: 0}`) stands for one SKU per value; a row without, for one."""
    options = {key: value for key, value in row.items() if key not in NOT_OPTIONS}
    grid = next((key for key, value in options.items() if isinstance(value, dict)), None)
    if grid is None:
        return [({key: str(value) for key, value in options.items()}, row["price"], row["stock"])]
    return [
        ({key: str(value if key == grid else given) for key, given in options.items()}, row["price"], stock)
        for value, stock in options[grid].items()
    ]
