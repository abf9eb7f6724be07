"""Painters for clothes. Each takes a canvas, a colour and the keywords of the catalogue's `picture`."""

from typing import Any, Final

from demo.draw.canvas import Canvas, Pattern, check, flowers, stripes, tone

SLEEVES: Final = {
    "long": "M 37 17 Q 29 19 27 27 L 19 57 L 26 60 L 36 36",
    "short": "M 37 17 Q 29 19 25 31 L 32 35 L 37 31",
    "puff": "M 38 16 Q 23 13 24 28 Q 26 35 34 32 L 37 27",
}
NECKS: Final = {  # from the middle of the neckline to the shoulder's end
    "round": "M 50 21 Q 44 21 43 15 L 37 17",
    "v": "M 50 30 L 43.5 15 L 37 17",
    "collar": "M 50 21 L 44 15 L 37 17",
    "hood": "M 50 22 L 44 16 L 37 17",
    "square": "M 50 25 L 42.5 25 L 42 13 L 38.5 13",
    "strap": "M 50 27 L 42 20 L 41.6 11 L 40.2 11",
}


def dress(
    c: Canvas, colour: str, neck: str, sleeve: str, length: str, pattern: str = "", accent: str = "pink"
) -> None:
    hem = {"short": 66, "midi": 77, "long": 85}[length]
    cloth = _pattern(pattern, accent)
    if sleeve in SLEEVES:
        c.both(SLEEVES[sleeve], colour, pattern=cloth)
    shape = NECKS["strap" if sleeve == "strap" and neck == "v" else neck]
    c.half(
        f"{shape} L 38 26 Q 37 34 40.5 42 Q 31 58 29 {hem} Q 40 {hem + 2.5} 50 {hem + 2.5}",
        colour,
        pattern=cloth,
    )
    fold = tone(colour, -0.16)
    c.line(f"M 44 46 Q 39 60 38 {hem - 1}", fold, 0.5, mirrored=True)
    c.line(f"M 50 50 L 50 {hem}", fold, 0.4)
    if neck == "collar":
        _collar(c, colour)
        _buttons(c, 50, range(27, hem - 6, 7), tone(colour, -0.3))
        c.half("M 50 41 L 40.3 41 L 40.3 44.5 L 50 44.5", accent, shade=0)
        c.fill("M 51 44 L 57 56 L 54 57 L 49 45", accent, shade=0)
    else:
        c.line("M 40.5 42 Q 50 45 59.5 42", fold, 0.7)


def top(
    c: Canvas,
    colour: str,
    neck: str,
    sleeve: str,
    front: str = "",
    pattern: str = "",
    accent: str = "navy",
    knit: bool = False,
    pocket: bool = False,
    pouch: bool = False,
) -> None:
    cloth = (
        stripes(tone(colour, -0.07), every=22, width=6, upright=True) if knit else _pattern(pattern, accent)
    )
    edge = tone(colour, -0.12)
    if neck == "hood":
        c.half("M 50 8 Q 39 8 39 18 Q 43 26 50 27", edge)
    c.both(SLEEVES[sleeve], colour, pattern=cloth)
    c.half(f"{NECKS[neck]} L 36 32 L 34 70 Q 42 72 50 72", colour, pattern=cloth)
    c.half("M 50 68.5 Q 42 68.5 34.2 66.5 L 34 70 Q 42 72 50 72", edge if knit or neck == "hood" else colour)
    if neck == "round":
        c.line("M 43 15 Q 44 22.5 50 22.5 Q 56 22.5 57 15", edge, 1.4)
    if neck == "collar":
        _collar(c, colour)
    if front == "buttons":
        start = 33 if neck == "v" else 27
        c.line(f"M 50 {start - 3} L 50 71", edge, 0.5)
        _buttons(c, 50 if neck == "collar" else 51.2, range(start, 70, 7), tone(colour, -0.4))
    if pocket:
        c.fill("M 54 34 L 62 34 L 62 42 L 58 45 L 54 42", tone(colour, 0.15), shade=0)
    if pouch:
        c.half("M 50 52 L 42 52 L 38 65 L 50 65", tone(colour, -0.06), shade=0.05)
        c.line("M 46.5 24 L 46 35", tone(colour, 0.6), 0.7, mirrored=True)


def jacket(
    c: Canvas,
    colour: str,
    front: str,
    length: str = "short",
    hood: bool = False,
    quilted: bool = False,
    pockets: int = 2,
    accent: str = "silver",
) -> None:
    hem = 83 if length == "long" else 66 if front == "denim" else 70
    sleeve = SLEEVES["long"]
    cloth = stripes(tone(colour, -0.2), every=74, width=6) if quilted else None
    dark, light = tone(colour, -0.18), tone(colour, 0.18)
    if hood:
        c.half("M 50 7 Q 38 7 38 18 Q 43 25 50 26", dark)
    c.both(sleeve, colour, pattern=cloth)
    c.half(
        f"M 50 18 L 44 14 L 36 17 L 35 34 L 33 {hem} Q 42 {hem + 1.5} 50 {hem + 1.5}", colour, pattern=cloth
    )
    if front == "lapel":
        c.half("M 50 40 L 44 14 L 50 18", "white", shade=0.04)
        c.both(
            f"M 44 14 L 40.5 17 L 38.5 26 L 42.5 26.5 L 41.5 29 L 49.6 {44 if hem < 80 else 48}",
            light,
            shade=0,
        )
        _buttons(c, 50.8, [47, 55] if hem < 80 else [51, 60, 69], dark)
        c.both("M 37 56 L 45 56 L 45 59 L 37 59", dark, shade=0)
    elif front == "denim":
        c.both("M 44 14 L 39.5 18 L 45 25 L 50 18", light, shade=0)
        c.both("M 37.5 31 L 46 31 L 46 37 L 41.8 39.5 L 37.5 37", light, shade=0)
        c.half("M 50 61.5 L 33.3 61.5 L 33 66 L 50 67", dark)
        _buttons(c, 50, range(28, 65, 8), "gold")
        c.line("M 45 40 L 43 61", "straw", 0.4, mirrored=True)
    else:
        c.line(f"M 50 19 L 50 {hem}", accent, 1.1)
        if not hood:
            _collar(c, colour)
        if pockets == 4:
            c.both("M 37.5 29 L 46 29 L 46 39 L 37.5 39", light, shade=0)
            c.both("M 37.5 29 L 46 29 L 46 31.5 L 37.5 31.5", dark, shade=0)
        c.line("M 37 53 L 45 57", accent if not quilted else dark, 1.0, mirrored=True)


def skirt(c: Canvas, colour: str) -> None:
    c.half("M 50 24 L 39 24 Q 33 45 24 72 Q 37 77 50 77", colour)
    c.half("M 50 20 L 39.5 20 L 39 25.5 L 50 26", tone(colour, -0.12), shade=0.05)
    for x, end in ((44, 37), (47.5, 44)):
        c.line(f"M {x} 28 Q {x - 3} 50 {end} 75", tone(colour, -0.14), 0.5, mirrored=True)


def trousers(c: Canvas, colour: str, cut: str, stitched: bool = False) -> None:
    hem, inner, outer = {"wide": (84, 46, 27), "straight": (84, 47, 35), "shorts": (52, 48.5, 29)}[cut]
    crotch = 40 if cut != "shorts" else 38
    c.half(
        f"M 50 16 L 38 16 Q 34 28 33.5 36 L {outer} {hem} L {inner} {hem} L 49.5 {crotch} L 50 {crotch}",
        colour,
    )
    c.half("M 50 14 L 38.2 14 L 37.8 18.5 L 50 18.5", tone(colour, -0.15), shade=0.05)
    seam = "straw" if stitched else tone(colour, -0.2)
    c.line("M 50 18.5 L 50 33", seam, 0.5)
    c.line("M 37 28 Q 43 27 44 18.5", seam, 0.5, mirrored=True)
    if cut == "shorts":
        c.line("M 47.5 18 L 46 28", "white", 0.7, mirrored=True)
        c.line("M 31.5 37 L 30 51", tone(colour, 0.6), 1.0, mirrored=True)
    else:
        c.dot(50, 16.3, 1.0, "gold" if stitched else tone(colour, -0.35))
        middle = (outer + inner) / 2
        c.line(f"M 41 32 L {middle} {hem - 1}", tone(colour, 0.2 if stitched else -0.14), 0.5, mirrored=True)


def scarf(c: Canvas, colour: str, accent: str) -> None:
    cloth = check(accent)
    fringe = tone(colour, -0.1)
    for left in range(56, 70, 3):
        c.line(f"M {left} 76 L {left + 1} 83", fringe, 0.9)
    for left in range(33, 47, 3):
        c.line(f"M {left} 68 L {left - 1} 75", fringe, 0.9)
    c.fill("M 52 34 L 66 30 Q 70 54 71 76 L 55 77 Q 54 56 50 40", colour, pattern=cloth)
    c.fill("M 40 36 L 54 40 Q 50 56 48 68 L 31 68 Q 34 50 38 40", colour, pattern=cloth)
    c.fill("M 50 13 Q 27 13 27 28 Q 29 43 52 45 Q 73 43 73 27 Q 71 13 50 13", colour, pattern=cloth)
    c.fill("M 50 21 Q 37 21 36 26 Q 42 34 51 34 Q 60 34 64 26 Q 62 21 50 21", tone(colour, -0.35), shade=0)


def briefs(c: Canvas, colour: str) -> None:
    for y, amount in ((12, -0.25), (37, 0.0), (62, 0.25)):
        shade = tone(colour, amount)
        c.half(f"M 50 {y} L 30 {y} L 28 {y + 8} Q 41 {y + 9} 45.5 {y + 20} L 50 {y + 21}", shade)
        c.half(f"M 50 {y} L 30 {y} L 29.5 {y + 3} L 50 {y + 3}", tone(shade, -0.12), shade=0.05)


def socks(c: Canvas, colour: str, accent: str) -> None:
    for dx in (-15, 9):
        x = 44 + dx
        c.fill(
            f"M {x} 16 L {x + 14} 16 L {x + 14} 52 Q {x + 18} 60 {x + 27} 64 Q {x + 32} 72 {x + 24} 76 "
            f"Q {x + 12} 78 {x + 3} 68 Q {x - 1} 62 {x} 52",
            colour,
        )
        c.box(x - 0.5, 14, x + 14.5, 23, accent, r=1)
        c.fill(f"M {x + 27} 64 Q {x + 32} 72 {x + 24} 76 Q {x + 19} 70 {x + 21} 61", accent)
        for y in (28, 32):
            c.line(f"M {x} {y} L {x + 14} {y}", tone(colour, 0.35), 1.0)


def thermals(c: Canvas, colour: str) -> None:
    c.half("M 50 48 L 42 48 L 36 86 L 45 86 L 49.6 60 L 50 60", tone(colour, -0.1))
    c.both("M 39 11 Q 33 12 31 18 L 24 43 L 29 45 L 37 28", colour)
    c.half("M 50 14 Q 45 14 44 10 L 38 11 L 37.5 24 L 37 50 Q 44 51 50 51", colour)
    c.line("M 44 10 Q 45 15.5 50 15.5 Q 55 15.5 56 10", tone(colour, -0.25), 1.2)
    c.line("M 37 48 Q 50 50 63 48", tone(colour, -0.25), 0.6)


def _pattern(name: str, accent: str) -> Pattern | None:
    if not name:
        return None
    return {
        "stripes": stripes(accent),
        "floral": flowers(accent),
        "ribs": stripes(accent, every=26, width=5, upright=True),
    }[name]


def _collar(c: Canvas, colour: str) -> None:
    c.half("M 50 21 L 44 15 L 50 16", tone(colour, -0.3), shade=0)
    c.both("M 44 14 L 41 17 L 45.5 25 L 50 20.5", tone(colour, 0.12), shade=0)


def _buttons(c: Canvas, x: float, rows: Any, colour: str) -> None:
    for y in rows:
        c.dot(x, y, 0.75, colour)


PAINTERS: Final = {
    painter.__name__: painter
    for painter in (dress, top, jacket, skirt, trousers, scarf, briefs, socks, thermals)
}
