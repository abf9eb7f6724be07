"""From a customer's bytes to what may be stored, shown to a model and looked up: the whole path.

`read` is plain and slow (about a second) and runs inside a worker of `OcrPool`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

from PIL import Image

from support.vision import sensitive
from support.vision.layout import TextLine
from support.vision.orders import OrderClaim, labelled_numbers, read_order
from support.vision.picture import MAX_AREA, Picture, decode, encode, shrunk

_ENOUGH_WORDS = 12
"""Letters from which on a picture counts as text; a brand name on a shoe has fewer."""

_NOTICEABLE_TILT, _LARGEST_TILT = 1.0, 20.0  # degrees; what is steeper is meant to be


@dataclass(frozen=True)
class Reading:
    """`picture` is blurred and `lines` are masked where a sensitive number was found; `masked` names the
    kinds (id_card, bank_card, phone). Boxes are in the picture's pixels. `claim` is set for an order only.
    `fingerprint` is of the picture before anything was blurred (`support.vision.fingerprint`).
    """

    picture: Picture
    lines: tuple[TextLine, ...]
    kind: Literal["order", "text", "photo"]
    claim: OrderClaim | None
    masked: tuple[str, ...]
    fingerprint: bytes


class LineReader(Protocol):
    """What `read` needs of an OCR engine; `support.vision.ocr.Reader` is the real one."""

    def lines(self, image: Image.Image) -> tuple[list[TextLine], float]: ...


def read(data: bytes, reader: LineReader) -> Reading:
    """Cleans the picture, reads it at full size, covers what is private. Raises `PictureError`."""
    from support.vision import fingerprint  # OpenCV, which only the workers need

    def kept(image: Image.Image) -> tuple[Image.Image, bytes]:
        small = shrunk(image, MAX_AREA)
        return small, fingerprint.take(small).to_bytes()

    decoded = decode(data)
    with ThreadPoolExecutor(1) as beside:  # between its steps the reading leaves a core free
        prepared = beside.submit(kept, decoded.image)
        straight, seen = _read_straight(decoded.image, reader)
        image, mark = prepared.result()
    if straight is not decoded.image:
        image, mark = kept(straight)
    seen = [_scaled(line, image.width / straight.width, image.height / straight.height) for line in seen]
    findings = sensitive.find(seen, exempt=labelled_numbers(seen))
    lines = sensitive.masked(seen, findings)
    claim = read_order(lines)
    boxes = [lines[i].box for finding in findings for i, _, _ in finding.places]
    return Reading(
        picture=encode(sensitive.blurred(image, boxes), decoded),
        lines=tuple(lines),
        kind=_kind(lines, claim),
        claim=claim,
        masked=tuple(dict.fromkeys(finding.kind for finding in findings)),
        fingerprint=mark,
    )


def _read_straight(image: Image.Image, reader: LineReader) -> tuple[Image.Image, list[TextLine]]:
    """A photo of a screen is seldom level, and at 3 degrees a sum stands beside the wrong label: turn it."""
    lines, tilt = reader.lines(image)
    if not _NOTICEABLE_TILT < abs(tilt) < _LARGEST_TILT:
        return image, lines
    image = image.rotate(tilt, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    return image, reader.lines(image)[0]


def _kind(lines: list[TextLine], claim: OrderClaim | None) -> Literal["order", "text", "photo"]:
    if claim is not None:
        return "order"
    letters = sum(len(line.text.strip()) for line in lines)
    return "text" if letters >= _ENOUGH_WORDS else "photo"


def _scaled(line: TextLine, across: float, down: float) -> TextLine:
    left, top, right, bottom = line.box
    box = int(left * across), int(top * down), int(right * across + 1), int(bottom * down + 1)
    return TextLine(line.text, box, line.score)
