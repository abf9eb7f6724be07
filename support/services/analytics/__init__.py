"""Figures about the service over a span of days, each with the exact meaning that its docstring gives.

    async with store.reading() as unit:
        traffic = await traffic_of(unit, period)
        solved = await resolution_of(unit, period, now)

Everywhere: conversations of testers and guests are left out, days are the shop's, and a conversation belongs
to the day of its first message. Shares are None where there is nothing to take a share of.
"""

from support.services.analytics.model import Model, Purpose, Variant, first_words_of, model_of
from support.services.analytics.money import Money, money_of
from support.services.analytics.people import OpenHours, People, Spread, people_of
from support.services.analytics.questions import Group, Sample, questions_of
from support.services.analytics.ratings import Ratings, ratings_of
from support.services.analytics.resolution import (
    AGAIN_DAYS,
    SILENCE_HOURS,
    Definition,
    Resolution,
    resolution_of,
)
from support.services.analytics.traffic import Day, Intent, Part, Traffic, traffic_of

__all__ = [
    "AGAIN_DAYS",
    "SILENCE_HOURS",
    "Day",
    "Definition",
    "Group",
    "Intent",
    "Model",
    "Money",
    "OpenHours",
    "Part",
    "People",
    "Purpose",
    "Ratings",
    "Resolution",
    "Sample",
    "Spread",
    "Traffic",
    "Variant",
    "first_words_of",
    "model_of",
    "money_of",
    "people_of",
    "questions_of",
    "ratings_of",
    "resolution_of",
    "traffic_of",
]
