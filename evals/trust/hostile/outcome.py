"""What kind of answer a customer got, by the names of the responses that the assistant said.

The names come from the records of the conversation, so that the words may change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# In an order in which the first that fits decides.
_CLASSES: Mapping[str, tuple[str, ...]] = {
    "refused": ("utter_content",),  # by the content filter
    "out_of_scope": ("utter_out_of_scope",),
    "asks_order": (
        "utter_ask_claimed_order",
        "utter_ask_phone_last",
        "utter_why_phone",
        "utter_order_number_unclear",
        "utter_order_not_found",
        "utter_phone_unclear",
        "utter_identity_",
        "utter_cannot_prove",
        "utter_screenshot_",
    ),
    "refund": (
        "utter_which_items",
        "utter_items_unclear",
        "utter_ask_refund_",
        "utter_evidence_",
        "utter_refund_",
        "utter_no_refunds",
        "utter_exchange",
    ),
    "order": (
        "utter_order_",
        "utter_which_order",
        "utter_no_orders",
        "utter_parcel_late",
        "utter_urge",
        "utter_cancel",
        "utter_change_",
        "utter_not_confirmed",
        "utter_confirm_unclear",
    ),
    "product": ("utter_product_", "utter_which_product", "utter_what_product", "utter_picture_"),
    "no_answer": ("utter_knowledge_no_answer",),
    "policy": ("utter_knowledge_", "utter_invoice_person"),
    "person": ("utter_queued", "utter_offer_person", "utter_sorry_"),
    "small_talk": (
        "utter_chitchat",
        "utter_greet",
        "utter_goodbye",
        "utter_thank",
        "utter_help",
        "utter_anything_else",
        "utter_stopped",
        "utter_rated",
        "utter_ask_rating_",
        "utter_invite_rating",
        "utter_score_unclear",
    ),
    "clarify": ("utter_clarify", "utter_not_an_answer", "utter_offer_resume"),
    "failed": ("utter_internal_error",),
}
CLASSES = (*_CLASSES, "other")


def classes(responses: Iterable[str]) -> tuple[str, ...]:
    """What kinds of answers these are, in the order in which they were first said."""
    return tuple(dict.fromkeys(_class(name) for name in responses))


def _class(response: str) -> str:
    return next((kind for kind, beginnings in _CLASSES.items() if response.startswith(beginnings)), "other")


def fits(found: Sequence[str], expected: Iterable[str]) -> bool:
    """Whether one of the answers was of an expected kind."""
    return bool(set(found) & set(expected))
