"""Where data about people is: every table of the database, every kind of file, and what becomes of each.

    HOLDINGS       tables with data about customers: how rows are found, what an export shows of them
    WITHOUT        tables without, each with the reason
    FILES          everything outside of the tables

A test goes through the tables that exist and fails for one that is in neither list, so that nobody adds one
and forgets it. Erasing, exporting and the retention job read these lists; nothing else says what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "record", "orders", "refunds", "decisions", "identity", "conversations", "pictures", "staff", "model"
]

# What becomes of rows when their customer is erased.
Fate = Literal["deleted", "pseudonym", "kept"]


@dataclass(frozen=True)
class Holding:
    """A table. Its rows lead to a person by their conversation, customer, order, refund or picture, or by
    the row of another table that they belong to (`through`: the column, the table). `shown` are the columns
    of an export, none of which names the staff.
    """

    table: str
    kind: Kind
    through: tuple[str, str] | None = None
    shown: tuple[str, ...] = ()
    fate: Fate = "deleted"
    why: str = ""


def _talk(table: str, *shown: str, kind: Kind = "conversations", why: str = "") -> Holding:
    """A table of conversations: found by the conversation, deleted with it."""
    return Holding(table, kind, shown=("conversation_id", *shown) if shown else (), why=why)


_COPY = "the same words as in messages"

HOLDINGS: tuple[Holding, ...] = (
    # Rows that point to others come first: they are deleted in this order.
    Holding(
        "model_texts",
        "model",
        through=("call_id", "model_calls"),
        why="what the model was asked is made of the words in messages",
    ),
    _talk("model_calls", kind="model", why="times and counts"),
    Holding(
        "free_words",
        "decisions",
        why="what was typed beside a decision; an export shows it with the decision",
    ),
    _talk("conversations", "channel", "language", "created_at", "updated_at"),
    _talk("messages", "message_id", "text", "attachments", "received_at", "reply"),
    _talk("conversation_events", "kind", "payload", "at"),
    _talk("transitions", "from_state", "to_state", "why", "at"),
    _talk("handovers", "status", "reason", "packet", "opened_at", "closed_at", "closed_why"),
    _talk("notes", "words", "at"),
    _talk("ratings", "score", "words", "at"),
    _talk("answer_marks", "message_id", "kind", "verdict", "better", "question", "said", "at"),
    _talk(
        "attachments",
        "attachment_id",
        "kind",
        "media_type",
        "width",
        "height",
        "reading",
        "metadata",
        "created_at",
        kind="pictures",
    ),
    _talk("verified_identity", "customer_id", "method", "verified_at", "expires_at", kind="identity"),
    _talk("identity_tries", "order_id", "at", kind="identity"),
    _talk("event_queue", why=_COPY),
    _talk("event_failures", why=_COPY),
    _talk("review_events", why=_COPY),
    _talk("review_conversations", why=_COPY),
    _talk("review_messages", "at", "text", "intent", "language"),
    _talk("review_changes", why="ids only"),
    _talk("review_states", why="whether a reviewer has read it"),
    _talk("review_history", why="what reviewers did"),
    _talk("conversation_labels", "label", "at"),
    _talk("training_examples", "text", "intent", "language", "created_at"),
    _talk("guest_conversations", why="testers' links"),
    Holding(
        "fingerprint_words",
        "pictures",
        through=("fingerprint_id", "fingerprints"),
        why="by what a picture is recognised",
    ),
    Holding("fingerprints", "pictures", why="by what a picture is recognised"),
    Holding("claim_pictures", "pictures", why="ids of pictures"),
    Holding(
        "picture_views",
        "pictures",
        shown=("picture", "order_id", "sku_ids", "shows", "fault", "confidence", "made_at"),
    ),
    _talk("challenges", "order_id", "status", "tries", "pictures", "asked_at", "expires_at", kind="pictures"),
    Holding(
        "refund_lines", "refunds", fate="kept", why="which lines of an order are refunded: numbers of goods"
    ),
    Holding("saved_filters", "staff", why="what a colleague searches for; those that name the person"),
    Holding(
        "refunds",
        "refunds",
        shown=(
            "refund_id",
            "order_id",
            "status",
            "sku_ids",
            "reason",
            "note",
            "evidence",
            "amount_minor",
            "currency",
            "rule",
            "created_at",
        ),
        fate="pseudonym",
    ),
    Holding(
        "shipments",
        "orders",
        shown=("order_id", "carrier", "tracking_no", "status", "shipped_at", "delivered_at", "events"),
    ),
    Holding(
        "order_items",
        "orders",
        shown=("order_id", "sku_id", "quantity", "unit_price_minor", "extra"),
        fate="pseudonym",
    ),
    Holding(
        "orders",
        "orders",
        shown=(
            "order_id",
            "status",
            "placed_at",
            "paid_at",
            "currency",
            "total_minor",
            "shipping_address",
            "extra",
        ),
        fate="pseudonym",
    ),
    Holding(
        "customers",
        "record",
        shown=("customer_id", "name", "phone", "email", "language", "extra"),
    ),
    Holding("pseudonyms", "decisions", why="who a pseudonym of the ledger is"),
    Holding(
        "ledger",
        "decisions",
        shown=("at", "action", "actor", "order_id", "rule", "outcome", "inputs", "result"),
        fate="kept",
        why="append-only; it knows customers by a pseudonym",
    ),
    Holding(
        "staff_log",
        "staff",
        fate="kept",
        why="append-only; what the staff did, by conversation",
    ),
)

WITHOUT: Mapping[str, str] = {
    "products": "the catalogue",
    "product_tokens": "what the catalogue is found by",
    "skus": "the catalogue",
    "staff": "the shop's own people",
    "staff_sessions": "the shop's own people",
    "staff_links": "the shop's own people",
    "staff_tries": "the shop's own people; removed after a quarter of an hour",
    "canned_replies": "the shop's own words",
    "event_pulse": "when the projector was last seen",
    "review_values": "names of intents, actions, slots; labels go with the last conversation that has them",
    "model_runs": "runs of the training, over the project's own examples",
    "guest_links": "testers, by the name that a colleague gave their link",
    "erased": "hashes of ids",
    "erasures": "counts and pseudonyms; ids of conversations only until their files are gone",
    "jobs": "counts",
}

# Outside of the tables: where, and what becomes of it.
FILES: Mapping[str, str] = {
    "attachments": "customers' pictures, private numbers covered; deleted with their rows",
    "rasa": "Rasa's own table of events; rows deleted with their conversation",
    "dataset": "var/dataset, masked; rows of an erased conversation are taken out, with their pictures",
    "answers": "answers to general questions, in memory or Redis, for an hour; dropped for erased questions",
    "redis": "counters of limits and words on their way, for a minute at most; nothing is kept",
    "broker": "events in RabbitMQ or Kafka; those of an erased conversation are dropped when they arrive",
    "logs": "var/log, masked when they are written (support.personal)",
    "backups": "copies of all of this as it was; see docs/operations.md for how long to keep them",
}


def of(table: str) -> Holding | None:
    """The holding of a table."""
    return next((one for one in HOLDINGS if one.table == table), None)
