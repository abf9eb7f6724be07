"""How well photos of refunds are recognised again: `python -m evals.evidence [--claims N]`.

Drawn photos of faults (the demo shop's, under several seeds) and pictures with the statistics of natural ones
are changed as somebody would who wants to use one twice. `caught` is how many of the changed ones are found
in the index and judged the same; `alike` those that are found but left open. Against that: pairs of different
pictures judged the same, and pairs of two photos of one kind of product. The latter are drawn from the same
flat drawing, seen from two places (`_tilted`): harder than goods, which have depth.

With `--claims N` the index is also filled with N more pictures (their points drawn from those of the real
ones, and changed), and the time that a claim's look-up takes is measured, on SQLite. Writes
`results/evidence.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from demo import make_shop
from demo.catalogue import Catalogue
from demo.clock import Clock
from demo.faults import camera
from demo.faults.photos import CASTS, FAULTS, SIZES, Fault, _goods
from support.store import Store
from support.store.migrate import migrate
from support.vision.fingerprint import Fingerprint, query_words, take
from support.vision.sameness import Comparison, Likeness, compare

_RESULTS = Path(__file__).parent / "results" / "evidence.json"
_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_COMPARED, _FEWEST = 12, 4  # as in `support.services.evidence.matches`


@dataclass(frozen=True)
class Photo:
    """`kind` is shared by photos of the same goods."""

    name: str
    kind: str
    image: Image.Image


# --- pictures ----------------------------------------------------------------------------------------------


def photos(seeds: int = 2, natural: int = 8) -> list[Photo]:
    """Photos of faults, each kind once a seed, and pictures like clouds, water or stone."""
    catalogue = make_shop.make_shop(Clock.at(None)).catalogue
    drawn = [
        Photo(
            f"{fault.name}-{seed}",
            fault.name,
            _photo(fault, number + seed, catalogue, Random(97 * seed + number)),
        )
        for seed in range(seeds)
        for number, fault in enumerate(FAULTS)
    ]
    rng = np.random.default_rng(1)
    return drawn + [Photo(f"natural-{one}", f"natural-{one}", _natural(rng)) for one in range(natural)]


def _photo(fault: Fault, number: int, catalogue: Catalogue, rng: Random) -> Image.Image:
    """As the demo's, but the goods are seen from a slightly different place each time."""
    size = SIZES[number % len(SIZES)]
    scene = camera.table(camera.TABLES[number % len(camera.TABLES)], size, rng)
    goods = _goods(fault, catalogue)
    goods = ImageOps.contain(goods.crop(goods.getbbox()), (round(min(size) * rng.uniform(0.66, 0.8)),) * 2)
    camera.lay(scene, _tilted(goods, rng), (size[0] // 2, size[1] // 2), rng.uniform(-14, 14))
    if fault.label:
        camera.lay(scene, camera.paper(fault.label), (size[0] - 270, size[1] - 190), rng.uniform(-8, 8))
    photo = camera.photograph(scene, rng, exposure=fault.exposure, cast=CASTS[number % len(CASTS)])
    return _jpeg(photo, rng.randint(62, 86))


def _tilted(goods: Image.Image, rng: Random, by: float = 0.04) -> Image.Image:
    width, height = goods.size
    margin = int(by * max(goods.size)) + 2
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = [[x + rng.uniform(-by, by) * width, y + rng.uniform(-by, by) * height] for x, y in corners]
    view = cv2.getPerspectiveTransform(corners, np.array(moved, np.float32) + np.float32(margin))
    size = width + 2 * margin, height + 2 * margin
    return Image.fromarray(cv2.warpPerspective(np.asarray(goods), view, size, flags=cv2.INTER_AREA))


def _natural(rng: np.random.Generator, width: int = 900, height: int = 700) -> Image.Image:
    """Noise whose strength falls with its frequency, as in photos of nature (Field 1987)."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = 1
    planes = []
    for _ in range(3):
        noise = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
        plane = np.fft.irfft2(noise / frequency**1.8, s=(height, width))
        planes.append((plane - plane.mean()) / plane.std())
    mixed = np.stack([planes[0] + 0.3 * planes[1], planes[0] + 0.3 * planes[2], planes[0]], -1)
    return Image.fromarray((128 + 45 * mixed).clip(0, 255).astype(np.uint8))


# --- what is done to them ----------------------------------------------------------------------------------


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def _resized(image: Image.Image, by: float) -> Image.Image:
    return image.resize((round(image.width * by), round(image.height * by)), Image.Resampling.LANCZOS)


def _cropped(image: Image.Image, area: float, across: float, down: float) -> Image.Image:
    """A part of the given area; 0, 0 is the upper left one, 1, 1 the lower right one."""
    width, height = (round(side * area**0.5) for side in image.size)
    left, top = round((image.width - width) * across), round((image.height - height) * down)
    return image.crop((left, top, left + width, top + height))


def _turned(image: Image.Image, by: float) -> Image.Image:
    return image.rotate(by, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))


def _lit(image: Image.Image, by: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(by)


def _screenshot(image: Image.Image) -> Image.Image:
    """The photo open in a phone's album."""
    screen = Image.new("RGB", (1080, 2160), "black")
    inner = ImageOps.contain(image, (1080, 1500))
    screen.paste(inner, ((1080 - inner.width) // 2, (2160 - inner.height) // 2))
    pen = ImageDraw.Draw(screen)
    pen.rectangle([0, 0, 1080, 90], fill="white")
    pen.text((40, 24), "12:30    5G    87%", fill="black", font_size=40)
    pen.text((380, 2050), "Share    Edit", fill="white", font_size=48)
    return screen


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "recompressed 30": lambda image: _jpeg(image, 30),
    "recompressed 60": lambda image: _jpeg(image, 60),
    "recompressed 90": lambda image: _jpeg(image, 90),
    "resized 0.3": lambda image: _resized(image, 0.3),
    "resized 0.6": lambda image: _resized(image, 0.6),
    "cropped to 90%": lambda image: _cropped(image, 0.9, 0.2, 0.8),
    "cropped to 75%": lambda image: _cropped(image, 0.75, 0.9, 0.3),
    "cropped to 60%": lambda image: _cropped(image, 0.6, 0.1, 0.2),
    "cropped to 60%, corner": lambda image: _cropped(image, 0.6, 1, 1),
    "mirrored": ImageOps.mirror,
    "turned 5 degrees": lambda image: _turned(image, 5),
    "turned -5 degrees": lambda image: _turned(image, -5),
    "brighter by 40%": lambda image: _lit(image, 1.4),
    "darker by 40%": lambda image: _lit(image, 0.6),
    "screenshot": _screenshot,
    "mirrored, cropped, brighter, as a screenshot, recompressed": lambda image: _jpeg(
        _lit(_screenshot(_cropped(ImageOps.mirror(image), 0.8, 0.3, 0.6)), 1.2), 50
    ),
    "mirrored, cropped, resized, turned 3 degrees, recompressed": lambda image: _jpeg(
        _turned(_resized(_cropped(ImageOps.mirror(image), 0.75, 0.3, 0.6), 0.5), 3), 40
    ),
}


# --- measuring ---------------------------------------------------------------------------------------------


async def evaluate(folder: Path, pictures: Sequence[Photo], more: int = 0) -> dict[str, Any]:
    """All figures; the index lies in a database below `folder`."""
    store = Store(f"sqlite+aiosqlite:///{folder / 'evidence.db'}")
    await migrate(store)
    try:
        prints = {one.name: take(one.image) for one in pictures}
        await _fill(store, prints.items())
        await _fill(store, _invented(list(prints.values()), more))
        caught, times = await _caught(store, pictures)
        return {
            "photos": len(pictures),
            "index": len(pictures) + more,
            "changes": caught,
            "caught": statistics.mean(one["caught"] for one in caught.values()),
            "lookup_ms": {
                "median": round(statistics.median(times) * 1000),
                "p95": round(statistics.quantiles(times, n=20)[-1] * 1000),
            },
            "fingerprint_bytes": round(statistics.mean(len(one.to_bytes()) for one in prints.values())),
            **_false(pictures, prints),
        }
    finally:
        await store.close()


async def _fill(store: Store, prints: Iterable[tuple[str, Fingerprint]]) -> None:
    waiting = iter(prints)
    while some := list(itertools.islice(waiting, 1000)):
        async with store.writing() as unit:
            for name, one in some:
                await unit.evidence.add_fingerprint(name, one.to_bytes(), _NOW)
                await unit.evidence.index(name, one.words())


def _invented(real: Sequence[Fingerprint], count: int) -> Iterator[tuple[str, Fingerprint]]:
    """Fingerprints of no picture: points of others, mixed, with an eighth of the bits changed."""
    rng = np.random.default_rng(3)
    pool = np.concatenate([one.bits for one in real])
    for number in range(count):
        bits = pool[rng.integers(0, len(pool), 60)] ^ (rng.random((60, pool.shape[1])) < 0.125)
        places = rng.uniform(0, 360, (60, 2)).astype(np.float32)
        yield f"invented-{number}", Fingerprint(480, 360, places, bits, real[0].colours)


async def _caught(store: Store, pictures: Sequence[Photo]) -> tuple[dict[str, dict[str, float]], list[float]]:
    found, times = {}, []
    for name, change in CHANGES.items():
        likenesses = []
        for one in pictures:
            changed = take(change(one.image))
            started = time.perf_counter()
            likenesses.append((await _looked_up(store, one.name, changed)).likeness)
            times.append(time.perf_counter() - started)
        share = {like: likenesses.count(like) / len(likenesses) for like in Likeness}
        found[name] = {"caught": share[Likeness.SAME], "alike": share[Likeness.ALIKE]}
    return found, times


async def _looked_up(store: Store, name: str, changed: Fingerprint) -> Comparison:
    """What comes of the original in the same look-up that a claim makes."""
    async with store.reading() as unit:
        similar = await unit.evidence.similar(query_words(changed), _COMPARED, _FEWEST)
    compared = {one.picture: compare(changed, Fingerprint.from_bytes(one.fingerprint)) for one in similar}
    return compared.get(name, Comparison(Likeness.DIFFERENT))


def _false(pictures: Sequence[Photo], prints: dict[str, Fingerprint]) -> dict[str, Any]:
    pairs: dict[str, list[Likeness]] = {"different": [], "same_kind": []}
    for one, other in itertools.combinations(pictures, 2):
        likeness = compare(prints[one.name], prints[other.name]).likeness
        pairs["same_kind" if one.kind == other.kind else "different"].append(likeness)
    return {
        f"{name}_pairs": {
            "pairs": len(found),
            "judged_same": found.count(Likeness.SAME) / len(found),
            "judged_alike": found.count(Likeness.ALIKE) / len(found),
        }
        for name, found in pairs.items()
        if found
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.evidence", description=__doc__)
    parser.add_argument("--claims", type=int, default=0, help="how many more pictures the index holds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(evaluate(Path(folder), photos(), options.claims))
    _RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
