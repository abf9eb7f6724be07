"""Conversations and messages: how many of each kind, and the questions that got no answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from support.period import Period, day_of
from support.review.summary import SMALL_TALK
from support.store.analytics.parts import REACHED, Counting, began, key, no_test, said, talks, within

# The rest is asked once each: nobody reads so far.
_MOST_WORDINGS = 2_000


@dataclass(frozen=True)
class Talks:
    """How many conversations have all of this in common. `reached`: handed over, or a person wrote in it."""

    day: date
    language: str
    channel: str
    outcome: str
    reached: bool
    reason: str
    count: int


@dataclass(frozen=True)
class Messages:
    """How many customers' messages have all of this in common; `confidence` is the sum over `sure` of
    them.
    """

    day: date
    intent: str
    answered: bool | None
    count: int
    confidence: float
    sure: int


@dataclass(frozen=True)
class Wording:
    """A question that got no answer, as it was written; `conversation_id` is one in which it was."""

    text: str
    language: str
    count: int
    last_at: datetime
    conversation_id: str


class CountedTraffic(Counting):
    """What came in."""

    async def talks(self, period: Period) -> list[Talks]:
        """Conversations that began in the period."""
        keys = (
            self._day(talks.c.started_at, period).label("day"),
            talks.c.language,
            talks.c.channel,
            talks.c.outcome,
            REACHED.label("reached"),
            talks.c.handover_reason,
        )
        query = sa.select(*keys, sa.func.count()).where(*began(period)).group_by(*map(key, keys))
        return [
            Talks(day_of(day), language, channel, outcome, bool(reached), reason, count)
            for day, language, channel, outcome, reached, reason, count in await self._all(query)
        ]

    async def messages(self, period: Period) -> list[Messages]:
        """Customers' messages that were written in the period."""
        keys = (self._day(said.c.at, period).label("day"), said.c.intent, said.c.answered)
        confidence = sa.func.coalesce(sa.func.sum(said.c.confidence), 0.0)
        query = (
            sa.select(*keys, sa.func.count(), confidence, sa.func.count(said.c.confidence))
            .where(*within(said.c.at, period), no_test(said.c.conversation_id))
            .group_by(*map(key, keys))
        )
        return [Messages(day_of(row[0]), *row[1:]) for row in await self._all(query)]

    async def unanswered(self, period: Period) -> list[Wording]:
        """Questions without an answer, the most frequent first; only the first few thousand wordings."""
        count, last = sa.func.count(), sa.func.max(said.c.at)
        conversation = sa.func.max(said.c.conversation_id)
        query = (
            sa.select(said.c.text, sa.func.max(said.c.language), count, last, conversation)
            .where(
                *within(said.c.at, period),
                said.c.answered.is_(False),
                said.c.intent.not_in(["picture", *sorted(SMALL_TALK)]),
                no_test(said.c.conversation_id),
            )
            .group_by(said.c.text)
            .order_by(count.desc(), last.desc(), said.c.text)
            .limit(_MOST_WORDINGS)
        )
        return [Wording(*row) for row in await self._all(query)]
