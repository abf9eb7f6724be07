"""What can be wrong with goods: each function takes a product's drawing and does it harm."""

from math import cos, pi, sin

from demo.draw.canvas import Canvas, tone


def broken_mug(c: Canvas) -> None:
    c.cut("M 36 2 L 64 2 L 64 23 L 36 23")  # no steam: it is empty
    c.oval(50, 28.8, 18, 3.4, tone("teal", -0.55))
    c.cut("M 29 23 L 52 23 L 49 36 L 54 44 L 45 50 L 41 43 L 34 52 L 28 46")
    for path in ("M 54 44 L 60 56 L 57 66", "M 41 43 L 46 58 L 43 70 L 47 76", "M 34 52 L 36 62"):
        c.line(path, "#27343a", 0.7)
    c.line("M 49 36 L 54 44 L 45 50 L 41 43 L 34 52", "#eef3f2", 1.3)
    for path in (
        "M 6 70 L 17 66 L 20 76 L 10 80",
        "M 14 86 L 22 82 L 24 90",
        "M 74 84 L 86 80 L 88 88 L 79 91",
    ):
        c.fill(path, "teal")
    c.fill("M 88 70 L 93 67 L 95 72", "cream")


def torn_dress(c: Canvas) -> None:
    c.cut("M 36 52 L 41 57 L 38 60 L 44 64 L 41 67 L 46 74 L 42 72 L 39 66 L 41 63 L 36 59 L 38 56")
    c.line("M 36 52 L 41 57 L 38 60 L 44 64 L 41 67 L 46 74", "#8f8b82", 0.6)
    for x, y in ((38, 55), (42, 61), (43, 68), (40, 64)):
        c.line(f"M {x} {y} Q {x + 3} {y + 1} {x + 2} {y + 4}", "#b9b4a8", 0.35)


def stained_shirt(c: Canvas) -> None:
    def coffee(canvas: Canvas) -> None:
        canvas.glow("M 37 43 C 35 35 41 32 46 35 C 53 33 54 41 50 46 C 49 53 39 53 37 43", "coffee", 130)
        canvas.glow("M 39 43 C 38 37 42 35 46 37 C 50 36 51 41 48 45 C 46 50 40 49 39 43", "coffee", 70)
        canvas.glow("M 41 49 C 43 56 40 61 42 65 C 43 67 45 67 45 64 C 45 58 46 54 45 50", "coffee", 120)
        for x, y, r in ((54.5, 46, 1.6), (53, 53, 1.0), (38.5, 55, 1.4), (48, 58, 1.1), (57, 39, 0.8)):
            canvas.glow(
                f"M {x - r} {y} C {x - r} {y - 1.4 * r} {x + r} {y - 1.4 * r} {x + r} {y} "
                f"C {x + r} {y + 1.4 * r} {x - r} {y + 1.4 * r} {x - r} {y}",
                "coffee",
                150,
            )

    c.clip(coffee)


def cracked_screen(c: Canvas) -> None:
    x, y = 63.0, 38.0
    rays = [(step * 2 * pi / 15 + 0.13 * (step % 3), 13 + 3 * (step % 4)) for step in range(15)]
    for angle, length in rays:
        reach = min(
            length * 2.2, 14.5 / max(abs(cos(angle)), 0.1), 23 / max(abs(sin(angle)), 0.1)
        )  # the glass
        knee = f"L {x + reach / 2 * cos(angle + 0.14):.1f} {y + reach / 2 * sin(angle + 0.14):.1f}"
        c.line(
            f"M {x} {y} {knee} L {x + reach * cos(angle):.1f} {y + reach * sin(angle):.1f}", "#f4f7f8", 0.45
        )
    for radius in (3.5, 7, 11.5):
        ring = [
            f"{x + radius * cos(angle):.1f} {y + radius * sin(angle):.1f}" for angle, _ in [*rays, rays[0]]
        ]
        c.line("M " + " L ".join(ring), "#dfe6e8", 0.3)
    c.oval(x, y, 1.4, 1.4, "#f4f7f8")


def broken_dishes(c: Canvas) -> None:
    c.cut("M 40 48 L 54 46 L 50 55 L 57 60 L 51 68 L 44 60 L 46 54")
    c.cut("M 60 64 L 78 66 L 80 80 L 62 82 L 66 75 L 61 71")
    for path in ("M 44 60 L 38 66", "M 61 71 L 50 75 L 44 73", "M 30 52 L 27 60 L 33 64"):
        c.line(path, "#7d8288", 0.6)
    for path in (
        "M 70 82 L 84 78 L 88 88 L 76 92",
        "M 48 84 L 58 82 L 56 91",
        "M 62 88 L 68 86 L 69 93",
        "M 84 68 L 92 66 L 90 74",
    ):
        c.fill(path, "white")
        c.line(path, "navy", 0.3)


def open_sole(c: Canvas) -> None:
    c.fill("M 54 61 L 88 61 L 92 66 L 90 80 Q 72 72 54 66", "#3b3630", shade=0)
    c.fill("M 54 66 Q 74 70 91 78 Q 92 84 88 85 Q 70 76 54 71", tone("white", -0.05))
    for x in range(60, 88, 6):
        c.line(f"M {x} 62 Q {x + 1} 66 {x} {64 + (x - 54) / 4:.1f}", "#d8cf9f", 0.5)


def bent_ribs(c: Canvas) -> None:
    c.cut("M 72 40 Q 90 46 94 54 L 70 54 Q 66 48 63 54 L 61 50")
    c.line("M 52 18 L 66 38 L 82 34 L 90 46", "charcoal", 0.9)
    c.line("M 52 18 L 60 40 L 74 58", "charcoal", 0.9)
    c.line("M 63 54 Q 66 44 72 40", "#a98a2c", 0.8)
    c.fill("M 72 40 Q 78 48 72 60 Q 68 52 66 44", tone("yellow", -0.1))


def one_missing(c: Canvas) -> None:
    c.cut("M 54 8 L 82 8 L 82 48 L 54 48")


def scratched_pan(c: Canvas) -> None:
    c.oval(43, 44, 10.5, 9, tone("charcoal", 0.1))
    for number in range(16):
        x, y = 26 + (number * 37) % 30, 28 + (number * 23) % 30
        c.line(
            f"M {x} {y} Q {x + 5} {y + 2} {x + 4 + number % 7} {y + 8 + number % 5}",
            "#c9ccd0",
            0.35 + 0.1 * (number % 4),
        )
    c.fill("M 36 40 Q 40 35 46 39 Q 51 42 47 48 Q 40 52 37 47", "#b9bcc1", shade=0)


def crushed_box(c: Canvas) -> None:
    """A parcel of its own, not damage to a drawing: call it on an empty canvas."""
    side, front, top = "#b08a5c", "#c9a172", "#d8b486"
    c.fill("M 12 34 L 30 20 L 52 25 L 70 17 L 90 28 L 74 42 L 55 45 L 38 40", top)
    c.fill("M 12 34 L 38 40 L 55 45 L 74 42 L 72 60 L 76 84 L 46 87 L 24 80 L 15 82 L 18 56", front)
    c.fill("M 74 42 L 90 28 L 86 48 L 92 70 L 76 84 L 72 60", side)
    c.fill("M 55 45 L 74 42 L 72 56 L 62 52", "#4a3826", shade=0)
    for path in (
        "M 38 40 L 44 54 L 34 63 L 47 87",
        "M 18 56 L 34 63",
        "M 52 25 L 55 45",
        "M 62 52 L 56 66 L 66 80",
        "M 72 60 L 60 68",
    ):
        c.line(path, "#8d6b43", 0.7)
    c.fill("M 30 37.5 L 47 21 L 53 23 L 36 39.5", "#e3d7b8", shade=0)
    c.fill("M 36 39.5 L 40 48 L 33 46 L 30 37.5", "#e3d7b8", shade=0)
