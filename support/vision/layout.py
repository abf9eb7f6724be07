"""Lines of text with their places, and which line stands beside or under which."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TextLine:
    """One line of text; `box` is (left, top, right, bottom) in the picture's pixels, `score` 0 to 1."""

    text: str
    box: tuple[int, int, int, int]
    score: float

    @property
    def height(self) -> int:
        return max(1, self.box[3] - self.box[1])


def plain(text: str) -> str:
    """Full-width letters, digits and signs as their ordinary selves: ４２：￥ becomes 42:¥."""
    return unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-").strip()


def same_row(one: TextLine, other: TextLine) -> bool:
    """Whether they overlap in height by at least half of the lower one."""
    overlap = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return overlap * 2 >= min(one.height, other.height)


def right_of(lines: Sequence[TextLine], index: int) -> list[int]:
    """The lines on the same row to the right, nearest first."""
    here = lines[index]
    middle = (here.box[0] + here.box[2]) / 2
    beside = [
        i for i, line in enumerate(lines) if i != index and line.box[0] > middle and same_row(here, line)
    ]
    return sorted(beside, key=lambda i: lines[i].box[0])


def below(lines: Sequence[TextLine], index: int) -> list[int]:
    """The lines of the next row that stand under this one, nearest to its left edge first."""
    here = lines[index]
    left, _, right, bottom = here.box
    near: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        gap = line.box[1] - bottom
        under = min(right, line.box[2]) > max(left, line.box[0])
        if i != index and under and -here.height // 2 <= gap <= 2 * here.height and line.box[1] > here.box[1]:
            near.append((gap, i))
    if not near:
        return []
    first = lines[min(near)[1]]
    return sorted(
        (i for _, i in near if i == min(near)[1] or same_row(first, lines[i])),
        key=lambda i: abs(lines[i].box[0] - left),
    )


def rows(lines: Sequence[TextLine]) -> list[list[int]]:
    """The indexes of the lines, row by row from the top, each row from left to right."""
    grouped: list[list[int]] = []
    for i in sorted(range(len(lines)), key=lambda i: lines[i].box[1]):
        if grouped and same_row(lines[grouped[-1][0]], lines[i]):
            grouped[-1].append(i)
        else:
            grouped.append([i])
    return [sorted(row, key=lambda i: lines[i].box[0]) for row in grouped]
