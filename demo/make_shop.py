"""Makes the demo shop: `python -m demo.make_shop --out FOLDER [--today YYYY-MM-DD] [--no-pictures]`.

Writes an import folder (customers, products, skus, orders, order_items and shipments as CSV, knowledge/,
policy.yml, content.yml), demo_guide.json, and pictures: pictures/ of the products, screenshots/ of orders,
faults/.
The same day gives the same bytes; order ids, customers and goods are the same on every day.
Needs Pillow and PyYAML only.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from demo import catalogue, guide, orders, people, tables
from demo.catalogue import Catalogue
from demo.clock import Clock
from demo.orders import Order
from demo.people import Customer

SEED: Final = 20240517
HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Shop:
    """Everything in the shop, in memory."""

    clock: Clock
    catalogue: Catalogue
    customers: list[Customer]
    orders: list[Order]


def make_shop(clock: Clock) -> Shop:
    """The shop as it stands at the clock's moment."""
    rng = Random(SEED)
    goods = catalogue.load()
    customers = people.make_customers(rng)
    return Shop(clock, goods, customers, orders.make_orders(goods, customers, clock, rng))


def write_shop(shop: Shop, out: Path, *, pictures: bool = True) -> None:
    """Writes the folder, over what an earlier run left there."""
    out.mkdir(parents=True, exist_ok=True)
    tables.write_tables(out, shop.catalogue, shop.customers, shop.orders)
    summary = guide.make_guide(shop.customers, shop.orders, shop.clock)
    (out / "demo_guide.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    shutil.copytree(HERE / "knowledge", out / "knowledge", dirs_exist_ok=True)
    for rules in ("policy.yml", "content.yml"):
        shutil.copy(HERE / rules, out)
    if pictures:
        from demo.render_pictures import render_pictures  # Pillow is needed only when something is drawn

        render_pictures(shop, out)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.make_shop", description="Make the demo shop.")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--today", type=date.fromisoformat, help="make it as on this day (YYYY-MM-DD)")
    parser.add_argument("--no-pictures", action="store_true", help="skip everything that is drawn")
    options = parser.parse_args(arguments)
    write_shop(make_shop(Clock.at(options.today)), options.out, pictures=not options.no_pictures)
    print(f"{options.out}: {people.COUNT} customers, {orders.COUNT} orders")


if __name__ == "__main__":
    main()
