"""Turns what Rasa said into messages for the page: known parts in known shapes, everything else left out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from gateway.schemas import Message

log = logging.getLogger(__name__)

Json = dict[str, Any]

_FROM_CUSTOM = ("citations", "cards")


def from_rasa(raw: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Messages as the interface promises them; one that cannot be shown is left out and logged."""
    return [message for one in raw if (message := _message(one))]


def _message(raw: Mapping[str, Any]) -> Json | None:
    custom = raw.get("custom") or {}
    parts = {name: raw.get(name) for name in ("text", "buttons", "image")}
    parts |= {name: custom.get(name) for name in _FROM_CUSTOM}
    try:
        message = Message.model_validate({name: value for name, value in parts.items() if value})
    except ValidationError as error:
        log.error("a message from Rasa cannot be shown: %s", error)
        return None
    message.image = picture_address(message.image)
    for card in message.cards or ():
        card.image = picture_address(card.image)
    return message.model_dump(exclude_none=True) or None


def step(raw: Iterable[Mapping[str, Any]]) -> str:
    """The step of the ladder on which an answer stands: model, cached, vetted, passage, or flow.

    `flow`: records and dialogue, which need no model and no documents.
    """
    for one in raw:
        custom = one.get("custom") or {}
        if custom.get("cached"):
            return "cached"
        if custom.get("source") in ("model", "vetted", "passage"):
            return str(custom["source"])
        if custom.get("model"):
            return "model"
    return "flow"


def picture_address(image: str | None) -> str | None:
    """Where the page finds a picture: the shop's own are named by file, others by their whole address."""
    if not image or image.startswith(("/", "https://")):
        return image
    return f"/pictures/{quote(image.removeprefix('pictures/'), safe='')}"
