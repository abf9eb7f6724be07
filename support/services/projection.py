"""Turns Rasa's events into the tables that review reads.

`project` may be given the same event twice, events of many conversations at once, and events a little late:
it adds those that are new and makes what is derived of a conversation again from all of its events. What
other tables say (holder, ratings, decisions, labels) is read at the same moment; who changes it there
leaves a mark (`Rows._changed`), and `refresh_changed` follows the marks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from support.model import RawEvent
from support.review.events import StoryEvent, kept, worth_telling
from support.review.summary import Heard, Summary, heard, summarise
from support.store import Store, Unit

_AT_ONCE = 200
# Of the columns of a message those that reviewers do not write.
_OF_THE_EVENT = ("confidence", "ranking", "entities", "language", "message_id", "text")
_EMPTY: Mapping[str, Any] = {"ranking": [], "entities": [], "language": "", "message_id": "", "text": ""}

Stories = Mapping[str, Sequence[StoryEvent]]

# The projector leaves word every ten seconds (`support.events`), and has an event done in less than one.
_LATE = timedelta(seconds=60)
_NEVER = datetime.min.replace(tzinfo=UTC)


async def behind(unit: Unit, now: datetime) -> timedelta | None:
    """How far review is behind the conversations, at least; None while the projector keeps up.

    Where no projector has ever run, only the events that wait for one tell.
    """
    pulse, since = await unit.event_queue.pulse(), await unit.event_queue.waiting_since()
    late = max(now - since if since else timedelta(0), now - pulse.at if pulse else timedelta(0))
    if pulse and pulse.trouble:
        late = max(late, _LATE)
    return late if late >= _LATE else None


async def project(unit: Unit, events: Sequence[RawEvent]) -> None:
    """Add what is new among these events, and bring the conversations that they belong to up to date.

    What was said in a conversation before it was erased arrives too late.
    """
    new: dict[str, list[StoryEvent]] = defaultdict(list)
    erased = await unit.erasures.marked("conversation", {one.conversation_id for one in events})
    in_time = (one for one in events if one.at > erased.get(one.conversation_id, _NEVER))
    for event in filter(None, map(kept, in_time)):
        new[event.conversation_id].append(event)
    for some in _chunks(new):
        await _one_at_a_time(unit)
        await _renew(unit, await _added(unit, {one: new[one] for one in some}))


async def refresh(unit: Unit, conversation_ids: Iterable[str]) -> None:
    """Bring conversations up to date with what other tables say now; unknown ones are left alone."""
    for some in _chunks(conversation_ids):
        await _one_at_a_time(unit)
        await _renew(unit, await unit.review.events_of(some))


async def refresh_changed(unit: Unit, limit: int = _AT_ONCE) -> int:
    """Follow up to `limit` marks; how many there were."""
    marks = await unit.review.changed(limit)
    if marks:
        await refresh(unit, dict.fromkeys(conversation_id for _, conversation_id in marks))
        await unit.review.forget_changes([mark for mark, _ in marks])
    return len(marks)


async def refresh_all(store: Store) -> int:
    """Make everything derived again, after a change of what is derived; how many conversations there are."""
    done, last = 0, ""
    while True:
        async with store.writing() as unit:
            some = await unit.review.ids_after(last, _AT_ONCE)
            if not some:
                return done
            await refresh(unit, some)
        done, last = done + len(some), some[-1]


async def _one_at_a_time(unit: Unit) -> None:
    """A conversation must not be summed up by two who each miss what the other adds."""
    await unit.serialise("review")


async def _added(unit: Unit, new: Mapping[str, Sequence[StoryEvent]]) -> Stories:
    """The stories with the new events in them, which are kept."""
    stories, added = {}, []
    known = await unit.review.events_of(new)
    for conversation_id, events in new.items():
        before = {one.key: one for one in known.get(conversation_id, ())}
        fresh = {one.key: one for one in events if one.key not in before}
        together = sorted([*before.values(), *fresh.values()], key=lambda event: event.at)
        story = worth_telling(together)
        if story:
            stories[conversation_id] = story
            added += [one for one in story if one.key in fresh]
    await unit.review.add_events(added)
    return stories


async def _renew(unit: Unit, stories: Stories) -> None:
    if not stories:
        return
    known = await unit.review.messages_known(stories)
    flagged: dict[str, int] = defaultdict(int)
    for row in known.values():
        flagged[row["conversation_id"]] += row["flagged_at"] is not None
    beside = await unit.review.beside(stories)
    summaries: dict[str, Summary] = {}
    messages: list[dict[str, Any]] = []
    for conversation_id, events in stories.items():
        about = replace(beside[conversation_id], flagged=flagged[conversation_id])
        summaries[conversation_id] = summarise(events, about)
        messages += map(message_row, heard(events))
    await unit.review.put_messages([row for row in messages if _differs(row, known.get(row["key"]))])
    await unit.review.put_conversations(summaries.items())
    await unit.review.put_values(value for one in summaries.values() for value in one.values)


def message_row(message: Heard) -> dict[str, Any]:
    """The row of a message that nobody has reviewed yet."""
    event = message.event
    derived = {name: event.data.get(name, _EMPTY.get(name)) for name in _OF_THE_EVENT}
    return derived | {
        "conversation_id": event.conversation_id,
        "key": event.key,
        "at": event.at,
        "intent": event.name,
        "latency_ms": message.latency_ms,
        "answered": message.answered,
        "state": "open" if message.is_unsure else "sure",
    }


def _differs(row: Mapping[str, Any], known: Mapping[str, Any] | None) -> bool:
    return known is None or any(row[name] != known[name] for name in ("latency_ms", "answered"))


def _chunks(conversation_ids: Iterable[str]) -> Iterable[list[str]]:
    # Always in the same order, whoever works on them.
    rest = iter(sorted(set(conversation_ids)))
    while some := list(islice(rest, _AT_ONCE)):
        yield some
