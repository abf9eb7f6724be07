"""Makes a customer's text safe to hand to Rasa, without changing what it says.

Rasa obeys a text that begins with a slash (`/refund{"order_id": "..."}` starts the intent and fills the
slot), so no text that leaves here begins with one. Invisible characters go: they hide instructions from
people who read the conversation, reverse the direction of text, and split words for the classifier.
"""

from __future__ import annotations

import re
import unicodedata

# Chinese punctuation has compatibility forms too, but it is what people write and Rasa was trained on.
_KEPT = frozenset("，！？：；（）～…")
# Control, format (zero-width, bidi, tags), surrogate and private-use characters.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co"})


def neutralise(text: str) -> str:
    """The text in one line, full-width forms folded, invisible characters and leading slashes removed.

    Idempotent. May come out empty; see `is_blank`.
    """
    folded = "".join(char if char in _KEPT else unicodedata.normalize("NFKC", char) for char in text)
    visible = "".join(_visible(char) for char in folded)
    return re.sub(r"^[\s/]+", "", re.sub(r"\s+", " ", visible)).rstrip()


def is_blank(text: str) -> bool:
    """Whether nothing is left to answer: Rasa would crash or guess at an empty text."""
    return not neutralise(text)


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in _INVISIBLE else char
