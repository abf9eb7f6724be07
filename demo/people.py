"""The demo's customers: invented names and streets, and telephone numbers that cannot ring.

Numbers start with 154, which no operator in China has been given; e-mail addresses are at example.com.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml

COUNT: Final = 150
ENGLISH_EVERY: Final = 4  # every fourth customer after the first writes English: 37 of 150
NAMES: Final[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("names.yml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Customer:
    """A customer, with the city that parcels travel to in the customer's language."""

    customer_id: str
    name: str
    phone: str
    email: str
    language: str
    address: str
    city: str
    district: str


def make_customers(rng: Random) -> list[Customer]:
    """The customers in the order of their ids; names differ, and so do the last four digits of the phones."""
    chinese = rng.sample(
        [family + given for family in NAMES["surnames"] for given in NAMES["given_names"]], COUNT
    )
    english = [
        f"{first} {last}" for first, last in zip(NAMES["first_names"], NAMES["last_names"], strict=True)
    ]
    endings = rng.sample(range(10_000), COUNT)
    people = []
    for number in range(COUNT):
        language = "en" if number % ENGLISH_EVERY == 1 and english else "zh"
        name = english.pop(0) if language == "en" else chinese.pop()
        phone = f"154{rng.randrange(10_000):04d}{endings[number]:04d}"
        people.append(_customer(f"C{1001 + number}", name, phone, language, rng))
    return people


def _customer(customer_id: str, name: str, phone: str, language: str, rng: Random) -> Customer:
    city_zh, district_zh, district_en, city_en = rng.choice(NAMES["cities"])
    street_zh, street_en = rng.choice(NAMES["streets"])
    house, building, room = (
        rng.randrange(2, 300),
        rng.randrange(1, 16),
        rng.randrange(1, 25) * 100 + rng.randrange(1, 5),
    )
    if language == "en":
        email = name.lower().replace(" ", ".") + "@example.com"
        address = f"Room {room}, Building {building}, {house} {street_en}, {district_en} District, {city_en}"
        return Customer(customer_id, name, phone, email, language, address, city_en, district_en)
    address = f"{city_zh}{district_zh}{street_zh}{house}号{building}幢{room}室"
    email = f"{customer_id.lower()}@example.com"
    city = city_zh.split("省")[-1].removesuffix("市")
    return Customer(customer_id, name, phone, email, language, address, city, district_zh)
