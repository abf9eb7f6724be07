"""What reviewers think of an open-ended answer: right, wrong, or what should have been said."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import get_args

from support.review.events import StoryEvent
from support.services import answers
from support.services.desk import REPLY_CHARACTERS, checked
from support.services.review.marks import NotPossible, changed, known
from support.store import AnswerMark, Store, Unit
from support.store.answer_marks import Verdict
from support.store.review import Change


async def judge(
    store: Store,
    conversation_id: str,
    message_id: str,
    verdict: str,
    staff: str,
    now: datetime,
    *,
    better: str | None = None,
) -> int:
    """A verdict on the answer to a message of the customer, instead of this reviewer's last; the change's
    number.

    `better` is what should have been said. NotPossible; DeskError for words that cannot be kept.
    """
    if verdict not in get_args(Verdict):
        raise NotPossible("bad_verdict")
    words = None if better is None else checked(better, REPLY_CHARACTERS, "better")
    async with store.writing() as unit:
        await known(unit, conversation_id)
        question, answer = await _answered(unit, conversation_id, message_id)
        before = await unit.answer_marks.get(conversation_id, message_id, "reviewer", staff)
        mark = AnswerMark(
            conversation_id=conversation_id,
            message_id=message_id,
            kind="reviewer",
            login=staff,
            verdict="good" if verdict == "good" else "bad",
            better=words,
            question=str(question.data.get("text") or ""),
            said=str(answer.data.get("text") or ""),
            sources=answers.sources(answer.data["custom"]["citations"]),
            at=now,
        )
        await unit.answer_marks.put(mark)
        was, is_now = answers.opinion(message_id, before), answers.opinion(message_id, mark)
        return await changed(unit, Change(conversation_id, None, "answer", was, is_now, staff, now))


async def judged(store: Store, conversation_id: str) -> dict[str, list[AnswerMark]]:
    """What was thought of a conversation's answers, by the message that was answered, the oldest first."""
    found: dict[str, list[AnswerMark]] = defaultdict(list)
    async with store.reading() as unit:
        for mark in await unit.answer_marks.of_conversation(conversation_id):
            found[mark.message_id].append(mark)
    return dict(found)


async def _answered(unit: Unit, conversation_id: str, message_id: str) -> tuple[StoryEvent, StoryEvent]:
    """The customer's message, and what of its answer stands on documents."""
    events = (await unit.review.events_of([conversation_id])).get(conversation_id, [])
    question: StoryEvent | None = None
    for event in events:
        if event.type == "user":
            question = event if event.data.get("message_id") == message_id else None
        elif question and event.type == "bot" and (event.data.get("custom") or {}).get("citations"):
            return question, event
    raise NotPossible("unknown_answer")
