"""Chooses by a hash, so that the same key always gets the same choice, in every process and after restarts.

This is rendezvous hashing: each name draws a number for the key, and the names are ranked by their draws.
Adding or removing a name therefore moves only the keys that it wins or had won. With weights (Thaler and
Ravishankar 1998; weighted as in Schindelhauer and Schomaker 2005) a draw is an exponential time divided by
the weight, and the shortest wins: a name gets keys in proportion to its weight, and raising one weight takes
no key away from it, however many others there are and in whatever order they are given.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping

_BITS = 53  # what a float holds exactly


def ranked(key: str, names: Iterable[str]) -> list[str]:
    """The names in this key's order of preference."""
    return sorted(names, key=lambda name: _draw(key, name))


def picked(key: str, weights: Mapping[str, float]) -> str:
    """One of the names, in proportion to the weights; those that weigh nothing are never picked."""
    drawn = {name: _draw(key, name) / weight for name, weight in weights.items() if weight > 0}
    return min(drawn, key=drawn.__getitem__)


def _draw(key: str, name: str) -> float:
    """Exponentially distributed, and independent for each pair."""
    digest = hashlib.sha256(f"{len(key)}:{key}{name}".encode()).digest()
    number = int.from_bytes(digest[:8]) >> (64 - _BITS)
    return -math.log((number + 1) / (1 << _BITS))
