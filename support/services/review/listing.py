"""The list of conversations, page by page.

A page goes on from a place, not from a number of rows: conversations that arrive meanwhile neither repeat a
row nor hide one. With a regular expression a page is also over when it has taken long enough; it then says
how far it has looked, and the next one goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from support.review import tokens
from support.review.filters import BadFilter, Filters, Problem
from support.review.regex import BadRegex, Matcher, TooSlow
from support.store import Store, Unit
from support.store.review import Listed, Place
from support.store.review.listing import COUNTED

LIMIT = 50
# A regular expression looks at so many conversations first, and then at as many as the time seems to allow.
_WINDOW, _SMALLEST_WINDOW = 400, 200
_REGEX_PAGE_S = 0.15  # after this a page is over
_REGEX_PATIENCE_S = 2.0  # after this the expression is given up
# So many characters of a line are shown, and at most so many of them before what was searched for.
_EXCERPT, _BEFORE = 160, 40


@dataclass(frozen=True)
class Row:
    """A conversation in the list; `excerpt` is the part of a line where what was searched for was said."""

    conversation: Listed
    excerpt: str


@dataclass(frozen=True)
class Page:
    """`total` is known on the first page, unless a regular expression decides; `total_is_more`: at least
    one more.

    `next` continues after this page, None at the end. `looked_back_to` is set where a regular expression
    ran out of time: everything newer than that has been looked at.
    """

    rows: tuple[Row, ...]
    next: str | None
    total: int | None
    total_is_more: bool = False
    looked_back_to: datetime | None = None


async def list_conversations(
    store: Store, filters: Filters, *, before: str | None = None, limit: int = LIMIT
) -> Page:
    """A page of the conversations that pass, newest first; BadFilter for what cannot be used."""
    place = _place(before)
    async with store.reading() as unit:
        if filters.regex:
            return await _matching(unit, filters, place, limit)
        places, total = await unit.review.places(filters, place, limit + 1)
        shown = places[:limit]
        rows = await _rows(unit, shown, filters.text)
    following = str(shown[-1]) if len(places) > limit else None
    if place:
        return Page(rows, following, None)
    return Page(rows, following, COUNTED if total is None else total, total_is_more=total is None)


async def values(store: Store, kind: str) -> list[str]:
    """What has occurred of a kind (channel, language, intent, action, slot, label, model), in order."""
    async with store.reading() as unit:
        return await unit.review.values(kind)


def _place(before: str | None) -> Place | None:
    try:
        return Place.parse(before) if before else None
    except ValueError:
        zh, en = "这个页码已失效，请回到第一页。", "This page address is broken. Go back to the first page."
        raise BadFilter([Problem("before", zh, en)]) from None


# --- words and excerpts ------------------------------------------------------------------------------------


async def _rows(unit: Unit, places: Sequence[Place], text: str) -> tuple[Row, ...]:
    ids = [place.id for place in places]
    found = await unit.review.listed(ids)
    said = await unit.review.said(ids) if text else {}
    wanted = tokens.searched(text)
    return tuple(Row(one, _excerpt(said[one.id], wanted) if text else "") for one in found)


def _excerpt(said: str, wanted: Sequence[tuple[str, bool]]) -> str:
    """The first of the lines in which most of the words are."""

    def count(line: str) -> int:
        there = tokens.words(line)
        return sum(
            any(word.startswith(token) for word in there) if begins else token in there
            for token, begins in wanted
        )

    line = max(said.split("\n"), key=count)
    places = [line.casefold().find(token) for token, _ in wanted]
    return _around(min((place for place in places if place >= 0), default=0), line)


def _around(place: int, line: str) -> str:
    """What of a line is shown, so that the words at `place` are in it."""
    start = min(max(0, place - _BEFORE), max(0, len(line) - _EXCERPT))
    end = start + _EXCERPT
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


# --- regular expressions -----------------------------------------------------------------------------------


async def _matching(unit: Unit, filters: Filters, before: Place | None, limit: int) -> Page:
    try:
        async with Matcher(filters.regex, _REGEX_PATIENCE_S) as matcher:
            return await _search(unit, filters, before, limit, matcher)
    except BadRegex as error:
        zh, en = f"正则表达式有误：{error}", f"The regular expression has a mistake: {error}"
        raise BadFilter([Problem("regex", zh, en)]) from error
    except TooSlow:
        zh = "这个正则表达式太慢，已停止。请写得简单些，避免嵌套的重复。"
        en = (
            "This regular expression was too slow and was stopped. Make it simpler; avoid nested repetitions."
        )
        raise BadFilter([Problem("regex", zh, en)]) from None


async def _search(unit: Unit, filters: Filters, before: Place | None, limit: int, matcher: Matcher) -> Page:
    begun = time.monotonic()
    found: list[tuple[Place, str]] = []  # with the excerpt
    window, looked = _WINDOW, 0
    while True:
        places, _ = await unit.review.places(filters, before, window)
        said = await unit.review.said([place.id for place in places])
        lines = await matcher.first_lines([said[place.id] for place in places])
        found += [(one, _around(at[1], at[0])) for one, at in zip(places, lines, strict=True) if at]
        before, looked = places[-1] if places else before, looked + len(places)
        if at_end := len(places) < window:
            break
        spent = time.monotonic() - begun
        window = min(2 * window, int(looked * (_REGEX_PAGE_S - spent) / spent))
        if len(found) > limit or window < _SMALLEST_WINDOW:
            break
    return await _regex_page(unit, found, limit, None if at_end else before)


async def _regex_page(
    unit: Unit, found: Sequence[tuple[Place, str]], limit: int, reached: Place | None
) -> Page:
    """`reached` is the last place that was looked at, None for the end of the list."""
    lines = {place.id: line for place, line in found[:limit]}
    listed = await unit.review.listed(lines)
    rows = tuple(Row(one, lines[one.id]) for one in listed)
    if len(found) > limit:
        return Page(rows, str(found[limit - 1][0]), None)
    return Page(
        rows, str(reached) if reached else None, None, looked_back_to=reached.last_at if reached else None
    )
