"""Draws everything visible in the demo shop: product pictures, order screenshots, photos of faults.

Usage: called by make_shop, or by hand: `python -m demo.render_pictures --out FOLDER [--today YYYY-MM-DD]`.
Pictures follow from the shop and a fixed seed; they are made, never committed.
"""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from demo.clock import Clock
from demo.draw.products import picture
from demo.faults.photos import write_faults
from demo.screens.shots import write_screenshots

if TYPE_CHECKING:
    from demo.make_shop import Shop

SEED: Final = 7


def render_pictures(shop: "Shop", out: Path) -> None:
    """Writes pictures/, screenshots/ and faults/ below `out`."""
    pictures = out / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for product in shop.catalogue.products:
        picture(product).save(pictures / f"{product.product_id}.jpg", quality=88)
    write_screenshots(out / "screenshots", shop.orders, shop.catalogue, Random(SEED))
    write_faults(out / "faults", shop.orders, shop.catalogue, Random(SEED))


def main(arguments: Sequence[str] | None = None) -> None:
    from demo.make_shop import make_shop

    parser = argparse.ArgumentParser(
        prog="python -m demo.render_pictures", description="Draw the shop's pictures."
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--today", type=date.fromisoformat, help="draw them as on this day (YYYY-MM-DD)")
    options = parser.parse_args(arguments)
    render_pictures(make_shop(Clock.at(options.today)), options.out)


if __name__ == "__main__":
    main()
