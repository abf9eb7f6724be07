"""Personal data out of examples for the training: replaced by what the project's own examples use.

    stand_ins("我是李雷，13812345678")       # "我是小明，13912345678"

Numbers of every kind become one number: to the classifier (`assistant/text.py`) every order number is the
same, so nothing is lost by it. What an example says twice it says alike. Standard library only.
"""

from __future__ import annotations

import re

from support.personal.known import Known
from support.personal.shapes import Kind
from support.personal.spans import find

ORDER_ID = "6203847501926"
MOBILE = "13912345678"
# From the range that the United Kingdom's regulator keeps for fiction.
PHONE = "07700900456"
MAIL = "someone@example.com"
LAST_DIGITS = "2260"
PLATE = "沪A00123"
_NAME = ("小明", "Alex")
_ADDRESS = ("人民路1号", "1 High Street")

_NUMBERS: dict[Kind, str] = {
    "mail": MAIL,
    "mobile": MOBILE,
    "phone": PHONE,
    "plate": PLATE,
    "last_digits": LAST_DIGITS,
}


def stand_ins(text: str, known: Known | None = None) -> str:
    """The text with the project's own name, address and numbers in the place of a customer's."""
    english = not re.search("[\u4e00-\u9fff]", text)
    for one in reversed(find(text, known)):
        text = text[: one.start] + _other(one.kind, english) + text[one.end :]
    return text


def _other(kind: Kind, english: bool) -> str:
    if kind == "name":
        return _NAME[english]
    if kind == "address":
        return _ADDRESS[english]
    return _NUMBERS.get(kind, ORDER_ID)
