"""Painters for the outdoors."""

from typing import Final

from demo.draw.canvas import Canvas, check, stripes, tone


def tent(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 12 74 L 6 80", "brown", 0.8, mirrored=True)
    c.fill("M 52 22 Q 74 30 92 76 L 60 76", tone(colour, -0.2))
    c.fill("M 52 22 Q 26 32 10 76 L 66 76 Q 62 44 52 22", colour)
    c.fill("M 50 30 Q 38 46 32 76 L 56 76 Q 56 50 50 30", tone(colour, -0.5))
    c.fill("M 50 30 Q 38 46 32 76 L 40 76 Q 42 52 50 30", accent, shade=0.05)
    c.line("M 52 22 Q 26 32 10 76", accent, 1.2)
    c.line("M 52 22 Q 74 30 92 76", accent, 1.2)


def sleeping_bag(c: Canvas, colour: str, accent: str) -> None:
    c.fill(
        "M 16 42 Q 14 32 26 32 L 80 32 Q 90 34 90 52 Q 90 70 80 72 L 26 72 Q 14 70 16 60",
        colour,
        pattern=stripes(tone(colour, -0.2), every=92, width=6, upright=True),
    )
    c.oval(80, 52, 10, 20, tone(colour, -0.15))
    for radius in (15, 10, 5):
        c.oval(80, 52, radius / 2, radius, accent if radius == 10 else tone(colour, 0.2))
    for x in (32, 58):
        c.fill(
            f"M {x} 31.5 L {x + 4} 31.5 Q {x + 8} 52 {x + 4} 72.5 L {x} 72.5 Q {x + 4} 52 {x} 31.5", accent
        )


def camp_chair(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 30 54 L 66 82", "charcoal", 2.0, mirrored=True)
    c.line("M 26 16 L 36 58", "charcoal", 2.0, mirrored=True)
    c.half("M 50 18 Q 38 18 26 14 Q 24 40 32 54 Q 40 60 50 60", colour)
    c.half("M 50 50 Q 38 50 28 46 L 24 58 Q 36 66 50 66", tone(colour, -0.12))
    c.both("M 25 13 L 33 15.5 L 32 22 L 24.5 20", accent, shade=0)


def headlamp(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 20 50 Q 22 24 50 22 Q 78 24 80 50", accent, 5.0)
    c.line("M 20 50 Q 28 62 50 62 Q 72 62 80 50", tone(accent, -0.25), 5.0)
    c.box(34, 44, 66, 72, colour, r=6)
    c.oval(50, 58, 10, 10, "silver", shade=0.1)
    c.oval(50, 58, 7, 7, "#fff6cf")
    c.glow("M 44 62 L 56 62 L 70 86 L 30 86", "yellow", 90)


def poles(c: Canvas, colour: str, accent: str) -> None:
    for x0, x1 in ((36, 22), (64, 78)):
        c.line(f"M {x0} 20 L {x1} 82", colour, 1.8)
        for t in (0.4, 0.66):
            x, y = x0 + (x1 - x0) * t, 20 + 62 * t
            c.box(x - 2, y - 2.4, x + 2, y + 2.4, accent, r=0.8)
        c.oval(x0 + (x1 - x0) * 0.92, 77, 5, 1.8, "charcoal")
        way = (x1 - x0) / 62
        c.fill(
            f"M {x0 - 2.4} 9 Q {x0} 6 {x0 + 2.6} 9 L {x0 + 2.2 + 17 * way} 27 L {x0 - 2.2 + 17 * way} 27",
            "wood",
        )
        c.line(f"M {x0} 12 Q {x0 + 10} 20 {x0 + 2} 28", accent, 1.2)


def stove(c: Canvas, colour: str, accent: str) -> None:
    for x in (30, 37, 44, 51, 58):
        c.fill(f"M {x} 44 Q {x - 3} 37 {x + 1} 29 Q {x + 5} 37 {x + 3} 44", "teal", shade=0)
        c.fill(f"M {x + 0.4} 44 Q {x - 1} 40 {x + 1} 36 Q {x + 3} 40 {x + 2} 44", "#d9f1fb", shade=0)
    c.box(22, 44, 68, 49, "charcoal", r=1.5)
    c.line("M 26 44 L 26 30 L 34 34", "charcoal", 1.6)
    c.line("M 64 44 L 64 30 L 56 34", "charcoal", 1.6)
    c.box(12, 49, 88, 76, colour, r=4)
    c.oval(77, 62, 7, 7, tone(colour, 0.3), shade=0.1)
    c.line("M 77 62 L 77 56", accent, 1.8)
    c.box(20, 56, 56, 70, tone(colour, -0.2), r=2)
    c.line("M 18 76 L 18 80", "charcoal", 2.4, mirrored=True)


def bottle(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 62 14 Q 74 14 72 28", accent, 2.2)
    c.half("M 50 26 L 40 26 Q 34 30 34 38 L 34 78 Q 35 82 40 82 L 50 82", tone(colour, 0.35))
    c.half("M 50 46 L 34 46 L 34 78 Q 35 82 40 82 L 50 82", colour)
    c.box(39, 14, 61, 27, accent, r=3)
    for y in range(40, 76, 6):
        c.line(f"M 58 {y} L 63 {y}", "white", 0.8)
    c.glow("M 37 40 L 40 38 L 40 76 L 37 76", "white", 110)


def picnic_mat(c: Canvas, colour: str, accent: str) -> None:
    c.fill("M 26 30 L 92 36 L 78 78 L 6 68", colour, pattern=check(accent), shade=0)
    c.fill("M 6 68 L 78 78 L 78 80 L 6 70", "silver", shade=0)
    c.oval(60, 52, 11, 6, "white", shade=0.06)
    c.oval(56, 50, 4, 3.6, "orange", shade=0.1)
    c.oval(63, 50, 4, 3.6, "red", shade=0.1)
    c.fill("M 24 48 Q 22 62 28 63 L 42 65 Q 47 64 48 51", "wood", pattern=stripes("brown", every=22, width=5))
    c.line("M 25 49 Q 35 28 47 51", "brown", 1.6)


def lantern(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 34 32 Q 32 8 50 8 Q 68 8 66 32", "charcoal", 1.4)
    c.half("M 50 16 L 45 16 Q 36 22 35 31 L 50 31", colour)
    c.half("M 50 31 L 38 31 Q 33 46 38 62 L 50 62", "#fff3c4", shade=0.03)
    c.glow("M 50 36 Q 43 48 50 60 Q 57 48 50 36", accent, 255)
    c.line("M 38 31 Q 33 46 38 62", "charcoal", 1.0, mirrored=True)
    c.half("M 50 62 L 35 62 Q 31 72 31 81 L 50 81", colour)
    c.oval(50, 72, 3.4, 3.4, "gold", shade=0.1)


def umbrella(c: Canvas, colour: str) -> None:
    c.line("M 50 16 L 50 74 Q 50 83 57 83 Q 63 83 63 76", "brown", 2.0)
    c.line("M 50 10 L 50 18", "charcoal", 1.4)
    c.half("M 50 15 Q 14 18 8 52 Q 16 44 25 52 Q 31 44 38 52 Q 44 45 50 52", colour)
    c.line("M 50 15 Q 30 26 25 52", tone(colour, -0.22), 0.6, mirrored=True)
    c.line("M 50 15 Q 41 28 38 52", tone(colour, -0.22), 0.6, mirrored=True)


PAINTERS: Final = {
    "sleepingbag": sleeping_bag,
    "campchair": camp_chair,
    "mat": picnic_mat,
    **{p.__name__: p for p in (tent, headlamp, poles, stove, bottle, lantern, umbrella)},
}
