"""Cuts text into the tokens that are indexed and searched: Chinese words, English stems, character pairs.

The same functions cut passages and questions, so a change here needs a re-import; `TEXT_VERSION` is part of
each file's content hash and brings that about.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import jieba
import snowballstemmer

TEXT_VERSION = "3"
Language = Literal["zh", "en"]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\S+", text))


# Words that no article is about. The rest of what is frequent is handled by inverse document frequency.
_STOP_EN = _words("""
    a about after again all already also always am an and any anybody anyone anything are as at back be
    because been before being but by ca can could did do does doing done else even ever every everything
    exactly first for from get gets getting give go goes going got had has have having he hello help her
    here hi him his how i if in instead into is it its just know let like long ll make may me mine more
    most much must my need never no nobody not nothing now of off ok on once one only or other our out
    over own please put really same say see she should show since so some somebody someone something
    still such take tell than thank thanks that the their them then there these they thing things this
    those time to too two until up us use using ve very want was way we well were what when where
    whether which while who whom whose why will with wo would yes yet you your
""")
_STOP_ZH = _words("""
    的 了 吗 呢 吧 啊 呀 哦 嘛 么 我 你 您 他 她 它 我们 你们 咱们 他们 这 那 这个 那个 这些 那些 这样
    那样 怎么 怎样 怎么办 怎么样 怎么回事 什么 啥 哪 哪里 哪儿 哪个 哪些 哪天 谁 为什么 为啥 是 不是
    是不是 有 没有 有没有 没 不 也 都 就 还 又 再 才 在 和 跟 与 或 或者 还是 以及 把 被 给 让 对 从 到
    向 用 以 可以 能 能不能 可不可以 会 会不会 要 要不要 想 想要 该 该不该 应该 需要 请 请问 一下 一个
    一点 一些 个 点 些 下 上 里 里面 后 前 之前 之后 以后 时 时候 知道 告诉 觉得 如果 要是 但 但是 可是
    可 因为 所以 而 着 过 地 得 很 太 真 好 好的 说 看 做 弄 搞 来 去 其 比 当 已 已经 然后 结果 现在
    东西 事 事情 情况 问题 一 两 几 三 多 多少 自己 别 别的 行 行不行 嗯 哈 谢谢 你好 您好 麻烦 帮 帮我
    帮忙 收到 买 买的 店 店里 还有 时间 那张 那份 这边 只 刚 了吗 往 最
""")

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_PIECES = re.compile(rf"[{_HAN}]+|[a-z0-9]+(?:[.'][a-z0-9]+)*")
_CLITIC = re.compile(r"'(?:s|m|ll|ve|re|d)$|'")
# Pairs that the stemmer would make one word, and that mean different things in a shop.
_NOT_STEMMED = frozenset(
    {"customs", "customer", "customers", "number", "business", "general", "hers", "posted"}
)
_LONGEST_OWN_WORD = 4  # a longer phrase as one word would hide the words in it
_stemmer = snowballstemmer.stemmer("english")
_stem_lock = threading.Lock()  # the stemmer keeps its state in itself


@lru_cache(maxsize=4)
def _tokenizer(own_words: frozenset[str]) -> jieba.Tokenizer:
    """Loading jieba's dictionary takes half a second, so tokenizers are shared; they are not changed
    afterwards.
    """
    logging.getLogger("jieba").setLevel(logging.WARNING)  # it reports its loading as if it were an error
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in own_words:
        tokenizer.add_word(word)
    return tokenizer


class Cutter:
    """Cuts text with jieba, with a shop's own words kept whole."""

    def __init__(self, own_words: Iterable[str] = ()) -> None:
        self._jieba = _tokenizer(
            frozenset(
                word for word in own_words if _HAN_RUN.fullmatch(word) and len(word) <= _LONGEST_OWN_WORD
            )
        )

    def words(self, text: str, *, overlapping: bool = False) -> list[str]:
        """Words in order, stop words and blanks dropped, English stemmed.

        `overlapping` also gives the words inside long words (jieba's search mode), which is what an index
        wants.
        """
        return [word for piece in _PIECES.findall(fold(text)) for word in self._cut(piece, overlapping)]

    def _cut(self, piece: str, overlapping: bool) -> list[str]:
        if not _HAN_RUN.match(piece):
            word = _CLITIC.sub("", piece.removesuffix("n't"))
            return [] if word in _STOP_EN or not word else [stem(word)]
        cut = self._jieba.cut_for_search(piece) if overlapping else self._jieba.cut(piece)
        return [word for word in cut if word not in _STOP_ZH]


def fold(text: str) -> str:
    """Width, case and curly apostrophes made equal."""
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'")


def character_pairs(text: str) -> list[str]:
    """Neighbouring characters of Chinese runs: they match where jieba cuts the same words differently."""
    return [a + b for run in _HAN_RUN.findall(fold(text)) for a, b in pairwise(run)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The English stem; a word with digits in it stays as it is."""
    word = _CLITIC.sub("", word)
    if not word.isascii() or not word.isalpha() or word in _NOT_STEMMED:
        return word
    with _stem_lock:
        return str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """All words of a text as stems, stop words included: for finding phrases."""
    return [stem(piece) if piece.isascii() else piece for piece in _PIECES.findall(fold(text))]


def detect_language(text: str) -> Language:
    """Chinese as soon as a fifth of the letters is Chinese: mixed texts are Chinese with English words in
    them.
    """
    han = sum(map(len, _HAN_RUN.findall(text)))
    latin = len(re.findall(r"[A-Za-z]+", text))
    return "zh" if han and han >= latin / 4 else "en"


def join(lines: Sequence[str]) -> str:
    """Lines of running text as one: a blank between them, but not next to a Chinese character."""
    text = ""
    for line in filter(None, map(str.strip, lines)):
        chinese = text and (ord(text[-1]) > 0x2E80 or ord(line[0]) > 0x2E80)
        text += line if chinese or not text else f" {line}"
    return text


def display_width(text: str) -> int:
    """Columns that a text fills: a Chinese character is as wide as two Latin letters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
