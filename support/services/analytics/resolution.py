"""Whether customers' matters were settled, by three definitions side by side (docs/decisions/0015).

None of them alone is the truth. That a customer left proves nothing; what a customer confirms is rare but
certain; not coming back is good evidence, for those of whom one would know. Abandonment is never success: who
got no answer, or stopped in the middle, is in no figure but the first, and there counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from support.period import Period
from support.review.summary import Outcome
from support.services.analytics.traffic import share
from support.services.rate import DISSATISFIED
from support.store import Unit
from support.store.analytics import Endings

# After so long without a word the customer has left.
SILENCE_HOURS = 24
# Who writes again within so many days comes back.
AGAIN_DAYS = 7
# From this score on a customer is content.
CONTENT = 4

_ABANDONED = frozenset({Outcome.UNANSWERED, Outcome.UNFINISHED})
_NOT_SETTLED = _ABANDONED | {Outcome.OPEN}

Test = Callable[[Endings], bool]


@dataclass(frozen=True)
class Definition:
    """`met` of the `countable` conversations; `without_person` of these never went to a person.

    `not_yet` cannot be told yet and are in none of the others.
    """

    countable: int
    met: int
    without_person: int
    not_yet: int

    @property
    def share(self) -> float | None:
        return share(self.met, self.countable)


@dataclass(frozen=True)
class Resolution:
    """Three views of the conversations with a real question that began in the period.

    `left`: never went to a person, and the customer has written nothing for `SILENCE_HOURS`. NOT proof of
    success; `abandoned` of them ended with a question unanswered or in the middle of something.
    `confirmed`: the customer's last rating is 4 or 5; or, without a rating, thanks after an answer, and
    nothing open or unanswered at the end. A yes within a form confirms the form and does not count.
    `not_again`: got an answer, did not rate it 1 or 2, and for `AGAIN_DAYS` days neither wrote again in the
    same conversation (after a silence of `SILENCE_HOURS`) nor, as a customer who is known, began another.
    Countable once these days are over. An unknown customer who begins anew is not noticed.
    """

    asked: int
    left: Definition
    abandoned: int
    confirmed: Definition
    not_again: Definition


async def resolution_of(unit: Unit, period: Period, now: datetime) -> Resolution:
    """As things stand `now`."""
    endings = await unit.analytics.endings(
        period, now, timedelta(hours=SILENCE_HOURS), timedelta(days=AGAIN_DAYS)
    )
    asked = [one for one in endings if one.outcome != Outcome.SMALL_TALK]
    return Resolution(
        asked=_count(asked),
        left=_definition(asked, lambda one: one.reached or one.quiet, _has_left),
        abandoned=_count([one for one in asked if _has_left(one) and one.outcome in _ABANDONED]),
        confirmed=_definition(asked, lambda one: True, _is_confirmed),
        not_again=_definition(asked, lambda one: one.past, _stayed_away),
    )


def _has_left(one: Endings) -> bool:
    return one.quiet and not one.reached


def _is_confirmed(one: Endings) -> bool:
    if one.rating is not None:
        return one.rating >= CONTENT
    return one.thanked and one.outcome not in _NOT_SETTLED


def _stayed_away(one: Endings) -> bool:
    content = one.rating is None or one.rating > DISSATISFIED
    return content and not one.returned and one.outcome not in _NOT_SETTLED


def _definition(endings: Sequence[Endings], can_tell: Test, is_met: Test) -> Definition:
    countable = [one for one in endings if can_tell(one)]
    met = [one for one in countable if is_met(one)]
    return Definition(
        countable=_count(countable),
        met=_count(met),
        without_person=_count([one for one in met if not one.reached]),
        not_yet=_count(endings) - _count(countable),
    )


def _count(endings: Sequence[Endings]) -> int:
    return sum(one.count for one in endings)
