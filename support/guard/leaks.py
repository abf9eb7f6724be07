"""What an answer of the model must not carry, whatever the lists say: the prompt itself, the way it was made,
addresses that no source names, pictures and code, and words that the customer put into its mouth.

    found("看 http://evil.example", prompted, hosts=())      ->  "link"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from support import prompts
from support.guard.disguise import fold

_TOKENS = re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>", re.I)
_SECTIONS = re.compile(r"</?(?:passages|records|picture_text|conversation|system|instructions)\b", re.I)
_CODE = re.compile(r"<\s*/?\s*(?:img|script|iframe|svg|object|embed|link|style|form|input|video|a)\b", re.I)
_MADE = re.compile(r"!?\[[^\]\n]*\]\(\s*([^)\s]*)")
_DATA = re.compile(r"(?:javascript|data|vbscript):[^\s，。]", re.I)
_ENDINGS = "com|cn|net|org|top|xyz|io|co|cc|shop|vip|info|site|online|link|me|app|club|ru|tk|biz|example|test"
_HOST = re.compile(
    rf"(?:https?://|www\.)([a-z0-9.-]+)|(?<![\w@.-])((?:[a-z0-9-]+\.)+(?:{_ENDINGS}))(?![\w-])", re.I
)
_CONTACT = re.compile(
    r"(?:微信|威信|薇信|wechat|weixin|(?<![a-z])vx(?![a-z])|v信|加v|扣扣|(?<![a-z])qq(?![a-z])|telegram|电报|whatsapp|飞机)[号群id账:：\s是为加=]{0,6}"
    r"([a-z][a-z0-9_-]{4,19}|[1-9]\d{4,12})",
    re.I,
)
_QUOTED = re.compile(r"[“「『\"‘']([^“”「」『』\"‘’'\n]{4,60})[”」』\"’']")
_CAPITALS = re.compile(r"\b[A-Z]{3,}(?:[ -][A-Z]{3,})+\b")
# So much of the instructions in one piece is no chance.
_HAN_PIECE, _LATIN_PIECE = 14, 45
# At the end of what was written so far: what the next piece may turn into an address, a picture or a sign.
_HALF = re.compile(
    r"(?:<[^>\n]{0,40}|!?\[[^\]\n]{0,80}|!?\[[^\]\n]{0,80}\](?:\([^)\n]*)?|!|[a-z0-9_-]+(?:[.:/@]+[a-z0-9_-]+)+[/:.]*)$",
    re.I,
)


@dataclass(frozen=True)
class Prompted:
    """What the model was given: the standing instructions, the data of this turn, the customer's words."""

    instructions: str = ""
    sources: str = ""
    asked: str = ""

    @classmethod
    def of(cls, messages: Sequence[Mapping[str, Any]]) -> Prompted:
        texts = [(str(one["role"]), _text(one["content"])) for one in messages]
        last = texts[-1][1] if texts else ""
        data = [item for items in prompts.sections(last).values() for item in items]
        said = [text for role, text in texts[:-1] if role == "assistant"]
        asked = [text for role, text in texts[:-1] if role == "user"]
        return cls(
            instructions="\n".join(text for role, text in texts if role == "system"),
            sources="\n".join([*data, *said]),
            asked="\n".join([*asked, prompts.beside_sections(last)]),
        )


def found(text: str, prompted: Prompted, hosts: Sequence[str], *, whole: bool = True) -> str | None:
    """The first thing that an answer must not carry, as one word. `whole`: nothing more comes."""
    text = text if whole else without_half(text)
    if _TOKENS.search(text) or _SECTIONS.search(text):
        return "control_token"
    if _CODE.search(text) or _DATA.search(text) or _foreign_picture(text, prompted):
        return "markup"
    if _foreign_host(text, prompted, hosts):
        return "link"
    if _foreign_contact(text, prompted):
        return "contact"
    if _tells_prompt(text, prompted):
        return "prompt"
    return "dictated" if _dictated(text, prompted) else None


def without_half(written: str) -> str:
    """A text that is still being written, without a last word that may turn into an address or a sign."""
    return _HALF.sub("", written)


def _foreign_picture(text: str, prompted: Prompted) -> bool:
    return any(match[1] not in prompted.sources for match in _MADE.finditer(text))


def _foreign_host(text: str, prompted: Prompted, hosts: Sequence[str]) -> bool:
    named = {_host(match) for match in _HOST.finditer(text)}
    if not named:
        return False
    allowed = {_host(match) for match in _HOST.finditer(prompted.sources)} | {one.lower() for one in hosts}
    return any(not any(one == host or one.endswith(f".{host}") for host in allowed) for one in named)


def _host(match: re.Match[str]) -> str:
    return (match[1] or match[2]).lower().strip(".").removeprefix("www.")


def _foreign_contact(text: str, prompted: Prompted) -> bool:
    sources = prompted.sources.lower()
    return any(match[1].lower() not in sources for match in _CONTACT.finditer(text))


def _tells_prompt(text: str, prompted: Prompted) -> bool:
    pieces, size = _pieces(prompted.instructions)
    letters = _letters(text)
    return bool(pieces) and any(letters[at : at + size] in pieces for at in range(len(letters) - size + 1))


@lru_cache(maxsize=64)
def _pieces(instructions: str) -> tuple[frozenset[str], int]:
    """All pieces of the instructions of the length that matters in their language."""
    letters = _letters(instructions)
    han = sum("\u3400" <= char <= "\u9fff" for char in letters)
    size = _HAN_PIECE if han * 2 > len(letters) else _LATIN_PIECE
    return frozenset(letters[at : at + size] for at in range(len(letters) - size + 1)), size


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _dictated(text: str, prompted: Prompted) -> bool:
    """Whether it says what the customer wrote in quotation marks or capitals, and no source has."""
    wanted = [match[1] for match in _QUOTED.finditer(prompted.asked)]
    wanted += [match[0] for match in _CAPITALS.finditer(prompted.asked)]
    sources = fold(prompted.sources)
    return any((words := fold(one)) not in sources and words in fold(text) for one in wanted)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")
