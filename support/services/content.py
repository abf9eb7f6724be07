"""What a customer's message is by the content rules, once it has arrived; and the conversation's label.

The rules decide (`support.guard.content`). Where the shop wants it, the model is asked about the few messages
that they are unsure of, for a second at most; without its answer the message counts as harmless. Nothing here
keeps the customer's words.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime

from support import prompts
from support.guard.content import Content, Ruling
from support.llm import Llm, ModelUnavailable
from support.model import Language
from support.personal import mask
from support.prompts import Persona
from support.services import staff
from support.services.model_calls import CallBook
from support.store import Unit

log = logging.getLogger(__name__)

_MODEL_WITHIN_S = 1.0
_MODEL_TOKENS = 20
_SHOP = {"zh": "本店", "en": "this shop"}


async def judge(
    content: Content,
    book: CallBook,
    text: str,
    conversation_id: str,
    message_id: str,
    language: Language,
    *,
    llm: Llm | None = None,
) -> Ruling | None:
    """The ruling on a message, counted; `llm` is asked where the rules are unsure."""
    ruling = content.incoming(text)
    if ruling and ruling.action == "ask":
        kind = await _asked(llm, book, text, conversation_id, message_id, language) if llm else "none"
        ruling = content.named(kind)
    if ruling:
        book.meters.content.labels("in", ruling.kind).inc()
        log.info("a message is %s by the rule %s: %s", ruling.kind, ruling.rule, ruling.action)
    return ruling


async def label(
    unit: Unit, content: Content, conversation_id: str, ruling: Ruling, language: Language, now: datetime
) -> None:
    """Put the kind's label on the conversation, in the language of the shop's people."""
    if words := content.label(ruling.kind, language):
        await unit.review.add_label(conversation_id, words, staff.SYSTEM, now)


async def _asked(
    llm: Llm, book: CallBook, text: str, conversation_id: str, message_id: str, language: Language
) -> str:
    """The kind that the model names; `none` when it names none in time."""
    calls = book.open(conversation_id, message_id)
    said = mask(text)  # its kind does not depend on whose number it names
    messages = prompts.build("content", language, Persona(_SHOP[language]), data={"conversation": [said]})
    try:
        reply = await calls.complete(
            llm,
            "content",
            messages,
            schema=prompts.CONTENT_SCHEMA,
            max_tokens=_MODEL_TOKENS,
            within_s=_MODEL_WITHIN_S,
        )
        kind = str(json.loads(reply.text)["kind"])
    except (ModelUnavailable, ValueError, KeyError, TypeError) as error:
        log.info("the content filter goes without the model: %s", type(error).__name__)
        kind = "none"
    await calls.keep()
    return kind if kind in prompts.CONTENT_KINDS else "none"
