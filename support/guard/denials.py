"""Whether an answer has lost a denial: it says plainly what a source, in about the same words, denies.

    "points can be cashed in"   held against   "They cannot be cashed in, given away or moved"

Beside `polarity`, which knows the words of rulings, this knows none: a stretch of the answer without any
denial is laid beside the stretch of a source that it shares the most words with, and words that the source
denies there stand in the answer undenied.

Contract: `denied_by(reading, sources)` gives each such stretch with the number of the source. Only where no
source says as much of it without a denial; conditions, questions, offers and what holds "only" in some case
are left alone, and so is what a source calls unnecessary, which may be done all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from support.guard.reading import Reading, weigh, weight
from support.guard.states import states
from support.guard.stretches import FIXED, Stretch, is_so_far, stretches, turned

_DENIAL = re.compile(
    r"不|没有?|未|勿|别|无[法需须]|除外|谢绝|拒绝(?!收|签)|禁止|严禁|作废|失效|恕|免(?=填|预约|押金|登记|费)|包邮|"
    r"另[购买配售付收]|除了|"
    r"\bnot\b|n't\b|\bcannot\b|\bnever\b|\bno\b|\bnothing\b|\bnone\b|\bneither\b|\bnor\b|\bwithout\b|\bunable\b|"
    r"\bimpossible\b|\bexclu\w+|\bexempt\b|\bnon-|\brather than\b|\bseparately\b|\bfree\b|\bexcept\b",
    re.IGNORECASE,
)
# A denial with the words that carry no meaning behind it, and one that follows what it denies.
_BEFORE = re.compile(
    r"(?:不|没有?|未|勿|别|无法|谢绝|禁止|严禁|恕)(?:[能可以会再都也予被给用需要得是在另外太算属于]|参加|享受?|支持|"
    r"单独){0,5}|(?:\bnot|n't|\bcannot|\bnever|\bno|\bneither|\bnor|\bunable)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"不了|不行|不(?:可以|能|可)$")
_UNNECESSARY = re.compile(
    r"不用|无[需须]|不必|needn't|no need|n't (?:need|have) to|never sleeps", re.IGNORECASE
)
# Asked of the customer, or said of the assistant.
_TALK = re.compile(r"请|我(?!们)|\b(?:please|i)\b", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
# How far a denial reaches: so many characters, or words.
_CHARACTERS, _WORDS = 4, 2
# Of its words, how much a stretch must share with the other, and the denied ones with it.
_OURS, _BOTH, _DENIED, _LEAST = 0.5, 0.4, 0.4, 1.5
_NEARER = 0.1
_AROUND = 0.6


def denied_by(reading: Reading, sources: Sequence[Reading]) -> Iterator[tuple[str, int]]:
    """Each stretch that a source denies, with the number of the source."""
    for one in _told(reading):
        if one.denies or one.cut.only or one.is_talk or not one.words:
            continue
        if (number := _denier(one, sources)) is not None:
            yield one.cut.text, number


@dataclass(frozen=True, eq=False)
class _Told:
    """A stretch with its weighty words; `denied` are those that a denial reaches, `near` those beside it."""

    cut: Stretch
    words: frozenset[str]
    denied: frozenset[str]
    near: frozenset[str]

    @property
    def denies(self) -> bool:
        return bool(_DENIAL.search(FIXED.sub("", self.cut.text)))

    @property
    def is_talk(self) -> bool:
        text = self.cut.text
        return self.cut.supposed or is_so_far(text) or bool(_TALK.search(text) or states(text))

    def share(self, other: _Told) -> float:
        """How much of its words the other has, or has beside it."""
        own = weigh(self.words & other.words) + _AROUND * weigh((self.words - other.words) & other.near)
        return own / weigh(self.words)


def _denier(one: _Told, sources: Sequence[Reading]) -> int | None:
    """The number of the source that denies it, where none says as much of it plainly."""
    says_as_much, denies, by = 0.0, 0.0, None
    for number, source in enumerate(sources):
        for other in _told(source):
            if not one.words & other.words:
                continue
            share = one.share(other)
            if other.cut.only or not other.denies:
                says_as_much = max(says_as_much, share)
            elif share > denies and _is_of_it(one, other):
                denies, by = share, number
    return by if denies - says_as_much > _NEARER else None


def _is_of_it(one: _Told, other: _Told) -> bool:
    """Whether the other denies just this, in this case."""
    share, denied = one.share(other), weigh(one.words & other.denied)
    return (
        share >= _OURS
        and share * other.share(one) >= _BOTH**2
        and weigh(one.words & other.words) >= _LEAST
        and denied >= _DENIED * weigh(other.denied)
        and denied > 0
        and not other.cut.supposed
        and not _UNNECESSARY.search(other.cut.text)
        and not _of_another_figure(one, other)
        and not turned(one.cut.sides, other.cut.sides)
    )


def _of_another_figure(one: _Told, other: _Told) -> bool:
    bounds = {key for key in one.cut.sides if key[0] != "event"}
    return bool(bounds) and not bounds & other.cut.sides.keys()


@lru_cache(maxsize=2_048)
def _told(reading: Reading) -> tuple[_Told, ...]:
    found, before = list[_Told](), frozenset[str]()
    for cut in stretches(reading):
        words = frozenset(word for word in cut.words if weight(word) >= 1)
        near = before | reading.sentences[cut.unit.sentence].near | reading.heading
        if cut.text:
            found.append(_Told(cut, words, _denied(reading, cut), near))
        before = words
    return tuple(found)


def _denied(reading: Reading, cut: Stretch) -> frozenset[str]:
    """The words that the denials of a stretch reach."""
    text = FIXED.sub(lambda match: "\x01" * len(match[0]), reading.text[cut.start : cut.end])
    tokens = [(at - cut.start, word) for at, word in reading.tokens if cut.start <= at < cut.end]
    tokens = [(at, word) for at, word in tokens if weight(word) >= 1 and word[0] != "="]
    found = set[str]()
    for match in _BEFORE.finditer(text):
        after = sorted({at for at, _ in tokens if at >= match.end()})
        reach = match.end() + _CHARACTERS if _HAN.match(match[0]) else (after[:_WORDS] or [0])[-1] + 1
        found |= {word for at, word in tokens if match.start() < at < reach}
    for match in _BEHIND.finditer(text):
        found |= {word for at, word in tokens if at < match.end()}
    return frozenset(found)
