"""What stands in the place of personal data where nobody needs it: its kind. Standard library only.

    mask("我的手机 13812345678")                    # "我的手机 [手机号]"
    mask("call 415-555-2671", "en")               # "call [phone]"
    keep_last4("卡号 6222 0210 0111 6245 702")      # "卡号 [银行卡号 *5702]"

Masking what is masked changes nothing. For replacements of the same shape see `replacing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from support.personal.known import Known
from support.personal.shapes import Kind
from support.personal.spans import find

Language = Literal["zh", "en"]

_TOKENS: dict[Kind, tuple[str, str]] = {
    "secret": ("密码", "secret"),
    "mail": ("邮箱", "email"),
    "id_card": ("证件号", "identity number"),
    "iban": ("银行账号", "bank account"),
    "bank_card": ("银行卡号", "bank card"),
    "mobile": ("手机号", "mobile"),
    "phone": ("电话", "phone"),
    "plate": ("车牌", "number plate"),
    "account": ("账号", "account"),
    "address": ("地址", "address"),
    "name": ("姓名", "name"),
    "number": ("单号", "order number"),
    "last_digits": ("后四位", "last digits"),
}


def token(kind: Kind, language: Language | None = None, text: str = "") -> str:
    """What a kind is called, in brackets; in the text's language where none is named."""
    return f"[{_TOKENS[kind][(language or _language(text)) == 'en']}]"


def mask(
    text: str, language: Language | None = None, *, known: Known | None = None, kinds: Collection[Kind] = ()
) -> str:
    """The text with a word for each thing that is personal in it."""
    for one in reversed(find(text, known, kinds)):
        text = text[: one.start] + token(one.kind, language, text) + text[one.end :]
    return text


def keep_last4(text: str, language: Language | None = None, *, known: Known | None = None) -> str:
    """Like `mask`, with the last four places of cards, phones and numbers, for people who compare them."""
    for one in reversed(find(text, known)):
        word = token(one.kind, language, text)
        end = re.sub(r"\W", "", text[one.start : one.end])[-4:]
        if one.kind in ("id_card", "iban", "bank_card", "mobile", "phone", "number") and len(end) == 4:
            word = f"{word[:-1]} *{end}]"
        text = text[: one.start] + word + text[one.end :]
    return text


def _language(text: str) -> Language:
    return "zh" if re.search("[\u4e00-\u9fff]", text) else "en"
