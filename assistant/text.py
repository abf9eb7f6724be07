"""Text as the language model's parts see it: one form for both scripts, cut into units, words and syllables.

Pure functions, no Rasa. `normalise` folds width, case and traditional characters and hides ids, amounts
and addresses behind marks (`xid`, `xmoney`, ...), so that what was learnt from one order number holds for
all of them. Everything else takes normalised text.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import lru_cache
from typing import Any

import opencc
import snowballstemmer
from pypinyin import lazy_pinyin

HAN = re.compile(r"[\u4e00-\u9fff]")
MARKS = frozenset({"xurl", "xmail", "xphone", "xid", "xmoney", "xmeasure"})

_SUBSTITUTIONS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"https?://\S+|www\.\S+", " xurl "),
        (r"\S+@\S+\.\w+", " xmail "),
        (r"(?<!\d)1[3-9]\d{9}(?!\d)", " xphone "),
        # \b would not do: Chinese characters count as letters, and ids stand right before and after them.
        (
            r"#\s?[a-z]{0,3}\d+|\d{6,}"
            r"|(?<![a-z0-9])(?:[a-z]{1,3}[- ]?\d{4,}|\d{4} \d{4} \d{4,5})(?![a-z0-9])",
            " xid ",
        ),
        (
            r"[£$€¥]\s?\d+(?:\.\d+)?|\d+(?:\.\d+)?\s?(?:元|块|rmb|dollars?|quid|bucks|usd|gbp|euros?)",
            " xmoney ",
        ),
        (
            r"\d+(?:\.\d+)?\s?(?:cm|kg|公斤|斤|厘米|公分|lbs?|mm|ft|inch(?:es)?|kilos?|stone|米)(?![a-z])",
            " xmeasure ",
        ),
        (r"[’`]", "'"),
        # "soooo" and "！！！！" say no more than two of them.
        (r"([a-z])\1{2,}", r"\1\1"),
        (r"([^\da-z\s])\1{2,}", r"\1\1"),
        (r"\s+", " "),
    )
]
_UNIT = re.compile(r"[a-z]+(?:'[a-z]+)?|[\u4e00-\u9fff]|\d+|[^\s\w]")
_INNER_APOSTROPHE = re.compile(r"(?<=[a-z])'(?=[a-z])")
_LONGEST_SYLLABLE = 6
_LONGEST_PINYIN = 40


@lru_cache(maxsize=1)
def _simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


def normalise(text: str) -> str:
    """Width, case, traditional characters and repeats folded; ids, amounts and addresses behind marks."""
    folded: str = _simplified().convert(unicodedata.normalize("NFKC", text).lower())
    for pattern, replacement in _SUBSTITUTIONS:
        folded = pattern.sub(replacement, folded)
    return folded.strip()


def units(text: str) -> list[str]:
    """The smallest pieces: a Chinese character, the stem of a Latin word, a number, a sign."""
    return [_stemmed(unit) for unit in _UNIT.findall(text)]


def words(text: str) -> list[str]:
    """Words by jieba, Latin ones as stems, without blanks."""
    return [_stemmed(word) for word in _cut(_INNER_APOSTROPHE.sub("", text)) if word.strip()]


def _stemmed(word: str) -> str:
    return word if word in MARKS or not _is_latin(word) else _stem(word.replace("'", ""))


def _is_latin(word: str) -> bool:
    return "a" <= word[0] <= "z"


def _cut(text: str) -> list[str]:
    return list(_jieba().cut(text))


@lru_cache(maxsize=1)
def _jieba() -> Any:
    import jieba  # half a second of dictionary, only when there is text to cut

    jieba.setLogLevel(logging.WARNING)
    return jieba


def sounds(text: str) -> list[str] | None:
    """Syllables without tone, for Chinese in wrong characters or in pinyin; None when it is neither.

    A sign or a Latin word that is no pinyin stays as `~...`, so that n-grams do not run across it.
    """
    found: list[str] = []
    spoken = True
    for unit in _UNIT.findall(text):
        syllables = (syllable_of(unit),) if HAN.match(unit) else split_pinyin(unit) if _is_latin(unit) else ()
        spoken = spoken and syllables is not None
        found += syllables or ["~" + unit]
    return found if spoken or HAN.search(text) else None


@lru_cache(maxsize=50_000)
def syllable_of(character: str) -> str:
    """zh, ch, sh are read as z, c, s and -ng as -n: typists from the south mix them."""
    return _mellow(lazy_pinyin(character)[0])


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(lazy_pinyin("".join(map(chr, range(0x4E00, 0x9FA6)))))


@lru_cache(maxsize=50_000)
def split_pinyin(word: str) -> tuple[str, ...] | None:
    """`tuihuo` as (tui, huo), the longest syllable first; None for a word that is no pinyin."""
    if not word:
        return ()
    if len(word) > _LONGEST_PINYIN:
        return None
    for end in range(min(_LONGEST_SYLLABLE, len(word)), 0, -1):
        rest = split_pinyin(word[end:]) if word[:end] in _syllables() else None
        if rest is not None:
            return (_mellow(word[:end]), *rest)
    return None


def _mellow(syllable: str) -> str:
    return re.sub("ng$", "n", re.sub("^([zcs])h", r"\1", syllable))
