"""Finds identity-card, bank-card and phone numbers among recognised lines, and covers them up.

How a number is recognised:

* an identity card of mainland China: 18 places, a possible birthday and a right check digit (GB 11643);
* a bank card: 16 to 19 digits that pass the Luhn check; spaces or dashes between groups are allowed;
* a mobile phone of mainland China: 1[3-9] and nine more digits, spaces and +86 allowed;
* any of the three beside a label that says so ("身份证号", "Card number", "Tel"), whatever its check
  digit, because OCR may have misread one; so phones of other countries are found by their labels.

Order and parcel numbers that carry a label are exempt, even when they happen to pass a check: one in ten
numbers of 16 to 19 digits passes Luhn, and without its order number a screenshot is of no use. The same
number without a label is covered. The price: a card number that somebody labels "order number" stays.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from PIL import Image, ImageFilter

from support.vision.layout import TextLine, below, right_of, rows

# Each translation keeps the length, so that a place found in the copy is the place in the text.
_ORDINARY = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20, 0x2014: 0x2D}
_REPAIRED = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"})


def _is_id_card(digits: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    if sum(w * int(d) for w, d in zip(weights, digits, strict=False)) % 11 != "10X98765432".index(digits[17]):
        return False
    try:
        return date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])).year > 1900
    except ValueError:
        return False


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def _always(digits: str) -> bool:
    return True


@dataclass(frozen=True)
class _Kind:
    name: str
    shape: re.Pattern[str]
    check: Callable[[str], bool]
    label: re.Pattern[str]
    labelled_shape: re.Pattern[str]


_NOT_INSIDE, _NOT_GOING_ON = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_KINDS = (
    _Kind(
        "id_card",
        re.compile(rf"{_NOT_INSIDE}[1-8](?:[ -]?\d){{16}}[ -]?[\dXx]{_NOT_GOING_ON}"),
        _is_id_card,
        re.compile(r"身份证|证件号|居民身份|identity\s*card|\bID\s*(?:card|no|number)", re.IGNORECASE),
        re.compile(r"\d(?:[ -]?\d){13,16}[ -]?[\dXx]"),
    ),
    _Kind(
        "bank_card",
        re.compile(rf"{_NOT_INSIDE}\d(?:[ -]?\d){{15,18}}{_NOT_GOING_ON}"),
        _passes_luhn,
        re.compile(r"银行卡|信用卡|储蓄卡|卡号|银行账[号户]|(?:card|account)\s*(?:no|num)", re.IGNORECASE),
        re.compile(r"\d(?:[ -]?\d){11,20}"),
    ),
    _Kind(
        "phone",
        re.compile(rf"(?:\+?86[ -]?)?{_NOT_INSIDE}1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}(?!\d)"
                   rf"|{_NOT_INSIDE}86[ -]?1[3-9]\d{{9}}(?!\d)"),
        _always,
        re.compile(
            r"电话|手机|联系方式|收[货件]人|\btel\b|phone|mobile|\bcell\b|whatsapp|contact", re.IGNORECASE
        ),
        re.compile(r"\+?\(?\d(?:[ ().-]{0,2}\d){6,14}"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A sensitive number: the places (line, start, end) in which it is printed."""

    kind: str
    places: tuple[tuple[int, int, int], ...]


def find(lines: Sequence[TextLine], exempt: Collection[str] = ()) -> list[Finding]:
    """The sensitive numbers in `lines`, without those whose digits are the digits of an `exempt` one."""
    spared = {_compact(number) for number in exempt}
    findings: dict[Finding, None] = {}
    for kind in _KINDS:
        for finding, number in _of_kind(kind, lines):
            if _compact(number) not in spared:
                findings[finding] = None
    return list(findings)


def masked(lines: Sequence[TextLine], findings: Sequence[Finding]) -> list[TextLine]:
    """The lines with an asterisk for each place of a sensitive number."""
    texts = [line.text for line in lines]
    for finding in findings:
        for index, start, end in finding.places:
            cover = re.sub(r"[0-9A-Za-z０-９|]", "*", texts[index][start:end])
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


def _of_kind(kind: _Kind, lines: Sequence[TextLine]) -> Iterator[tuple[Finding, str]]:
    for i, line in enumerate(lines):
        for start, end in _in_text(kind, line.text):
            yield Finding(kind.name, ((i, start, end),)), line.text[start:end]
        for j, start, end in _beside_label(kind, lines, i):
            yield Finding(kind.name, ((j, start, end),)), lines[j].text[start:end]
    for run in _digit_runs(lines):
        together = "".join(lines[i].text for i in run)
        if any(_in_text(kind, together)):
            yield Finding(kind.name, tuple((i, 0, len(lines[i].text)) for i in run)), together


def _in_text(kind: _Kind, text: str) -> Iterator[tuple[int, int]]:
    """Places of numbers of this kind, as printed and with O and l read as 0 and 1."""
    ordinary = text.translate(_ORDINARY)
    for copy in (ordinary, ordinary.translate(_REPAIRED)):
        for match in kind.shape.finditer(copy):
            if kind.check(_compact(match[0])):
                yield match.span()


def _beside_label(kind: _Kind, lines: Sequence[TextLine], index: int) -> Iterator[tuple[int, int, int]]:
    """What a label of this kind announces: later on the line, else to its right, else under it."""
    label = kind.label.search(lines[index].text)
    if label is None:
        return
    ordinary = lines[index].text.translate(_ORDINARY)
    if match := kind.labelled_shape.search(ordinary, label.end()):
        yield index, *match.span()
        return
    for j in (*right_of(lines, index), *below(lines, index)):
        if match := kind.labelled_shape.match(lines[j].text.translate(_ORDINARY)):
            yield j, *match.span()
            return


def _digit_runs(lines: Sequence[TextLine]) -> Iterator[list[int]]:
    """Neighbouring lines of digits on one row: a number that is printed in groups of four."""
    for row in rows(lines):
        run: list[int] = []
        for i in row:
            near = run and lines[i].box[0] - lines[run[-1]].box[2] <= 2 * lines[i].height
            if not re.fullmatch(r"[\d ]{2,}[Xx]?", lines[i].text.translate(_ORDINARY)):
                run = []
                continue
            run = [*run, i] if near else [i]
            if len(run) > 1:
                yield run


def _compact(number: str) -> str:
    return re.sub(r"[^0-9X]", "", number.translate(_ORDINARY).translate(_REPAIRED).upper())
