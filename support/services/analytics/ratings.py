"""What customers thought of it, in stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from support.period import Period
from support.services.rate import HIGHEST, LOWEST
from support.store import Unit


@dataclass(frozen=True)
class Ratings:
    """How often each score from 1 to 5 was given in the period; a conversation's last rating counts."""

    scores: Mapping[int, int]

    @property
    def count(self) -> int:
        return sum(self.scores.values())

    @property
    def mean(self) -> float | None:
        """None without ratings."""
        return sum(score * count for score, count in self.scores.items()) / self.count if self.count else None


async def ratings_of(unit: Unit, period: Period) -> Ratings:
    given = await unit.analytics.ratings(period)
    return Ratings({score: given.get(score, 0) for score in range(LOWEST, HIGHEST + 1)})
