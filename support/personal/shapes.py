"""The one table of what personal data looks like. Every way of finding it reads this table.

A `Shape` is found by its form, if its check agrees; or beside a label that says what it is ("卡号", "Card
number"), whatever its check digit, because a person or a reader of pictures may have got one wrong. Names
have a table of their own: `names.RULES`. Standard library only: Rasa's process reads it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from support.personal import addresses, numbers
from support.personal.checks import always, is_iban, is_id_card, is_no_day, passes_luhn

Kind = Literal[
    "secret", "mail", "id_card", "iban", "bank_card", "mobile", "phone", "plate", "account", "address",
    "name", "number", "last_digits",
]  # fmt: skip

# What says who somebody is, or opens something of theirs, whatever is talked about: no order's number.
PEOPLES: frozenset[Kind] = frozenset(
    {
        "secret",
        "mail",
        "id_card",
        "iban",
        "bank_card",
        "mobile",
        "phone",
        "plate",
        "account",
        "address",
        "name",
    }
)

# Each translation keeps the length, so that a place found in the copy is the place in the text.
ORDINARY = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20, 0x2014: 0x2D}

_DIGITS = re.compile(r"\d{3}|\d[ -]\d")


@dataclass(frozen=True)
class Shape:
    """`needs` is what a text must hold for the shape to be tried; `v`, where a pattern has it, is the value.

    What a `label` announces is `labelled`, at most a few characters behind it. `cut` is what begins a match
    and is no part of it.
    """

    kind: Kind
    needs: re.Pattern[str]
    pattern: re.Pattern[str]
    check: Callable[[str], bool] = always
    score: float = 0.8
    label: re.Pattern[str] | None = None
    labelled: re.Pattern[str] | None = None
    cut: re.Pattern[str] | None = None


_SECRETS = re.compile(
    r"码|口令|pass|pwd|pin\b|cv[cv]|otp|code|secret|token|key|bearer|eyJ|://", re.IGNORECASE
)
_ACCOUNTS = re.compile(r"微信|wechat|weixin|[vw]x|qq|my |our ", re.IGNORECASE)

# In this order: what is found first keeps its place.
SHAPES: tuple[Shape, ...] = (
    Shape("secret", _SECRETS, numbers.SECRET, score=0.9),
    Shape("mail", re.compile("@"), numbers.MAIL, score=1.0),
    Shape("number", re.compile(r"\d{4}|\d{3} \d"), numbers.ORDER_NUMBER, score=0.9),
    Shape("id_card", _DIGITS, numbers.ID_CARD, is_id_card, 1.0, numbers.ID_LABEL, numbers.ID_LABELLED),
    Shape("iban", re.compile(r"[A-Z]{2}\d{2}"), numbers.IBAN, is_iban, 1.0),
    Shape("bank_card", _DIGITS, numbers.CARD, passes_luhn, 1.0, numbers.CARD_LABEL, numbers.CARD_LABELLED),
    Shape("plate", numbers.PLATE_NEEDS, numbers.PLATE, score=0.9),
    Shape("account", _ACCOUNTS, numbers.ACCOUNT),
    Shape("mobile", _DIGITS, numbers.MOBILE, score=0.9),
    Shape("phone", _DIGITS, numbers.PHONE, is_no_day, 0.7, numbers.PHONE_LABEL, numbers.PHONE_LABELLED),
    Shape("address", addresses.ZH_NEEDS, addresses.ZH, cut=addresses.BEFORE),
    Shape("address", addresses.EN_NEEDS, addresses.EN),
)  # fmt: skip
# After the names, which may stand before them.
LATE_SHAPES: tuple[Shape, ...] = (
    Shape("number", re.compile(r"\d{3}|\d ?\d"), numbers.NUMBER, is_no_day, 0.5),
    Shape("last_digits", re.compile(r"\d{4}"), numbers.LAST_DIGITS),
)
# Kinds whose label stands for their form, in a text and in a picture.
LABELLED = tuple(shape for shape in SHAPES if shape.label)


def value_span(match: re.Match[str]) -> tuple[int, int]:
    """The place of the value: of the group `v…` that took part, else of the whole."""
    for name, text in match.groupdict().items():
        if text is not None and name.startswith("v"):
            return match.span(name)
    return match.span()
