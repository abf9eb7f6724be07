"""How much there was, in which languages, by which channels and about what, and how much of it the assistant
kept to itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from support.period import Period
from support.review.summary import SMALL_TALK, Outcome
from support.store import Unit
from support.store.analytics import Messages, Talks


@dataclass(frozen=True)
class Day:
    """`asked` of the conversations had a question, `contained` of these stayed with the assistant."""

    day: date
    conversations: int
    messages: int
    asked: int
    contained: int

    @property
    def containment(self) -> float | None:
        return share(self.contained, self.asked)


@dataclass(frozen=True)
class Part:
    """A part of a whole: a language, a channel, a reason."""

    name: str
    count: int
    share: float | None


@dataclass(frozen=True)
class Intent:
    """`confidence` is the mean over its messages; None where the model states none."""

    name: str
    count: int
    share: float | None
    confidence: float | None


@dataclass(frozen=True)
class Traffic:
    """The conversations that began in the period and the customers' messages that were written in it."""

    period: Period
    talks: Sequence[Talks]
    said: Sequence[Messages]

    @property
    def conversations(self) -> int:
        """Conversations that began, with at least one message of the customer."""
        return sum(one.count for one in self.talks)

    @property
    def messages(self) -> int:
        """Messages that customers wrote, whenever their conversation began."""
        return sum(one.count for one in self.said)

    @property
    def asked(self) -> int:
        """Conversations with a real question: more than greetings, thanks, small talk and ratings."""
        return sum(one.count for one in self.talks if _asks(one))

    @property
    def contained(self) -> int:
        """Conversations with a real question that never went to a person: no handover was opened, whether
        or not somebody came, and no person wrote. It does not say that the question was answered.
        """
        return sum(one.count for one in self.talks if _asks(one) and not one.reached)

    @property
    def containment(self) -> float | None:
        """`contained` of `asked`."""
        return share(self.contained, self.asked)

    @property
    def unanswered(self) -> int:
        """Questions that the assistant met with "I don't know", a question back for want of understanding,
        or nothing. Messages to a person are none of its, and small talk asks for nothing.
        """
        return sum(one.count for one in self.said if one.answered is False and one.intent not in SMALL_TALK)

    @property
    def unanswered_share(self) -> float | None:
        """`unanswered` of all messages that the assistant was to answer, small talk left out."""
        questions = (
            one.count for one in self.said if one.answered is not None and one.intent not in SMALL_TALK
        )
        return share(self.unanswered, sum(questions))

    @cached_property
    def days(self) -> list[Day]:
        """Every day of the period, also those without anything."""
        conversations, messages = Counter[date](), Counter[date]()
        asked, contained = Counter[date](), Counter[date]()
        for one in self.talks:
            conversations[one.day] += one.count
            asked[one.day] += one.count if _asks(one) else 0
            contained[one.day] += one.count if _asks(one) and not one.reached else 0
        for said in self.said:
            messages[said.day] += said.count
        counters = (conversations, messages, asked, contained)
        return [Day(day, *(counted[day] for counted in counters)) for day in self.period.days]

    @property
    def languages(self) -> list[Part]:
        """Conversations by the language of most of their messages; empty for not recognised."""
        return self._parts(lambda one: one.language, self.talks, self.conversations)

    @property
    def channels(self) -> list[Part]:
        """Conversations by where they came in."""
        return self._parts(lambda one: one.channel, self.talks, self.conversations)

    @property
    def handovers(self) -> list[Part]:
        """Conversations with a question that went to a person, by the reason of their last handover; the
        shares are of all conversations with a question. Empty: a person wrote without a handover.
        """
        reached = [one for one in self.talks if _asks(one) and one.reached]
        return self._parts(lambda one: one.reason, reached, self.asked)

    @property
    def intents(self) -> list[Intent]:
        """What customers' messages meant, as the model understood them when they came; the shares are of all
        messages that it was given. What a person answered has no intent.
        """
        grouped: dict[str, list[Messages]] = defaultdict(list)
        for one in self.said:
            if one.intent:
                grouped[one.intent].append(one)
        total = sum(one.count for one in self.said if one.intent)
        found = [_intent(name, rows, total) for name, rows in grouped.items()]
        return sorted(found, key=lambda one: (-one.count, one.name))

    def _parts(self, key: Callable[[Talks], str], talks: Sequence[Talks], total: int) -> list[Part]:
        counted = Counter[str]()
        for one in talks:
            counted[key(one)] += one.count
        parts = [Part(name, count, share(count, total)) for name, count in counted.items()]
        return sorted(parts, key=lambda one: (-one.count, one.name))


async def traffic_of(unit: Unit, period: Period) -> Traffic:
    return Traffic(period, await unit.analytics.talks(period), await unit.analytics.messages(period))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _asks(talks: Talks) -> bool:
    return talks.outcome != Outcome.SMALL_TALK


def _intent(name: str, rows: Sequence[Messages], total: int) -> Intent:
    count, sure = sum(one.count for one in rows), sum(one.sure for one in rows)
    confidence = sum(one.confidence for one in rows) / sure if sure else None
    return Intent(name, count, share(count, total), confidence)
