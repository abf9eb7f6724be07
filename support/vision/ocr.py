"""Reads the words in a picture with RapidOCR, with the models inside its wheel.

Measured on one core with 27 lines of a phone's screenshot: finding the lines takes about 0.2 s per megapixel,
reading them 2 ms a line and 3 ms more for each 100 pixels of its width. So the lines of a screenshot are
found in a smaller copy than they are read from, and both is done side by side on `_THREADS` threads.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray
from PIL import Image

from support.vision.layout import TextLine
from support.vision.picture import WORKING_AREA

Pixels = NDArray[np.uint8]
Quad = NDArray[np.floating]  # four corners (x, y)
Found = tuple[Quad, str, float]

_THREADS = min(2, os.cpu_count() or 1)
"""Each with a line of its own. The engine's own threads wait for each other within every layer, and busily:
beside other work on two cores they took twice as long as one."""

_PHONE_WIDTH = 720
"""A phone's screenshot is read at this width; its smallest print is then nearly 20 pixels high. The demo
shop's screenshots are all read exactly down to 560."""

_FINDING, _FINE_PRINT = 2 / 3, 9
"""Its lines are found at two thirds of that, at less than half the cost. Where one of them is hardly higher
there than the detector can see, finer print may have been missed: then they are looked for at full size."""

_WIDE_AREA = 2_000_000
"""A photo or a desktop capture holds small print anywhere, so it is read at (nearly) its own size."""

_TILE, _OVERLAP = 1600, 160
"""A long screenshot is searched in tiles of this height. No line of text is as high as the overlap, so each
line lies entirely inside the tile that its middle belongs to."""

_SMALLER, _LARGE, _LETTERS = 3, 110, 2
"""Letters of some 100 pixels and more are not found as text any more; they are, a third as large. A
single one may as well be a ring or a post."""

_SMALLEST = 8
"""No side with fewer pixels than this holds a letter."""

_SAMPLE, _CERTAIN = 6, 0.8
"""A picture may lie on its head, and its lines with it. Where its widest lines are all upright, so are most:
only those that run up or down the picture are looked at, and those that cannot be read with certainty."""

_SURE = 0.5
"""What is read with a lower score is no text."""


class Reader:
    """Holds the loaded models (about 0.3 s and 150 MB). One per process."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        models = Path(rapidocr.__file__).parent / "models"
        self._threads = ThreadPoolExecutor(_THREADS)
        self._engine = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                # Sizes and margins are decided here; RapidOCR's own rules blow thin strips up to megapixels.
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # Memory is kept between pictures (140 MB more): to give it back and take it again costs a
                # tenth of the time.
                "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
                # Naming the files keeps RapidOCR from ever fetching a model.
                "Det.model_path": _only(models, "*det*.onnx"),
                "Cls.model_path": _only(models, "*cls*.onnx"),
                "Rec.model_path": _only(models, "*rec*.onnx"),
                "Det.limit_type": "max",
                "Det.limit_side_len": 10_000,
                "Rec.rec_batch_num": 1,  # on one thread a batch only adds padding,
                "Rec.rec_img_shape": [3, 48, 48],  # and so does a width for all
            }
        )
        blank = np.full((96, 96, 3), 255, np.uint8)  # the models are loaded with the first picture
        self._quads(blank)
        self._said(blank, upright=False)

    def lines(self, image: Image.Image) -> tuple[list[TextLine], float]:
        """The lines of an RGB picture from top to bottom, boxes in its own pixels, and their tilt.

        The tilt is in degrees, positive where the lines sink to the right; 0 where there are few lines.
        """
        if min(image.size) < _SMALLEST:
            return [], 0.0
        size = _reading_size(image.width, image.height)
        smooth = Image.Resampling.HAMMING if size[0] < image.width else Image.Resampling.LANCZOS
        sized = image if size == image.size else image.resize(size, smooth)
        pixels = cv2.copyMakeBorder(np.asarray(sized)[:, :, ::-1], *_border(*size), cv2.BORDER_REPLICATE)
        ratio = image.width / size[0], image.height / size[1]
        small = _shrunk(pixels, 1 / _SMALLER)
        beside = self._threads.submit(self._quads, small)
        quads = self._found(pixels, _FINDING if _is_phone(*image.size) else 1.0)
        found = self._read(pixels, quads)
        if large := self._large(small, beside.result(), quads):
            found = sorted((*found, *large), key=lambda each: float(each[0][:, 1].min()))
        return [_line(*each, ratio) for each in found], _tilt([quad for quad, _, _ in found])

    # --- where lines are -------------------------------------------------------------------------------
    def _found(self, pixels: Pixels, scale: float) -> list[Quad]:
        """The lines' corners, in the picture's pixels, from top to bottom."""
        if scale == 1:
            return self._tiled(pixels, _TILE)
        smaller = _shrunk(pixels, scale)
        found = self._tiled(smaller, min(_TILE, -(-smaller.shape[0] // _THREADS)))
        if any(_height(quad) < _FINE_PRINT for quad in found):
            return self._tiled(pixels, _TILE)
        return [quad / scale for quad in found]

    def _tiled(self, pixels: Pixels, tile: int) -> list[Quad]:
        height = pixels.shape[0]
        if height <= tile + _OVERLAP:
            return self._quads(pixels)
        tiles = [
            (own, max(0, own - _OVERLAP // 2), min(height, own + tile + _OVERLAP // 2))
            for own in range(0, height, tile)
        ]
        found = self._threads.map(lambda one: self._quads(pixels[one[1] : one[2]]), tiles)
        return [
            np.add(quad, (0, top))
            for (own, top, _), quads in zip(tiles, found, strict=True)
            for quad in quads
            if own <= quad[:, 1].mean() + top < own + tile
        ]

    def _quads(self, pixels: Pixels) -> list[Quad]:
        found = self._engine(pixels, use_det=True, use_cls=False, use_rec=False)
        return [] if found.boxes is None else [np.asarray(quad, np.float32) for quad in found.boxes]

    # --- what they say ---------------------------------------------------------------------------------
    def _read(self, pixels: Pixels, quads: Sequence[Quad]) -> list[Found]:
        """The lines that hold text. The widest are read first, so that the threads end at about one time."""
        if not quads:
            return []
        order = sorted(range(len(quads)), key=lambda at: -_width(quads[at]))
        _, upright = self._turned([self._crop(pixels, quads[at]) for at in order[:_SAMPLE]])
        said = self._threads.map(
            lambda at: self._said(self._crop(pixels, quads[at]), upright and _is_level(quads[at])), order
        )
        read = sorted(zip(order, said, strict=True))
        return [(quads[at], text, score) for at, (text, score) in read if text.strip() and score >= _SURE]

    def _crop(self, pixels: Pixels, quad: Quad) -> Pixels:
        crops: list[Pixels] = self._engine.crop_text_regions(pixels, quad[np.newaxis].astype(np.float32))
        return crops[0]

    def _turned(self, crops: list[Pixels]) -> tuple[list[Pixels], bool]:
        """The crops with those turned that stand on their head, and whether none of them seems to."""
        turned, found = self._engine.cls_and_rotate(crops)
        return turned, not any("180" in label for label, _ in found.cls_res)

    def _said(self, crop: Pixels, upright: bool) -> tuple[str, float]:
        """The words and their score. `upright`: not to be turned unless it is hard to read as it is."""
        said = self._recognised(crop) if upright else ("", 0.0)
        if said[1] >= _CERTAIN:
            return said
        turned, stands = self._turned([crop])
        return said if upright and stands else self._recognised(turned[0])

    def _recognised(self, crop: Pixels) -> tuple[str, float]:
        said = self._engine.recognize_txt([crop])
        return (said.txts or ("",))[0], float((said.scores or (0.0,))[0])

    def _large(self, small: Pixels, candidates: Sequence[Quad], found: Sequence[Quad]) -> list[Found]:
        """Words written large, as on a sheet of paper, which the detector sees in a small copy only."""
        wanted = [
            quad
            for quad in candidates
            if _height(quad) * _SMALLER >= _LARGE
            and not any(_overlap(quad * _SMALLER, other) for other in found)
        ]
        return [
            (quad * _SMALLER, text, score)
            for quad, text, score in self._read(small, wanted)
            if sum(letter.isalnum() for letter in text) >= _LETTERS
        ]


def _only(models: Path, pattern: str) -> str:
    found = sorted(models.glob(pattern))
    if len(found) != 1:
        raise RuntimeError(f"expected one bundled RapidOCR model {pattern}, found {len(found)}")
    return str(found[0])


def _reading_size(width: int, height: int) -> tuple[int, int]:
    """Phones' screenshots by width, all others by area; twice at most."""
    scale = _PHONE_WIDTH / width if _is_phone(width, height) else (_WIDE_AREA / (width * height)) ** 0.5
    scale = min(scale, 2.0, (WORKING_AREA / (width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _is_phone(width: int, height: int) -> bool:
    return height > 1.6 * width


def _shrunk(pixels: Pixels, scale: float) -> Pixels:
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _border(width: int, height: int) -> tuple[int, int, int, int]:
    """What to add at the top, bottom, left and right so that a line cut out closely has some air around it.

    None at the top and the left, so that the places of the lines stay as they are.
    """
    return 0, max(0, 96 - height), 0, max(0, 96 - width)


def _overlap(one: Quad, other: Quad) -> bool:
    """Whether the boxes around two lines have anything in common."""
    low, high = np.maximum(one.min(axis=0), other.min(axis=0)), np.minimum(one.max(axis=0), other.max(axis=0))
    return bool((low < high).all())


def _height(quad: Quad) -> float:
    """Of the box around a line; of the line itself where that is level."""
    return float(np.ptp(quad[:, 1]))


def _is_level(quad: Quad) -> bool:
    return _width(quad) >= _height(quad)


def _width(quad: Quad) -> float:
    return float(np.ptp(quad[:, 0]))


def _line(quad: Quad, text: str, score: float, ratio: tuple[float, float]) -> TextLine:
    (left, top), (right, bottom) = quad.min(axis=0) * ratio, quad.max(axis=0) * ratio
    return TextLine(text, (int(left), int(top), int(right) + 1, int(bottom) + 1), float(score))


def _tilt(quads: list[Quad]) -> float:
    """The median slope of the long lines, of which there must be four; corners go clockwise from top left."""
    slopes = []
    for quad in quads:
        (across, down), height = quad[1] - quad[0], np.linalg.norm(quad[3] - quad[0])
        if across > 4 * height:
            slopes.append(np.degrees(np.arctan2(down, across)))
    return float(np.median(slopes)) if len(slopes) >= 4 else 0.0
