"""Finds personal data among recognised lines, and covers it up: numbers, names and addresses.

What it looks like says `support.personal`. A picture differs from a text in three ways: what a label
announces stands beside or under it; a number may be printed in groups, each a line of its own; and the reader
of pictures takes letters for digits. Covered are identity cards, bank cards and phones (by form and check
digit, or beside a label that says so), plates, e-mail addresses, addresses with a house in them, and names
beside a phone, an address or a label such as 收货人.

Order and parcel numbers that carry a label are exempt, even when they happen to pass a check: one in ten
numbers of 16 to 19 digits passes Luhn, and without its order number a screenshot is of no use. The same
number without a label is covered. The price: a card number that somebody labels "order number" stays.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageFilter

from support.personal import Kind, spans
from support.personal.checks import compact
from support.personal.shapes import LABELLED, ORDINARY, SHAPES, Shape
from support.vision.layout import TextLine, below, right_of, rows

_REPAIRED = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"})
# What is read digit by digit; a phone without a label only in its mobile form, since sums look like the rest.
_NUMBERS: tuple[Kind, ...] = ("id_card", "bank_card", "mobile")
_NUMBER_SHAPES = tuple(shape for shape in SHAPES if shape.kind in _NUMBERS)
_WORDS: tuple[Kind, ...] = ("mail", "plate", "address", "name")
_NAMES: dict[str, str] = {"mobile": "phone"}


@dataclass(frozen=True)
class Finding:
    """Something personal: the places (line, start, end) in which it is printed."""

    kind: str
    places: tuple[tuple[int, int, int], ...]


def find(lines: Sequence[TextLine], exempt: Collection[str] = ()) -> list[Finding]:
    """What is personal in `lines`, without numbers whose digits are the digits of an `exempt` one."""
    spared = {_digits(number) for number in exempt}
    numbers = (found for found, number in _numbers(lines) if _digits(number) not in spared)
    return list(dict.fromkeys([*numbers, *_words(lines)]))


def masked(lines: Sequence[TextLine], findings: Sequence[Finding]) -> list[TextLine]:
    """The lines with an asterisk for each letter and digit of what was found."""
    texts = [line.text for line in lines]
    for finding in findings:
        for index, start, end in finding.places:
            cover = re.sub(r"[^\W_]|\|", "*", texts[index][start:end])
            texts[index] = texts[index][:start] + cover + texts[index][end:]
    return [replace(line, text=text) for line, text in zip(lines, texts, strict=True)]


def blurred(image: Image.Image, boxes: Sequence[tuple[int, int, int, int]]) -> Image.Image:
    """A copy in which each box is a smear.

    A box is averaged to a single row of patches, each twice as wide as the box is high, before it is
    smoothed. An ordinary blur or fine mosaic keeps enough of each digit to be guessed from its shape.
    """
    image = image.copy()
    for box in boxes:
        left, top, right, bottom = box
        margin = max(2, (bottom - top) // 5)
        area = (
            max(0, left - margin),
            max(0, top - margin),
            min(image.width, right + margin),
            min(image.height, bottom + margin),
        )
        width, height = area[2] - area[0], area[3] - area[1]
        if width < 1 or height < 1:
            continue
        patches = image.crop(area).resize((max(1, width // (2 * height)), 1), Image.Resampling.BOX)
        smear = patches.resize((width, height), Image.Resampling.BILINEAR)
        image.paste(smear.filter(ImageFilter.GaussianBlur(margin)), area)
    return image


def _words(lines: Sequence[TextLine]) -> Iterator[Finding]:
    """What is read as words: only where a line by itself says that it is personal."""
    for i, line in enumerate(lines):
        for one in spans.find(line.text, kinds=_WORDS):
            yield Finding(one.kind, ((i, one.start, one.end),))


def _numbers(lines: Sequence[TextLine]) -> Iterator[tuple[Finding, str]]:
    """Numbers, with how they are printed."""
    runs = list(_digit_runs(lines))
    for shape in _NUMBER_SHAPES:
        kind = _NAMES.get(shape.kind, shape.kind)
        for i, line in enumerate(lines):
            for start, end in _in_text(shape, line.text):
                yield Finding(kind, ((i, start, end),)), line.text[start:end]
        for run in runs:
            together = "".join(lines[i].text for i in run)
            if any(_in_text(shape, together)):
                yield Finding(kind, tuple((i, 0, len(lines[i].text)) for i in run)), together
    for shape in LABELLED:
        for i in range(len(lines)):
            for j, start, end in _beside_label(shape, lines, i):
                yield Finding(shape.kind, ((j, start, end),)), lines[j].text[start:end]


def _in_text(shape: Shape, text: str) -> Iterator[tuple[int, int]]:
    """Places of numbers of this shape, as printed and with O and l read as 0 and 1."""
    ordinary = text.translate(ORDINARY)
    for copy in (ordinary, ordinary.translate(_REPAIRED)):
        for match in shape.pattern.finditer(copy):
            if shape.check(match[0]):
                yield match.span()


def _beside_label(shape: Shape, lines: Sequence[TextLine], index: int) -> Iterator[tuple[int, int, int]]:
    """What a label of this kind announces: later on the line, else to its right, else under it."""
    label = shape.label and shape.label.search(lines[index].text)
    if not label or not shape.labelled:
        return
    ordinary = lines[index].text.translate(ORDINARY)
    if match := shape.labelled.search(ordinary, label.end()):
        yield index, *match.span()
        return
    for j in (*right_of(lines, index), *below(lines, index)):
        if match := shape.labelled.match(lines[j].text.translate(ORDINARY)):
            yield j, *match.span()
            return


def _digit_runs(lines: Sequence[TextLine]) -> Iterator[list[int]]:
    """Neighbouring lines of digits on one row: a number that is printed in groups of four."""
    for row in rows(lines):
        run: list[int] = []
        for i in row:
            near = run and lines[i].box[0] - lines[run[-1]].box[2] <= 2 * lines[i].height
            if not re.fullmatch(r"[\d ]{2,}[Xx]?", lines[i].text.translate(ORDINARY)):
                run = []
                continue
            run = [*run, i] if near else [i]
            if len(run) > 1:
                yield run


def _digits(number: str) -> str:
    """For comparing what a label announces with what was found."""
    return re.sub(r"[^0-9X]", "", compact(number.translate(ORDINARY).upper().translate(_REPAIRED)))
