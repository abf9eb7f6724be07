"""What a reviewer decides about a message: right, another intent, nothing to learn, an example, a flag; undo.

The same routes serve the story, the inbox and the talk page. A decision stands also when the message cannot
become an example (it may be one already): the toast then says why.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from desk import acts, intents
from desk.pages import language_of, page
from desk.refusals import DeskRefusal
from desk.session import Reviewer
from gateway import texts
from gateway.door import Door, TheDoor
from support.services import review
from support.services.staff import SignedIn
from support.store.review import ReviewedMessage
from support.training import Problem

router = APIRouter()

Name = Annotated[str, Form(max_length=80)]
AsExample = Annotated[bool, Form()]
Why = Annotated[str, Form(max_length=2000)]
Numbers = Annotated[list[int] | None, Form(max_length=100)]


@router.get("/review/intents")
async def pick(request: Request, door: TheDoor, me: Reviewer) -> Response:
    """The lines of the picker: every intent with what it is about and examples."""
    with acts.explained(request, me):
        known = await intents.known(door.training, language_of(request, me))
    return page(request, "_intents.html", me, known=known)


@router.post("/review/messages/{number}/confirm")
async def confirm(
    request: Request, door: TheDoor, me: Reviewer, number: int, example: AsExample = False
) -> Response:
    """The model was right."""
    message = await _message(door, number)
    with acts.explained(request, me):
        change = await review.confirm(door.shop.store, number, me.login, door.shop.clock())
    details = {"message": number, "intent": message.intent}
    await acts.note(door, me, "review_confirm", message.conversation_id, **details)
    added, why = await _example(request, door, me, message, message.intent) if example else ((), "")
    undo = acts.Undo(changes=(change,), added=added)
    return acts.done(request, me, "story.did_confirm", undo=undo, also=why, intent=message.intent)


@router.post("/review/messages/{number}/relabel")
async def relabel(
    request: Request, door: TheDoor, me: Reviewer, number: int, intent: Name, example: AsExample = False
) -> Response:
    """The customer meant something else."""
    message = await _message(door, number)
    with acts.explained(request, me):
        change = await review.relabel(door.shop.store, number, intent, me.login, door.shop.clock())
    details = {"message": number, "was": message.intent, "intent": intent}
    await acts.note(door, me, "review_relabel", message.conversation_id, **details)
    added, why = await _example(request, door, me, message, intent) if example else ((), "")
    undo = acts.Undo(changes=(change,), added=added)
    words = "story.did_relabel_example" if added else "story.did_relabel"
    return acts.done(request, me, words, undo=undo, also=why, intent=intent)


@router.post("/review/messages/{number}/delete")
async def delete(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    """Nothing is to be learned from it."""
    message = await _message(door, number)
    with acts.explained(request, me):
        change = await review.delete(door.shop.store, number, me.login, door.shop.clock())
    await acts.note(door, me, "review_delete", message.conversation_id, message=number)
    return acts.done(request, me, "story.did_delete", undo=acts.Undo(changes=(change,)))


@router.post("/review/messages/{number}/flag")
async def flag(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    number: int,
    why: Why = "",
) -> Response:
    message = await _message(door, number)
    with acts.explained(request, me):
        change = await review.flag(door.shop.store, number, why, me.login, door.shop.clock())
    await acts.note(door, me, "review_flag", message.conversation_id, message=number, why=why[:200])
    return acts.done(request, me, "story.did_flag", undo=acts.Undo(changes=(change,)))


@router.post("/review/messages/{number}/unflag")
async def unflag(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    message = await _message(door, number)
    with acts.explained(request, me):
        change = await review.unflag(door.shop.store, number, me.login, door.shop.clock())
    await acts.note(door, me, "review_unflag", message.conversation_id, message=number)
    return acts.done(request, me, "story.did_unflag", undo=acts.Undo(changes=(change,)))


@router.post("/review/messages/{number}/example")
async def example(request: Request, door: TheDoor, me: Reviewer, number: int) -> Response:
    """An example of what it was taken for, by the model or by a colleague who corrected it."""
    message = await _message(door, number)
    added, why = await _example(request, door, me, message, message.corrected_intent or message.intent)
    if not added:
        raise DeskRefusal("told", why=why)
    return acts.done(request, me, "story.did_example", undo=acts.Undo(added=added))


@router.post("/review/examples/add")
async def add_example(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    intent: Name,
    text: Annotated[str, Form(max_length=4000)],
    conversation_id: Name = "",
    message_id: Name = "",
) -> Response:
    """An example from words that the review has no message of (yet), such as those of the talk page."""
    language = texts.language_of(text, language_of(request, me))
    with acts.explained(request, me):
        kept = await door.training.examples.add(
            text,
            intent,
            language,
            me.login,
            conversation_id=conversation_id or None,
            message_id=message_id or None,
        )
    await acts.note(door, me, "add_example", conversation_id, text=kept.text, intent=intent)
    return acts.done(request, me, "story.did_example", undo=acts.Undo(added=(kept.id,)))


@router.post("/review/undo")
async def undo(
    request: Request,
    door: TheDoor,
    me: Reviewer,
    changes: Numbers = None,
    added: Numbers = None,
    dropped: Numbers = None,
) -> Response:
    """Put back what was there; refused where somebody else has changed it meanwhile."""
    now, examples = door.shop.clock(), door.training.examples
    with acts.explained(request, me):
        for one in reversed(changes or ()):
            undone = await review.undo(door.shop.store, one, me.login, now)
            await acts.note(door, me, "review_undo", undone.conversation_id, change=one, what=undone.what)
        for one in added or ():
            await examples.drop(one)
            await acts.note(door, me, "drop_example", example=one)
        for one in dropped or ():
            await examples.undo(one)
            await acts.note(door, me, "keep_example", example=one)
    return acts.done(request, me, "review.did_undo")


async def _message(door: Door, number: int) -> ReviewedMessage:
    async with door.shop.store.reading() as unit:
        found = await unit.review.message(number)
    if found is None:
        raise DeskRefusal("unknown_message")
    return found


async def _example(
    request: Request, door: Door, me: SignedIn, message: ReviewedMessage, intent: str
) -> tuple[tuple[int, ...], str]:
    """The number of the new example, or none and why there is none."""
    language = message.language or texts.language_of(message.text, language_of(request, me))
    try:
        kept = await door.training.examples.add(
            message.text,
            intent,
            language,
            me.login,
            conversation_id=message.conversation_id,
            message_id=message.message_id,
        )
    except Problem as problem:
        return (), problem.words(language_of(request, me))
    await acts.note(door, me, "add_example", message.conversation_id, text=kept.text, intent=intent)
    return (kept.id,), ""
