"""Indexes that the analytics read instead of the tables, which hold all words and are far larger."""

from __future__ import annotations

import sqlalchemy as sa

from support.store.tables.review import review_conversations, review_messages

__all__: list[str] = []

# Everything that is counted of a conversation, in the order of their beginnings.
sa.Index(
    "ix_review_conversations_counted",
    *(
        review_conversations.c[name]
        for name in (
            "started_at",
            "conversation_id",
            "is_test",
            "channel",
            "language",
            "outcome",
            "handover_reason",
            "handed_over_at",
            "person_messages",
            "customer_messages",
            "customer_id",
            "last_customer_at",
            "rating",
        )
    ),
)
# Few are tests: leaving them out of everything else costs next to nothing with a list of them.
sa.Index(
    "ix_review_conversations_tests",
    review_conversations.c.conversation_id,
    sqlite_where=review_conversations.c.is_test,
    postgresql_where=review_conversations.c.is_test,
)
sa.Index(
    "ix_review_messages_counted",
    *(review_messages.c[name] for name in ("at", "conversation_id", "intent", "answered", "confidence")),
)
