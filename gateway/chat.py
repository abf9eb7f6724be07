"""The customer's side: messages, who answers, citations, ratings, verdicts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Path
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from gateway import auth, guests, texts
from gateway.door import Address, Door, TheDoor, origin
from gateway.errors import Refusal
from gateway.incoming import Incoming
from gateway.schemas import (
    ConversationId,
    MessageId,
    MessageIn,
    Passage,
    RatingIn,
    Reply,
    ShopOut,
    State,
    VerdictIn,
)
from gateway.streams import Place
from support import guard
from support.model import Holder
from support.services import answers, identity
from support.services import rate as rating
from support.speech import LONGEST_S
from support.store import Unit

router = APIRouter(prefix="/api/chat", tags=["chat"])

ATTACHMENTS_PER_MESSAGE = 6
# Often, so that a page on a phone notices soon that its connection is gone.
_HEARTBEAT_S = 5
# Of a database that takes longer nothing good is to be expected; the customer is told to come again.
_CHECKED_WITHIN_S = 3.5


@router.post(
    "/messages",
    response_model=Reply,
    response_model_exclude_none=True,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def message(
    door: TheDoor,
    address: Address,
    body: MessageIn,
    token: auth.CustomerToken,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[str, Header(max_length=32)] = "",
    x_shopclerk_guest: guests.Token = "",
) -> JSONResponse | EventSourceResponse:
    """Send a customer's message and get what it is answered with.

    With `Accept: text/event-stream` the answer comes as server-sent events: `status` (`thinking`,
    `searching`, or `picture` while the assistant looks at one), `delta` (more of the text), `withdraw` (what
    was shown is not certain; only `keep` still stands), then `message` for each whole message and `done` with
    the holder, or `error`. What the deltas showed and was not withdrawn is the text of one of the messages.
    Whoever loses the connection sends the same message_id again with the header `Last-Event-ID` and gets what
    is missing.

    With `Authorization: Bearer`, a token signed by the shop's site says who the customer is.
    """
    arrived = time.monotonic()
    await door.limits.check("message", body.conversation_id, address)
    left = arrived + _CHECKED_WITHIN_S - time.monotonic()
    incoming = await door.turns.within(left, _checked(door, body, token, x_shopclerk_guest))
    incoming = replace(incoming, origin=origin(door, address), arrived=arrived)
    if "text/event-stream" in accept:
        incoming = replace(incoming, watched=True)
        turn = door.streams.turn(
            incoming.conversation_id,
            incoming.message_id,
            lambda is_appearing: door.turns.answer(incoming, is_appearing),
        )
        return EventSourceResponse(turn.follow(Place.of(last_event_id)), ping=_HEARTBEAT_S)
    # Checked when it was made (`gateway.replies`), and stored since.
    return JSONResponse(await door.turns.answer(incoming))


async def _checked(door: Door, body: MessageIn, token: str, guest: str) -> Incoming:
    body.channel = await guests.channel(door, body.channel, guest, body.conversation_id)
    words, attachments = body.text or "", tuple(dict.fromkeys(body.attachments or ()))
    _check_size(door, words, attachments)
    if token:
        await _prove(door, body.conversation_id, token)
    if attachments:
        await _check_attachments(door, body.conversation_id, attachments)
    default = door.shop.settings.default_language
    return Incoming(
        conversation_id=body.conversation_id,
        message_id=body.message_id or uuid.uuid4().hex,
        text=guard.neutralise(words) or texts.PICTURE_WITHOUT_WORDS,
        attachments=attachments,
        declared=body.language,
        language=body.language or texts.language_of(words, default),
        spoken=texts.language_of(words, body.language or default),
        channel=body.channel,
    )


def _check_size(door: Door, words: str, attachments: Sequence[str]) -> None:
    limit = door.shop.settings.message_characters
    # Counted before anything is removed, so that the number is the one that the customer sees.
    if len(words) > limit:
        raise Refusal("text_too_long", length=len(words), limit=limit)
    if len(attachments) > ATTACHMENTS_PER_MESSAGE:
        raise Refusal("too_many_attachments", limit=ATTACHMENTS_PER_MESSAGE)
    if guard.is_blank(words) and not attachments:
        raise Refusal("empty_message")


async def _prove(door: Door, conversation_id: str, token: str) -> None:
    secret = door.shop.settings.customer_token_secret.get_secret_value()
    try:
        customer_id = await identity.prove_by_token(
            door.shop.store, conversation_id, token, secret, door.shop.clock()
        )
    except identity.InvalidToken as error:
        raise Refusal("bad_token", why=str(error)) from error
    await door.limits.check_customer("message", customer_id)


async def _check_attachments(door: Door, conversation_id: str, attachments: Sequence[str]) -> None:
    async with door.shop.store.reading() as unit:
        found = await unit.attachments.of_conversation(conversation_id, attachments)
    if len(found) != len(attachments):
        raise Refusal("unknown_attachment")


@router.get("/conversations/{conversation_id}", response_model_exclude_none=True)
async def state(door: TheDoor, conversation_id: Annotated[ConversationId, Path()]) -> State:
    """Who answers now."""
    async with door.shop.store.reading() as unit:
        return await state_of(unit, conversation_id)


async def state_of(unit: Unit, conversation_id: str) -> State:
    holder = await unit.conversations.holder(conversation_id)
    handover = await unit.handovers.current(conversation_id) if holder is not Holder.BOT else None
    if handover is None:
        return State(holder=holder)
    place = await unit.handovers.place(handover) if holder is Holder.QUEUE else None
    return State(holder=holder, place=place, person=handover.taken_name)


@router.get("/citations/{passage_id:path}")
async def citation(door: TheDoor, passage_id: str) -> Passage:
    """The passage that an answer cites, as the answer was made from it."""
    found = await door.shop.knowledge.passage(passage_id)
    if found is None:
        raise Refusal("unknown_citation")
    text = door.shop.content.material(found.text)
    return Passage(id=passage_id, title=found.title, heading=found.heading, text=text)


@router.post("/ratings", status_code=204)
async def rate(door: TheDoor, address: Address, body: RatingIn) -> None:
    """Keep how satisfied the customer is."""
    await door.limits.check("rating", body.conversation_id, address)
    await rating.rate(door.shop.store, body.conversation_id, body.score, body.words, door.shop.clock())


@router.post("/messages/{message_id}/verdict", status_code=204)
async def verdict(
    door: TheDoor, address: Address, message_id: Annotated[MessageId, Path()], body: VerdictIn
) -> None:
    """Keep whether the answer to a message was of use; the last verdict counts, null takes it back."""
    await door.limits.check("verdict", body.conversation_id, address)
    now = door.shop.clock()
    try:
        await answers.customer_judges(door.shop.store, body.conversation_id, message_id, body.verdict, now)
    except answers.UnknownAnswer as error:
        raise Refusal("unknown_answer") from error


@router.get("/shop")
async def shop(door: TheDoor) -> ShopOut:
    """What the page needs before the first message."""
    settings = door.shop.settings
    return ShopOut(
        name=settings.shop_name,
        name_en=settings.shop_name_en,
        language=settings.default_language,
        message_characters=settings.message_characters,
        attachment_bytes=settings.attachment_bytes,
        attachments_per_message=ATTACHMENTS_PER_MESSAGE,
        speech_seconds=LONGEST_S if door.shop.transcriber else 0,
    )
