"""Evidence of refunds: how pictures are recognised, which refunds they were shown for, second photos."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.base import counter, json, metadata, number, text, time

# What a picture is recognised by (`support.vision.fingerprint`); it outlives the picture.
fingerprints = sa.Table(
    "fingerprints",
    metadata,
    counter(),
    # The attachment's id, or the catalogue's file as `catalogue:<file>:<hash>`; nothing refers to the file.
    sa.Column("picture", sa.Text, nullable=False, unique=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
    time("made_at"),
)
# The index of those that others are compared with: claims and the catalogue.
fingerprint_words = sa.Table(
    "fingerprint_words",
    metadata,
    sa.Column("word", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint_id", sa.Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
# A picture that a refund was asked for with. Whose it was, the refund says.
claim_pictures = sa.Table(
    "claim_pictures",
    metadata,
    text("picture", primary_key=True),
    text("refund_id", primary_key=True),
    sa.Index("ix_claim_pictures_refund_id", "refund_id"),
)
# What the model says about a picture and the goods: advice, no proof.
picture_views = sa.Table(
    "picture_views",
    metadata,
    text("picture", primary_key=True),
    text("order_id", primary_key=True),
    json("sku_ids"),
    text("shows"),  # yes, no, unsure: one of the goods
    text("fault"),  # yes, no, unsure: what is wrong with it
    number("confidence"),  # percent
    time("made_at"),
)
# A second photo that was asked for, with a code written on paper.
challenges = sa.Table(
    "challenges",
    metadata,
    text("conversation_id", primary_key=True),
    text("order_id", primary_key=True),
    text("code"),
    text("status"),  # open, passed, failed, declined
    number("tries"),
    json("pictures"),  # everything that was sent for it
    time("asked_at"),
    time("expires_at"),
    sa.Index("ix_challenges_order_id", "order_id"),
)
