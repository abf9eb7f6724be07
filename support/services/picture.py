"""What a customer's pictures show: text read by OCR, an order named by a screenshot, and the model's view."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from support import prompts
from support.guard.content import Content
from support.llm import Llm, ModelUnavailable
from support.model import Language
from support.personal import mask
from support.pictures import PictureStore
from support.prompts import Persona
from support.services import claim_gate
from support.services.history import data_url
from support.services.model_calls import Calls
from support.store import Attachment, Store
from support.streaming import Draft, silent

log = logging.getLogger(__name__)

_LINES_SHOWN = 6
_PARTS = ("kind", "description", "search")
# For a whole object of PICTURE_SCHEMA; one that is cut off is lost.
_MAX_TOKENS = 700


@dataclass(frozen=True)
class View:
    """What the model says is in the picture, never a proof. `description` is for the customer, or empty."""

    kind: str
    description: str
    search: str


async def sent(store: Store, conversation_id: str, attachment_ids: Sequence[str]) -> list[Attachment]:
    """The pictures, if they were sent in this conversation."""
    if not attachment_ids:
        return []
    async with store.reading() as unit:
        return await unit.attachments.of_conversation(conversation_id, attachment_ids)


def order_numbers(pictures: Sequence[Attachment]) -> tuple[str, ...]:
    """Order numbers that screenshots show, the likeliest first."""
    found = [
        number
        for picture in pictures
        for number in (picture.reading.get("claim") or {}).get("order_numbers", ())
    ]
    return tuple(dict.fromkeys(found))


def shows_order(pictures: Sequence[Attachment]) -> bool:
    """Whether a picture is a screenshot of some order, legible or not."""
    return any(picture.kind == "order" for picture in pictures)


def evidence(pictures: Sequence[Attachment]) -> tuple[str, ...]:
    """The ids of those that may show what is wrong with goods: an order's page does not."""
    return tuple(picture.attachment_id for picture in pictures if picture.kind != "order")


def texts(pictures: Sequence[Attachment]) -> tuple[str, ...]:
    """The lines read from the pictures, sensitive numbers masked."""
    return tuple(line for picture in pictures for line in picture.reading.get("lines", ()))


def addresses_model(pictures: Sequence[Attachment], content: Content) -> bool:
    """Whether words in them are meant for the assistant: the model does not see such a picture."""
    return content.suspect("\n".join(texts(pictures))) is not None


def excerpt(pictures: Sequence[Attachment]) -> str:
    """The first lines in one, to repeat to the customer."""
    return " / ".join(line for line in texts(pictures)[:_LINES_SHOWN] if line.strip())


async def view(
    llm: Llm | None,
    store: PictureStore,
    picture: Attachment,
    words: str,
    language: Language,
    persona: Persona,
    draft: Draft | None = None,
    calls: Calls | None = None,
) -> View | None:
    """The model's view of a picture; None without a model, or when it does not answer as asked."""
    url = await data_url(store, picture) if llm else None
    if llm is None or url is None:
        return None
    calls = calls or Calls()
    if addresses_model([picture], calls.content):
        log.warning("no view of the picture: words in it address the model")
        return None
    (draft or silent()).status("picture")
    lines = [line for line in picture.reading.get("lines", ()) if line.strip()]
    messages = prompts.build(
        "picture",
        language,
        persona,
        question=mask(words, language),
        data={"picture_text": lines},
        pictures=[url],
    )
    try:
        reply = await calls.complete(
            llm, "picture", messages, schema=prompts.PICTURE_SCHEMA, max_tokens=_MAX_TOKENS
        )
        # vLLM's grammar lets raw control characters into strings that have a maximum length.
        seen = json.loads(reply.text, strict=False)
        kind, description, search = (" ".join(str(seen[part]).split()) for part in _PARTS)
        return View(kind, await claim_gate.passed(description, lines, calls, said=words) or "", search)
    except ModelUnavailable as error:
        log.warning("no view of the picture: the model is unavailable (%s)", error.reason)
    except (ValueError, KeyError, TypeError):
        log.warning("no view of the picture: the model did not keep to the schema")
        calls.judge("no_answer")
    return None
