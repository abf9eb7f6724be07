"""Whether a source says the opposite of what an answer says may be done, is needed, or is paid for.

A shop's rules answer three questions: whether something goes (may be returned, is covered, is part of it),
whether it is asked for, and who pays. Their words, in either language, have a sign (除外, "sold separately"),
which a denial before them turns round; so do words that put a thing on the other side of a figure or an event
("after 7 days you cannot" agrees with "within 7 days you can"). A stretch of a clause that answers such a
question is a `Ruling`, with the words that it is about.

Contract: `contradicted(ruling, sources)` names the source whose ruling on the same question, about most of
the same words, has the other sign, where none with the same sign comes as near. Conditions and questions rule
nothing, and what holds "only" in some case agrees with everything; what no source rules on is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from support.guard.figures import Key
from support.guard.reading import Reading, Unit, weigh, words_between
from support.guard.ruling_words import LEXICON, Question
from support.guard.stretches import FIXED, Stretch, is_so_far, stretches, turned

_ANY = re.compile("|".join(f"(?P<r{n}>{words})" for n, (_, _, words) in enumerate(LEXICON)), re.IGNORECASE)
_RULED = {f"r{n}": (question, sign) for n, (question, sign, _) in enumerate(LEXICON)}

# A denial and what may stand between it and the word that it turns round.
_DENIAL_ZH = re.compile(
    r"(?:不|没有?|未|无|勿|别|并?非)(?:[能可以会再都也予被给用需要得是在另外太算属于]|单独|参加|享受?|支持|"
    r"[与和跟][^,。;]{1,10}?同?){0,5}$",
)
_DENIAL_EN = re.compile(
    r"(?:\bnot|n't|\bcannot|\bnever|\bno|\bneither|\bnor|\bwithout)(?: (?!is\b|are\b)[\w-]+){0,3} $|\bnon-$|"
    r"\b(?:nothing|nobody|none|neither|nor|no [\w-]+)(?: \w+){0,3} $",
    re.IGNORECASE,
)
# "Nothing can be added": what a word like "can" is denied by, before it.
_DENIED_SUBJECT = re.compile(r"\b(?:nothing|nobody|none|neither|nor|no [\w-]+)(?: \w+){0,3} $", re.IGNORECASE)
_MODAL = re.compile(r"can|may", re.IGNORECASE)
_DENIED_OBJECT = re.compile(r" (?:neither|no|nothing)\b", re.IGNORECASE)
# Marks that are the act itself.
_ACT = re.compile(
    r"退|refund|return|transfer|cover|swap|send|exchange|cancel|combin|叠加|合并",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
# From this share of its words on, a source rules on the same thing.
_SAME_THING = 0.5
_LEAST = 1.4
_AS_CLOSE = 0.08
_AROUND = 0.6
_SAME_ACT = 0.4
_MARKS = frozenset({"~need", "~include", "~free"})


@dataclass(frozen=True, slots=True)
class Ruling:
    """`words` are those of its stretch, `said` those behind its mark, `listed` those of what was listed
    before it ("socks, food and toys are excluded"), `around` those of its sentence; `sides` as those of a
    `Unit`. A sign of 0 is one that holds only in some case.
    """

    text: str
    question: Question
    sign: int
    words: frozenset[str]
    said: frozenset[str]
    listed: frozenset[str]
    around: frozenset[str]
    sides: Mapping[Key, int]


def contradicted(ruling: Ruling, sources: Sequence[Reading]) -> int | None:
    """The number of the source that rules otherwise; see the module."""
    total = weigh(ruling.words)
    if total < _LEAST or not ruling.sign:
        return None
    agrees, conflicts, by = 0.0, 0.0, None
    for number, source in enumerate(sources):
        for other in rulings(source):
            if other.question != ruling.question:
                continue
            theirs = other.words if other.said else other.words | other.listed
            own = weigh(ruling.words & theirs)
            near = weigh((ruling.words - theirs) & (other.around | source.heading))
            share = (own + _AROUND * near) / total
            other_side = turned(ruling.sides, other.sides)
            if not other.sign or ruling.sign == (-other.sign if other_side else other.sign):
                agrees = max(agrees, share)
            elif own >= _LEAST and share > max(conflicts, _SAME_THING) and _same_act(ruling, other):
                conflicts, by = share, number
    return by if conflicts > agrees + _AS_CLOSE else None


def _same_act(one: Ruling, other: Ruling) -> bool:
    """可以抵 100 元 is no answer to 不退."""
    if not one.said or not other.said:
        return True
    shared = weigh(one.said & other.words), weigh(other.said & one.words)
    return max(shared[0] / weigh(one.said), shared[1] / weigh(other.said)) >= _SAME_ACT


@lru_cache(maxsize=2_048)
def rulings(reading: Reading) -> tuple[Ruling, ...]:
    """Every ruling of a text, in order."""
    of_sentences = groupby(stretches(reading), lambda one: one.unit.sentence)
    return tuple(
        ruling
        for number, group in of_sentences
        for ruling in _of_sentence(group, reading.sentences[number], reading)
    )


def _of_sentence(group: Iterable[Stretch], whole: Unit, reading: Reading) -> Iterator[Ruling]:
    """A short stretch ("可退", "that is waived") is about what stands before it."""
    before = listed = frozenset[str]()
    for one in group:
        words = one.words - _MARKS
        about = words if weigh(words) >= _LEAST else words | before
        before = words
        if not one.text or one.supposed or is_so_far(one.text):
            continue
        answers = _answers(one.text)
        for question, (sign, at) in answers.items():
            said = frozenset(words_between(reading.tokens, one.start + at, one.end)) - _MARKS
            yield Ruling(
                one.text, question, 0 if one.only else sign, about, said, listed, whole.near, one.sides
            )
        listed = frozenset() if answers else listed | words


def _answers(text: str) -> dict[Question, tuple[int, int]]:
    """Each question that a stretch answers, with its sign and the place from which on it says what goes."""
    plain = FIXED.sub(lambda match: "\x01" * len(match[0]), text)
    found: dict[Question, tuple[int, int]] = {}
    for match in _ANY.finditer(text):
        question, sign = _RULED[match.lastgroup or ""]
        if _HAN.match(match[0]):
            denied = _DENIAL_ZH.search(plain, 0, match.start())
        else:
            denied = (_DENIED_SUBJECT if _MODAL.fullmatch(match[0]) else _DENIAL_EN).search(
                plain, 0, match.start()
            )
            denied = denied or _DENIED_OBJECT.match(plain, match.end())
        signed = -sign if denied else sign
        if question not in found or signed < 0 or question != "goes":
            found[question] = (signed, match.start() if _ACT.match(match[0]) else match.end())
    return found
