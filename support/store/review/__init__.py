"""The tables of conversation review, by subject: what the projector writes, the list, messages, reviewers'
marks.

    async with store.reading() as unit:
        await unit.review.page(filters, before=None, limit=50)
"""

from __future__ import annotations

from support.store.review.around import Around
from support.store.review.listing import Listed, Listing, Place
from support.store.review.marks import Change, Marks, SavedFilter
from support.store.review.messages import Inbox, ReviewedMessage
from support.store.review.projected import Projected

__all__ = ["Change", "Listed", "Place", "Review", "ReviewedMessage", "SavedFilter"]


class Review(Projected, Listing, Inbox, Marks, Around):
    """Everything about review inside one transaction."""
