"""What agents keep beside a conversation: private notes, labels, and canned replies with variables.

    {name} {order_id} {agent} {shop}     filled from the proven customer, the order, who answers, and the shop

A variable that has no value stays as it is written, and a reply that still holds one is not sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from support.services import staff
from support.store import CannedReply, Handover, Store, Unit

VARIABLES = ("name", "order_id", "agent", "shop")
LANGUAGES = ("zh", "en")
NOTE_CHARACTERS = 2_000
REPLY_CHARACTERS = 2_000
LABEL_CHARACTERS = 40
SHORTCUT_CHARACTERS = 24

_BRACED = re.compile(r"\{([^{}\s]{1,40})\}")
_SHORTCUT = re.compile(r"[^\s/{}]+")
_DEFAULTS = Path(__file__).parent / "canned_replies.yml"
_DEFAULTS_MADE = "default_replies"


class DeskError(ValueError):
    """What cannot be done; `code` names the words that the desk has for it, `values` fill them."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def checked(words: str, limit: int, what: str) -> str:
    """The words as they are kept; DeskError `<what>_empty` or `too_long`."""
    # PostgreSQL's text holds no NUL, and half a surrogate pair is nobody's word.
    words = words.replace("\x00", "").encode("utf-8", "ignore").decode().strip()
    if not words:
        raise DeskError(f"{what}_empty")
    if len(words) > limit:
        raise DeskError("too_long", length=len(words), limit=limit)
    return words


async def handed_over(unit: Unit, conversation_id: str) -> Handover:
    """The newest handover of a conversation. Agents read what came to a person, and nothing else."""
    handovers = await unit.handovers.of_conversation(conversation_id)
    if not handovers:
        raise DeskError("not_found")
    return handovers[-1]


# --- notes and labels ----------------------------------------------------------------------------------


async def write_note(store: Store, login: str, conversation_id: str, words: str, now: datetime) -> None:
    """Keep a note for colleagues. Pages of the desk are told that there is one, without its words."""
    words = checked(words, NOTE_CHARACTERS, "note")
    async with store.writing() as unit:
        await handed_over(unit, conversation_id)
        await unit.notes.add(conversation_id, login, words, now)
        await unit.conversations.tell(conversation_id, "note", {"by": login}, now)
        await staff.note(unit, login, "note", now, conversation_id=conversation_id)


async def add_label(store: Store, login: str, conversation_id: str, label: str, now: datetime) -> None:
    label = " ".join(checked(label, LABEL_CHARACTERS, "label").split())
    async with store.writing() as unit:
        await handed_over(unit, conversation_id)
        if await unit.review.add_label(conversation_id, label, login, now):
            await staff.note(unit, login, "add_label", now, conversation_id=conversation_id, label=label)


async def remove_label(store: Store, login: str, conversation_id: str, label: str, now: datetime) -> None:
    async with store.writing() as unit:
        await handed_over(unit, conversation_id)
        if await unit.review.remove_label(conversation_id, label):
            await staff.note(unit, login, "remove_label", now, conversation_id=conversation_id, label=label)


# --- canned replies ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """A canned reply for one conversation; `missing` are the variables without a value."""

    text: str
    missing: tuple[str, ...]


def fill(words: str, values: Mapping[str, str]) -> Filled:
    """Put the values in; a variable whose value is empty stays as it is written."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1]) or match[0]

    text = _BRACED.sub(value, words)
    missing = [name for name in _named(words) if name in VARIABLES and not values.get(name)]
    return Filled(text, tuple(missing))


def unfilled(text: str) -> tuple[str, ...]:
    """The variables that still stand in a reply."""
    return tuple(name for name in _named(text) if name in VARIABLES)


def _named(text: str) -> list[str]:
    return list(dict.fromkeys(_BRACED.findall(text)))


async def canned_replies(store: Store, now: datetime) -> list[CannedReply]:
    """All of them; a new shop begins with a handful of ours, which it may change and delete."""
    async with store.reading() as unit:
        found = await unit.canned_replies.all()
        made = bool(found) or await unit.staff_log.happened(_DEFAULTS_MADE)
    if made:
        return found
    async with store.writing() as unit:
        await unit.serialise(_DEFAULTS_MADE)
        if not await unit.staff_log.happened(_DEFAULTS_MADE):
            for reply in _defaults(now):
                await unit.canned_replies.put(reply)
            await staff.note(unit, staff.SYSTEM, _DEFAULTS_MADE, now)
        return await unit.canned_replies.all()


async def save_reply(
    store: Store, login: str, reply_id: int, shortcut: str, language: str, words: str, now: datetime
) -> None:
    """Add (`reply_id` 0) or change a canned reply."""
    words = checked(words, REPLY_CHARACTERS, "reply")
    shortcut = shortcut.strip().lstrip("/").lower()
    if not _SHORTCUT.fullmatch(shortcut) or len(shortcut) > SHORTCUT_CHARACTERS:
        raise DeskError("bad_shortcut", limit=SHORTCUT_CHARACTERS)
    if language not in LANGUAGES:
        raise DeskError("not_found")
    if unknown := [name for name in _named(words) if name not in VARIABLES]:
        raise DeskError("unknown_variable", name=f"{{{unknown[0]}}}")
    async with store.writing() as unit:
        if reply_id and await unit.canned_replies.get(reply_id) is None:
            raise DeskError("not_found")
        if not await unit.canned_replies.put(CannedReply(reply_id, shortcut, language, words, login, now)):
            raise DeskError("shortcut_taken", shortcut=shortcut)
        await staff.note(unit, login, "save_reply", now, shortcut=shortcut, language=language)


async def remove_reply(store: Store, login: str, reply_id: int, now: datetime) -> None:
    async with store.writing() as unit:
        if reply := await unit.canned_replies.get(reply_id):
            await unit.canned_replies.remove(reply_id)
            await staff.note(
                unit, login, "remove_reply", now, shortcut=reply.shortcut, language=reply.language
            )


def _defaults(now: datetime) -> list[CannedReply]:
    by_shortcut = yaml.safe_load(_DEFAULTS.read_text(encoding="utf-8"))
    return [
        CannedReply(0, shortcut, language, words, staff.SYSTEM, now)
        for shortcut, by_language in by_shortcut.items()
        for language, words in by_language.items()
    ]
