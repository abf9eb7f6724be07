"""Moves the handovers that nobody else moves. Run every few seconds, by any number of processes at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from support.model import Holder
from support.policy import Policy
from support.services.handoff.moves import Cause, NotPossible, Queued, end, held, into_queue, queued
from support.store import Handover, Store, Unit

# late: nobody came by the time that was promised. agent_away: the person has gone and the customer waits.
# unanswered: the person is there, the customer waits, and nothing was said for long. idle: both are silent.
Due = Literal["late", "agent_away", "unanswered", "idle"]

# Counted in hours during which people are there.
_LONGEST_PROMISE = timedelta(days=1)


@dataclass(frozen=True)
class Patience:
    """For how long a person may be away, and both sides silent."""

    away: timedelta = timedelta(minutes=3)
    idle: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Swept:
    """A handover as it is now, and what was due in it."""

    handover: Handover
    due: Due


# What the customer is told about it.
Lines = Callable[[Swept, Queued], Mapping[str, Any]]


async def sweep(store: Store, policy: Policy, patience: Patience, now: datetime, lines: Lines) -> list[Swept]:
    """Do what is due, each handover in its own transaction, together with a line to its customer."""
    async with store.reading() as unit:
        candidates = [one.id for one in await unit.handovers.open_ones() if due(one, patience, now)]
    done = []
    for handover_id in candidates:
        async with store.writing() as unit:
            if swept := await _sweep_one(unit, policy, patience, handover_id, now, lines):
                done.append(swept)
    return done


def due(handover: Handover, patience: Patience, now: datetime) -> Due | None:
    """What has to be done about an open handover, if anything."""
    if handover.status == "waiting":
        promised = handover.promised_at
        return "late" if promised and promised <= now else None
    away = handover.seen_at is None or now - handover.seen_at >= patience.away
    silent = now - handover.last_words_at >= patience.idle
    if handover.customer_waits:
        return "agent_away" if away else "unanswered" if silent else None
    return "idle" if silent else None


async def _sweep_one(
    unit: Unit, policy: Policy, patience: Patience, handover_id: int, now: datetime, lines: Lines
) -> Swept | None:
    try:
        handover = await held(unit, handover_id)
    except NotPossible:
        return None  # somebody has ended it since
    what = due(handover, patience, now)
    if what is None:
        return None
    if what == "idle":
        handover = await end(unit, handover, Holder.BOT, Cause(what, now, "system"))
    else:
        if what != "late":
            await into_queue(unit, handover, Cause(what, now, "system"))
        # Nobody is promised less than the wait that a broken promise has cost already, nor told so often.
        waited = min(now - handover.opened_at, _LONGEST_PROMISE)
        again = policy.promise(now, at_least=waited)
        await unit.handovers.change(handover_id, promised_at=again)
        handover = await held(unit, handover_id)
    swept = Swept(handover, what)
    line = lines(swept, await queued(unit, policy, handover, now, new=False))
    await unit.conversations.tell(handover.conversation_id, "message", line, now)
    return swept
