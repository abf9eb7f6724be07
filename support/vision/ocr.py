"""Reads the words in a picture with RapidOCR, on one thread, with the models inside its wheel.

Measured on one core with 27 lines of a phone's screenshot: finding the lines takes about 0.27 s per
megapixel, reading them about 14 ms a line. So the size that is read decides the time: see `_reading_size`.
"""

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

_PHONE_WIDTH = 720
"""A phone's screenshot is read at this width; its smallest print is then nearly 20 pixels high. The demo
shop's screenshots are all read exactly down to 560; wider ones cost a tenth of a second per 100 pixels."""

_WIDE_AREA = 2_000_000
"""A photo or a desktop capture holds small print anywhere, so it is read at (nearly) its own size."""

_TILE, _OVERLAP = 1600, 160
"""A long screenshot is read in tiles of this height. No line of text is as high as the overlap, so each
line lies entirely inside the tile that its middle belongs to."""

_SMALLER, _LARGE, _LETTERS = 3, 110, 2
"""Letters of some 100 pixels and more are not found as text any more; they are, a third as large. A
single one may as well be a ring or a post."""

_SMALLEST = 8
"""No side with fewer pixels than this holds a letter."""


class Reader:
    """Holds the loaded models (about 0.3 s and 150 MB). One per process."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        models = Path(rapidocr.__file__).parent / "models"
        self._engine = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                # Sizes and margins are decided here; RapidOCR's own rules blow thin strips up to megapixels.
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # Naming the files keeps RapidOCR from ever fetching a model.
                "Det.model_path": _only(models, "*det*.onnx"),
                "Cls.model_path": _only(models, "*cls*.onnx"),
                "Rec.model_path": _only(models, "*rec*.onnx"),
                "Det.limit_type": "max",
                "Det.limit_side_len": 10_000,
                "Rec.rec_batch_num": 1,  # on one thread a batch only adds padding
            }
        )

    def lines(self, image: Image.Image) -> tuple[list[TextLine], float]:
        """The lines of an RGB picture from top to bottom, boxes in its own pixels, and their tilt.

        The tilt is in degrees, positive where the lines sink to the right; 0 where there are few lines.
        """
        if min(image.size) < _SMALLEST:
            return [], 0.0
        size = _reading_size(image.width, image.height)
        sized = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
        pixels = cv2.copyMakeBorder(np.asarray(sized)[:, :, ::-1], *_border(*size), cv2.BORDER_REPLICATE)
        ratio = image.width / size[0], image.height / size[1]
        found = self._tiled(pixels)
        if large := self._large(pixels, found):
            found = sorted((*found, *large), key=lambda each: float(each[0][:, 1].min()))
        return [_line(*each, ratio) for each in found], _tilt([quad for quad, _, _ in found])

    def _large(self, pixels: Pixels, found: list[tuple[Quad, str, float]]) -> list[tuple[Quad, str, float]]:
        """Words written large, as on a sheet of paper, which the detector sees in a small copy only."""
        size = pixels.shape[1] // _SMALLER, pixels.shape[0] // _SMALLER
        if min(size) < _SMALLEST:
            return []
        more = self._read(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), 0)
        scaled = [(quad * _SMALLER, text, score) for quad, text, score in more]
        return [
            one
            for one in scaled
            if sum(letter.isalnum() for letter in one[1]) >= _LETTERS
            and np.ptp(one[0][:, 1]) >= _LARGE
            and not any(_overlap(one[0], other) for other, _, _ in found)
        ]

    def _tiled(self, pixels: Pixels) -> list[tuple[Quad, str, float]]:
        height = pixels.shape[0]
        if height <= _TILE + _OVERLAP:
            return self._read(pixels, 0)
        found = []
        for own in range(0, height, _TILE):
            top, bottom = max(0, own - _OVERLAP // 2), min(height, own + _TILE + _OVERLAP // 2)
            for quad, text, score in self._read(pixels[top:bottom], top):
                if own <= quad[:, 1].mean() < own + _TILE:
                    found.append((quad, text, score))
        return found

    def _read(self, pixels: Pixels, offset: int) -> list[tuple[Quad, str, float]]:
        found = self._engine(pixels)
        if found.boxes is None or found.txts is None or found.scores is None:
            return []
        quads = (np.add(quad, (0, offset)) for quad in found.boxes)
        return list(zip(quads, found.txts, found.scores, strict=True))


def _only(models: Path, pattern: str) -> str:
    found = sorted(models.glob(pattern))
    if len(found) != 1:
        raise RuntimeError(f"expected one bundled RapidOCR model {pattern}, found {len(found)}")
    return str(found[0])


def _reading_size(width: int, height: int) -> tuple[int, int]:
    """Phones' screenshots (higher than 1.6 times their width) by width, all others by area; twice at most."""
    scale = _PHONE_WIDTH / width if height > 1.6 * width else (_WIDE_AREA / (width * height)) ** 0.5
    scale = min(scale, 2.0, (WORKING_AREA / (width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _border(width: int, height: int) -> tuple[int, int, int, int]:
    """What to add at the top, bottom, left and right so that a line cut out closely has some air around it.

    None at the top and the left, so that the places of the lines stay as they are.
    """
    return 0, max(0, 96 - height), 0, max(0, 96 - width)


def _overlap(one: Quad, other: Quad) -> bool:
    """Whether the boxes around two lines have anything in common."""
    low, high = np.maximum(one.min(axis=0), other.min(axis=0)), np.minimum(one.max(axis=0), other.max(axis=0))
    return bool((low < high).all())


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
