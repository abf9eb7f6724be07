"""Makes a drawing look like a hurried photo: a table, a tilt, uneven light, noise and dark corners."""

from collections.abc import Sequence
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from demo.draw.canvas import Rgb, rgb, tone
from demo.draw.text import font

TABLES: Final = ("wood", "cloth", "tiles")
PLANKS: Final = ("#b98d60", "#b18557", "#c0956a", "#aa7f52")


def table(kind: str, size: tuple[int, int], rng: Random) -> Image.Image:
    """What the goods lie on."""
    surface = Image.new("RGB", size, rgb({"wood": PLANKS[0], "cloth": "#9aa4a6", "tiles": "#d2cec6"}[kind]))
    pen = ImageDraw.Draw(surface)
    if kind == "wood":
        for number, top in enumerate(range(0, size[1], 150)):
            pen.rectangle([0, top, size[0], top + 147], rgb(PLANKS[number % 4]))
            for _ in range(22):
                y, x = top + rng.randrange(147), rng.randrange(size[0])
                pen.line(
                    [x, y, x + rng.randrange(80, 420), y + rng.randrange(-3, 4)],
                    rgb(tone(PLANKS[number % 4], -0.12)),
                    2,
                )
    elif kind == "cloth":
        for at in range(0, max(size), 7):
            pen.line([0, at, size[0], at], rgb("#929c9f"), 2)
            pen.line([at, 0, at, size[1]], rgb("#a3adaf"), 2)
    else:
        for at in range(60, max(size), 260):
            pen.line([0, at, size[0], at], rgb("#a8a39a"), 6)
            pen.line([at, 0, at, size[1]], rgb("#a8a39a"), 6)
    return surface.filter(ImageFilter.GaussianBlur(1.2))


def lay(scene: Image.Image, thing: Image.Image, centre: tuple[int, int], tilt: float) -> None:
    """Puts a thing on the table, turned, with a soft shadow."""
    turned = thing.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    corner = centre[0] - turned.width // 2, centre[1] - turned.height // 2
    shadow = turned.getchannel("A").point(lambda alpha: alpha * 2 // 5).filter(ImageFilter.GaussianBlur(14))
    scene.paste((28, 24, 20), (corner[0] + 16, corner[1] + 22), shadow)
    scene.paste(turned, corner, turned)


def paper(lines: Sequence[str], width: int = 420) -> Image.Image:
    """A label with a bar code under its lines, the first in bold."""
    height = 96 + 40 * len(lines)
    label = Image.new("RGBA", (width, height), "#fbfaf5")
    pen = ImageDraw.Draw(label)
    pen.rectangle([6, 6, width - 7, height - 7], outline="#3a3a3a", width=2)
    for number, line in enumerate(lines):
        pen.text(
            (22, 38 + 40 * number), line, "#1e1e1e", font(27, "Regular" if number else "Bold"), anchor="lm"
        )
    x = 22
    for code in "".join(lines).encode():
        if x > width - 40:
            break
        pen.rectangle([x, height - 66, x + code % 4, height - 20], "#1e1e1e")
        x += code % 4 + 3 + code % 3
    return label


def photograph(scene: Image.Image, rng: Random, *, exposure: float, cast: Rgb) -> Image.Image:
    """The scene as a phone's camera gives it."""
    photo = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.2)))
    photo = ImageChops.multiply(photo, Image.new("RGB", photo.size, cast))
    photo = ImageChops.multiply(photo, _light(photo.size, rng))
    return _grain(ImageEnhance.Brightness(photo).enhance(exposure), rng)


def _light(size: tuple[int, int], rng: Random) -> Image.Image:
    """Bright from one side, and darker towards the corners."""
    turned = Image.linear_gradient("L").rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR)
    side = (
        turned.crop((48, 48, 208, 208))
        .resize(size, Image.Resampling.BICUBIC)
        .point(lambda v: 176 + v * 79 // 255)
    )
    corners = (
        Image.radial_gradient("L")
        .resize(size, Image.Resampling.BICUBIC)
        .point(lambda v: 255 - (v * v) * 95 // 65025)
    )
    return ImageChops.multiply(side, corners).convert("RGB")


def _grain(photo: Image.Image, rng: Random) -> Image.Image:
    """Noise about the middle grey, added; drawn from the seed, which Pillow's own noise is not."""
    noise = Image.frombytes("RGB", photo.size, rng.randbytes(photo.width * photo.height * 3))
    soft = noise.filter(ImageFilter.BoxBlur(0.7)).point(lambda v: 128 + (v - 128) // 4)
    return ImageChops.add(photo, soft, scale=1, offset=-128)
