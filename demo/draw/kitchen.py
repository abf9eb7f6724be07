"""Painters for the kitchen."""

from typing import Final

from demo.draw.canvas import Canvas, stripes, tone


def kettle(c: Canvas, colour: str) -> None:
    c.line("M 68 28 Q 88 28 85 48 Q 83 64 70 66", "charcoal", 4.2)
    c.fill("M 34 33 L 20 26 L 18 31 L 32 46", tone(colour, -0.08))
    c.half("M 50 24 L 36 24 Q 31 50 28 72 L 50 72", colour)
    c.half("M 50 20 Q 38 20 36 25 L 50 25", tone(colour, -0.12))
    c.box(46, 14, 54, 20, "charcoal", r=2)
    c.box(25, 72, 75, 79, "charcoal", r=2)
    c.box(44, 40, 48, 62, "glass", r=2, shade=0)
    c.dot(50, 75.5, 1.2, "orange")


def casserole(c: Canvas, colour: str) -> None:
    c.both("M 22 48 Q 10 46 10 52 Q 10 58 22 57 L 22 53 Q 16 54 16 52 Q 16 50 22 51", tone(colour, -0.15))
    c.half("M 50 44 L 20 44 L 22 70 Q 24 77 32 77 L 50 77", colour)
    c.half("M 50 30 Q 26 31 19 42 L 19 45.5 L 50 45.5", tone(colour, 0.08))
    c.box(44, 23, 56, 30, "gold", r=2.5)
    c.glow("M 28 40 Q 36 34 46 33 Q 36 37 31 42", "white", 120)
    c.glow("M 26 50 L 29 50 L 31 68 L 29 68", "white", 70)


def pan(c: Canvas, colour: str) -> None:
    c.fill("M 64 60 L 90 78 Q 94 82 91 84 Q 88 86 85 83 L 60 65", "wood")
    c.oval(43, 45, 33, 33, tone(colour, -0.25))
    c.oval(43, 44, 30, 30, colour)
    c.oval(43, 44, 25, 25, tone(colour, 0.1))
    for x, y in ((35, 36), (52, 38), (44, 52), (30, 50), (55, 52), (42, 30), (38, 44), (50, 46)):
        c.dot(x, y, 0.6, "silver")
    c.oval(43, 44, 9, 7.5, "white")
    c.oval(44, 43, 3.6, 3.3, "yellow")


def pour_over(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 65 56 Q 79 56 77 66 Q 75 74 66 74", "glass", 2.6)
    c.half("M 50 46 L 42 46 L 42 52 Q 29 58 31 74 Q 32 82 40 82 L 50 82", "glass", shade=0.06)
    c.half("M 50 67 L 30.8 67 Q 31 82 40 82 L 50 82", accent)
    c.both("M 33 40 L 67 40 L 67 45 L 33 45", colour)
    c.half("M 50 14 L 26 14 L 41 40 L 50 40", colour)
    c.half("M 50 11 L 27 11 Q 26 14 28 16 L 50 16", "beige", shade=0)
    c.line("M 34 20 L 42 37", tone(colour, -0.18), 0.7, mirrored=True)


def mug(c: Canvas, colour: str) -> None:
    c.line("M 66 38 Q 86 38 84 54 Q 82 68 64 66", tone(colour, -0.1), 4.4)
    c.half("M 50 28 L 29 28 L 31 70 Q 32 77 39 77 L 50 77", colour)
    c.half("M 50 59 Q 39 62 30.6 57 L 31 70 Q 32 77 39 77 L 50 77", "cream")
    c.oval(50, 28, 21, 4.6, tone(colour, -0.15))
    c.oval(50, 28.8, 18, 3.4, "coffee")
    for x in (44, 54):
        c.line(f"M {x} 20 Q {x - 3} 16 {x} 13 Q {x + 3} 10 {x} 6", "silver", 0.9)


def flask(c: Canvas, colour: str) -> None:
    c.box(36, 24, 64, 82, colour, r=5)
    c.box(38, 10, 62, 26, "charcoal", r=3)
    c.box(57, 14, 65, 19, "silver", r=1.5)
    c.line("M 36 74 L 64 74", tone(colour, -0.2), 0.8)
    c.glow("M 40 30 L 43 30 L 43 70 L 40 70", "white", 90)
    c.line("M 46 48 Q 50 42 54 48 Q 50 54 46 48", "white", 0.8)


def knife(c: Canvas, colour: str, accent: str) -> None:
    c.fill("M 8 52 Q 10 39 24 38 L 62 38 L 62 56 L 28 56 Q 14 57 8 52", colour)
    c.line("M 10 53 Q 20 56 28 54.6 L 62 54.6", "white", 0.8)
    for x in range(24, 56, 6):
        c.oval(x, 49, 1.6, 2.8, tone(colour, -0.08))
    c.box(62, 38, 66, 50, "charcoal", r=1)
    c.fill("M 66 38 L 88 37 Q 94 40 93 50 Q 92 54 88 52 Q 78 48 66 49", accent)
    for x in (72, 79, 86):
        c.dot(x, 43.5, 1.0, "silver")


def board(c: Canvas, colour: str) -> None:
    grain = stripes(tone(colour, -0.13), every=46, width=5)
    c.box(16, 22, 84, 76, colour, r=7)
    c.fill("M 22 28 L 78 28 L 78 70 L 22 70", colour, pattern=grain, shade=0.04)
    c.oval(50, 25, 5, 1.7, tone(colour, -0.4))
    c.oval(62, 56, 8, 8, "red", shade=0.1)
    c.fill("M 62 49 L 58 46 L 62 47 L 66 45 L 63 49", "darkgreen", shade=0)
    c.fill("M 30 60 Q 34 44 46 40 Q 47 46 44 52 Q 38 60 30 60", "sage")


def food_boxes(c: Canvas, colour: str, accent: str) -> None:
    for left, top, right, bottom in ((14, 56, 62, 78), (56, 60, 88, 78), (22, 34, 62, 54), (60, 42, 84, 58)):
        c.box(left + 1, top + 4, right - 1, bottom, colour, r=3, shade=0.05)
        c.glow(
            f"M {left + 3} {top + 8} L {left + 6} {top + 8} "
            f"L {left + 6} {bottom - 3} L {left + 3} {bottom - 3}",
            "white",
            160,
        )
        c.box(left, top, right, top + 5, accent, r=1.5)
        c.box(
            (left + right) / 2 - 4,
            top + 2,
            (left + right) / 2 + 4,
            top + 7.5,
            tone(accent, 0.3),
            r=1,
            shade=0,
        )


def blender(c: Canvas, colour: str) -> None:
    c.line("M 66 26 Q 80 26 78 40 Q 76 52 64 52", "charcoal", 3.4)
    c.half("M 50 18 L 32 18 L 37 58 L 50 58", "glass", shade=0.05)
    c.half("M 50 34 L 34 34 L 37 58 L 50 58", "orange", shade=0.06)
    c.box(31, 12, 69, 19, "charcoal", r=2)
    c.half("M 50 58 L 36 58 L 30 82 L 50 82", colour)
    c.oval(50, 70, 6, 6, "silver", shade=0.1)
    c.line("M 50 70 L 50 65.5", "charcoal", 1.0)
    c.line("M 46 55 L 54 57", "silver", 1.4)
    c.line("M 54 55 L 46 57", "silver", 1.4)


def dishes(c: Canvas, colour: str, accent: str) -> None:
    for y in (76, 73, 70):
        c.oval(42, y, 34, 6.5, colour)
    c.oval(42, 69.6, 26, 4.4, tone(colour, -0.04))
    for x, y in ((30, 56), (54, 56), (42, 40)):
        c.fill(
            f"M {x - 13} {y - 6} L {x + 13} {y - 6} Q {x + 12} {y + 7} {x + 5} {y + 9} "
            f"L {x - 5} {y + 9} Q {x - 12} {y + 7} {x - 13} {y - 6}",
            colour,
        )
        c.oval(x, y - 6, 13, 2.8, tone(colour, -0.06))
        c.line(f"M {x - 12.4} {y - 1} Q {x} {y + 2.5} {x + 12.4} {y - 1}", accent, 0.9)
    c.line("M 80 24 L 76 80", "wood", 1.5)
    c.line("M 86 24 L 83 80", "wood", 1.5)


def rice_cooker(c: Canvas, colour: str) -> None:
    c.half("M 50 34 L 18 34 Q 16 66 22 76 Q 24 79 29 79 L 50 79", colour)
    c.half("M 50 19 Q 22 19 18 35 L 50 36", tone(colour, -0.05))
    c.line("M 34 20 Q 36 12 50 12 Q 64 12 66 20", "silver", 2.2)
    c.box(34, 48, 66, 70, "black", r=4, shade=0.0)
    c.oval(50, 56, 5, 5, "charcoal")
    c.dot(50, 56, 1.6, "orange")
    for x in (40, 45, 50, 55, 60):
        c.dot(x, 65.5, 0.9, "silver")


PAINTERS: Final = {
    "pourover": pour_over,
    "foodbox": food_boxes,
    "ricecooker": rice_cooker,
    **{p.__name__: p for p in (kettle, casserole, pan, mug, flask, knife, board, blender, dishes)},
}
