"""Painters for shoes and bags."""

from typing import Final

from demo.draw.canvas import Canvas, stripes, tone


def sneaker(c: Canvas, colour: str, accent: str) -> None:
    c.fill("M 12 62 L 88 62 Q 92 66 88 71 L 16 71 Q 11 69 12 62", tone(colour, -0.05))
    c.fill("M 15 62 L 16 42 Q 22 38 28 40 Q 32 46 40 42 L 50 33 Q 62 47 76 51 Q 87 54 87 62", colour)
    c.fill("M 15 62 L 16 42 Q 20 39 24 40 L 27 62", accent)
    c.fill("M 40 42 L 50 33 L 55 38 Q 50 42 46 49", tone(colour, -0.12), shade=0)
    _laces(c, ((45, 41, 53, 48), (49, 38, 57, 44.5), (41, 44, 49, 51)), accent)
    c.line("M 70 50 Q 67 56 70 62", tone(colour, -0.2), 0.6)


def runner(c: Canvas, colour: str, accent: str) -> None:
    c.fill("M 9 60 Q 8 72 20 72 L 80 72 Q 94 72 92 62 Q 70 68 50 63 Q 28 58 9 60", "white")
    c.line("M 12 70.5 L 88 70.5", accent, 1.6)
    c.fill(
        "M 10 61 L 12 40 Q 20 34 26 40 Q 32 46 40 40 L 48 32 Q 62 48 78 51 Q 92 54 92 63 "
        "Q 70 67 50 63 Q 28 58 10 61",
        colour,
    )
    c.fill("M 10 61 L 12 40 Q 18 36 22 38 Q 20 50 30 60", tone(colour, -0.25))
    c.fill("M 34 60 Q 46 52 54 42 L 58 45 Q 52 56 46 62", accent, shade=0)
    _laces(c, ((43, 40, 51, 47), (47, 37, 55, 43), (39, 43, 47, 51)), "white")


def heel(c: Canvas, colour: str) -> None:
    c.fill("M 17 47 L 23 47 L 21.5 72 L 18.5 72", tone(colour, -0.2))
    c.fill(
        "M 14 34 Q 20 32 26 36 Q 34 52 52 57 Q 64 55 72 60 L 89 70 Q 88 72.5 84 72.5 "
        "L 66 72.5 Q 48 70 36 58 Q 26 52 16 50",
        colour,
    )
    c.fill("M 26 36 Q 34 52 52 57 Q 42 58 34 52 Q 27 46 22 36", tone(colour, -0.28), shade=0)
    c.line("M 16 50 Q 27 53 36 59.5 Q 48 71 66 72.8 L 86 72.8", tone(colour, -0.45), 0.9)


def flat(c: Canvas, colour: str) -> None:
    c.fill("M 12 66 L 88 67 Q 89 70 86 70.5 L 14 70", tone(colour, -0.4))
    c.fill("M 12 50 Q 15 47 19 49 Q 32 62 54 57 Q 66 53 76 56 Q 90 60 89 67 L 12 67", colour)
    c.fill("M 19 49 Q 32 62 54 57 Q 40 67 24 60 Q 17 56 15 50", tone(colour, -0.3), shade=0)
    c.fill("M 56 56 L 48 51 L 49 61 M 56 56", tone(colour, -0.1), shade=0)
    c.fill("M 58 56 L 66 51 L 65 60", tone(colour, -0.1), shade=0)
    c.dot(57, 56, 1.6, tone(colour, -0.25))


def oxford(c: Canvas, colour: str) -> None:
    dark = tone(colour, -0.35)
    c.fill("M 12 65 L 89 66 L 89 70 L 40 70 L 36 74 L 12 74", tone(colour, -0.55))
    c.fill("M 13 65 L 14 43 Q 22 40 30 43 Q 38 44 46 38 Q 60 50 76 52 Q 90 55 89 66", colour)
    c.fill("M 72 51.5 Q 66 58 69 65.8 L 89 66 Q 90 55 76 52", tone(colour, 0.12))
    c.fill("M 34 44 Q 40 43 46 38 L 56 45 Q 48 54 38 55", tone(colour, -0.14), shade=0)
    _laces(c, ((40, 44, 47, 51), (44, 42, 51, 49)), dark)
    c.line("M 30 43 Q 28 55 32 65", dark, 0.6)
    c.glow("M 76 54 Q 85 56 86 60 Q 80 57 76 57", "white", 110)


def boot(c: Canvas, colour: str) -> None:
    c.fill("M 26 70 L 88 71 L 88 75 L 48 75 L 46 79 L 26 79", tone(colour, -0.5))
    c.fill("M 27 70 L 29 20 Q 41 17 53 20 L 53 45 Q 62 54 78 58 Q 89 61 88 71", colour)
    c.fill("M 38 22 L 46 22 L 47 46 Q 43 50 39 46", tone(colour, 0.25), shade=0.05)
    for y in range(25, 46, 4):
        c.line(f"M 39 {y} L 46.5 {y}", tone(colour, -0.1), 0.5)
    c.fill("M 30 20 L 29.5 12 L 33 12 L 34 19", tone(colour, -0.2), shade=0)
    c.glow("M 70 58 Q 83 61 84 66 Q 76 61 70 61", "white", 70)


def hikingboot(c: Canvas, colour: str, accent: str) -> None:
    c.fill(
        "M 18 67 L 90 68 Q 92 74 88 77 L 84 77 L 82 74.5 L 78 77 L 70 77 "
        "L 68 74.5 L 64 77 L 54 77 L 50 73 L 46 77 L 20 77",
        "charcoal",
    )
    c.fill("M 20 67 L 22 24 Q 34 20 44 24 L 48 42 Q 62 53 78 55 Q 90 58 90 68", colour)
    c.fill("M 66 53 Q 62 62 66 67.6 L 90 68 Q 90 58 78 55", tone(colour, -0.35))
    c.fill("M 20 67 L 21 46 Q 32 48 34 67", tone(colour, -0.3))
    c.fill("M 21 22 Q 34 18 44.5 22 L 45.5 29 Q 33 27 21.5 29", "charcoal")
    _laces(c, ((38, 34, 47, 37), (40, 40, 50, 43), (44, 46, 55, 48), (49, 51, 61, 52)), accent)


def sandal(c: Canvas, colour: str) -> None:
    c.fill("M 10 66 Q 30 60 50 65 Q 72 70 90 67 L 90 72 Q 60 76 10 73", "brown")
    for x in (46, 56, 66, 76):
        c.fill(f"M {x} 67 Q {x - 4} 54 {x + 2} 47 L {x + 9} 50 Q {x + 5} 58 {x + 9} 69", colour)
    c.fill("M 44 54 Q 62 42 82 55 L 81 60 Q 62 49 45 60", tone(colour, -0.12))
    c.fill("M 13 66 Q 10 48 20 42 L 25 44 Q 18 52 20 64", colour)
    c.fill("M 20 42 Q 34 46 45 56 L 43 60 Q 33 51 19 47", tone(colour, -0.08))
    c.dot(36, 50, 1.4, "gold")


def slipper(c: Canvas, colour: str, accent: str) -> None:
    c.fill("M 10 66 Q 12 72 20 72 L 84 72 Q 91 70 90 64", tone(colour, -0.5))
    c.fill("M 9 63 Q 12 57 26 59 L 60 63 L 89 62 L 90 67 L 11 68", accent)
    c.fill("M 40 66 Q 40 44 58 42 Q 84 44 91 62 Q 91 67 86 67", colour)
    c.fill("M 40 66 Q 40 44 58 42 L 61 44 Q 46 48 46 66", accent)


def tote(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 38 40 Q 37 12 50 12 Q 63 12 62 40", tone(accent, -0.1), 2.6)
    c.half("M 50 34 L 25 34 L 22 78 Q 23 81 26 81 L 50 81", colour)
    c.line("M 25 37.5 L 75 37.5", tone(colour, -0.2), 0.5)
    c.both("M 36 34 L 40 34 L 40 46 L 36 46", accent, shade=0)
    c.box(43, 54, 57, 62, accent, r=1, shade=0.03)


def chainbag(c: Canvas, colour: str) -> None:
    for step in range(17):
        t = step / 16
        x, y = 24 + 52 * t, 46 - 140 * t * (1 - t)
        c.oval(x, y, 1.7, 1.2, "gold")
    c.box(18, 44, 82, 80, colour, r=4)
    c.fill(
        "M 18 48 Q 18 44 22 44 L 78 44 Q 82 44 82 48 L 82 58 Q 66 66 50 66 Q 34 66 18 58", tone(colour, 0.1)
    )
    c.box(46, 61, 54, 68, "gold", r=1)


def backpack(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 42 17 Q 42 9 50 9 Q 58 9 58 17", accent, 2.0)
    c.both("M 27 46 Q 20 48 21 60 L 22 74 L 29 74", tone(colour, -0.2))
    c.half("M 50 14 Q 30 13 28 34 L 26 76 Q 27 82 33 82 L 50 82", colour)
    c.half("M 50 52 L 33 52 L 32 74 Q 33 77 36 77 L 50 77", tone(colour, 0.12), shade=0.06)
    c.line("M 33 57 L 67 57", accent, 1.0)
    c.line("M 31 42 Q 32 20 50 19 Q 68 20 69 42", accent, 1.0)
    c.box(44, 30, 56, 35, accent, r=1, shade=0)
    c.fill("M 64 57 L 66 57 L 66 64 L 64 64", accent, shade=0)


def straw_hat(c: Canvas, colour: str, accent: str) -> None:
    weave = stripes(tone(colour, -0.1), every=18, width=4)
    c.fill("M 8 62 Q 14 48 50 47 Q 86 48 92 62 Q 78 74 50 74 Q 22 74 8 62", colour, pattern=weave)
    c.fill("M 29 57 Q 28 24 50 23 Q 72 24 71 57 Q 60 62 50 62 Q 40 62 29 57", colour, pattern=weave)
    c.fill("M 29 57 Q 28.6 52 29 48 Q 50 55 71 48 Q 71.4 52 71 57 Q 60 62 50 62 Q 40 62 29 57", accent)


def _laces(c: Canvas, rows: tuple[tuple[float, float, float, float], ...], colour: str) -> None:
    for x0, y0, x1, y1 in rows:
        c.line(f"M {x0} {y0} L {x1} {y1}", colour, 1.3)


PAINTERS: Final = {
    "strawhat": straw_hat,
    **{
        painter.__name__: painter
        for painter in (
            sneaker, runner, heel, flat, oxford, boot, hikingboot, sandal, slipper, tote, chainbag, backpack
        )
    },
}  # fmt: skip
