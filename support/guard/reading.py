"""One reading of a text for the claim gate: its sentences and clauses, with their words and figures.

Contract: `read(text)` is pure and kept for texts that come again, as passages do. A word is a meaning of
`concepts`, two Chinese characters that stand together, or an English stem. A unit is a clause or a whole
sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from support.guard.bounds import event_sides, figure_side
from support.guard.concepts import concepts
from support.guard.figures import Figure, Key, figures
from support.guard.normalising import normalise
from support.guard.states import State, mentioned

_KEPT = 2_048
# Single characters that are whole verbs of the shop's rules.
_VERBS = frozenset("退换寄洗修补送改")
_SENTENCE = re.compile(r"[。!?;\n]+|\.(?=\s|$)")
_CLAUSE = re.compile(
    r",(?!\d{3}(?!\d))|[()…]|——|\s[-–—]\s|"
    r"\s(?:and|but)(?=(?: [\w'-]+){1,3} (?:is|are|was|were|has|have|costs?|can|cannot|can't|will|takes?|"
    r"isn't|aren't)\b)",
    re.IGNORECASE,
)
_HAN_RUN = re.compile(
    r"[\u4e00-\u9fff]+",
)
# Between the words that carry the meaning.
_ZH_STOPS = re.compile(
    r"可以|我们|您|你|他们|我|的|了|吗|呢|吧|啊|是|在|和|与|或者?|及|以及|这|那|就|都|也|还|又|把|被|给|"
    r"让|对|于|从|由|等|"
    r"很|更|最|再|会|要|请|并且?|而且?|则|将|即|个|件|能|可|如果|因为|所以|不|没有?|未|之|以|到|有|每|"
    r"用|为|其|所|应|"
    r"一般|通常|目前|需要?|已经?|来|去|上|下|里|中|内|前|后"
)
_ZH_PARTICLES = frozenset(
    "的了吗呢吧啊是在和与或及这那就都也还又把被给让对于从由等很更最再会要请并而则将即个件您你我他们不没未无非别为其所以可能需"
)
_EN_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z']+|(?<![A-Za-z])[A-Z](?![A-Za-z'])")
_EN_STOPS = frozenset(
    re.findall(
        r"\S+",
        """the an and or of to in on at for with by from as is are was were be been being it its
        this that these those you your we our us they them their he she his her my me not no
        never can cannot could may might will would shall should must do does did have has had
        if when once after before while than then there here so but also just only any all each
        every some more most other into out up about over under within until unless please which
        who what how don't can't won't isn't aren't doesn't without yes always still yet already""",
    )
)
_SIZE = re.compile(r"\s*(?:码|:(?!\d))")
_NAME_BEFORE = re.compile(
    r"(?:[A-Za-z]|尺?码|号|size |UK |EU |US )$|"
    r"(?<![年月日天有剩共约到至收减满付价加为是用充送补第每发买])[\u4e00-\u9fff]$"
)
_SUFFIX = re.compile(r"(?:ings?|edly|ed|es|s|ly)$")
_WEIGHT_MEANING, _WEIGHT_NAME, _WEIGHT_CHARACTER = 2.0, 3.0, 0.4


# A word and its place.
Token = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """A figure, with the side on which its clause stands of it. `is_name`: it says which, as in size 36."""

    figure: Figure
    side: int
    is_name: bool

    @property
    def values(self) -> frozenset[str]:
        """As words, by which the figures beside it are known."""
        return frozenset(
            f"={key[1]}" if key[0] == "id" else f"={key[1]:f}"
            for key in self.figure.needs
            if key[0] in ("any", "bare", "id")
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """A clause or a sentence. `sides` are those of its figures and events by what they are."""

    text: str
    sentence: int
    start: int
    end: int
    words: frozenset[str]
    figures: tuple[Placed, ...]
    sides: Mapping[Key, int]

    @property
    def near(self) -> frozenset[str]:
        """Its words and the values of its figures."""
        return self.words | {value for one in self.figures for value in one.values}


@dataclass(frozen=True, eq=False)
class Reading:
    """`clauses` in order; `mute` are the sentences that assert nothing: titles and questions. `tokens` are
    all words with their places. Equal only to itself, so that what is worked out of it can be kept.
    """

    text: str
    tokens: tuple[Token, ...]
    heading: frozenset[str]
    clauses: tuple[Unit, ...]
    sentences: tuple[Unit, ...]
    mute: frozenset[int]

    @cached_property
    def is_passage(self) -> bool:
        """Whether it tells of cases ("Returns · Cancelling"), not of one order or article."""
        return " · " in self.text.partition("\n")[0]

    @cached_property
    def offers(self) -> frozenset[Key]:
        """Everything that its figures state."""
        return frozenset(key for unit in self.figured for one in unit.figures for key in one.figure.offers)

    @cached_property
    def mentioned(self) -> frozenset[State]:
        """The states that it speaks of, in whatever mood."""
        return mentioned(self.text)

    @cached_property
    def figured(self) -> tuple[Unit, ...]:
        """The clauses with figures."""
        return tuple(unit for unit in self.clauses if unit.figures)


@lru_cache(maxsize=_KEPT)
def read(text: str) -> Reading:
    """The reading of a source; an answer is read by `read_normalised`, without its own numbering."""
    return read_normalised(normalise(text))


def read_normalised(text: str) -> Reading:
    """Of a text already put through `normalise`."""
    placed = [Placed(found, _side(text, found), _is_name(found, text)) for found in figures(text)]
    placed.sort(key=lambda one: one.figure.start)
    tokens = _tokens(text, placed)
    spans = _spans(text, _SENTENCE, 0, len(text))
    clauses, sentences = list[Unit](), list[Unit]()
    for number, (start, end) in enumerate(spans):
        whole = _unit(text, number, start, end, tokens, placed)
        sentences.append(whole)
        parts = _spans(text, _CLAUSE, start, end)
        clauses += (
            [whole] if len(parts) < 2 else [_unit(text, number, *part, tokens, placed) for part in parts]
        )
    heading = sentences[0].words if len(sentences) > 1 else frozenset()
    mute = frozenset(n for n, (start, end) in enumerate(spans) if _asserts_nothing(text, start, end))
    return Reading(text, tuple(tokens), heading, tuple(clauses), tuple(sentences), mute)


def _asserts_nothing(text: str, start: int, end: int) -> bool:
    return text[end : end + 1] == "?" or (start == 0 and " · " in text[:end])


def words_between(tokens: Sequence[Token], start: int, end: int) -> list[str]:
    """Those that begin between two places; `tokens` are in order."""
    first = bisect_left(tokens, start, key=lambda token: token[0])
    last = bisect_left(tokens, end, key=lambda token: token[0])
    return [word for _, word in tokens[first:last]]


def weight(word: str) -> float:
    """How much it says that two clauses share this word."""
    if word[0] in "~#=":
        return _WEIGHT_MEANING if word[0] in "~=" else _WEIGHT_NAME
    return _WEIGHT_CHARACTER if len(word) == 1 and not word.isascii() and word not in _VERBS else 1.0


def weigh(words: Iterable[str]) -> float:
    """The weight of all of them."""
    return sum(map(weight, words))


def _side(text: str, figure: Figure) -> int:
    return figure_side(text, figure.start, figure.start + len(figure.text))


def _spans(text: str, separator: re.Pattern[str], start: int, end: int) -> list[tuple[int, int]]:
    spans, at = [], start
    for match in separator.finditer(text, start, end):
        spans.append((at, match.start()))
        at = match.end()
    spans.append((at, end))
    return [span for span in spans if text[slice(*span)].strip()]


def _tokens(text: str, placed: Sequence[Placed]) -> list[Token]:
    """Every word with its place, in order."""
    masked = text
    for one in placed:
        start, end = one.figure.start, one.figure.start + len(one.figure.text)
        masked = masked[:start] + "\x00" * (end - start) + masked[end:]
    found = concepts(masked)
    for run in _HAN_RUN.finditer(masked):
        for part in _spans(masked, _ZH_STOPS, *run.span()):
            found += [(at, masked[at : at + 2]) for at in range(part[0], part[1] - 1)]
        found += [(at, masked[at]) for at in range(*run.span()) if masked[at] not in _ZH_PARTICLES]
    found += [
        (match.start(), stem) for match in _EN_WORD.finditer(masked) if (stem := _stem(match[0])) is not None
    ]
    found += [(one.figure.start, name) for one in placed for name in _names(one)]
    return sorted(found)


def _is_name(figure: Figure, text: str) -> bool:
    """An order's number, a size, the 14 of a product's name."""
    if figure.kind != "number":
        return figure.kind == "identifier"
    end = figure.start + len(figure.text)
    if figure.text.lower().endswith(("gb", "tb")):
        return True
    return bool(_SIZE.match(text, end) or _NAME_BEFORE.search(text, 0, figure.start))


def _names(placed: Placed) -> list[str]:
    return [f"#{key[1]}" for key in placed.figure.needs if key[0] == "id"] if placed.is_name else []


def _stem(word: str) -> str | None:
    """None for a word that says nothing. Sizes (S, XL) keep their letters."""
    if word.isupper() and len(word) <= 3:
        return word if word not in ("I", "A") else None
    lower = word.lower()
    if lower in _EN_STOPS:
        return None
    stem = _SUFFIX.sub("", lower) if len(lower) > 4 else lower
    return stem.rstrip("e")


def _unit(
    text: str, sentence: int, start: int, end: int, tokens: Sequence[Token], placed: Sequence[Placed]
) -> Unit:
    own = tuple(one for one in placed if start <= one.figure.start < end)
    part = text[start:end]
    sides: dict[Key, int] = {("event", event): side for event, side in event_sides(part).items()}
    for one in own:
        if one.side:
            for key in one.figure.needs:
                sides[key] = one.side if sides.get(key, one.side) == one.side else 0
    return Unit(part, sentence, start, end, frozenset(words_between(tokens, start, end)), own, sides)
