"""The few lines that the front door itself says to customers; the dialogue's own are in `domain/`."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from support import wording
from support.model import Language
from support.services.handoff import Queued

PICTURE_WITHOUT_WORDS = "[图片]"

_BACK = {"zh": "返回助手", "en": "Back to the assistant"}
_WELCOME_BACK = {
    "zh": "好的，我回来了。接着说吧，您想办什么？",
    "en": "Sure, you're back with me. What would you like to do?",
}
_GIVEN_BACK = {
    "zh": "同事已处理完，后面由助手继续为您服务。",
    "en": "My colleague has finished here; I'm the assistant, and I'll take it from now on.",
}
_SORRY = {
    "zh": "抱歉，我这边出了点状况，没能处理好您刚才的消息。消息已经留好，我请同事来帮您。",
    "en": "Sorry, something went wrong on my side and I couldn't deal with your last message. "
    "It's been kept, and I'm getting a colleague for you.",
}
_NEXT = {"zh": "下一位就是您，请稍等。", "en": "You're next, just a moment."}
_PLACE = {"zh": "前面还有 {before} 位，请稍等。", "en": "There are {before} people ahead of you."}
_ONE_BEFORE = {"zh": "前面还有 1 位，请稍等。", "en": "There is one person ahead of you."}
_CLOSED = {
    "zh": "现在是休息时间，{opening} 上班后同事会在这里回复您。",
    "en": "We're closed right now; a colleague will answer you here when we open {opening}.",
}
_CLOSED_UNTIL_UNKNOWN = {
    "zh": "现在是休息时间，上班后同事会在这里回复您。",
    "en": "We're closed right now; a colleague will answer you here when we're back.",
}

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2}")


def language_of(text: str, default: Language) -> Language:
    """What a text is written in; `default` when it does not show."""
    if _HAN.search(text):
        return "zh"
    return "en" if _LATIN.search(text) else default


def asks_for_assistant(text: str) -> bool:
    """Whether somebody who waits in the queue would rather have the assistant back: exactly those words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = " ".join("".join(char if char.isalnum() else " " for char in folded).split())
    return letters in {back.casefold() for back in _BACK.values()}


def welcome_back(language: Language) -> dict[str, Any]:
    return {"text": _WELCOME_BACK[language]}


def given_back(language: Language) -> dict[str, Any]:
    return {"text": _GIVEN_BACK[language]}


def sorry_and_queued(queued: Queued, language: Language) -> dict[str, Any]:
    """An apology, where the customer stands in the queue, and the way back."""
    button = {"title": _BACK[language], "payload": _BACK[language]}
    return {"text": f"{_SORRY[language]}\n{_where(queued, language)}", "buttons": [button]}


def _where(queued: Queued, language: Language) -> str:
    if not queued.open_now:
        if queued.next_opening is None:
            return _CLOSED_UNTIL_UNKNOWN[language]
        return _CLOSED[language].format(opening=wording.opening(queued.next_opening, language))
    before = queued.place - 1
    if before == 0:
        return _NEXT[language]
    return _ONE_BEFORE[language] if before == 1 else _PLACE[language].format(before=before)
