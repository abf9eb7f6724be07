"""Whether two pictures are copies of one photo, from their fingerprints alone.

Points that look alike are paired, and one movement (shift, size, turn) that moves many of them onto their
partners is looked for (RANSAC). Copies have one, and it is exact: it moves nearly all points of the common
part, to within half a pixel, without stretching. Two photos of one thing may have one for the thing, but a
camera is never held twice in the same way: their movement is turned or stretched, and what lies around the
thing does not follow it. So a movement that turns nothing needs little support, and one that turns needs
much. What is not certain is `ALIKE`, which proves nothing. Measured by `evals/evidence.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from support.vision.fingerprint import Fingerprint

Movement = NDArray[np.float64]  # 2 x 3, as OpenCV writes affine maps
Numbers = NDArray[np.floating]

# Bits of 128 that differ between two views of one point, and how much worse the second best must be.
_NEAR, _AMBIGUOUS = 36, 0.85
# Bits that may differ where the movement says already where the partner is.
_NEAR_IN_PLACE = 44
_COARSE, _FINE = 4.0, 2.5  # pixels
_EDGE = 8
_FEWEST = 6


class Likeness(IntEnum):
    DIFFERENT = 0
    ALIKE = 1
    SAME = 2


@dataclass(frozen=True)
class Comparison:
    """`points` moved together; `mirrored`: one is the mirror image of the other."""

    likeness: Likeness
    points: int = 0
    mirrored: bool = False


@dataclass(frozen=True)
class _Fit:
    """A movement and its support. `shared` are the parts of either picture's points that have partners,
    the larger first; `turn` is in degrees, `stretch` the ratio of its two scales, `error` in pixels.
    """

    points: int
    shared: tuple[float, float]
    turn: float
    stretch: float
    error: float

    @property
    def likeness(self) -> Likeness:
        if self.points < 9 or self.stretch > 1.1:
            return Likeness.DIFFERENT
        turned = abs((self.turn + 45) % 90 - 45)  # a quarter turn is no camera's doing
        level = turned <= 0.6 and self.shared[0] >= 0.25 and self.error <= 0.9
        exact = self.stretch <= 1.03 and self.error <= 0.5 and self.points >= 14
        if level or (turned <= 10 and exact and self.shared[0] >= 0.48 and self.shared[1] >= 0.36):
            return Likeness.SAME
        return Likeness.ALIKE if self.points >= 16 else Likeness.DIFFERENT


def compare(one: Fingerprint, other: Fingerprint) -> Comparison:
    """About 10 ms."""
    found = [
        (fit.likeness, fit.points, mirrored)
        for mirrored, view in ((False, one), (True, one.mirrored))
        for fit in _fits(view, other)
    ]
    return Comparison(*max(found)) if found else Comparison(Likeness.DIFFERENT)


def colours_shared(one: Fingerprint, other: Fingerprint) -> float:
    """How much of the two pictures' colours is the same, from 0 to 1; another angle changes little of it."""
    first, second = (each.colours / max(int(each.colours.sum()), 1) for each in (one, other))
    return float(np.minimum(first, second).sum())


def _fits(one: Fingerprint, other: Fingerprint) -> Iterator[_Fit]:
    """The movement from one picture to the other, if there is any."""
    if min(len(one.bits), len(other.bits)) < _FEWEST:
        return
    apart = _bits_apart(one, other)
    left, right = _pairs(apart)
    if len(left) < _FEWEST:
        return
    movement = _movement(one.places[left], other.places[right])
    if movement is not None:
        yield _fit(one, other, apart, (left, right), movement)


def _bits_apart(one: Fingerprint, other: Fingerprint) -> Numbers:
    first, second = (2 * each.bits.astype(np.float32) - 1 for each in (one, other))
    apart: Numbers = (first.shape[1] - first @ second.T) / 2
    return apart


def _pairs(apart: Numbers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Points that are each other's nearest, clearly nearer than the next one."""
    rows = np.arange(len(apart))
    nearest = apart.argmin(axis=1)
    distance = apart[rows, nearest]
    others = apart.copy()
    others[rows, nearest] = np.inf
    good = (distance <= _NEAR) & (distance < _AMBIGUOUS * others.min(axis=1))
    good &= apart.argmin(axis=0)[nearest] == rows
    return rows[good], nearest[good]


def _movement(here: Numbers, there: Numbers) -> Movement | None:
    """First without stretching, which few wrong pairs support; then as exact as the right pairs allow."""
    cv2.setRNGSeed(0)
    coarse, inside = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=_COARSE, maxIters=500, confidence=0.99
    )
    if coarse is None or inside.sum() < _FEWEST:
        return None
    kept = inside[:, 0] > 0
    fine, _ = cv2.estimateAffine2D(
        here[kept], there[kept], method=cv2.RANSAC, ransacReprojThreshold=_FINE, maxIters=500
    )
    movement: Movement = coarse if fine is None or not 0.05 < abs(_area(fine)) < 20 else fine
    return movement if abs(_area(movement)) > 1e-4 else None


def _area(movement: Movement) -> float:
    """By how much it enlarges areas."""
    return float(np.linalg.det(movement[:, :2]))


def _fit(
    one: Fingerprint,
    other: Fingerprint,
    apart: Numbers,
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
    movement: Movement,
) -> _Fit:
    moved = _moved(one.places, movement)
    errors = np.linalg.norm(moved[pairs[0]] - other.places[pairs[1]], axis=1)
    scales = np.linalg.svd(movement[:, :2], compute_uv=False)
    near = np.linalg.norm(moved[:, None] - other.places[None], axis=2)
    partners = (near < 1.4 * _FINE * max(1.0, float(np.sqrt(scales.prod())))) & (apart < _NEAR_IN_PLACE)
    back = _moved(other.places, cv2.invertAffineTransform(movement))
    shares = _share(partners.any(axis=1), moved, other), _share(partners.any(axis=0), back, one)
    close = errors < _FINE
    return _Fit(
        points=int(close.sum()),
        shared=(max(shares), min(shares)),
        turn=float(np.degrees(np.arctan2(movement[1, 0] - movement[0, 1], movement[0, 0] + movement[1, 1]))),
        stretch=float(scales[0] / scales[1]),
        error=float(np.median(errors[close])) if close.any() else np.inf,
    )


def _moved(places: Numbers, movement: Movement) -> Numbers:
    moved: Numbers = places @ movement[:, :2].T + movement[:, 2]
    return moved


def _share(has_partner: NDArray[np.bool_], places: Numbers, frame: Fingerprint) -> float:
    """Of the points that should be seen in `frame`, those that are."""
    size = np.array([frame.width, frame.height])
    inside = ((places > _EDGE) & (places < size - _EDGE)).all(axis=1)
    return float(has_partner[inside].mean()) if inside.sum() >= _FEWEST else 0.0
