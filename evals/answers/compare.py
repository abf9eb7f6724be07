"""Two models' judgements over the same rows: differences with 95% intervals, and what they allow to say.

Pairs, because a hard question is hard for both. For shares the interval is Newcombe's for paired proportions
(1998, his method 10), which stays honest where the bootstrap does not: when no answer of a few rows differs.
For similarity and seconds it is the bootstrap over pairs, with a fixed seed.

The verdict is about what is acceptable, and two of its parts can only spoil it: claims that no source makes,
and wrong refusals. `not worse` means that more than five points can be ruled out. When neither can be said,
the number of rows is estimated that would do, if the rest were like these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Verdict = Literal["better", "not worse", "worse", "not enough rows to tell"]
Pairs = Sequence[tuple[float, float]]

NOT_WORSE_BY = 0.05
_Z = 1.959964  # of the normal distribution, for 95%
_RESAMPLES = 10_000


@dataclass(frozen=True)
class Compared:
    """One figure of both models and the difference, candidate minus current, with its 95% interval.

    `p` is the exact probability of such a difference by chance (McNemar) where the figure is a share.
    """

    name: str
    rows: int
    current: float
    candidate: float
    difference: float
    low: float
    high: float
    p: float | None = None


def shares(name: str, pairs: Sequence[tuple[bool, bool]]) -> Compared:
    """Of pairs (current, candidate) of yes and no; there must be some."""
    rows = len(pairs)
    current, candidate = (sum(side) / rows for side in zip(*pairs, strict=True))
    low, high = paired_interval(pairs)
    only_candidate = sum(second and not first for first, second in pairs)
    only_current = sum(first and not second for first, second in pairs)
    p = mcnemar(only_current, only_candidate)
    return Compared(name, rows, current, candidate, candidate - current, low, high, p)


def means(name: str, pairs: Pairs) -> Compared:
    """Of pairs (current, candidate) of numbers; there must be some."""
    return _of_numbers(name, pairs, lambda numbers, axis: np.mean(numbers, axis=axis))


def medians(name: str, pairs: Pairs) -> Compared:
    """As `means`, for seconds, of which a few may be very long. The difference is that of the two medians."""
    return _of_numbers(name, pairs, lambda numbers, axis: np.median(numbers, axis=axis))


def _of_numbers(name: str, pairs: Pairs, figure: Callable[[np.ndarray, int], np.ndarray]) -> Compared:
    table = np.asarray(pairs, dtype=float)
    random = np.random.default_rng(0)
    current, candidate = figure(table, 0)
    drawn = [figure(table[random.integers(0, len(table), len(table))], 0) for _ in range(_RESAMPLES)]
    differences = np.diff(np.asarray(drawn), axis=1)[:, 0]
    low, high = np.quantile(differences, (0.025, 0.975))
    difference = float(candidate - current)
    return Compared(name, len(table), float(current), float(candidate), difference, float(low), float(high))


def paired_interval(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """Newcombe's interval of the difference, second minus first, between two shares over the same rows."""
    both = sum(first and second for first, second in pairs)
    neither = sum(not first and not second for first, second in pairs)
    only_first = sum(first and not second for first, second in pairs)
    rows = len(pairs)
    only_second = rows - both - neither - only_first
    first, second = (both + only_first) / rows, (both + only_second) / rows
    related = _relation(both, only_second, only_first, neither)
    (first_low, first_high), (second_low, second_high) = wilson(first, rows), wilson(second, rows)
    down = _joined(second - second_low, first_high - first, related)
    up = _joined(second_high - second, first - first_low, related)
    return second - first - down, second - first + up


def _relation(both: int, only_second: int, only_first: int, neither: int) -> float:
    """How far the two shares go together (phi), corrected for their being counts."""
    rows = both + only_second + only_first + neither
    product = float(both * neither - only_second * only_first)
    if product > 0:
        product = max(product - rows / 2, 0.0)
    margins = math.prod((both + only_second, only_first + neither, both + only_first, only_second + neither))
    return product / math.sqrt(margins) if margins else 0.0


def _joined(one: float, other: float, related: float) -> float:
    return math.sqrt(max(one**2 - 2 * related * one * other + other**2, 0.0))


def wilson(share: float, rows: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share."""
    square = _Z**2 / rows
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / rows + square / (4 * rows)) / (1 + square)
    return middle - half, middle + half


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided probability, if each model were as likely to be the only right one."""
    rows = only_first + only_second
    tail: int = sum(math.comb(rows, number) for number in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / (1 << rows))


def verdict(acceptable: Compared, spoilers: Sequence[Compared]) -> Verdict:
    """See the module."""
    if any(figure.high < 0 for figure in (acceptable, *spoilers)):
        return "worse"
    if acceptable.low > 0:
        return "better"
    return "not worse" if acceptable.low >= -NOT_WORSE_BY else "not enough rows to tell"


def rows_needed(acceptable: Compared) -> int:
    """How many rows would probably tell: an interval shrinks with the square root of their number."""
    half = acceptable.difference - acceptable.low
    margin = max(NOT_WORSE_BY + acceptable.difference, -acceptable.difference)
    return max(acceptable.rows + 1, math.ceil(acceptable.rows * (half / margin) ** 2))
