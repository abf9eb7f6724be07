"""The stretches of a text in which something is said once: parts of clauses, cut where another begins.

    "if it is faulty you can return it, but not worn"
    ->  "if it is faulty" (supposed), "you can return it", "but not worn"

Contract: `stretches(reading)` gives those of every sentence that asserts something, in order; `supposed` is a
condition, `only` holds in some case only, `sides` as those of a `Unit`, going on within the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from support.guard.figures import Key
from support.guard.reading import Reading, Unit, words_between
from support.guard.states import mentioned

# Look like denials.
FIXED = re.compile(
    r"不(?:过|仅|但(?=是|要)|只|光|锈|同|错|好意思|管|论|妨|得不|然|如|久|断|良|满|足|超过|少于|低于|高于|"
    r"多于|大于|晚于|迟于|及时|到(?=\d)|"
    r"能有未|喜欢|合适|想要?|小心|少)|对不起|差不多|无(?:理由|门槛|线|痕|损|忧|论|缝|条件)|没(?:关系|问题|事)|"
    r"未(?:来|满)|非(?:常|洲)|"
    r"([\u4e00-\u9fff])[不没]\1|有没有|与否|是否|(?<=[类级区识个性特分告送])别|别(?:的|人|名|处|墅)|"
    r"\bnot only\b|\bnot just\b|\bno (?:later|more|less|fewer|sooner|earlier) than\b|\bno problem\b|"
    r"\bnot (?:later|longer|more|less|fewer) than\b|\bno questions? asked\b|\bno matter\b|"
    r"\byou (?:do not|don't) (?:want|like)\b|"
    r"\bwhether or not\b|\bdon'?t worry\b|\bno worries\b|"
    r"\bno doubt\b|\b(?:no|not),|\bno\.|\bnon-(?!ref|ret)|\bno longer\b|\bno (?:extra |additional |"
    r"further )?(?:charge|cost|fee)s?\b|\bno need\b|\bwhy not\b",
    re.IGNORECASE,
)
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
    r"只(?!要|好)|仅|才(?!能力)|除非|除了|以外|一半|部分|\bhalf\b|\bpart of\b|"
    r"\b(?:only|unless|except|apart from|other than|just)\b",
    re.IGNORECASE,
)
# Of this case, up to now: a state.
_SO_FAR = re.compile(r"\b(?:yet|so far)\b|还没|尚未", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Stretch:
    """`start` and `end` are its places in the text; `words` are its own, with the values of its figures."""

    text: str
    start: int
    end: int
    unit: Unit
    words: frozenset[str]
    sides: Mapping[Key, int]
    supposed: bool
    only: bool


@lru_cache(maxsize=2_048)
def stretches(reading: Reading) -> tuple[Stretch, ...]:
    """All of a text, in order; see the module."""
    return tuple(
        stretch
        for number in range(len(reading.sentences))
        if number not in reading.mute
        for stretch in _of_sentence(reading, number)
    )


def _of_sentence(reading: Reading, number: int) -> Iterator[Stretch]:
    supposed, sides = False, dict[Key, int]()
    for unit in (one for one in reading.clauses if one.sentence == number):
        sides = dict(unit.sides) or sides
        supposed = supposed and bool(_GOES_ON.match(unit.text.lstrip()))
        cuts = [found.start() for found in _CUT.finditer(unit.text) if 0 < found.start() < len(unit.text)]
        for start, end in pairwise([0, *cuts, len(unit.text)]):
            text = unit.text[start:end].lstrip()
            start, text = end - len(text), text.rstrip()
            announced = text.endswith(":")  # of an answer that is still being written
            supposed = announced or bool(_CONDITION.match(text)) or (supposed and bool(_GOES_ON.match(text)))
            words = _words(reading, unit, unit.start + start, unit.start + end)
            only = bool(_ONLY.search(text)) or _is_of_a_case(text)
            yield Stretch(text, unit.start + start, unit.start + end, unit, words, sides, supposed, only)


def _is_of_a_case(text: str) -> bool:
    """Dispatched: no longer possible."""
    label, colon, _ = text.partition(":")
    return bool(colon and mentioned(label))


def _words(reading: Reading, unit: Unit, start: int, end: int) -> frozenset[str]:
    values = {value for one in unit.figures if start <= one.figure.start < end for value in one.values}
    return frozenset(words_between(reading.tokens, start, end)) | values


def is_so_far(text: str) -> bool:
    """Said of this case, up to now: a state."""
    return bool(_SO_FAR.search(text))


def turned(ours: Mapping[Key, int], theirs: Mapping[Key, int]) -> bool:
    """Whether two stand on other sides of what they share."""
    return any(ours[key] * theirs[key] < 0 for key in ours.keys() & theirs.keys())
