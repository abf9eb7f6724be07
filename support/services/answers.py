"""What people think of the assistant's open-ended answers: customers' thumbs, and agents who change a draft.

Only answers that stand on documents are judged: what comes from records is right or wrong by itself. An
answer is named by the message of the customer that it answers. Reviewers: `support.services.review.answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from support.store import AnswerMark, Handover, Store
from support.store.answer_marks import Verdict

Json = dict[str, Any]


class UnknownAnswer(LookupError):
    """The conversation has no such answer that could be judged."""


def open_ended(reply: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The message of a kept reply that stands on documents."""
    return next((one for one in (reply or {}).get("messages", ()) if one.get("citations")), None)


def sources(citations: list[Json]) -> Json:
    """What is kept of an answer's citations."""
    return {"citations": [str(one["id"]) for one in citations], "records": []}


def opinion(message_id: str, mark: AnswerMark | None) -> Json:
    """A reviewer's mark as the history of review keeps it."""
    verdict, better = (mark.verdict, mark.better) if mark else (None, None)
    return {"message_id": message_id, "verdict": verdict, "better": better}


async def customer_judges(
    store: Store, conversation_id: str, message_id: str, verdict: Verdict | None, now: datetime
) -> None:
    """A thumb up or down, or (None) neither any more; the last one counts. UnknownAnswer."""
    async with store.writing() as unit:
        message = await unit.conversations.message(conversation_id, message_id)
        answer = open_ended(message.reply) if message else None
        if message is None or answer is None:
            raise UnknownAnswer(message_id)
        if verdict is None:
            await unit.answer_marks.remove(conversation_id, message_id, "customer", "")
            return
        mark = AnswerMark(
            conversation_id=conversation_id,
            message_id=message_id,
            kind="customer",
            login="",
            verdict=verdict,
            better=None,
            question=message.text,
            said=str(answer.get("text") or ""),
            sources=sources(answer["citations"]),
            at=now,
        )
        await unit.answer_marks.put(mark)


async def agent_sent(
    store: Store, handover: Handover, login: str, text: str, now: datetime
) -> Verdict | None:
    """An agent has sent these words for the handover's draft: its verdict, and, if changed, the better ones.

    None where there is no draft to judge.
    """
    draft, origin = str(handover.packet.get("draft") or ""), handover.packet.get("draft_from")
    if not draft or not origin:
        return None
    verdict: Verdict = "good" if text.split() == draft.split() else "bad"
    mark = AnswerMark(
        conversation_id=handover.conversation_id,
        message_id=origin["message_id"],
        kind="agent",
        login=login,
        verdict=verdict,
        better=text if verdict == "bad" else None,
        question=origin["question"],
        said=draft,
        sources={"citations": origin["citations"], "records": origin["records"]},
        at=now,
    )
    async with store.writing() as unit:
        await unit.answer_marks.put(mark)
    return verdict
