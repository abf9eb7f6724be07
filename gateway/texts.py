"""The few lines that the front door itself says to customers; the dialogue's own are in `domain/`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from support import wording
from support.model import Language
from support.services.handoff import Due, Queued

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
SORRY = {
    "zh": "抱歉，我这边出了点状况，没能处理好您刚才的消息。消息已经留好，交给同事来处理。",
    "en": "Sorry, something went wrong on my side and I couldn't deal with your last message. "
    "It's been kept, and I'm passing it to a colleague.",
}
_FOLLOWS = {
    "zh": "您的消息收到了，这边处理得有点慢，答复一出来就发到这里，不用重发。",
    "en": "I've got your message and am still working on it. The answer will appear right here; "
    "no need to send it again.",
}
_PERSON = {"zh": "转人工", "en": "Talk to a person"}
_NEXT = {"zh": "下一位就是您，请稍等。", "en": "You're next, just a moment."}
_PLACE = {"zh": "前面还有 {before} 位，请稍等。", "en": "There are {before} people ahead of you."}
_ONE_BEFORE = {"zh": "前面还有 1 位，请稍等。", "en": "There is one person ahead of you."}
_CLOSED = {
    "zh": "现在是休息时间。您的问题已经登记，编号 {ticket}，同事会在 {promised} 前答复您。{reach}",
    "en": "We're closed right now. Your question is on record as {ticket}, and a colleague will answer it by "
    "{promised}. {reach}",
}
_CLOSED_UNTIL_UNKNOWN = {
    "zh": "现在是休息时间。您的问题已经登记，编号 {ticket}，上班后同事会答复您。{reach}",
    "en": "We're closed right now. Your question is on record as {ticket}, and a colleague will answer it "
    "when we're back. {reach}",
}
_PASSED_ON = {
    "zh": "我请更熟悉这件事的同事接着帮您，请稍等。",
    "en": "I'm passing you to a colleague who knows this better. One moment, please.",
}
_SETTLED = {
    "zh": "这件事先处理到这里。之后有任何问题，直接在这里发消息就行。",
    "en": "That's settled for now. If anything else comes up, just write here.",
}
_LATE = {
    "zh": "抱歉让您久等了，您还在队列里，没有漏掉。",
    "en": "Sorry for the wait. You're still in the queue and haven't been forgotten.",
}
_LATE_BY = {"zh": "同事会在 {promised} 前回复您。", "en": "A colleague will be with you by {promised}."}
_AWAY = {
    "zh": "刚才的同事临时走开了，我请其他同事接着帮您。",
    "en": "My colleague had to step away, so I'm getting someone else for you.",
}
_IDLE = {
    "zh": "这会儿没有新消息，后面由助手继续为您服务。还需要同事的话，说一声“转人工”就好。",
    "en": "It's been quiet for a while, so I, the assistant, am back. "
    "If you still need a colleague, just say “talk to a person”.",
}

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2}")


def language_of(text: str, default: Language) -> Language:
    """What a text is written in; `default` when it does not show."""
    if _HAN.search(text):
        return "zh"
    return "en" if _LATIN.search(text) else default


def language_of_packet(packet: Mapping[str, Any], default: Language) -> Language:
    """The customer's, as a handover's packet says."""
    stated = packet.get("language")
    return "en" if stated == "en" else "zh" if stated == "zh" else default


def asks_for_assistant(text: str) -> bool:
    """Whether somebody who waits in the queue would rather have the assistant back: exactly those words."""
    return _letters(text) in {back.casefold() for back in _BACK.values()}


def asks_for_person(text: str) -> bool:
    """Whether it is exactly what the button says; everything else is for Rasa to understand."""
    return _letters(text) in {person.casefold() for person in _PERSON.values()}


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in folded).split())


def answer_follows(language: Language) -> dict[str, Any]:
    """The message is safe and the answer will come by itself; with a way to a person."""
    person = _PERSON[language]
    return {"text": _FOLLOWS[language], "buttons": [{"title": person, "payload": person}]}


def welcome_back(language: Language) -> dict[str, Any]:
    return {"text": _WELCOME_BACK[language]}


def given_back(language: Language) -> dict[str, Any]:
    return {"text": _GIVEN_BACK[language]}


def passed_on(language: Language) -> dict[str, Any]:
    return {"text": _PASSED_ON[language]}


def settled(language: Language) -> dict[str, Any]:
    return {"text": _SETTLED[language]}


def sorry_and_queued(queued: Queued, language: Language) -> dict[str, Any]:
    """An apology, where the customer stands in the queue, and the way back."""
    return {"text": f"{SORRY[language]}\n{_where(queued, language)}", "buttons": [_way_back(language)]}


def swept(due: Due, queued: Queued, language: Language) -> dict[str, Any]:
    """What happened to a handover that nobody else looked after."""
    if due == "idle":
        return {"text": _IDLE[language]}
    parts = [_LATE[language] if due == "late" else _AWAY[language], _where(queued, language)]
    if due == "late" and queued.open_now and queued.promised_at:
        parts.append(_LATE_BY[language].format(promised=wording.deadline(queued.promised_at, language)))
    return {"text": ("" if language == "zh" else " ").join(parts), "buttons": [_way_back(language)]}


def _way_back(language: Language) -> dict[str, str]:
    return {"title": _BACK[language], "payload": _BACK[language]}


def _where(queued: Queued, language: Language) -> str:
    if not queued.open_now:
        reach = wording.reach(queued.reach, language)
        if queued.promised_at is None:
            return _CLOSED_UNTIL_UNKNOWN[language].format(ticket=queued.ticket, reach=reach)
        promised = wording.deadline(queued.promised_at, language)
        return _CLOSED[language].format(ticket=queued.ticket, promised=promised, reach=reach)
    before = queued.place - 1
    if before == 0:
        return _NEXT[language]
    return _ONE_BEFORE[language] if before == 1 else _PLACE[language].format(before=before)
