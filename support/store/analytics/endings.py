"""How conversations ended, for the three definitions of resolution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from support.period import Period
from support.review.summary import SMALL_TALK
from support.store.analytics.parts import REACHED, Counting, began, said, talks

_THANKS = "thank"


@dataclass(frozen=True)
class Endings:
    """How many conversations ended alike.

    `quiet`: nothing from the customer for the silence that counts as having left; `past`: nor for the time in
    which coming back counts; `returned`: came back within it. `thanked`: said thanks after an answer.
    """

    outcome: str
    reached: bool
    rating: int | None
    thanked: bool
    quiet: bool
    past: bool
    returned: bool
    count: int


class CountedEndings(Counting):
    """What became of conversations."""

    async def endings(
        self, period: Period, now: datetime, silence: timedelta, again: timedelta
    ) -> list[Endings]:
        """Conversations that began in the period, by how they stand `now`."""
        back = self._came_back(period, silence, again)
        thanks = self._thanked(period, again)
        silent_s = int(now.timestamp()) - self._seconds(talks.c.last_customer_at)
        keys = (
            talks.c.outcome,
            REACHED.label("reached"),
            talks.c.rating,
            thanks.c.conversation_id.is_not(None).label("thanked"),
            (silent_s >= _whole(silence)).label("quiet"),
            (silent_s >= _whole(again)).label("past"),
            sa.or_(back.c.conversation_id.is_not(None), self._same_customer(again)).label("returned"),
        )
        one_by_one = (
            sa.select(*keys)
            .select_from(talks)
            .outerjoin(thanks, thanks.c.conversation_id == talks.c.conversation_id)
            .outerjoin(back, back.c.conversation_id == talks.c.conversation_id)
            .where(*began(period))
        ).subquery()
        query = sa.select(*one_by_one.c, sa.func.count()).group_by(*one_by_one.c)
        return [
            Endings(outcome, bool(reached), rating, bool(thanked), bool(quiet), bool(past), bool(returned), n)
            for outcome, reached, rating, thanked, quiet, past, returned, n in await self._all(query)
        ]

    def _thanked(self, period: Period, again: timedelta) -> sa.Subquery:
        """Conversations in which thanks came after an answer to something."""
        is_thanks = said.c.intent == _THANKS
        is_answered = said.c.answered.is_(True) & said.c.intent.not_in(sorted(SMALL_TALK))
        last_thanks = sa.func.max(sa.case((is_thanks, said.c.at)))
        first_answered = sa.func.min(sa.case((is_answered, said.c.at)))
        return (
            sa.select(said.c.conversation_id)
            .where(*_soon(period, again), sa.or_(is_thanks, is_answered))
            .group_by(said.c.conversation_id)
            .having(last_thanks > first_answered)
            .subquery()
        )

    def _came_back(self, period: Period, silence: timedelta, again: timedelta) -> sa.Subquery:
        """Conversations that went on after a silence as long as having left, and no longer than `again`.

        Only those are looked at that lasted for so long.
        """
        lasted = self._seconds(talks.c.last_customer_at) - self._seconds(talks.c.started_at)
        at = self._seconds(said.c.at)
        before = sa.func.lag(at).over(partition_by=said.c.conversation_id, order_by=said.c.at)
        silences = (
            sa.select(said.c.conversation_id, (at - before).label("silence_s"))
            .join(talks, talks.c.conversation_id == said.c.conversation_id)
            .where(*began(period), lasted >= _whole(silence), *_soon(period, again))
        ).subquery()
        long_enough = silences.c.silence_s.between(_whole(silence), _whole(again))
        return sa.select(silences.c.conversation_id).where(long_enough).distinct().subquery()

    def _same_customer(self, again: timedelta) -> sa.ColumnElement[bool]:
        """Whether the conversation's proven customer began another one soon after it."""
        later = talks.alias()
        passed = self._seconds(later.c.started_at) - self._seconds(talks.c.last_customer_at)
        return sa.exists().where(
            later.c.customer_id == talks.c.customer_id,
            later.c.started_at > talks.c.last_customer_at,
            passed <= _whole(again),
            sa.not_(later.c.is_test),
        )


def _soon(period: Period, again: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    """Messages that can be about a conversation of the period: a browser may go on in the same for years."""
    return said.c.at >= period.since, said.c.at < period.until + again


def _whole(span: timedelta) -> int:
    return int(span.total_seconds())
