"""Size charts: which size a customer's measurements fall into by the shop's own chart. Nothing is guessed.

Charts are read in the two forms that shops write in one line:

    S 155–160 cm / 43–50 kg; M 158–165 cm / 49–57 kg          (body height and weight)
    36 = 230 mm; 37 = 235 mm        28 = 71 cm; 29 = 74 cm    (foot length; waist)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from support.model import Product
from support.products.amounts import Body

_CHART_KEYS = ("size_chart", "size_guide", "尺码表", "sizes")
_RANGE = r"(\d+(?:\.\d+)?)\s*[-–—~]\s*(\d+(?:\.\d+)?)"
_BODY_ROW = re.compile(rf"^(\S+)\s+{_RANGE}\s*cm\s*/\s*{_RANGE}\s*kg$", re.IGNORECASE)
_LENGTH_ROW = re.compile(r"^(\S+)\s*=\s*(\d+(?:\.\d+)?)\s*(mm|cm)$", re.IGNORECASE)


@dataclass(frozen=True)
class Advice:
    """Sizes by height and by weight, or by a length; a size in both lists fits both ways."""

    by_height: tuple[str, ...] = ()
    by_weight: tuple[str, ...] = ()
    by_length: tuple[str, ...] = ()

    @property
    def agreed(self) -> tuple[str, ...]:
        if self.by_length or not self.by_height or not self.by_weight:
            return self.by_length or self.by_height or self.by_weight
        return tuple(size for size in self.by_height if size in self.by_weight)

    def __bool__(self) -> bool:
        return bool(self.by_height or self.by_weight or self.by_length)


def chart(product: Product) -> str:
    """The product's size chart as text; "" when the record has none."""
    value = next((product.attributes[name] for name in _CHART_KEYS if product.attributes.get(name)), "")
    if isinstance(value, Mapping):
        return "; ".join(f"{size} {what}" for size, what in value.items())
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def advise(text: str, body: Body) -> Advice:
    """What a chart says for these measurements; nothing when it is in another form or they are outside it."""
    rows = [row.strip() for row in re.split(r"[;；\n]", text)]
    bodies = [match for row in rows if (match := _BODY_ROW.match(row))]
    lengths = [match for row in rows if (match := _LENGTH_ROW.match(row))]
    if bodies:
        return Advice(
            by_height=_within(body.height, {m[1]: (m[2], m[3]) for m in bodies}),
            by_weight=_within(body.weight, {m[1]: (m[4], m[5]) for m in bodies}),
        )
    centimetres = {m[1]: Decimal(m[2]) / (10 if m[3].lower() == "mm" else 1) for m in lengths}
    # Millimetres measure feet, centimetres waists: that is how these charts are written.
    of_feet = any(m[3].lower() == "mm" for m in lengths)
    value, give = (body.foot, Decimal("0.2")) if of_feet else (body.waist, Decimal(1))
    return Advice(by_length=_at_least(value, give, centimetres))


def _within(value: Decimal | None, ranges: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(
        size for size, (low, high) in ranges.items() if Decimal(low) <= round(value) <= Decimal(high)
    )


def _at_least(value: Decimal | None, give: Decimal, lengths: Mapping[str, Decimal]) -> tuple[str, ...]:
    """The smallest size that is not too small, by what cloth and leather give."""
    if value is None or not lengths:
        return ()
    enough = [(length, size) for size, length in lengths.items() if length >= value - give]
    far_too_large = enough and min(enough)[0] > value * Decimal("1.1")
    return (min(enough)[1],) if enough and not far_too_large else ()
