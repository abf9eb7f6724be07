"""Outlines in a 100 × 100 square, written as a small part of SVG's path language.

Contract: `points("M 10 10 Q 20 0 30 10 L 30 30")` gives the flattened outline. Commands are M, L, Q
and C; `mirror` reflects on x = 50; `symmetric` makes a whole of a left half drawn from top to bottom.
"""

import re
from itertools import pairwise
from typing import Final

Point = tuple[float, float]
COORDINATES: Final = {"M": 2, "L": 2, "Q": 4, "C": 6}
STEPS: Final = 14


def points(path: str) -> list[Point]:
    """The outline of a path, curves flattened into short lines."""
    outline: list[Point] = []
    for command, body in re.findall(r"([MLQC])([^MLQC]*)", path):
        numbers = [float(number) for number in body.split()]
        size = COORDINATES[command]
        if not numbers or len(numbers) % size:
            raise ValueError(f"{command} takes {size} numbers a step: {body!r}")
        for start in range(0, len(numbers), size):
            step = numbers[start : start + size]
            outline += _segment(outline, list(zip(step[::2], step[1::2], strict=True)))
    return outline


def mirror(outline: list[Point]) -> list[Point]:
    return [(100 - x, y) for x, y in outline]


def symmetric(left_half: list[Point]) -> list[Point]:
    return left_half + mirror(left_half)[::-1]


def _segment(outline: list[Point], controls: list[Point]) -> list[Point]:
    """A line's end, or points along a Bézier curve from the outline's last point."""
    if len(controls) == 1:
        return controls
    return [_bezier([outline[-1], *controls], step / STEPS) for step in range(1, STEPS + 1)]


def _bezier(controls: list[Point], t: float) -> Point:
    """De Casteljau: https://en.wikipedia.org/wiki/De_Casteljau%27s_algorithm"""
    while len(controls) > 1:
        controls = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for (x0, y0), (x1, y1) in pairwise(controls)]
    return controls[0]
