"""Counting for the analytics, by subject: everything is added up by the database, days are the shop's.

    async with store.reading() as unit:
        await unit.analytics.talks(period)

What a figure means is said by `support.services.analytics`. Testers and guests count nowhere.
"""

from __future__ import annotations

from support.store.analytics.endings import CountedEndings, Endings
from support.store.analytics.people import CountedPeople, Decisions, Person
from support.store.analytics.speeds import Calls, CountedCalls, Speed, Speeds, VariantCalls
from support.store.analytics.traffic import CountedTraffic, Messages, Talks, Wording

__all__ = [
    "Analytics",
    "Calls",
    "Decisions",
    "Endings",
    "Messages",
    "Person",
    "Speed",
    "Speeds",
    "Talks",
    "VariantCalls",
    "Wording",
]


class Analytics(CountedTraffic, CountedEndings, CountedPeople, CountedCalls):
    """Everything that is counted, each with one statement."""
