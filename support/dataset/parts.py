"""Which part of the data set a conversation belongs to, and the names that stand for ids in it.

By a keyed hash, so that the answer is the same in every export and nobody chooses it: eight in ten to
training, one to development, one to evaluation. All conversations of a customer who is known go together.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

Part = Literal["train", "dev", "evaluation"]

RULE = (
    "HMAC-SHA256 of the customer's id, or else of the conversation's: 80 % train, 10 % dev, 10 % evaluation"
)
# Changing it would put evaluated conversations into training.
_KEY = b"shopclerk dataset 1"


def part_of(conversation_id: str, customer_id: str | None) -> Part:
    group = f"customer {customer_id}" if customer_id else f"conversation {conversation_id}"
    place = int.from_bytes(_digest("part", group)[:8]) / 2**64
    if place < 0.8:
        return "train"
    return "dev" if place < 0.9 else "evaluation"


def pseudonym(*ids: str) -> str:
    """The same for the same ids; does not lead back to them: who knows a conversation's id may read it."""
    return _digest("name", *ids).hex()[:20]


def _digest(*words: str) -> bytes:
    return hmac.digest(_KEY, "\0".join(words).encode(), hashlib.sha256)
