"""What the shop's records know of one customer, and how to find it in a text. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.personal.names import AMBIGUOUS
from support.personal.shapes import Kind

# Chinese characters beside a Latin word are no part of it.
_ALONE = r"(?<![A-Za-z0-9_]){}(?![A-Za-z0-9_])"
_SHORTEST_NUMBER = 4
_SHORTEST_PHONE = 7
# A shorter word is part of too many others.
_SHORTEST = 2


@dataclass(frozen=True)
class Known:
    """What the records hold about one customer, as it is written there; empty for a stranger."""

    name: str = ""
    phone: str = ""
    email: str = ""
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()  # of orders and parcels

    @property
    def phone_digits(self) -> str:
        return re.sub(r"\D", "", self.phone)


def patterns(known: Known) -> Iterator[tuple[Kind, str]]:
    """Kind and pattern of everything known, the longest first in each kind."""
    if addresses := [one for one in known.addresses if len(one) >= _SHORTEST]:
        yield "address", _any(addresses)
    if known.email:
        yield "mail", f"(?i:{re.escape(known.email)})"
    digits = known.phone_digits
    if len(digits) >= _SHORTEST_PHONE:
        kind: Kind = "mobile" if re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits) else "phone"
        yield kind, rf"(?<!\d)\+?{'[ ()-]*'.join(digits)}(?!\d)"
        yield "last_digits", rf"(?<![\d.¥$]){digits[-4:]}(?![\d.]|\s?(?:元|块|年))"
    if numbers := [one for one in known.numbers if len(one) >= _SHORTEST_NUMBER]:
        yield "number", rf"(?<![A-Za-z0-9])(?:{_any(numbers)})(?![A-Za-z0-9])"
    if names := list(_names(known.name)):
        yield "name", "|".join(names)


def _names(name: str) -> Iterator[str]:
    """The whole name; of a name with blanks also its parts, as far as they are no words of the language."""
    if len(name) < _SHORTEST:
        return
    if not name.isascii():
        yield re.escape(name)
        return
    yield rf"(?i:{_ALONE.format(re.escape(name))})"
    for part in name.split():
        if len(part) > 1 and part.lower() not in AMBIGUOUS:
            yield _ALONE.format(re.escape(part))


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True))
