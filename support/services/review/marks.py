"""What a reviewer does to a conversation: its state, its labels; and undo for everything that reviewers
change.

Each change is kept with what was there before and answered by its number. `undo` puts back what was there,
unless somebody has changed it again since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

from support.review.summary import ReviewState
from support.services import answers, projection
from support.store import Store, Unit
from support.store.review import Change

LABEL_CHARACTERS = 40


class NotPossible(ValueError):
    """The change cannot be made. `code`: unknown_conversation, unknown_message, unknown_change,
    unknown_filter, unknown_answer, undone_already, changed_since, bad_state, bad_label, bad_intent, bad_name,
    bad_verdict.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Undone:
    """What is as it was again."""

    conversation_id: str
    message_id: int | None
    what: str


async def set_state(store: Store, conversation_id: str, state: str, staff: str, now: datetime) -> int:
    """unreviewed, reviewed or saved (for later); the change's number."""
    if state not in get_args(ReviewState):
        raise NotPossible("bad_state")
    async with store.writing() as unit:
        await known(unit, conversation_id)
        before = {"state": await unit.review.state(conversation_id)}
        await unit.review.put_state(conversation_id, state, staff, now)
        return await changed(
            unit, Change(conversation_id, None, "state", before, {"state": state}, staff, now)
        )


async def label(store: Store, conversation_id: str, text: str, staff: str, now: datetime) -> int:
    """Put a label on a conversation, which may have it already; the change's number."""
    name = _label(text)
    async with store.writing() as unit:
        await known(unit, conversation_id)
        new = await unit.review.add_label(conversation_id, name, staff, now)
        before = {"label": name, "there": not new}
        after = {"label": name, "there": True}
        return await changed(unit, Change(conversation_id, None, "label", before, after, staff, now))


async def unlabel(store: Store, conversation_id: str, text: str, staff: str, now: datetime) -> int:
    """Take a label off a conversation, which may not have it; the change's number."""
    name = _label(text)
    async with store.writing() as unit:
        await known(unit, conversation_id)
        was = await unit.review.remove_label(conversation_id, name)
        before = {"label": name, "there": was}
        after = {"label": name, "there": False}
        return await changed(unit, Change(conversation_id, None, "label", before, after, staff, now))


async def undo(store: Store, change: int, staff: str, now: datetime) -> Undone:
    """Put back what was there before a change."""
    async with store.writing() as unit:
        found = await unit.review.change(change)
        if found is None:
            raise NotPossible("unknown_change")
        if await _present(unit, found) != dict(found.after):
            raise NotPossible("undone_already" if found.undone_at else "changed_since")
        if not await unit.review.mark_undone(change, now):
            raise NotPossible("undone_already")
        await _put_back(unit, found, staff, now)
        await projection.refresh(unit, [found.conversation_id])
    return Undone(found.conversation_id, found.message_id, found.what)


# --- for this and the inbox --------------------------------------------------------------------------------


async def known(unit: Unit, conversation_id: str) -> None:
    """NotPossible for a conversation that review has not heard of; until the unit ends nobody else changes
    it.
    """
    await unit.serialise("review")
    if await unit.review.conversation(conversation_id) is None:
        raise NotPossible("unknown_conversation")


async def changed(unit: Unit, change: Change) -> int:
    """Remember a change and let the list show it."""
    number = await unit.review.remember(change)
    await projection.refresh(unit, [change.conversation_id])
    return number


def _label(text: str) -> str:
    """Labels differ by more than blanks and case of what staff types."""
    name = " ".join(text.split())
    if not name or len(name) > LABEL_CHARACTERS or not name.isprintable():
        raise NotPossible("bad_label")
    return name


async def _present(unit: Unit, change: Change) -> dict[str, Any]:
    """What is there now of what the change was about."""
    await unit.serialise("review")
    if change.what == "state":
        return {"state": await unit.review.state(change.conversation_id)}
    if change.what == "label":
        name = change.after["label"]
        return {"label": name, "there": name in await unit.review.labels(change.conversation_id)}
    if change.what == "answer":
        name = change.after["message_id"]
        mark = await unit.answer_marks.get(change.conversation_id, name, "reviewer", change.staff)
        return answers.opinion(name, mark)
    assert change.message_id is not None
    message = await unit.review.message(change.message_id)
    return {name: getattr(message, name) for name in change.after}


async def _put_back(unit: Unit, change: Change, staff: str, now: datetime) -> None:
    conversation_id, before = change.conversation_id, change.before
    if change.what == "state":
        await unit.review.put_state(conversation_id, before["state"], staff, now)
    elif change.what == "label" and before["there"]:
        await unit.review.add_label(conversation_id, before["label"], staff, now)
    elif change.what == "label":
        await unit.review.remove_label(conversation_id, before["label"])
    elif change.what == "answer":
        await _judge_as_before(unit, change, now)
    elif change.message_id is not None:
        await unit.review.change_message(change.message_id, before, now)


async def _judge_as_before(unit: Unit, change: Change, now: datetime) -> None:
    name, before = change.after["message_id"], change.before
    mark = await unit.answer_marks.get(change.conversation_id, name, "reviewer", change.staff)
    if before["verdict"] is None or mark is None:
        await unit.answer_marks.remove(change.conversation_id, name, "reviewer", change.staff)
    else:
        earlier = replace(mark, verdict=before["verdict"], better=before["better"], at=now)
        await unit.answer_marks.put(earlier)
