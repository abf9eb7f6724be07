"""Analytics: figures of a span of days with the change against the span before, charts, tables, CSV."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from desk import acts, words
from desk.figures import SHEETS, Asked, Writer, measured
from desk.pages import language_of, page
from desk.refusals import DeskRefusal
from desk.session import Reviewer
from desk.sheets import Kind, lasting, shown
from gateway.door import Door, TheDoor
from support.period import Period
from support.services import analytics
from support.services.staff import SignedIn

router = APIRouter()

PRESETS = (7, 30, 90)
_USUAL = 30
_LONGEST_DAYS = 366
_MOST_GROUPS = 20

# The sections of the page with their tables; each has words of its own: what it is, how it is counted, why it
# may be empty.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "traffic": ("volume", "languages", "channels"),
    "topics": ("intents",),
    "contained": ("containment", "handovers"),
    "solved": ("resolution",),
    "persons": ("answers", "people"),
    "rated": ("ratings",),
    "unanswered": ("questions",),
    "refunded": ("refunds", "amounts"),
    "model": ("speed", "calls", "variants"),
}
# What the period before is asked for: the tiles compare, the tables do not.
_COMPARED = ("traffic", "resolution", "people", "ratings", "first_words")
_SHOWN = ("traffic", "resolution", "people", "ratings", "questions", "money", "model")


class BadRange(ValueError):
    """No period can be made of it; the argument is the key of the words that say why."""


@dataclass(frozen=True)
class Chosen:
    """The days that were asked for; `preset` is their number where a link offers just these.

    `problem` names the words that say why they cannot be had; the period is then the usual one.
    """

    period: Period
    preset: int | None
    first: str
    last: str
    problem: str = ""


Text = Annotated[str, Query(max_length=20)]


def chosen(
    door: TheDoor,
    days: Text = "",
    first: Annotated[str, Query(alias="from", max_length=20)] = "",
    last: Annotated[str, Query(alias="to", max_length=20)] = "",
) -> Chosen:
    zone, now = door.shop.policy.zone, door.shop.clock()
    try:
        period, preset = _period(zone, now, days, first, last)
    except BadRange as bad:
        return Chosen(Period.ending(_USUAL, zone, now), _USUAL, first, last, str(bad))
    return Chosen(period, preset, str(period.first), str(period.last))


Days = Annotated[Chosen, Depends(chosen)]


@dataclass(frozen=True)
class Tile:
    """A main figure. `change` is against the period before, None where there is nothing to compare; `better`
    says whether that is good news, None where it is neither.
    """

    key: str
    section: str
    value: str
    change: str | None
    better: bool | None


@router.get("/analytics")
async def show(request: Request, door: TheDoor, me: Reviewer, days: Days) -> Response:
    values, before = await _both(door, days.period)
    writer = _writer(request, me)
    sheets = {name: recipe.make(values[recipe.measure], writer) for name, recipe in SHEETS.items()}
    drawn = {name: sheet.drawn(writer.language) for name, sheet in sheets.items()}
    return page(
        request,
        "analytics.html",
        me,
        422 if days.problem else 200,
        days=days,
        most_days=_LONGEST_DAYS,
        before=days.period.before(),
        presets=PRESETS,
        query=urlencode({"from": days.period.first, "to": days.period.last}),
        tiles=_tiles(values, before, writer),
        sections=SECTIONS,
        sheets=sheets,
        charts={name: chart for name, chart in drawn.items() if chart},
        shown=lambda cell, kind: shown(cell, kind, writer.language),
        money=values["money"],
        people=values["people"],
        groups=values["questions"][:_MOST_GROUPS],
        behind=await acts.minutes_behind(door),
        hours=analytics.SILENCE_HOURS,
        again=analytics.AGAIN_DAYS,
    )


@router.get("/analytics/csv/{name}")
async def csv(request: Request, door: TheDoor, me: Reviewer, days: Days, name: str) -> Response:
    """One table, with the columns' names in the reader's language."""
    recipe, writer = SHEETS.get(name), _writer(request, me)
    if recipe is None:
        raise DeskRefusal("not_found")
    if days.problem:
        raise DeskRefusal("not_possible", why=writer.t(days.problem, most=_LONGEST_DAYS))
    values = await measured(door.shop.store, _asked(door, days.period), [recipe.measure])
    sheet = recipe.make(values[recipe.measure], writer)
    file = f"{name}-{days.period.first}-{days.period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(sheet.csv(), media_type="text/csv; charset=utf-8", headers=headers)


# --- what was asked for ------------------------------------------------------------------------------------


def _period(zone: ZoneInfo, now: datetime, days: str, first: str, last: str) -> tuple[Period, int | None]:
    """The period, and the preset that it is, if it is one."""
    if not first and not last:
        if days and days not in map(str, PRESETS):
            raise BadRange("analytics.bad_days")
        count = int(days) if days else _USUAL
        return Period.ending(count, zone, now), count
    today = now.astimezone(zone).date()
    until = min(_date(last) if last else today, today)
    since = _date(first) if first else until
    if since > until:
        raise BadRange("analytics.bad_order")
    length = (until - since).days + 1
    if length > _LONGEST_DAYS:
        raise BadRange("analytics.bad_length")
    return Period(since, until, zone, now), length if until == today and length in PRESETS else None


def _date(given: str) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise BadRange("analytics.bad_date") from None
    if not 2000 <= found.year <= 9000:
        raise BadRange("analytics.bad_date")
    return found


def _asked(door: Door, period: Period) -> Asked:
    return Asked(period, door.shop.policy.handoff, door.shop.clock())


async def _both(door: Door, period: Period) -> tuple[dict[str, Any], dict[str, Any]]:
    """The period's figures and those of the period before, at the same time."""
    store = door.shop.store
    return await asyncio.gather(
        measured(store, _asked(door, period), _SHOWN),
        measured(store, _asked(door, period.before()), _COMPARED),
    )


def _writer(request: Request, me: SignedIn) -> Writer:
    language = language_of(request, me)
    return Writer(words.of(language), language)


# --- main figures ------------------------------------------------------------------------------------------


def _tiles(now: Mapping[str, Any], before: Mapping[str, Any], w: Writer) -> list[Tile]:
    def tile(key: str, section: str, kind: Kind, value: Any, then: Any, *, more_is: int) -> Tile:
        change, better = None, None
        if value is not None and then is not None and then != value and not (kind == "count" and then == 0):
            change = _change(value, then, kind, w)
            better = (value > then) == (more_is > 0) if more_is else None
        return Tile(key, section, shown(value, kind, w.language), change, better)

    traffic, past = now["traffic"], before["traffic"]
    solved, solved_then = now["resolution"], before["resolution"]
    first, first_then = now["model"].first.all, before["first_words"].all
    return [
        tile("conversations", "traffic", "count", traffic.conversations, past.conversations, more_is=0),
        tile("contained", "contained", "share", traffic.containment, past.containment, more_is=1),
        tile("confirmed", "solved", "share", solved.confirmed.share, solved_then.confirmed.share, more_is=1),
        tile("not_again", "solved", "share", solved.not_again.share, solved_then.not_again.share, more_is=1),
        tile(
            "first_answer",
            "persons",
            "seconds",
            now["people"].first_answer_open.median,
            before["people"].first_answer_open.median,
            more_is=-1,
        ),
        tile("rating", "rated", "score", now["ratings"].mean, before["ratings"].mean, more_is=1),
        tile(
            "unanswered",
            "unanswered",
            "share",
            traffic.unanswered_share,
            past.unanswered_share,
            more_is=-1,
        ),
        tile(
            "first_words",
            "model",
            "ms",
            first.median if first else None,
            first_then.median if first_then else None,
            more_is=-1,
        ),
    ]


def _change(value: float, then: float, kind: Kind, w: Writer) -> str:
    """How much more or less, with its sign: percent of a number, points of a share, the difference else."""
    sign = "+" if value > then else "−"
    by = abs(value - then)
    if kind == "count":
        return f"{sign}{by / then:.0%}"
    if kind == "share":
        return w.t("analytics.points", n=f"{sign}{by * 100:.1f}")
    return sign + (lasting(by, w.language) if kind == "seconds" else shown(by, kind, w.language))
