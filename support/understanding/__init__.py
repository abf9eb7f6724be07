"""What a customer's words name: order numbers, a choice from a list, a reason, a yes, a score.

Pure and deterministic, Chinese and English. These are readings, never proofs: whether an order exists and
whose it is, the database says.
"""

from support.understanding.answers import affirms, drops, insists_on_cancelling, score, skips, spares_order
from support.understanding.choices import choices, newest
from support.understanding.numbers import cued_phone_last4, normal, order_ids, phone_last4, short_order_ids
from support.understanding.wishes import (
    asks,
    asks_why,
    explains,
    has_no_photo,
    keeps,
    lacks,
    reason,
    speaks_of,
    urges,
    wants_change,
    wants_exchange,
    wants_list,
)

__all__ = [
    "affirms",
    "asks",
    "asks_why",
    "choices",
    "cued_phone_last4",
    "drops",
    "explains",
    "has_no_photo",
    "insists_on_cancelling",
    "keeps",
    "lacks",
    "newest",
    "normal",
    "order_ids",
    "phone_last4",
    "reason",
    "score",
    "short_order_ids",
    "skips",
    "spares_order",
    "speaks_of",
    "urges",
    "wants_change",
    "wants_exchange",
    "wants_list",
]
