"""A phone's screen to write on, in units of a screen 375 wide, whatever the phone's pixels.

Contract: text and shapes are placed by hand; `y` is the cursor that sections move down. The page is drawn
taller than any phone and cut by `finish` to what is on it, as a long screenshot would be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from PIL import Image, ImageDraw

from demo.draw.text import Weight, font, shortened
from demo.screens.theme import Theme

WIDTH: Final = 375
MARGIN: Final = 12
Side = Literal["left", "right", "middle"]
ANCHORS: Final[dict[Side, str]] = {"left": "lm", "right": "rm", "middle": "mm"}


class Page:
    """One screenshot in the making."""

    def __init__(self, pixels: int, height: int, theme: Theme) -> None:
        self.theme = theme
        self.scale = pixels / WIDTH
        self.least = height
        self.image = Image.new("RGB", (pixels, self.px(1500)), theme.page)
        self.pen = ImageDraw.Draw(self.image)
        self.y = 0.0

    def px(self, units: float) -> int:
        return round(units * self.scale)

    def finish(self) -> Image.Image:
        """The page, at least as tall as the phone."""
        return self.image.crop((0, 0, self.image.width, max(self.least, self.px(self.y))))

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        *,
        colour: str = "",
        side: Side = "left",
        weight: Weight = "Regular",
        room: float = 0,
    ) -> float:
        """Writes one line centred on y, shortened to `room` units when given; answers its width in units."""
        face = font(self.px(size), weight)
        line = shortened(text, self.px(room), face) if room else text
        self.pen.text(
            (self.px(x), self.px(y)), line, colour or self.theme.ink, font=face, anchor=ANCHORS[side]
        )
        return float(face.getlength(line)) / self.scale

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: str = "",
        *,
        r: float = 0,
        edge: str = "",
    ) -> None:
        corners = [self.px(left), self.px(top), self.px(right), self.px(bottom)]
        self.pen.rounded_rectangle(corners, self.px(r), fill or None, edge or None, max(1, self.px(0.8)))

    def rule(self, y: float, left: float = 24, right: float = WIDTH - 24) -> None:
        at = self.px(y)
        self.pen.line([self.px(left), at, self.px(right), at], self.theme.rule, max(1, self.px(0.7)))

    def paste(self, picture: Image.Image, x: float, y: float, size: float) -> None:
        """A square picture with rounded corners."""
        side = self.px(size)
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).rounded_rectangle([0, 0, side - 1, side - 1], self.px(6), 255)
        self.image.paste(picture.resize((side, side)), (self.px(x), self.px(y)), mask)

    @contextmanager
    def card(self, height: float) -> Iterator[None]:
        """A card of that height at the cursor; inside, the cursor stands at its top edge."""
        self.box(MARGIN, self.y, WIDTH - MARGIN, self.y + height, self.theme.card, r=self.theme.corners)
        top = self.y
        yield
        self.y = top + height + 10

    def row(self, label: str, value: str, *, strong: bool = False, colour: str = "", after: str = "") -> None:
        """A label on the left and a value on the right, as receipts have; `after` follows in the accent."""
        middle = self.y + 14
        right = WIDTH - 26.0
        if after:
            right -= self.write(right, middle, after, 11.5, colour=self.theme.accent, side="right") + 8
        self.write(26, middle, label, 13, colour=self.theme.ink if strong else self.theme.muted)
        self.write(
            right, middle, value, 16 if strong else 13, colour=colour, side="right",
            weight="Bold" if strong else "Regular",
        )  # fmt: skip
        self.y += 28
