"""What a picture is recognised by later, when the picture itself may be gone: a few kilobytes, no pixels.

A fingerprint is up to 200 of the picture's most striking points (SIFT) with their places and surroundings. Of
each surrounding only 128 bits are kept: which of its 128 gradient sums are above their median. They are the
same after recompression, another size, a turn, other light, or in a part of the picture; the mirror image's
are the same bits in another order. Pixels cannot be computed back from them.

`words` are for finding: parts of the strongest points' bits as numbers, of which copies share many and
different pictures few. What is found is compared point by point: see `support.vision.sameness`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE = 480
"""The longer side at which points are looked for; a camera's grain is gone there, a crack is not."""

_POINTS = 200
_CONTRAST = 0.03
_BITS = 128

_TABLES, _WORD_BITS, _STRONGEST = 2, 22, 48
# Which bits make a word: drawn once from this seed, and never to change, because words are stored.
_PICKED = np.stack(
    [np.random.default_rng(seed).permutation(_BITS)[:_WORD_BITS] for seed in range(2026, 2026 + _TABLES)]
)
_HUES, _SHADES = 12, 4

# SIFT's numbers stand as [row][column][direction]. Mirrored along its direction a surrounding has its rows in
# reverse order, and its directions turn the other way.
_MIRRORED = np.arange(_BITS).reshape(4, 4, 8)[::-1, :, (8 - np.arange(8)) % 8].ravel()
_HEADER = struct.Struct("<4sHHH")
_KIND = b"SIF1"

Bits = NDArray[np.bool_]
Places = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Places (x, y) in a picture of `width` x `height`, strongest first; `bits` has a row for each.

    `colours` is how much of the picture each of 52 colours takes, in 255ths of the most frequent one.
    """

    width: int
    height: int
    places: Places
    bits: Bits
    colours: NDArray[np.uint8]

    @property
    def mirrored(self) -> Fingerprint:
        """As if the picture were seen in a mirror."""
        places = self.places.copy()
        places[:, 0] = self.width - 1 - places[:, 0]
        return Fingerprint(self.width, self.height, places, self.bits[:, _MIRRORED], self.colours)

    def words(self, strongest: int | None = _STRONGEST) -> list[int]:
        """The words of so many points; None: of all. Below 2**31."""
        bits = self.bits[:strongest]
        weights = 1 << np.arange(_WORD_BITS)
        found = [(bits[:, picked] @ weights) + (table << _WORD_BITS) for table, picked in enumerate(_PICKED)]
        return sorted(set(np.concatenate(found).tolist())) if len(bits) else []

    def to_bytes(self) -> bytes:
        header = _HEADER.pack(_KIND, self.width, self.height, len(self.bits))
        places = np.round(self.places * 16).clip(0, 65_535).astype("<u2")
        return b"".join((header, places.tobytes(), np.packbits(self.bits).tobytes(), self.colours.tobytes()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """ValueError for what `to_bytes` did not write."""
        kind, width, height, count = _HEADER.unpack_from(data)
        if kind != _KIND:
            raise ValueError("a fingerprint of another kind")
        at = _HEADER.size
        places = (np.frombuffer(data, "<u2", count * 2, at).reshape(count, 2) / 16).astype(np.float32)
        packed = np.frombuffer(data, np.uint8, count * _BITS // 8, at + count * 4)
        bits = np.unpackbits(packed).reshape(count, _BITS).astype(np.bool_)
        colours = np.frombuffer(data, np.uint8, offset=at + count * (4 + _BITS // 8))
        return cls(width, height, places, bits, colours)


def query_words(fingerprint: Fingerprint) -> list[int]:
    """The words under which a copy of the picture, mirrored or not, may be found.

    All points are asked for, while few are stored: what is strong in the whole may be weak in a part.
    """
    return sorted({*fingerprint.words(None), *fingerprint.mirrored.words(None)})


def take(image: Image.Image) -> Fingerprint:
    """The fingerprint of an RGB picture; about 30 ms."""
    pixels = _sized(np.asarray(image.convert("RGB")))
    height, width = pixels.shape[:2]
    points, surroundings = _points(_stretched(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)))
    bits = surroundings > np.median(surroundings, axis=1, keepdims=True)
    return Fingerprint(width, height, points, bits, _colours(pixels))


def _sized(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = _SIDE / max(pixels.shape[:2])
    size = max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale))
    sized: NDArray[np.uint8] = cv2.resize(
        pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    return sized


def _stretched(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """From black to white: a copy that was made darker or brighter has the same points then."""
    low, high = np.percentile(grey, (1, 99))
    stretched: NDArray[np.uint8] = ((grey - low) * (255 / max(high - low, 32))).clip(0, 255).astype(np.uint8)
    return stretched


def _points(grey: NDArray[np.uint8]) -> tuple[Places, NDArray[np.float32]]:
    sift = cv2.SIFT.create(nfeatures=_POINTS, contrastThreshold=_CONTRAST)
    found, surroundings = sift.detectAndCompute(grey, None)
    if surroundings is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, _BITS), np.float32)
    order = np.argsort([-point.response for point in found], kind="stable")[:_POINTS]
    places = np.array([found[i].pt for i in order], np.float32)
    return places, surroundings[order]


def _colours(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Counts of hues and of greys, each by brightness."""
    hue, colour, light = cv2.split(cv2.cvtColor(cv2.resize(pixels, (96, 96)), cv2.COLOR_RGB2HSV))
    shade = (light // 64).astype(int).clip(0, _SHADES - 1)
    kind = np.where(colour < 48, shade, _SHADES + hue.astype(int) * _HUES // 180 * _SHADES + shade)
    counts = np.bincount(kind.ravel(), minlength=_SHADES * (_HUES + 1)).astype(np.float64)
    colours: NDArray[np.uint8] = np.round(counts * (255 / counts.max())).astype(np.uint8)
    return colours
