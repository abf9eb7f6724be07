"""Painters for electronics and things for the home."""

from typing import Final

from demo.draw.canvas import Canvas, tone


def earbuds(c: Canvas, colour: str) -> None:
    for x, way in ((32, 1), (68, -1)):
        c.fill(f"M {x - 2} 24 L {x + 4} 24 L {x + 3} 46 L {x - 2} 46", tone(colour, -0.06))
        c.oval(x, 22, 8.5, 8.5, colour, shade=0.08)
        c.oval(x + 6 * way, 24, 4, 5, "charcoal")
    c.box(24, 50, 76, 82, colour, r=13)
    c.line("M 24 62 L 76 62", tone(colour, -0.3), 0.7)
    c.dot(50, 70, 1.2, "sage")


def headphones(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 22 56 Q 20 14 50 14 Q 80 14 78 56", colour, 5.0)
    c.line("M 27 40 Q 30 20 50 20 Q 70 20 73 40", tone(colour, 0.25), 1.4)
    c.both("M 22 46 Q 14 48 14 60 Q 14 74 23 76 L 27 76 L 27 46", colour)
    c.both("M 27 46 Q 35 47 35 60 Q 35 74 27 76", tone(colour, 0.3), shade=0)
    c.both("M 18 52 L 19.5 52 L 19.5 70 L 18 70", accent, shade=0)


def watch(c: Canvas, colour: str, accent: str) -> None:
    c.half("M 50 8 L 40 8 Q 39 20 36 30 L 36 64 Q 39 76 40 84 L 50 84", tone(colour, 0.15))
    c.box(30, 28, 70, 66, colour, r=10)
    c.box(33, 31, 67, 63, "#16181d", r=8, shade=0)
    c.box(70, 42, 73, 50, "silver", r=1)
    c.line("M 38 46 Q 40 38 50 38 Q 60 38 62 46", accent, 2.0)
    c.line("M 42 48 Q 44 43 50 43", "orange", 2.0)
    c.line("M 39 55 L 44 55 L 46.5 50 L 50 59 L 53 55 L 61 55", "red", 1.2)


def speaker(c: Canvas, colour: str, accent: str) -> None:
    c.line("M 60 22 Q 80 16 82 30", accent, 1.8)
    c.box(28, 20, 72, 80, colour, r=14)
    c.oval(50, 58, 15, 15, tone(colour, -0.35))
    c.oval(50, 58, 10, 10, tone(colour, -0.15))
    c.oval(50, 58, 4, 4, "charcoal")
    c.oval(50, 33, 6, 6, tone(colour, -0.3))
    for x in (44, 50, 56):
        c.dot(x, 76, 0.9, "white")


def power_bank(c: Canvas, colour: str, accent: str) -> None:
    c.box(30, 16, 70, 80, colour, r=6)
    c.box(38, 28, 62, 40, "black", r=2, shade=0)
    c.line("M 44 31 L 44 37", accent, 1.4)
    c.line("M 48 31 L 52 31 L 52 34 L 48 34 L 48 37 L 52 37", accent, 1.2)
    c.fill("M 51 48 L 43 61 L 49 61 L 47 72 L 57 57 L 51 57", accent, shade=0)
    for x in (39, 50, 61):
        c.box(x - 3.5, 12.5, x + 3.5, 16, "charcoal", r=0.6, shade=0)


def charger(c: Canvas, colour: str) -> None:
    c.box(42, 14, 46, 28, "gold", r=1)
    c.box(54, 14, 58, 28, "gold", r=1)
    c.box(30, 28, 70, 80, colour, r=8)
    for y in (54, 62):
        c.box(44, y, 56, y + 3.4, "charcoal", r=1.6, shade=0)
    c.box(43, 69, 57, 74, "charcoal", r=0.8, shade=0)
    c.line("M 42 40 L 58 40", tone(colour, -0.15), 0.8)


def lamp(c: Canvas, colour: str, accent: str) -> None:
    c.glow("M 22 38 L 56 38 L 76 80 L 6 80", accent, 80)
    c.line("M 74 76 L 68 44 L 50 25", "charcoal", 2.4)
    c.oval(72, 78, 16, 4, tone(colour, -0.1), shade=0.1)
    c.fill("M 22 36 Q 24 24 40 21 Q 54 20 57 36", colour)
    c.fill("M 22 36 L 57 36 L 56 39 L 23 39", accent, shade=0)
    c.dot(68, 44, 1.8, "silver")


def keyboard(c: Canvas, colour: str, accent: str) -> None:
    c.box(6, 32, 94, 70, tone(colour, -0.2), r=4)
    for row, y in enumerate((35, 42, 49, 56)):
        for column in range(13):
            x = 9 + column * 6.35
            special = (row == 0 and column == 0) or (row == 2 and column == 12)
            c.box(
                x, y, x + 5.5, y + 5.9, "orange" if special else accent if column in (0, 12) else colour, r=1
            )
    for left, right in ((9, 20), (22, 28), (30, 66), (68, 76), (78, 91)):
        c.box(left, 63, right, 68, colour if left != 30 else accent, r=1)


def mouse(c: Canvas, colour: str) -> None:
    c.half("M 50 18 Q 30 18 29 44 Q 28 80 50 82", colour)
    c.line("M 50 18 L 50 44", tone(colour, -0.4), 0.7)
    c.line("M 29 44 Q 50 49 71 44", tone(colour, -0.4), 0.7)
    c.box(47.5, 26, 52.5, 38, "teal", r=2.5, shade=0)
    c.glow("M 36 26 Q 32 36 33 42 L 36 42 Q 36 34 40 26", "white", 60)


def tablet(c: Canvas, colour: str, accent: str) -> None:
    c.box(16, 16, 76, 82, colour, r=5)
    c.box(19.5, 19.5, 72.5, 78.5, "#20242c", r=2.5, shade=0)
    c.fill("M 19.5 60 Q 34 44 46 56 Q 58 66 72.5 48 L 72.5 78.5 L 19.5 78.5", accent)
    c.oval(58, 34, 6, 6, "yellow")
    c.box(82, 18, 86, 76, "white", r=2)
    c.fill("M 82 76 L 86 76 L 84 82", "charcoal", shade=0)


def phone(c: Canvas, colour: str) -> None:
    c.box(20, 12, 52, 82, colour, r=6)
    c.box(24, 16, 38, 34, tone(colour, -0.15), r=4)
    for y in (21, 29):
        c.oval(31, y, 3.4, 3.4, "#16181d")
        c.dot(31, y, 1.2, "navy")
    c.box(46, 12, 80, 82, "#16181d", r=6, shade=0)
    c.box(48, 14.5, 78, 79.5, tone(colour, 0.3), r=4, shade=0)
    c.fill("M 48 58 Q 60 44 78 56 L 78 76 Q 78 79.5 74 79.5 L 52 79.5 Q 48 79.5 48 76", colour)
    c.dot(63, 18, 1.0, "#16181d")
    c.box(54, 26, 72, 31, "white", r=2, shade=0)


def phone_case(c: Canvas, colour: str, accent: str) -> None:
    c.box(30, 12, 70, 82, accent, r=7)
    c.box(27.5, 9.5, 72.5, 84.5, tone(colour, -0.1), r=9, shade=0.03)
    c.box(31, 13, 69, 81, colour, r=6, shade=0.05)
    c.box(34, 16, 50, 34, tone(accent, 0.2), r=4)
    for y in (21, 29):
        c.oval(42, y, 3.2, 3.2, "#16181d")
    c.line("M 50 44 Q 62 44 62 56 Q 62 68 50 68 Q 38 68 38 56 Q 38 44 50 44", "white", 1.8)
    c.glow("M 60 16 L 66 16 L 40 80 L 34 80", "white", 90)


def humidifier(c: Canvas, colour: str) -> None:
    for x, top in ((44, 8), (52, 4), (58, 10)):
        c.line(f"M {x} 26 Q {x - 4} 20 {x} 15 Q {x + 4} 11 {x} {top}", "white", 2.2)
    c.half("M 50 28 Q 34 28 32 42 L 30 74 Q 30 81 38 81 L 50 81", colour)
    c.oval(50, 29, 9, 2.6, tone(colour, -0.3))
    c.box(46, 44, 54, 64, "glass", r=4, shade=0)
    c.glow("M 46.5 54 L 53.5 54 L 53.5 62 L 46.5 62", "teal", 150)
    c.dot(50, 72, 1.4, "white")


PAINTERS: Final = {
    "powerbank": power_bank,
    "phonecase": phone_case,
    **{
        p.__name__: p
        for p in (
            earbuds,
            headphones,
            watch,
            speaker,
            charger,
            lamp,
            keyboard,
            mouse,
            tablet,
            phone,
            humidifier,
        )
    },
}
