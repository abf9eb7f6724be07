"""What a reviewer thinks of an answer from the documents: right, wrong, or better words for it.

Verdicts can be taken back like everything in review (`marking.py`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk import acts
from desk.conversation import refusal
from desk.session import Reviewer
from gateway.door import Door, TheDoor
from support.services import review
from support.services.desk import DeskError

router = APIRouter()


@router.post("/review/{conversation_id}/answers/{message_id}")
async def judge(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    conversation_id: str,
    message_id: str,
    verdict: Annotated[str, Form(max_length=20)],
    better: Annotated[str | None, Form()] = None,
) -> Response:
    """The answer to this message of the customer was good or bad; `better` says what it should have been."""
    store, now = door.shop.store, door.shop.clock()
    try:
        with acts.explained(request, me):
            change = await review.judge(
                store, conversation_id, message_id, verdict, me.login, now, better=better
            )
    except DeskError as error:
        raise refusal(error) from error
    if verdict == "bad":
        await _forget(door, conversation_id, message_id)
    await acts.note(door, me, "judge_answer", conversation_id, message=message_id, verdict=verdict)
    words = "story.did_better" if better is not None else f"story.did_{verdict}"
    return acts.done(request, me, words, undo=acts.Undo(changes=(change,)))


async def _forget(door: Door, conversation_id: str, message_id: str) -> None:
    """Nobody else is to get this answer from the cache."""
    marks = (await review.judged(door.shop.store, conversation_id)).get(message_id)
    if marks and door.shop.answers:
        await door.shop.answers.drop(marks[-1].question)
