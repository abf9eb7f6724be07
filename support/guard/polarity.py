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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from support.guard.figures import Key
from support.guard.reading import Reading, Unit, weight, words_between
from support.guard.ruling_words import LEXICON, Question

_ANY = re.compile("|".join(f"(?P<r{n}>{words})" for n, (_, _, words) in enumerate(LEXICON)), re.IGNORECASE)
_RULED = {f"r{n}": (question, sign) for n, (question, sign, _) in enumerate(LEXICON)}

# Look like denials.
_FIXED = re.compile(
    r"不(?:过|仅|但(?=是|要)|只|光|锈|同|错|好意思|管|论|妨|得不|然|如|久|断|良|满|足|超过|少于|低于|高于|"
    r"多于|大于|晚于|迟于|及时|到(?=\d)|"
    r"喜欢|合适|想要?|小心|少)|对不起|差不多|无(?:理由|门槛|线|痕|损|忧|论|缝|条件)|没(?:关系|问题|事)|"
    r"未(?:来|满)|非(?:常|洲)|"
    r"([\u4e00-\u9fff])[不没]\1|有没有|与否|是否|(?<=[类级区识个性特分告送])别|别(?:的|人|名|处|墅)|"
    r"\bnot only\b|\bnot just\b|\bno (?:later|more|less|fewer|sooner|earlier) than\b|\bno problem\b|"
    r"\bnot (?:later|longer|more|less|fewer) than\b|\bno questions? asked\b|\bno matter\b|"
    r"\bwhether or not\b|\bdon'?t worry\b|\bno worries\b|"
    r"\bno doubt\b|\b(?:no|not),|\bno\.|\bnon-|\bno longer\b|\bno (?:extra |additional |"
    r"further )?(?:charge|cost|fee)s?\b|\bno need\b|\bwhy not\b",
    re.IGNORECASE,
)
# A denial and what may stand between it and the word that it turns round.
_DENIAL_ZH = re.compile(
    r"(?:不|没有?|未|无|勿|别|并?非)(?:[能可以会再都也予被给用需要得是在另外太算属于]|单独){0,5}$",
)
_DENIAL_EN = re.compile(
    r"(?:\bnot|n't|\bcannot|\bnever|\bno|\bneither|\bnor|\bwithout)(?: [\w-]+){0,3} $|\b(?:nothing|nobody|"
    r"none|neither|nor|no [\w-]+)(?: \w+){0,3} $",
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
_ANY_DENIAL = re.compile(
    r"不|没|未|勿|别|\bnot\b|n't\b|\bcannot\b|\bnever\b|\bno\b|\bnothing\b|\bnone\b|\bneither\b|\bnor\b|"
    r"\bwithout\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Here a clause falls into stretches that rule by themselves: before the first kind, after the second.
_CUT = re.compile(
    r"(?=如果|要是|一旦|除非|只要|但是?|不过|而(?!且)|(?<!^)就(?=可|能|不|要|得|没)|就算|即使|因为|由于)|"
    r"(?<=的话)|(?<=[^暂随及同有准按临]时)(?=可|不|能|就|都|请|由)|(?<=[后前内外])(?=可|不(?!足|到)|能|就|"
    r"都|才|再|无|需|由|还)|(?<=的)(?=可以|可退|不|都|也|能|由|无|需|须|要|请|免)|"
    r"\s(?=(?:if|when|once|unless|until|because|since|as long as|provided|but|while|although|though|so|"
    r"which|who|even|whereas|except)\b)|"
    r"\s(?=and (?:you|we|it|they|can|is|are|cannot|can't|do|does|don't|doesn't|will|won't|has|have|the|"
    r"your|neither|so)\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\s*(?:如果?|要是|若|一旦|万一|只要|除非|凡|当(?![时天日然场面])|就算|即使|因为|由于|不管|无论|是否)|"
    r"\s*(?:if|when|once|unless|until|before|after|as long as|provided|while|even|because|since|whether|"
    r"which|who|although|though|except)\b|"
    r".*(?:的话|时候?|[之以]?[后前]|(?<!范围)(?<!期)内|若|如果|要是)\s*$|"
    r"(?!.*(?:是|可|能|行|支持|不|没)).*的\s*$",
    re.IGNORECASE,
)
# "If it says so but you cannot find it": still the condition.
_GOES_ON = re.compile(r"(?:but|and|or)\b|但|而|且", re.IGNORECASE)
_ONLY = re.compile(
    r"只(?!要|好)|仅|才(?!能力)|除非|除了|以外|\b(?:only|unless|except|apart from|other than|just)\b",
    re.IGNORECASE,
)
# Asked of the customer, or offered by the assistant.
_TALK = re.compile(
    r"请|麻烦|我(?!们)|帮您|为您|告诉|联系|看看|需要.{0,8}吗|\b(?:please|i|i'm|i'll|let me|let us know|"
    r"tell|happy to|glad|sorry|afraid|contact)\b",
    re.IGNORECASE,
)
# From this share of its words on, a source rules on the same thing.
_SAME_THING = 0.5
_LEAST = 1.4
_AS_CLOSE = 0.08
_PLAINLY, _NEVER = 0.8, 9.0
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
    total = sum(map(weight, ruling.words))
    if total < _LEAST or not ruling.sign:
        return None
    agrees, conflicts, by = 0.0, 0.0, None
    for number, source in enumerate(sources):
        for other in rulings(source):
            if other.question not in (ruling.question, "plain"):
                continue
            theirs = other.words | other.listed
            own = sum(map(weight, ruling.words & theirs))
            near = sum(map(weight, (ruling.words - theirs) & (other.around | source.heading)))
            share = (own + _AROUND * near) / total
            turned = _turned(ruling.sides, other.sides)
            if not other.sign or ruling.sign == (-other.sign if turned else other.sign):
                agrees = max(agrees, share)
            elif (
                own >= _LEAST
                and share > max(conflicts, _least(ruling, other, own))
                and _same_act(ruling, other)
            ):
                conflicts, by = share, number
    return by if conflicts > agrees + _AS_CLOSE else None


def _turned(ours: Mapping[Key, int], theirs: Mapping[Key, int]) -> bool:
    """Whether they stand on other sides of what they share."""
    return any(ours[key] * theirs[key] < 0 for key in ours.keys() & theirs.keys())


def _least(ruling: Ruling, other: Ruling, shared: float) -> float:
    """How much of it a source must speak of; without a word for it, it must be the same statement."""
    if "plain" not in (ruling.question, other.question):
        return _SAME_THING
    # In Chinese a denial without such a word is too often a part of another.
    denies = ruling.question == "goes" or (ruling.question == "plain" and not _HAN.search(ruling.text))
    same = denies and shared >= _PLAINLY * sum(map(weight, other.words))
    return _PLAINLY if same else _NEVER


def _same_act(one: Ruling, other: Ruling) -> bool:
    """可以抵 100 元 is no answer to 不退."""
    if not one.said or not other.said:
        return True
    shared = sum(map(weight, one.said & other.words)), sum(map(weight, other.said & one.words))
    return max(shared[0] / sum(map(weight, one.said)), shared[1] / sum(map(weight, other.said))) >= _SAME_ACT


@lru_cache(maxsize=2_048)
def rulings(reading: Reading) -> tuple[Ruling, ...]:
    """Every ruling of a text, in order."""
    return tuple(
        ruling
        for number, whole in enumerate(reading.sentences)
        if number not in reading.mute
        for ruling in _of_sentence(
            [unit for unit in reading.clauses if unit.sentence == number], whole, reading
        )
    )


def _of_sentence(units: Sequence[Unit], whole: Unit, reading: Reading) -> Iterator[Ruling]:
    """Stretch by stretch; a short one ("可退", "that is waived") is about what stands before it. What a
    sentence with a ruling says besides is what it rules on.
    """
    before = listed = frozenset[str]()
    around, plain = whole.near, list[Ruling]()
    ruled, sides = False, dict[Key, int]()
    for unit in units:
        sides, supposed = dict(unit.sides) or sides, False
        for start, end in _stretches(unit.text):
            text = unit.text[start:end].strip()
            words = _about(reading, unit, unit.start + start, unit.start + end)
            about = words if sum(map(weight, words)) >= _LEAST else words | before
            before = words
            supposed = bool(_CONDITION.match(text)) or (supposed and bool(_GOES_ON.match(text)))
            if not text or supposed:
                continue
            answers = _answers(text)
            only = 0 if _ONLY.search(text) else 1
            for question, (sign, at) in answers.items():
                said = (
                    frozenset(words_between(reading.tokens, unit.start + start + at, unit.start + end))
                    - _MARKS
                )
                yield Ruling(text, question, sign * only, about, said, listed, around, sides)
            if answers:
                ruled, listed = True, frozenset()
            else:
                sign = -1 if _ANY_DENIAL.search(_FIXED.sub("", text.rpartition(":")[2])) else 1
                plain.append(
                    Ruling(text, "plain", sign * only, about, frozenset(), frozenset(), around, sides)
                )
                listed |= words
    if not ruled:
        yield from plain


def _about(reading: Reading, unit: Unit, start: int, end: int) -> frozenset[str]:
    values = {value for one in unit.figures if start <= one.figure.start < end for value in one.values}
    return (frozenset(words_between(reading.tokens, start, end)) | values) - _MARKS


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    cuts = [0, *(match.start() for match in _CUT.finditer(text) if 0 < match.start() < len(text)), len(text)]
    return pairwise(cuts)


def _answers(text: str) -> dict[Question, tuple[int, int]]:
    """Each question that a stretch answers, with its sign and the place from which on it says what goes."""
    plain = _FIXED.sub(lambda match: "\x01" * len(match[0]), text)
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
