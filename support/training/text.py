"""A customer's words on their way into files that stay: cleaned, without personal data, comparable.

Pure. Numbers are replaced by those that the project's own examples use, and by nothing else: to the
classifier (`assistant/text.py`) every order number is the same, so nothing is lost by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from support import guard

LONGEST = 500

ORDER_ID = "6203847501926"
MOBILE = "13912345678"
# From the range that the United Kingdom's regulator keeps for fiction.
PHONE = "07700900456"
MAIL = "someone@example.com"
LAST_DIGITS = "2260"

_REPLACED = {"mail": MAIL, "mobile": MOBILE, "phone": PHONE, "id": ORDER_ID}
_PERSONAL = re.compile(
    r"(?P<mail>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?P<mobile>(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d))"
    r"|(?P<phone>\+\d[\d() -]{6,}\d"
    r"|(?<!\d)0\d{2,4}[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)"
    r"|(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d))"
    r"|(?P<id>#\s?[A-Za-z]{0,3}-?\d{3,}|(?<![A-Za-z0-9])[A-Za-z]{1,3}-?\d{4,}(?!\d)"
    r"|(?<!\d)\d{4}(?: \d{4}){2,}(?: \d{1,4})?(?!\d)|\d{6,})"
)
# The end of a phone number proves who somebody is: said so, after an order number, or as the whole message.
_LAST_DIGITS = re.compile(
    r"(?P<before>(?:尾号|[后末]\s?[四4]\s?位|手机|电话|phone|ending|last\s(?:4|four))\D{0,12}|"
    rf"{ORDER_ID}[\s,，、:：]{{0,3}}|^\W*)(?<!\d)(?P<digits>\d{{4}})(?!\d)(?P<rest>\W*$)?",
    re.IGNORECASE,
)
# What Rasa would read as an entity: a bracket that another one follows at once.
_ENTITY = re.compile(r"\](?=[(\[{])")
# In a file of ASCII alone, Rasa decodes these as characters.
_ESCAPE = re.compile(r"\\(?=[uUN])")
# What YAML does not allow anywhere.
_NO_YAML = re.compile("[\ufffe\uffff]")


def clean(text: str) -> str:
    """One line that means the same to Rasa inside an `examples: |` block as it did in the chat."""
    line = _NO_YAML.sub("", guard.neutralise(text))
    return _ESCAPE.sub(r"\\ ", _ENTITY.sub("] ", line)).strip()


def masked(text: str, known: Mapping[str, str] | None = None) -> str:
    """Without phone numbers, e-mail addresses and order numbers, and without what is `known` to be personal.

    `known`: words as they stand in the shop's records (a name, an address) -> what to write instead.
    """
    for words, other in sorted((known or {}).items(), key=lambda pair: -len(pair[0])):
        text = re.sub(re.escape(words), other, text, flags=re.IGNORECASE)
    hidden = _PERSONAL.sub(lambda found: _REPLACED[str(found.lastgroup)], text)
    return _LAST_DIGITS.sub(_without_last_digits, hidden)


def _without_last_digits(found: re.Match[str]) -> str:
    # At the start of a message, four digits are that proof only when nothing else is said.
    alone = not found["before"].strip(" ")
    if alone and found["rest"] is None:
        return found[0]
    return f"{found['before']}{LAST_DIGITS}{found['rest'] or ''}"


def example(text: str, known: Mapping[str, str] | None = None) -> str:
    """What an example for the training says: clean and without personal data."""
    return clean(masked(clean(text), known))


def key(text: str) -> str:
    """What two examples have in common that differ in case, width, blanks, punctuation or a number only."""
    folded = unicodedata.normalize("NFKC", masked(text)).lower()
    return re.sub(r"[\W_]", "", folded) or text.strip()
