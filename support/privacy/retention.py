"""The retention job: what is older than the settings say goes, in small parts.

    done = await sweep(places, periods(settings), now)                      # {"conversations": 12, ...}
    done = await sweep(places, periods(settings), now, dry_run=True)        # only counts
    done = await sweep_if_due(places, periods(settings), clock, "gateway-1")  # once a day, by one process

Conversations that wait for a person, are with one, or have an undecided refund are left alone, with their
pictures. The ledger is never touched. A sweep that is broken off is taken up by the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from support.privacy.inventory import HOLDINGS
from support.privacy.places import Places
from support.settings import Settings
from support.store import Scope
from support.store.old import ROWS

log = logging.getLogger(__name__)

JOB = "retention"
EVERY = timedelta(hours=24)
_LEASE = timedelta(minutes=10)
# So many rows (or conversations with all of theirs) go in one transaction; others get their turn in between.
_ROWS_AT_ONCE, _CONVERSATIONS_AT_ONCE = 500, 50
_PAUSE_S = 0.05
# A file without a row may be one whose row is being written.
_ORPHANS_AFTER = timedelta(days=1)
_LAST_WORDS = timedelta(days=1)

GoOn = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Period:
    """For how many days a kind is kept; 0: for ever."""

    kind: str
    days: int


# Where the days of a kind stand in the settings.
_SETTINGS = {
    "conversations": "retention_conversations_days",
    "pictures": "retention_pictures_days",
    "model_texts": "retention_model_texts_days",
    "ratings": "retention_rating_words_days",
    "identity_tries": "retention_identity_tries_days",
    "event_failures": "retention_event_failures_days",
    "staff_log": "retention_staff_log_days",
}


def periods(settings: Settings) -> list[Period]:
    return [Period(kind, getattr(settings, name)) for kind, name in _SETTINGS.items()]


def setting_of(kind: str) -> str:
    """The environment variable that says how long a kind is kept."""
    return f"SHOPCLERK_{_SETTINGS[kind].upper()}"


async def sweep(
    places: Places, kept: list[Period], now: datetime, *, dry_run: bool = False, go_on: GoOn | None = None
) -> dict[str, int]:
    """How many of each kind went, or would go. `go_on` is asked between the parts."""
    done: dict[str, int] = {}
    for period in kept:
        if period.days:
            before = now - timedelta(days=period.days)
            work = _count if dry_run else _remove
            done[period.kind] = await work(places, period.kind, before, go_on or _always)
    done["files_without_rows"] = await _orphans(places, now - _ORPHANS_AFTER, dry_run)
    if not dry_run and any(done.values()):
        await places.store.overwrite_deleted()
    return done


async def sweep_if_due(
    places: Places, kept: list[Period], clock: Callable[[], datetime], by: str
) -> Mapping[str, int] | None:
    """Once a day among all processes; None when it is not due or another one does it."""
    async with places.store.writing() as unit:
        if not await unit.jobs.begin(JOB, by, clock(), _LEASE, EVERY):
            return None

    async def go_on() -> bool:
        async with places.store.writing() as unit:
            return await unit.jobs.go_on(JOB, by, clock() + _LEASE)

    done = await sweep(places, kept, clock(), go_on=go_on)
    async with places.store.writing() as unit:
        await unit.jobs.end(JOB, by, clock(), done)
    went = ", ".join(f"{kind} {count}" for kind, count in done.items() if count)
    log.info("retention: %s", went or "nothing is old enough")
    return done


async def _always() -> bool:
    return True


async def _count(places: Places, kind: str, before: datetime, go_on: GoOn) -> int:
    async with places.store.reading() as unit:
        if kind == "conversations":
            return await unit.old.count_conversations(before)
        if kind == "pictures":
            return await unit.old.count_pictures(before)
        return await unit.old.count(kind, before)


async def _remove(places: Places, kind: str, before: datetime, go_on: GoOn) -> int:
    done = 0
    while await go_on():
        if kind == "conversations":
            some = await _remove_conversations(places, before)
        elif kind == "pictures":
            some = await _remove_pictures(places, before)
        else:
            some = await _remove_rows(places, kind, before)
        done += some
        if not some:
            break
        await asyncio.sleep(_PAUSE_S)
    if kind == "conversations":
        # Those of conversations that were never in the table of conversations.
        await _remove_rows(places, "model_calls", before)
    return done


async def _remove_rows(places: Places, kind: str, before: datetime) -> int:
    assert kind in ROWS
    async with places.store.writing() as unit:
        return await unit.old.remove(kind, before, _ROWS_AT_ONCE)


async def _remove_pictures(places: Places, before: datetime) -> int:
    async with places.store.writing() as unit:
        some = await unit.old.pictures(before, _ROWS_AT_ONCE)
        await unit.old.remove_pictures(some)
    # A file that stays because this breaks off here has no row, and goes tomorrow.
    await places.pictures.remove(some)
    return len(some)


async def _remove_conversations(places: Places, before: datetime) -> int:
    async with places.store.reading() as unit:
        some = await unit.old.conversations(before, _CONVERSATIONS_AT_ONCE)
    if not some:
        return 0
    # First where nothing says what is left to do. Rasa's last words come a little after the conversation's.
    await places.tracker.forget(some, before + _LAST_WORDS)
    async with places.store.writing() as unit:
        await unit.personal.hold(Scope(some))
        still = set(await unit.old.conversations(before, _CONVERSATIONS_AT_ONCE)) & set(some)
        scope = await unit.personal.scope(sorted(still))
        await unit.personal.forget_refund_notes(scope)
        for one in HOLDINGS:
            if one.fate == "deleted" and still:
                await unit.personal.delete(one.table, scope, one.through)
        await unit.personal.forget_unused_labels()
    await places.pictures.remove(scope.pictures)
    return len(still)


async def _orphans(places: Places, before: datetime, dry_run: bool) -> int:
    """Files of pictures whose rows are gone: an upload or a sweep was broken off."""
    keys = await places.pictures.older(before)
    gone = []
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        some = keys[start : start + _ROWS_AT_ONCE]
        async with places.store.reading() as unit:
            known = await unit.old.known_pictures(some)
        gone += [one for one in some if one not in known]
    if not dry_run:
        await places.pictures.remove(gone)
    return len(gone)
