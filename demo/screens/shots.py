"""Which orders are screenshot, in which app and on which phone, and what is true about each picture.

Contract: `write_screenshots` writes the pictures with truth.json, a list of {file, order_id, total, currency,
placed_at, placed_at_shown, status, status_text, language}; and tampered.json, the same with what the record
says under `record`. `placed_at_shown` is null where an app does not show the date.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

from PIL import Image

from demo.catalogue import Catalogue
from demo.clock import stamp
from demo.orders import Order
from demo.screens import frame as f
from demo.screens import sections as s
from demo.screens import theme as t
from demo.screens.page import Page
from demo.screens.theme import Theme, Wording
from demo.screens.view import Section, View
from demo.tables import CURRENCY, yuan


@dataclass(frozen=True)
class App:
    """An app's page for an order."""

    theme: Theme
    wording: Wording
    sections: tuple[Section, ...]


DETAIL: Final = (f.band, s.parcel, s.address, s.items, s.amounts, s.details, f.bottom_bar)
SUMMARY: Final = (f.title_bar, f.headline, s.items, s.amounts, s.details, s.address, f.bottom_bar)
MINI: Final = (f.mini_program_bar, s.state_row, s.details, s.address, s.items, s.amounts, f.bottom_bar)
LIST: Final = (f.title_bar, f.tabs, s.list_entry, s.recommended)
RECEIPT: Final = (f.title_bar, f.number_on_top, f.headline, s.timeline, s.items, s.amounts, f.bottom_bar)

CHINESE: Final = (
    App(t.WARM, t.ZH_FULL, DETAIL),
    App(t.LAKE, t.ZH_SHORT, LIST),
    App(t.LEAF, t.ZH_FULL, MINI),
    App(t.NIGHT, t.ZH_SHORT, SUMMARY),
    App(t.NIGHT, t.ZH_FULL, DETAIL),
    App(t.LAKE, t.ZH_FULL, SUMMARY),
)
ENGLISH: Final = (
    App(t.PLUM, t.EN_FULL, RECEIPT),
    App(t.SLATE, t.EN_SHORT, LIST),
    App(t.DUSK, t.EN_FULL, DETAIL),
    App(t.PLUM, t.EN_SHORT, SUMMARY),
    App(t.DUSK, t.EN_SHORT, RECEIPT),
    App(t.SLATE, t.EN_FULL, DETAIL),
)
PHONES: Final = ((720, 1600), (828, 1792), (1080, 2340), (640, 1386), (750, 1624))
COUNTS: Final = {"zh": 18, "en": 12}
ROTATED: Final = {7: 6, 22: 8}  # picture number -> EXIF orientation
EXIF_ORIENTATION: Final = 0x0112
UPRIGHT_TO_STORED: Final = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
TAMPERED: Final[tuple[tuple[str, Callable[[View], View]], ...]] = (
    ("cheap_recent", lambda view: replace(view, total=view.total + 100_000)),
    ("delivered_recent", lambda view: replace(view, status="refunded")),
    ("landmark", lambda view: replace(view, status="completed", total=view.total * 3)),
)


def write_screenshots(out: Path, orders: list[Order], catalogue: Catalogue, rng: Random) -> None:
    """Writes the folder: the true pictures, the tampered ones and both lists."""
    out.mkdir(parents=True, exist_ok=True)
    truth = []
    for number, order in enumerate(_chosen(orders, rng), start=1):
        app = _app(order, number)
        view = _view(order, app, catalogue, rng)
        name = _save(_draw(app, view, PHONES[number % len(PHONES)]), out, f"order-{number:02d}", number)
        truth.append(_facts(name, app, view))
    _write_list(out / "truth.json", truth)
    tampered = []
    for number, (situation, forge) in enumerate(TAMPERED, start=1):
        order = next(order for order in orders if order.name == situation)
        app = _app(order, number)
        view = forge(_view(order, app, catalogue, rng))
        name = _save(_draw(app, view, PHONES[number]), out, f"tampered-{number:02d}", number)
        record = {"total": yuan(order.total), "status": order.status}
        tampered.append({**_facts(name, app, view), "record": record})
    _write_list(out / "tampered.json", tampered)


def _chosen(orders: list[Order], rng: Random) -> list[Order]:
    """The showcase first, then orders by chance, in turns of the languages, as COUNTS has it."""
    chosen: list[Order] = []
    for language, count in COUNTS.items():
        own = [order for order in orders if order.customer.language == language]
        shown = [order for order in own if order.name]
        others = [order for order in own if not order.name]
        chosen += [*shown, *rng.sample(others, count)][:count]
    rng.shuffle(chosen)
    return chosen


def _app(order: Order, number: int) -> App:
    apps = CHINESE if order.customer.language == "zh" else ENGLISH
    return apps[number % len(apps)]


def _view(order: Order, app: App, catalogue: Catalogue, rng: Random) -> View:
    return View(
        order=order,
        wording=app.wording,
        total=order.total,
        status=order.status,
        suggested=tuple(map(catalogue.product, order.lines[0].product.attributes["goes_with"][:2])),
        clock=f"{rng.randint(7, 23)}:{rng.randint(0, 59):02d}",
        battery=rng.uniform(0.15, 1),
        masked=rng.random() < 0.7,
    )


def _draw(app: App, view: View, phone: tuple[int, int]) -> Image.Image:
    page = Page(*phone, app.theme)
    for section in app.sections:
        section(page, view)
    return page.finish()


def _save(picture: Image.Image, out: Path, name: str, number: int) -> str:
    """Saves it as pictures reach a shop: as taken, recompressed, scaled, or lying on its side."""
    if number in ROTATED:
        return _save_rotated(picture, out / f"{name}.jpg", ROTATED[number])
    treatment = number % 5
    if treatment == 1:
        picture = picture.resize(
            (picture.width * 9 // 10, picture.height * 9 // 10), Image.Resampling.BICUBIC
        )
    if treatment in (0, 2):
        picture.save(out / f"{name}.png", compress_level=4)
        return f"{name}.png"
    picture.save(out / f"{name}.jpg", quality={1: 80, 3: 88, 4: 55}[treatment])
    return f"{name}.jpg"


def _save_rotated(picture: Image.Image, file: Path, orientation: int) -> str:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    picture.transpose(UPRIGHT_TO_STORED[orientation]).save(file, quality=88, exif=exif)
    return file.name


def _facts(name: str, app: App, view: View) -> dict[str, Any]:
    dated = bool({s.details, f.number_on_top, s.list_entry} & set(app.sections))
    placed = view.order.dates.placed
    return {
        "file": name,
        "order_id": view.order.order_id,
        "total": yuan(view.total),
        "currency": CURRENCY,
        "placed_at": stamp(placed),
        "placed_at_shown": app.theme.date(placed) if dated else None,
        "status": view.status,
        "status_text": view.status_text,
        "language": view.wording.language,
    }


def _write_list(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
