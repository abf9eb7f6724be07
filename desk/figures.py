"""The analytics' measures as tables, in the reader's language. `SHEETS` names all that there are.

values = await measured(store, asked, ["traffic", "ratings"])
sheet = SHEETS["ratings"].make(values["ratings"], writer)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk import intents, words
from desk.sheets import Chart, Column, Kind, Sheet, lasting
from desk.words import Words
from support import model
from support.hours import Desk
from support.model import Language
from support.period import Period
from support.personal import mask
from support.services import analytics
from support.services.analytics.money import OUTCOMES
from support.services.analytics.traffic import Part
from support.store import Store, Unit


@dataclass(frozen=True)
class Asked:
    """What is measured: a period, by the shop's hours, as things stand `now`."""

    period: Period
    desk: Desk
    now: datetime


Measure = Callable[[Unit, Asked], Awaitable[Any]]

MEASURES: Mapping[str, Measure] = {
    "traffic": lambda unit, asked: analytics.traffic_of(unit, asked.period),
    "resolution": lambda unit, asked: analytics.resolution_of(unit, asked.period, asked.now),
    "people": lambda unit, asked: analytics.people_of(unit, asked.period, asked.desk, asked.now),
    "ratings": lambda unit, asked: analytics.ratings_of(unit, asked.period),
    "questions": lambda unit, asked: analytics.questions_of(unit, asked.period),
    "money": lambda unit, asked: analytics.money_of(unit, asked.period),
    "model": lambda unit, asked: analytics.model_of(unit, asked.period),
    "first_words": lambda unit, asked: analytics.first_words_of(unit, asked.period),
}


async def measured(store: Store, asked: Asked, names: Iterable[str]) -> dict[str, Any]:
    """The measures of these names."""
    async with store.reading() as unit:
        return {name: await MEASURES[name](unit, asked) for name in names}


@dataclass(frozen=True)
class Writer:
    """Writes in one language."""

    t: Words
    language: Language

    def sheet(
        self,
        name: str,
        columns: Sequence[tuple[str, Kind]],
        rows: Sequence[Sequence[Any]],
        chart: Chart | None = None,
    ) -> Sheet:
        """The words of the title and of the columns are the page's."""
        titled = [Column(self.t(f"analytics.c_{key}"), kind) for key, kind in columns]
        return Sheet(name, self.t(f"analytics.{name}"), titled, rows, chart)

    def named(self, kind: str, value: str) -> str:
        """A value of ours in words, one of the shop's as it is."""
        for key in (f"analytics.{kind}_{value}", f"review.{kind}_{value}"):
            if key in words.all_words():
                return self.t(key)
        return value or self.t("analytics.unknown")


def _volume(traffic: analytics.Traffic, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [("day", "day"), ("conversations", "count"), ("messages", "count")]
    rows = [(one.day, one.conversations, one.messages) for one in traffic.days]
    return w.sheet("volume", columns, rows, Chart("bar", (1, 2)))


def _parts(name: str, kind: str, parts: Sequence[Part], w: Writer, share: str = "share") -> Sheet:
    columns: list[tuple[str, Kind]] = [(kind, "text"), ("conversations", "count"), (share, "share")]
    rows = [(w.named(kind, one.name), one.count, one.share) for one in parts]
    return w.sheet(name, columns, rows, Chart("bar", (1,), sideways=True, most=12))


def _intents(traffic: analytics.Traffic, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("intent", "code"),
        ("about", "text"),
        ("messages", "count"),
        ("share", "share"),
        ("confidence", "share"),
    ]
    rows = [
        (one.name, intents.about(one.name, w.language), one.count, one.share, one.confidence)
        for one in traffic.intents
    ]
    return w.sheet("intents", columns, rows, Chart("bar", (2,), sideways=True, most=12))


def _containment(traffic: analytics.Traffic, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("day", "day"),
        ("contained", "count"),
        ("reached", "count"),
        ("containment", "share"),
    ]
    rows = [(one.day, one.contained, one.asked - one.contained, one.containment) for one in traffic.days]
    return w.sheet("containment", columns, rows, Chart("bar", (1, 2), stacked=True))


def _resolution(found: analytics.Resolution, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("definition", "text"),
        ("share", "share"),
        ("met", "count"),
        ("countable", "count"),
        ("without_person", "count"),
        ("abandoned", "count"),
        ("not_yet", "count"),
    ]
    definitions = (
        ("left", found.left, found.abandoned),
        ("confirmed", found.confirmed, None),
        ("not_again", found.not_again, None),
    )
    rows = [
        (w.t(f"analytics.r_{key}"), one.share, one.met, one.countable, one.without_person, gone, one.not_yet)
        for key, one, gone in definitions
    ]
    return w.sheet("resolution", columns, rows, Chart("bar", (1,), sideways=True, pale=(0,)))


def _people(found: analytics.People, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("time", "text"),
        ("handovers", "count"),
        ("median", "seconds"),
        ("p90", "seconds"),
    ]
    spreads = {
        "first_answer_open": found.first_answer_open,
        "first_answer": found.first_answer,
        "until_taken_open": found.until_taken_open,
        "until_taken": found.until_taken,
        "handling": found.handling,
    }
    rows = [(w.t(f"analytics.t_{key}"), one.count, one.median, one.p90) for key, one in spreads.items()]
    return w.sheet("people", columns, rows)


def _answers(found: analytics.People, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [("within", "text"), ("open_hours", "count"), ("wall", "count")]
    rows, least = [], 0
    for one in found.classes:
        rows.append((_between(least, one.below, w), one.open_hours, one.wall))
        least = one.below or least
    return w.sheet("answers", columns, rows, Chart("bar", (1, 2)))


def _between(least: int, below: int | None, w: Writer) -> str:
    if below is None:
        return w.t("analytics.longer", time=lasting(least, w.language))
    if not least:
        return w.t("analytics.below", time=lasting(below, w.language))
    return f"{lasting(least, w.language)} – {lasting(below, w.language)}"


def _ratings(found: analytics.Ratings, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [("score", "text"), ("ratings", "count"), ("share", "share")]
    rows = [
        (w.t("analytics.stars", n=score), count, count / found.count if found.count else None)
        for score, count in sorted(found.scores.items(), reverse=True)
    ]
    return w.sheet("ratings", columns, rows, Chart("bar", (1,), sideways=True))


def _questions(found: Sequence[analytics.Group], w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("question", "text"),
        ("messages", "count"),
        ("wordings", "count"),
        ("language", "text"),
        ("last", "day"),
    ]
    rows = [
        (
            " / ".join(mask(sample.text) for sample in one.samples),
            one.count,
            one.wordings,
            ", ".join(w.named("language", language) for language in one.languages),
            one.last_at.date(),
        )
        for one in found
    ]
    return w.sheet("questions", columns, rows)


def _refunds(found: analytics.Money, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [("rule", "text"), ("action", "text")]
    columns += [(outcome, "count") for outcome in OUTCOMES]
    rows = [
        (rule, w.named("action", action), *(outcomes[one] for one in OUTCOMES))
        for action, rule, outcomes in found.by_rule
    ]
    drawn = Chart("bar", (2, 3, 4), label=(0, 1), stacked=True, sideways=True, most=12)
    return w.sheet("refunds", columns, rows, drawn)


def _amounts(found: analytics.Money, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("rule", "text"),
        ("action", "text"),
        ("outcome", "text"),
        ("decisions", "count"),
        ("amount", "money"),
        ("currency", "text"),
    ]
    rows = [
        (
            one.rule,
            w.named("action", one.action),
            w.t(f"analytics.c_{one.outcome}") if one.outcome in OUTCOMES else one.outcome,
            one.count,
            model.Money(one.amount, one.currency).decimal,
            one.currency,
        )
        for one in found.decisions
    ]
    return w.sheet("amounts", columns, rows)


def _speed(found: analytics.Model, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("day", "day"),
        ("calls", "count"),
        ("first_median", "ms"),
        ("first_p95", "ms"),
        ("total_median", "ms"),
        ("total_p95", "ms"),
    ]
    rows = []
    for day, total in sorted(found.total.by_day.items()):
        first = found.first.by_day.get(day)
        begun = (first.median, first.p95) if first else (None, None)
        rows.append((day, total.count, *begun, total.median, total.p95))
    return w.sheet("speed", columns, rows, Chart("line", (2, 3, 4, 5)))


def _calls(found: analytics.Model, w: Writer) -> Sheet:
    outcomes = ("ok", "withdrawn", "no_answer", "failed")
    columns: list[tuple[str, Kind]] = [("purpose", "text"), *((one, "count") for one in outcomes)]
    rows = [
        (w.named("purpose", one.name), one.ok, one.withdrawn, one.no_answer, one.failed)
        for one in found.purposes
    ]
    return w.sheet("calls", columns, rows, Chart("bar", (1, 2, 3, 4), stacked=True, sideways=True))


def _variants(found: analytics.Model, w: Writer) -> Sheet:
    columns: list[tuple[str, Kind]] = [
        ("variant", "code"),
        ("model_calls", "count"),
        ("first_median", "ms"),
        ("first_p95", "ms"),
        ("withdrawn", "count"),
        ("no_answer", "count"),
        ("cached", "share"),
    ]
    rows = []
    for one in found.variants:
        begun = (one.first.median, one.first.p95) if one.first else (None, None)
        rows.append((one.name or None, one.calls, *begun, one.withdrawn, one.no_answer, one.cached))
    return w.sheet("variants", columns, rows)


@dataclass(frozen=True)
class Recipe:
    """A sheet: the measure that it is made of, and how."""

    measure: str
    make: Callable[[Any, Writer], Sheet]


SHEETS: Mapping[str, Recipe] = {
    "volume": Recipe("traffic", _volume),
    "languages": Recipe("traffic", lambda found, w: _parts("languages", "language", found.languages, w)),
    "channels": Recipe("traffic", lambda found, w: _parts("channels", "channel", found.channels, w)),
    "intents": Recipe("traffic", _intents),
    "containment": Recipe("traffic", _containment),
    "handovers": Recipe(
        "traffic", lambda found, w: _parts("handovers", "reason", found.handovers, w, "rate")
    ),
    "resolution": Recipe("resolution", _resolution),
    "answers": Recipe("people", _answers),
    "people": Recipe("people", _people),
    "ratings": Recipe("ratings", _ratings),
    "questions": Recipe("questions", _questions),
    "refunds": Recipe("money", _refunds),
    "amounts": Recipe("money", _amounts),
    "speed": Recipe("model", _speed),
    "calls": Recipe("model", _calls),
    "variants": Recipe("model", _variants),
}
