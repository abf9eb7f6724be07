"""The demo's one typeface, a subset of Noto Sans SC that travels with the repository (see demo/assets)."""

from functools import cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

ASSETS = Path(__file__).parents[1] / "assets"
Weight = Literal["Regular", "Bold"]


@cache
def font(size: int, weight: Weight = "Regular") -> ImageFont.FreeTypeFont:
    """The typeface at a size in pixels."""
    return ImageFont.truetype(
        ASSETS / f"NotoSansSC-{weight}-subset.otf", size, layout_engine=ImageFont.Layout.BASIC
    )


def fitted(text: str, width: int, size: int, weight: Weight = "Regular") -> ImageFont.FreeTypeFont:
    """The largest size, at most `size`, at which the text is no wider than `width`."""
    while font(size, weight).getlength(text) > width:
        size -= 1
    return font(size, weight)


def shortened(text: str, width: int, face: ImageFont.FreeTypeFont) -> str:
    """The text, cut with an ellipsis where it would be wider than `width`."""
    if face.getlength(text) <= width:
        return text
    while face.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
