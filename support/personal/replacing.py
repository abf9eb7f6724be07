"""Personal data out of texts that stay: each value replaced by another one of the same shape.

    mask = Masker(key, known)                     # one for each conversation
    mask("订单 6205845058777 到哪了", public=[])    # "订单 7316956169822 到哪了"

The same value gets the same replacement all through a conversation, so that what is to be learned ("copy the
order number from the record") stays learnable. Not personal is what the shop publishes: a hotline that stands
in one of the passages (`public`) stays.

`found` is what a check looks for: personal data that is none of our replacements. Those are told by their
beginnings; replaced numbers by their last two digits, so that one real number in a hundred passes for one.
Standard library only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from support.personal.known import Known
from support.personal.shapes import Kind
from support.personal.spans import Finding, find

VERSION = 2

# From this many digits on a replaced number carries a check.
_CHECKED = 6
_OURS: dict[str, re.Pattern[str]] = {
    "mail": re.compile(r"customer\d{3}@example\.com"),
    "id_card": re.compile(r"(?i:11010119000101\d{4})"),
    "bank_card": re.compile(r"(?:6200[ -]?){3}[\d -]+"),
    "iban": re.compile(r"XX00 0000 \d{4} \d{4}"),
    "mobile": re.compile(r"1390000\d{4}"),
    "phone": re.compile(r"07700900\d{3}|1390000\d{4}"),
    "plate": re.compile(r"沪A00\d{3}"),
    "account": re.compile(r"user_\d{4}"),
    "secret": re.compile(r"hidden\d{4}"),
    "address": re.compile(r"和平路\d{3}号|\d{3} Station Road"),
    "name": re.compile(
        "[王李张刘陈]|[王李张刘陈]小[明红华军丽]"
        "|(?:Alex|Sam|Robin|Jamie|Casey)(?: (?:Miller|Taylor|Walker))?"
    ),
    "last_digits": re.compile(r"00\d\d"),
}  # fmt: skip


class Masker:
    """Replaces what is personal in the texts of one conversation; `key` makes its replacements its own."""

    def __init__(self, key: str, known: Known | None = None) -> None:
        self._key, self._known = key.encode(), known or Known()

    def __call__(self, text: str, public: Sequence[str] = ()) -> str:
        """The text without personal data but for what stands in the `public` texts."""
        published = _published(public)
        for one in reversed(find(text, self._known)):
            value = text[one.start : one.end]
            if one.known or value not in published:
                text = text[: one.start] + self._other(one.kind, value) + text[one.end :]
        return text

    def _other(self, kind: Kind, value: str) -> str:
        return _OTHERS[kind](value, self._seed(kind, value))

    def _seed(self, kind: Kind, value: str) -> int:
        """The same for all spellings of one thing: a name and its part, a phone and its end."""
        name, phone = self._known.name, self._known.phone_digits
        if kind == "name" and value.lower() in (name.lower(), *name.lower().split()):
            value = name
        elif kind == "last_digits" and phone.endswith(value):
            value = phone
        plain = re.sub(r"[\s()+-]", "", value).lower()
        plain = plain.removeprefix("86") if kind in ("mobile", "last_digits") else plain
        return int.from_bytes(hmac.digest(self._key, plain.encode(), hashlib.sha256)[:8], "big")


def found(
    text: str,
    public: Sequence[str] = (),
    search: Callable[[str], Iterable[Finding]] = find,
) -> Iterator[tuple[Kind, str]]:
    """Kind and words of what looks personal and is no replacement of ours.

    `search` may be `engine.find`, which knows more and is slower.
    """
    published = _published(public)
    for one in search(text):
        value = text[one.start : one.end]
        if value not in published and not _is_ours(one.kind, value):
            yield one.kind, value


def _published(public: Sequence[str]) -> set[str]:
    return {text[one.start : one.end] for text in public for one in find(text)}


def _is_ours(kind: Kind, value: str) -> bool:
    if kind == "number":
        digits = re.sub(r"\D", "", value)
        return len(digits) < _CHECKED or digits[-2:] == _check(digits[:-2])
    return bool(_OURS[kind].fullmatch(value))


# --- replacements ------------------------------------------------------------------------------------------


def _number(value: str, seed: int) -> str:
    """Other digits in the same places; the last two tell that they are ours."""
    count = sum(character.isdigit() for character in value)
    stream = str(seed).zfill(20) * (count // 20 + 1)
    digits = str(int(stream[0]) % 9 + 1) + stream[1:count]
    if count >= _CHECKED:
        digits = digits[:-2] + _check(digits[:-2])
    rest = iter(digits)
    return "".join(next(rest) if character.isdigit() else character for character in value)


def _check(digits: str) -> str:
    return f"{zlib.crc32(digits.encode()) % 100:02}"


def _bank_card(value: str, seed: int) -> str:
    digits = iter("620062006200" + f"{seed % 10**12:012}")
    return "".join(next(digits) if character.isdigit() else character for character in value)


def _name(value: str, seed: int) -> str:
    if not value.isascii():
        surname = "王李张刘陈"[seed % 5]
        return surname if len(value) == 1 else f"{surname}小{'明红华军丽'[seed // 5 % 5]}"
    first = ("Alex", "Sam", "Robin", "Jamie", "Casey")[seed % 5]
    return f"{first} {('Miller', 'Taylor', 'Walker')[seed // 5 % 3]}" if " " in value else first


def _address(value: str, seed: int) -> str:
    number = 100 + seed % 900
    return f"{number} Station Road" if value.isascii() else f"和平路{number}号"


_OTHERS: dict[Kind, Callable[[str, int], str]] = {
    "mail": lambda value, seed: f"customer{seed % 1000:03}@example.com",
    "id_card": lambda value, seed: f"11010119000101{seed % 10_000:04}",
    "bank_card": _bank_card,
    "iban": lambda value, seed: f"XX00 0000 {seed % 10_000:04} {seed // 10_000 % 10_000:04}",
    "mobile": lambda value, seed: f"139000000{seed % 100:02}",
    "phone": lambda value, seed: f"07700900{seed % 1000:03}",
    "plate": lambda value, seed: f"沪A00{seed % 1000:03}",
    "account": lambda value, seed: f"user_{seed % 10_000:04}",
    "secret": lambda value, seed: f"hidden{seed % 10_000:04}",
    "address": _address,
    "name": _name,
    "number": _number,
    "last_digits": lambda value, seed: f"00{seed % 100:02}",
}
