"""The picture of a product: its drawing on a soft background, with its title below.

Contract: `draw(product)` is the goods alone on a transparent canvas, for use in other pictures;
`picture(product)` is the shop's picture, `SIZE` pixels a side.
"""

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from demo.catalogue import Product
from demo.draw import clothes, devices, kitchen, outdoors, shoes
from demo.draw.canvas import Canvas, rgb, tone
from demo.draw.text import fitted

SIZE: Final = 640
PAINTERS: Final[dict[str, Callable[..., None]]] = {
    **clothes.PAINTERS,
    **shoes.PAINTERS,
    **kitchen.PAINTERS,
    **devices.PAINTERS,
    **outdoors.PAINTERS,
}
BACKGROUNDS: Final = {
    "女装": "#dfb9b4", "男装": "#a9b8c9", "鞋包": "#cdbfa6", "厨房": "#b9c8b0", "数码家电": "#b8b6d0", 
    "户外": "#a8c6c2", "贴身衣物": "#d3b6c8",
}  # fmt: skip
INK: Final = "#4b4640"


def draw(product: Product, **changes: str) -> Canvas:
    """The goods on a canvas, so that more can be drawn on them; `changes` replace the picture's arguments."""
    canvas = Canvas(SIZE)
    arguments = {**product.picture, **changes}
    PAINTERS[arguments.pop("kind")](canvas, **arguments)
    return canvas


def picture(product: Product) -> Image.Image:
    scene = _backdrop(BACKGROUNDS[product.category])
    goods = draw(product).finish()
    shadow = goods.getchannel("A").point(lambda alpha: alpha // 4).filter(ImageFilter.BoxBlur(9))
    scene.paste(rgb(INK), (8, 14), shadow)
    scene.paste(goods, (0, 0), goods)
    face = fitted(product.title, SIZE - 80, 26)
    ImageDraw.Draw(scene).text((SIZE // 2, SIZE - 34), product.title, rgb(INK), font=face, anchor="mm")
    return scene


def _backdrop(colour: str) -> Image.Image:
    """A wall that is lightest in the middle."""
    ramp = Image.radial_gradient("L").resize((SIZE, SIZE))
    wall = Image.new("RGB", (SIZE, SIZE), rgb(tone(colour, 0.66)))
    wall.paste(rgb(tone(colour, 0.12)), mask=ramp.point(lambda distance: distance * 5 // 8))
    return wall
