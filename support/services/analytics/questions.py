"""Questions without an answer, those that ask the same grouped together.

Two wordings belong together when they share enough of their tokens: pairs of neighbouring characters where
words have no blanks between them, words elsewhere (`support.review.tokens`). It needs no model and always
gives the same groups; questions that ask the same in other words stay apart.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from support.period import Period
from support.review import tokens
from support.store import Unit
from support.store.analytics import Wording

# What two wordings share of all their tokens, at least.
_ALIKE = 0.35
_SAMPLES = 3
# Politeness and question words say nothing about the matter.
_EMPTY_CHINESE = re.compile(
    "请问一?下?|麻烦(你|您)?|你们?家?|您们?|我们?想?要?|想问一?下?|问一?下|可不可以|能不能|有没有|是不是|可以|能够?|有|是"
    "|一下|帮我|什么时候|怎么|什么|吗|呢|吧|啊|呀|嘛|的|了|么|会"
)
_EMPTY_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
        a about am an and any are as at be by can could did do does for from get had has have hello hey hi how
        i if in is it its just me my of on or our please should so some that the there these this those to us
        was we were what when where which who why will with would you your
        """,
    )
)


@dataclass(frozen=True)
class Sample:
    """A wording as a customer wrote it, and a conversation in which it stands."""

    text: str
    count: int
    conversation_id: str


@dataclass(frozen=True)
class Group:
    """Questions that are worded alike, `count` in all. `samples`: its most frequent wordings."""

    count: int
    wordings: int
    languages: Sequence[str]
    last_at: datetime
    samples: Sequence[Sample]


@dataclass
class _Growing:
    tokens: frozenset[str]
    members: list[Wording] = field(default_factory=list)


async def questions_of(unit: Unit, period: Period) -> list[Group]:
    """The largest group first. A message counts as unanswered as in `Traffic.unanswered`; pictures without
    words are left out.
    """
    wordings = await unit.analytics.unanswered(period)
    return await asyncio.to_thread(group, wordings)


def group(wordings: Sequence[Wording]) -> list[Group]:
    """Each wording joins the group whose first wording is most like it, or begins one if none is alike."""
    groups: list[_Growing] = []
    with_token: dict[str, list[int]] = defaultdict(list)
    for one in wordings:
        found = _telling(one.text)
        number = _most_alike(found, groups, with_token)
        if number is None:
            number = len(groups)
            groups.append(_Growing(found))
            for token in found:
                with_token[token].append(number)
        groups[number].members.append(one)
    return sorted(map(_finished, groups), key=lambda one: (-one.count, one.samples[0].text))


def _telling(text: str) -> frozenset[str]:
    """The tokens of what a question is about; all of them where nothing else is left."""
    short = {one for one in tokens.words(_EMPTY_CHINESE.sub("", text)) if len(one) > 1 or one.isdecimal()}
    return frozenset(short - _EMPTY_ENGLISH or tokens.words(text) or {text.strip()})


def _most_alike(
    found: frozenset[str], groups: Sequence[_Growing], with_token: dict[str, list[int]]
) -> int | None:
    shared = Counter(number for token in found for number in with_token[token])

    def alike(number: int) -> float:
        return shared[number] / (len(found) + len(groups[number].tokens) - shared[number])

    best = max(shared, key=lambda number: (alike(number), -number), default=None)
    return best if best is not None and alike(best) >= _ALIKE else None


def _finished(growing: _Growing) -> Group:
    members = growing.members
    samples = [Sample(one.text, one.count, one.conversation_id) for one in members[:_SAMPLES]]
    languages = Counter[str]()
    for one in members:
        languages[one.language] += one.count
    return Group(
        count=sum(one.count for one in members),
        wordings=len(members),
        languages=[name for name, _ in languages.most_common() if name],
        last_at=max(one.last_at for one in members),
        samples=samples,
    )
