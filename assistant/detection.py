"""Which language carries a message: Chinese, English, or nothing that tells.

Pure; `assistant.language` is Rasa's side of it. A lone product word of the other language does not turn a
sentence ("do you have 旗袍 in stock" is English, "tracking一直没update" is Chinese), and a size, an id or an
"ok" says nothing.
"""

from __future__ import annotations

import re
import unicodedata

from assistant.text import HAN, split_pinyin

_LATIN_WORD = re.compile(r"(?<![\w@#.-])[a-z]+(?:'[a-z]+)?(?![\w@]|-\d)")
_LINKS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
# Characters that hold a sentence together; a product's name has none of them.
_CARRIERS = frozenset(
    "的了吗呢吧么啊我你您他这那哪是有在不没要想能会可怎什多谁啥咋请帮给查看退换改找转把就还也和跟说等"
)
_SILENT = frozenset(
    [
        "ok",
        "okay",
        "okk",
        "k",
        "xs",
        "s",
        "m",
        "l",
        "xl",
        "xxl",
        "xxxl",
        "cm",
        "mm",
        "kg",
        "g",
        "ml",
        "rmb",
        "usd",
        "id",
        "vip",
        "app",
        "qq",
        "wifi",
        "usb",
        "sku",
        "pm",
        "am",
        "xx",
        "lol",
        "haha",
    ]
)
# Known to everyone, whatever they speak.
_BORROWED = frozenset(["hi", "hello", "hey", "bye", "byebye", "thanks", "thx", "yes", "yep", "no"])
# A Chinese word is about two characters.
_HAN_PER_WORD = 2


def language_of(text: str, declared: str | None = None) -> str | None:
    """`zh`, `en`, or `declared` (what the page is set to) when the text does not tell."""
    plain = _LINKS.sub(" ", unicodedata.normalize("NFKC", text).lower())
    characters = HAN.findall(plain)
    words = [
        word for word in _LATIN_WORD.findall(HAN.sub(" ", plain)) if len(word) > 1 and word not in _SILENT
    ]
    if characters:
        carried = max(1, len(characters) / _HAN_PER_WORD) + sum(one in _CARRIERS for one in characters)
        return "zh" if carried >= len(words) else "en"
    if not words:
        return declared
    # "ni hao" and "no" tell little: the first is Chinese without characters, the second anybody's.
    return (declared or "en") if all(map(_could_be_either, words)) else "en"


def _could_be_either(word: str) -> bool:
    return word in _BORROWED or split_pinyin(word) is not None
