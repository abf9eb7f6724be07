"""A transparent square to draw goods on, in units of 0 to 100 whatever the size in pixels.

Contract: painters fill outlines (see paths.py) with colours of PALETTE or `#rrggbb`. A filled shape gets a
darker right half and a thin edge, which is what makes the drawings look alike. `finish` gives the picture at
its final size; the drawing happens at twice that, for smooth edges.
"""

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops, ImageColor, ImageDraw

from demo.draw import paths
from demo.draw.paths import Point

Rgb = tuple[int, int, int]
OVERSAMPLING: Final = 2
PALETTE: Final = {
    "white": "#fbfaf6", "cream": "#f3e9d8", "beige": "#dcc9a8", "black": "#2e2f36", "grey": "#b3b6bc",
    "charcoal": "#565b66", "silver": "#cfd4da", "navy": "#2f4470", "lightblue": "#a9c9e8", "denim": "#5b7fab",
    "teal": "#5d98ad", "red": "#cf4a45", "burgundy": "#86303f", "pink": "#e59aa8", "nude": "#e6bfae",
    "champagne": "#e2cfae", "camel": "#c59a66", "khaki": "#bfa67a", "brown": "#8a5a3b", "coffee": "#5a3a28",
    "darkgreen": "#38604d", "olive": "#7b8153", "sage": "#a6bfa0", "orange": "#e5863a", "yellow": "#efc04a",
    "gold": "#c9a35a", "wood": "#c08a55", "straw": "#e3c485", "clear": "#e3f0f2", "glass": "#cfe5ea",
}  # fmt: skip
Pattern = Callable[[ImageDraw.ImageDraw, tuple[int, int], Rgb], None]


def rgb(colour: str) -> Rgb:
    red, green, blue = ImageColor.getrgb(PALETTE.get(colour, colour))[:3]
    return red, green, blue


def tone(colour: str, amount: float) -> str:
    """The colour moved towards white (amount above 0) or black (below), by that fraction."""
    target = 255 if amount > 0 else 0
    red, green, blue = (round(part + (target - part) * abs(amount)) for part in rgb(colour))
    return f"#{red:02x}{green:02x}{blue:02x}"


class Canvas:
    """One drawing."""

    def __init__(self, size: int = 640) -> None:
        self.size = size
        self.pixels = size * OVERSAMPLING
        self.image = Image.new("RGBA", (self.pixels, self.pixels))
        self.pen = ImageDraw.Draw(self.image)

    def finish(self) -> Image.Image:
        return self.image.reduce(OVERSAMPLING)

    def fill(self, path: str, colour: str, *, pattern: Pattern | None = None, shade: float = 0.10) -> None:
        """Fills a closed outline."""
        self._shape(paths.points(path), colour, pattern, shade)

    def half(self, path: str, colour: str, *, pattern: Pattern | None = None, shade: float = 0.10) -> None:
        """Fills a symmetric shape, given its left half from top to bottom."""
        self._shape(paths.symmetric(paths.points(path)), colour, pattern, shade)

    def both(self, path: str, colour: str, *, pattern: Pattern | None = None, shade: float = 0.10) -> None:
        """Fills an outline and its mirror image."""
        outline = paths.points(path)
        for each in (outline, paths.mirror(outline)):
            self._shape(each, colour, pattern, shade)

    def line(self, path: str, colour: str, width: float = 0.6, *, mirrored: bool = False) -> None:
        """Strokes an open path, and its mirror image when asked."""
        outline = paths.points(path)
        for each in (outline, paths.mirror(outline))[: 1 + mirrored]:
            self._stroke(each, colour, width)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: str, *, shade: float = 0.0) -> None:
        """An ellipse about (x, y)."""
        k = 0.5523  # a quarter circle as a cubic curve
        self.fill(
            f"M {x - rx} {y} C {x - rx} {y - ry * k} {x - rx * k} {y - ry} {x} {y - ry} "
            f"{x + rx * k} {y - ry} {x + rx} {y - ry * k} {x + rx} {y} "
            f"{x + rx} {y + ry * k} {x + rx * k} {y + ry} {x} {y + ry} "
            f"{x - rx * k} {y + ry} {x - rx} {y + ry * k} {x - rx} {y}",
            colour,
            shade=shade,
        )

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """A plain disc without an edge: buttons, lights, rivets."""
        self.pen.ellipse([self._px(v) for v in (x - radius, y - radius, x + radius, y + radius)], rgb(colour))

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: str,
        *,
        r: float = 0,
        shade: float = 0.08,
    ) -> None:
        """A rectangle with rounded corners."""
        self.fill(
            f"M {left + r} {top} L {right - r} {top} Q {right} {top} {right} {top + r} "
            f"L {right} {bottom - r} Q {right} {bottom} {right - r} {bottom} L {left + r} {bottom} "
            f"Q {left} {bottom} {left} {bottom - r} L {left} {top + r} Q {left} {top} {left + r} {top}",
            colour,
            shade=shade,
        )

    def glow(self, path: str, colour: str, alpha: int) -> None:
        """A flat translucent shape without an edge: light, glass, gloss."""
        outline = [(self._px(x), self._px(y)) for x, y in paths.points(path)]
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(outline, fill=alpha)
        self.image.alpha_composite(_tinted(mask, rgb(colour)))

    def cut(self, path: str) -> None:
        """Takes a piece out: the outline becomes transparent."""
        self.pen.polygon([(self._px(x), self._px(y)) for x, y in paths.points(path)], fill=(0, 0, 0, 0))

    def clip(self, paint: Callable[["Canvas"], None]) -> None:
        """Lets a painter draw only on what is there already."""
        before = self.image.getchannel("A")
        paint(self)
        self.image.putalpha(ImageChops.darker(before, self.image.getchannel("A")))

    def _px(self, units: float) -> float:
        return units * self.pixels / 100

    def _shape(self, outline: list[Point], colour: str, pattern: Pattern | None, shade: float) -> None:
        xs, ys = [self._px(x) for x, _ in outline], [self._px(y) for _, y in outline]
        left, top = int(min(xs)), int(min(ys))
        size = int(max(xs)) - left + 2, int(max(ys)) - top + 2
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in zip(xs, ys, strict=True)], fill=255)
        cloth = Image.new("RGB", size, rgb(colour))
        if pattern:
            pattern(ImageDraw.Draw(cloth), size, rgb(colour))
        if shade:
            dark = Image.new("RGB", size)
            half = Image.new("L", size)
            half.paste(round(255 * shade), (size[0] // 2, 0, *size))
            cloth.paste(dark, mask=half)
        self.image.paste(cloth, (left, top), mask)
        self._stroke([*outline, outline[0]], tone(colour, -0.22), 0.35)

    def _stroke(self, outline: list[Point], colour: str, width: float) -> None:
        pixels = [(self._px(x), self._px(y)) for x, y in outline]
        self.pen.line(pixels, rgb(colour), max(1, round(self._px(width))), joint="curve")


def _tinted(mask: Image.Image, colour: Rgb) -> Image.Image:
    layer = Image.new("RGBA", mask.size, (*colour, 0))
    layer.putalpha(mask)
    return layer


def stripes(accent: str, *, every: int = 56, width: int = 18, upright: bool = False) -> Pattern:
    """Even stripes across the cloth, or along it."""

    def paint(pen: ImageDraw.ImageDraw, size: tuple[int, int], _base: Rgb) -> None:
        for start in range(every // 2, size[0 if upright else 1], every):
            end = start + width
            pen.rectangle((start, 0, end, size[1]) if upright else (0, start, size[0], end), rgb(accent))

    return paint


def check(accent: str) -> Pattern:
    """Crossing stripes, each with a thin companion."""

    def paint(pen: ImageDraw.ImageDraw, size: tuple[int, int], base: Rgb) -> None:
        middle = tuple((a + 2 * b) // 3 for a, b in zip(rgb(accent), base, strict=True))
        for start in range(20, max(size), 84):
            pen.rectangle((0, start, size[0], start + 26), middle)
            pen.rectangle((start, 0, start + 26, size[1]), middle)
            pen.line((0, start + 46, size[0], start + 46), rgb(accent), 5)
            pen.line((start + 46, 0, start + 46, size[1]), rgb(accent), 5)

    return paint


def flowers(accent: str) -> Pattern:
    """Small five-petalled flowers in a staggered grid, with leaves."""

    def paint(pen: ImageDraw.ImageDraw, size: tuple[int, int], _base: Rgb) -> None:
        for row, y in enumerate(range(20, size[1], 52)):
            for x in range(16 + 34 * (row % 2), size[0], 68):
                for dx, dy in ((0, -10), (10, -3), (6, 9), (-6, 9), (-10, -3)):
                    pen.ellipse((x + dx - 7, y + dy - 7, x + dx + 7, y + dy + 7), rgb(accent))
                pen.ellipse((x - 5, y - 5, x + 5, y + 5), rgb("yellow"))
                pen.ellipse((x + 18, y + 12, x + 32, y + 19), rgb("sage"))

    return paint
