"""Which of the listed things a customer means: by number, by ordinal, by "all but", or by their words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from support.understanding.numbers import normal

_CHINESE = {"两": 2} | {digit: n for n, digit in enumerate("一二三四五六七八九十", 1)}
_ENGLISH = {word: n for n, word in enumerate(("one", "two", "three", "four", "five"), 1)}
_ORDINALS = {word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)} | {
    word: n for n, word in enumerate(("1st", "2nd", "3rd", "4th"), 1)
}

_ALL = re.compile(
    r"(?<!不是)(全部|所有)|都(要|退|不要|是|换)|全(退|要|不要)|一起退|[两二三四]([个件双条]|样)都|整单"
    r"|(?<!at )(?<!after )(?<!not )\ball\b|\bboth\b|\beverything\b|\bwhole order\b"
)
_ALL_BUT = re.compile(
    r"除了?(.+?)(?:以外|之外|外|都|全|$)|\b(?:all|everything)\b.*?\b(?:except|but|apart from)\b(.+)"
)
_NUMBERS_ONLY = re.compile(r"(?:\d{1,2}|[\s,、和&+.]|and|跟)+")
_NTH = re.compile(r"(倒数)?第\s*([一二两三四五六七八九十]|\d{1,2})\s*(?=[个件条双款单项样种和、,跟]|$)")
_NTH_IN_ENGLISH = re.compile(
    r"\b(first|second|third|fourth|fifth|1st|2nd|3rd|4th)\b(?=\s*(?:ones?\b|items?\b|orders?\b"
    r"|products?\b|and\b|,|&|\.|$|please|pls))"
)
_NAMED_NUMBER = re.compile(r"\b(?:number|no\.?|item|option|#)\s*(\d{1,2}|one|two|three|four|five)\b")
_LAST = re.compile(r"最后(一)?[个件条双款单项]|\blast (one|item|order)\b|\bbottom one\b")
_SEVERAL = re.compile(r"(前|后)\s*([两二三四五]|\d)\s*[个件条双款单项样]|\b(first|last) (two|three|four)\b")
_NEWEST = re.compile(
    r"最近(的|一|那|这|买|下)|最新|刚(刚)?(买|下|拍)|\b(latest|newest|most recent)\b|\bmy last order\b"
    r"|\bjust (ordered|bought)\b",
    re.I,
)
_APART = re.compile(r"[,，、;/+&]|和|跟|与|还有|以及|\band\b|\bplus\b|\balso\b")
_FILLERS = re.compile(r"[那这个件条双款只把套的我要退换是就想买了吧呢吗嘛啊哦单]|'s\b|'")
_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]+")
_BEFORE_ZI = re.compile(r"(.)子")
_STOP_WORDS = frozenset(
    {"the", "a", "an", "i", "it", "is", "one", "ones", "for", "with", "of", "in", "to", "my", "me", "want"}
    | {"order", "that", "this", "return", "refund", "please", "just", "only", "not"}
)


def choices(text: str, titles: Sequence[str]) -> tuple[int, ...]:
    """Which of the listed things are meant (0-based); empty when that is not clear."""
    text = normal(text).lower().strip()
    if not titles:
        return ()
    but = _ALL_BUT.search(text)
    left_out = _picked(but.group(1) or but.group(2), titles) if but else ()
    if left_out:
        return tuple(i for i in range(len(titles)) if i not in left_out)
    if _ALL.search(text):
        return tuple(range(len(titles)))
    return _picked(text, titles)


def newest(text: str) -> bool:
    """Whether the most recent of the customer's orders is meant."""
    return bool(_NEWEST.search(normal(text)))


def _picked(text: str, titles: Sequence[str]) -> tuple[int, ...]:
    return _numbers(text, len(titles)) or _by_words(text, titles)


def _numbers(text: str, count: int) -> tuple[int, ...]:
    found = [int(number) for number in re.findall(r"\d+", text)] if _NUMBERS_ONLY.fullmatch(text) else []
    for from_end, number in _NTH.findall(text):
        nth = _CHINESE.get(number) or int(number)
        found.append(count + 1 - nth if from_end else nth)
    found += [_ORDINALS[word] for word in _NTH_IN_ENGLISH.findall(text)]
    found += [_ENGLISH.get(number) or int(number) for number in _NAMED_NUMBER.findall(text)]
    for side, many, side_en, many_en in _SEVERAL.findall(text):
        many_things = _ENGLISH.get(many_en) or _CHINESE.get(many) or int(many)
        found += _run(many_things, count, from_end=side == "后" or side_en == "last")
    if _LAST.search(text):
        found.append(count)
    return tuple(dict.fromkeys(number - 1 for number in found if 1 <= number <= count))


def _run(many: int, count: int, *, from_end: bool) -> range:
    return range(max(count - many, 0) + 1, count + 1) if from_end else range(1, min(many, count) + 1)


def _by_words(text: str, titles: Sequence[str]) -> tuple[int, ...]:
    """For each thing that the text names, the one title that shares the most with it."""
    named = [_shares(part, titles) for part in _APART.split(text)]
    best = [scores.index(max(scores)) for scores in named if max(scores) and scores.count(max(scores)) == 1]
    return tuple(sorted(set(best)))


def _shares(part: str, titles: Sequence[str]) -> list[int]:
    """How much each title has in common with what is named: words and pairs of characters, or lone ones."""
    part = _FILLERS.sub(" ", part)
    named = _words_and_pairs(part)
    scores = [2 * len(named & _words_and_pairs(title.lower())) for title in titles]
    return scores if any(scores) else [len(_lone_characters(part) & set(title)) for title in titles]


def _words_and_pairs(text: str) -> set[str]:
    """Latin words, and the pairs of Chinese characters."""
    runs = _CHINESE_RUN.findall(text)
    pairs = {run[i : i + 2] for run in runs for i in range(len(run) - 1)}
    return pairs | set(re.findall(r"[a-z]+|\d+", text)) - _STOP_WORDS


def _lone_characters(text: str) -> set[str]:
    """Characters that stand for a thing by themselves: "锅", or the one before 子 in "杯子"."""
    runs = _CHINESE_RUN.findall(text)
    return {run for run in runs if len(run) == 1} | {
        before for run in runs for before in _BEFORE_ZI.findall(run)
    }
