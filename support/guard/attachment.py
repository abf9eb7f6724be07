"""Of what a figure is said: whether a figure of the answer stands beside words that belong to another one.

A rule applied to a case brings figures of records among words of passages (¥89 is below the CNY 99
threshold), so values of a record compete with those of records only.

A source that states "the coat costs £189, the boots £129" bears out both figures, and not "the boots cost
£189". Only where values of one kind compete can one be in the wrong place, so each is weighed against the
others by the words around it: in its own clause, and, half as much, in clauses of its sentence that hold no
figure of its kind.

Contract: `misplaced(figure, ...)` names the source in which the words around the figure stand around another
value, by a clear majority; `swapped` finds two figures of an answer that would fit better in each other's
place. Neither judges a figure that no source states.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from support.guard.reading import Placed, Reading, Unit, weight, words_between

# Between two figures of a clause: here the words of the one end and those of the other begin.
_PARTS = re.compile(
    r"[、/()\[\]]|\b(?:and|or|while|but|because|since|as|when|if|so|plus|with)\b|和|与|而|或|及|但|因为|"
    r"所以|加|再",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s*(?:(?P<zh>[\u4e00-\u9fff])|(?P<en>[A-Za-z]{2,}))")
_LABEL = re.compile(r"[^\n:;,.。!?]{1,24}:\s*(?:[^\n:;,。!?]{1,24};)?")
_SHARED = 0.5
# Whether a figure bounds something (满 99 元) or is something (8 元运费).
_BOUND, _BARE = "~bound", "~bare"
# By so much more must another value's words surround a figure: a meaning and a word, or two words.
_CLEARLY, _MAJORITY = 6.0, 2.0
# By how much two figures must fit better in each other's place, as a source has them in the other order,
# apart, or in the same.
_EXCHANGED = {-1: 0.5, 0: 1.0, 1: 2.0}
_NEAR = 120  # characters

Around = Mapping[str, float]
# A figure and the text that it stands in.
Spot = tuple[Reading, Placed]


def misplaced(placed: Placed, unit: Unit, answer: Reading, sources: Sequence[Reading]) -> int | None:
    """The number of the source that says it of something else; see the module."""
    around = {
        word: much for word, much in surroundings(answer, placed).items() if word not in (_BOUND, _BARE)
    }
    own = max((_likeness(around, *one) for _, one in _stating(placed, sources)), default=0.0)
    theirs, by = 0.0, None
    for number, (source, rival) in _rivals(placed, unit, answer, sources):
        if (likeness := _likeness(around, source, rival)) > theirs:
            theirs, by = likeness, number
    if by is None or (not own and not sources[by].is_passage and theirs >= _MAJORITY):
        return by  # of two records only one has any of these words
    return by if theirs - own >= _CLEARLY and theirs >= _MAJORITY * own else None


def swapped(one: Spot, other: Spot, sources: Sequence[Reading]) -> int | None:
    """The number of the source that has them the other way round; one of the two may be only worked out."""
    if one[1].figure.needs & other[1].figure.offers:
        return None
    here, there = surroundings(*one), surroundings(*other)
    of_one, of_other = list(_stating(one[1], sources)), list(_stating(other[1], sources))
    if not {source.is_passage for _, (source, _) in of_one} & {
        source.is_passage for _, (source, _) in of_other
    }:
        return None
    as_said = _best(here, of_one) + _best(there, of_other)
    exchanged = _best(there, of_one) + _best(here, of_other)
    least = _EXCHANGED[_order(of_one, of_other)]
    return [*of_other, *of_one][0][0] if exchanged - as_said >= least else None


def _order(of_one: Sequence[tuple[int, Spot]], of_other: Sequence[tuple[int, Spot]]) -> int:
    """1 where the first of two figures stands first in the sources, too, -1 where it never does."""
    gaps = [
        there[1].figure.start - here[1].figure.start
        for number, here in of_one
        for other, there in of_other
        if number == other
    ]
    first = {gap > 0 for gap in gaps if abs(gap) < _NEAR}
    return 0 if len(first) != 1 else 1 if True in first else -1


def comparable(one: Placed, other: Placed, text: str, theirs: str) -> bool:
    """Whether two figures count the same: prices, days, or pieces of something."""
    if one.figure.kind != other.figure.kind or one.is_name or other.is_name:
        return False
    if not one.figure.needs or not other.figure.needs:
        return False
    if one.figure.kind == "date" and not {key[0] for key in one.figure.needs} & {
        key[0] for key in other.figure.needs
    }:
        return False
    return one.figure.kind != "number" or counted(text, one) == counted(theirs, other)


def counted(text: str, placed: Placed) -> str:
    """What a bare number counts: the next character or word."""
    match = _UNIT.match(text, placed.figure.start + len(placed.figure.text))
    return (match["zh"] or match["en"].lower().rstrip("s")) if match else ""


@lru_cache(maxsize=8_192)
def surroundings(reading: Reading, placed: Placed) -> Around:
    """The words around a figure, each with how much it is its own."""
    clause = next(unit for unit in reading.clauses if placed in unit.figures)
    found: dict[str, float] = {}
    for unit in reading.clauses:
        if (
            unit is not clause
            and unit.sentence == clause.sentence
            and not any(_competes(one, placed) for one in unit.figures)
        ):
            found |= dict.fromkeys(unit.near, _SHARED)
    start, end = _own_part(reading.text, clause, placed)
    found |= dict.fromkeys(words_between(reading.tokens, start, end), 1.0)
    for one in clause.figures:
        if start <= one.figure.start < end and one.figure.kind != placed.figure.kind:
            found |= dict.fromkeys(one.values, 1.0)
    found |= dict.fromkeys(_label(reading, clause), 1.0)
    for value in placed.values:
        found.pop(value, None)
    found[_BOUND if placed.side else _BARE] = _SHARED
    return found


def _label(reading: Reading, clause: Unit) -> list[str]:
    """Of the row of a table, or a line of a list, what it is of: 银卡: 积分 1.2 倍, 生日券 10 元."""
    start = reading.text.rfind("\n", 0, clause.start) + 1
    match = _LABEL.match(reading.text, start)
    return words_between(reading.tokens, start, match.end()) if match else []


def _own_part(text: str, clause: Unit, placed: Placed) -> tuple[int, int]:
    start, end = clause.start, clause.end
    at = placed.figure.start
    for one in clause.figures:
        if not _competes(one, placed):
            continue
        if one.figure.start < at:
            cut = _last_part(text, one.figure.start + len(one.figure.text), at)
            start = max(start, cut if cut is not None else one.figure.start)
        else:
            cut = _last_part(text, at + len(placed.figure.text), one.figure.start)
            end = min(end, cut if cut is not None else one.figure.start)
    return start, end


def _competes(one: Placed, placed: Placed) -> bool:
    """Two days (48 hours) are one figure."""
    return (
        bool(one.figure.needs)
        and one.figure.kind == placed.figure.kind
        and not one.figure.needs & placed.figure.needs
    )


def _last_part(text: str, start: int, end: int) -> int | None:
    return max((match.start() for match in _PARTS.finditer(text, start, end)), default=None)


def _stating(placed: Placed, sources: Sequence[Reading]) -> Iterable[tuple[int, Spot]]:
    for number, source in enumerate(sources):
        for unit in source.figured:
            for other in unit.figures:
                if placed.figure.needs & other.figure.offers:
                    yield number, (source, other)


def _rivals(
    placed: Placed, unit: Unit, answer: Reading, sources: Sequence[Reading]
) -> Iterable[tuple[int, Spot]]:
    """Other values of the same kind, but those that the clause states as well."""
    kinds = {source.is_passage for _, (source, _) in _stating(placed, sources)}
    for number, source in enumerate(sources):
        if source.is_passage not in kinds:
            continue
        for clause in source.figured:
            for other in clause.figures:
                if comparable(placed, other, answer.text, source.text) and not any(
                    mine.figure.needs & other.figure.offers for mine in unit.figures
                ):
                    yield number, (source, other)


def _best(around: Around, places: Iterable[tuple[int, Spot]]) -> float:
    return max((_likeness(around, *one) for _, one in places), default=0.0)


def _likeness(around: Around, source: Reading, placed: Placed) -> float:
    theirs = surroundings(source, placed)
    of_it = _SHARED if source.is_passage else 1.0  # a record's first line says what all of it is of
    return sum(
        weight(word) * min(much, theirs.get(word, of_it if word in source.heading else 0.0))
        for word, much in around.items()
    )
