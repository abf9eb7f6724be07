"""Weighs the claims of one answer, clause by clause, against what its sources say.

Contract: `Court.claims(sentence)` gives every claim of a sentence with its verdict. A figure needs a source
that states it, and of the clauses of the sources that hold a figure of its kind, one that speaks of the same
thing; a state needs a source that asserts it of the same thing. What a clause is about is told by its words
(`reading`), those of its sentence helping a little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from support.guard.normalising import normalise, without_own_numbering
from support.guard.promises import Binding, Promise, is_grounded, promises
from support.guard.reading import Placed, Reading, Unit, read_normalised, weight
from support.guard.stance import contradicted
from support.guard.states import State, implied

Kind = Literal[
    "link",
    "identifier",
    "date",
    "time",
    "percentage",
    "amount",
    "period",
    "number",
    "state",
    "policy",
    "promise",
]
Reason = Literal["stated", "theirs", "not stated", "of something else", "stated otherwise", "no ledger entry"]

_CITATION = re.compile(r"\s*\[\d{1,2}\]")
_THEIRS = re.compile(
    r"[您你](?:说|提到?|问|的?预算|给的?|想|要|写|买)|按[您你]|预算|"
    r"\byour (?:budget|question|message)\b|"
    r"\byou(?:'ve| have)? (?:said|mention\w*|ask\w*|told|wrote|gave|want\w*)\b|\bbudget\b",
    re.IGNORECASE,
)
# 350元已经超过299元: what follows a figure of theirs that is held against a rule.
_COMPARED = re.compile(
    r"\s*(?:已经?|还|也)?(?:超过|不到|不足|没到|没超过|低于|高于|达到|满足|在.{1,12}(?:以?内|范围))|"
    r"\s*(?:is|are|was)(?: already| still)? (?:over|above|below|under|more|less|within|past)\b",
    re.IGNORECASE,
)
# A clause on which the next one depends: its side of a figure is the next one's, too.
_CONDITION = re.compile(
    r"^\s*(?:如果?|若|超过|未满|不满|一旦|if|when|once|after|within|before|over|under|from)|"
    r"(?:的|的话|时|后|前|内|以上|以下)\s*$",
    re.IGNORECASE,
)
# By so much more of the claim's words must another figure be surrounded to own the claim.
_OWNED = {"number": 0.45, "amount": 0.3, "period": 0.3, "date": 0.3, "percentage": 0.3, "time": 0.45}
_ON_SIDE = 0.05
_CLOSE_STATE = {"stock": 0.05}
_CLOSE = 0.3
_NAMES, _SPEAKS = 1.0, 2.0  # the weight of words from which on a clause says itself what it is about
_SENTENCE_COUNTS, _SENTENCE_COUNTS_STATE = 0.25, 0.5
_STATE_WORDS = frozenset(
    {"~stock", "stock", "sold", "left", "only", "有货", "缺货", "货", "缺", "仅剩", "仅", "剩", "只剩"}
)


@dataclass(frozen=True, slots=True, order=True)
class _Near:
    """How near a clause of a source is to the claim, whether it says the same of it, and where it stands."""

    closeness: float
    same: bool
    source: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Claim:
    """`source` is the number of the source that decided, the ledger's lines counted after the sources."""

    kind: Kind
    text: str
    supported: bool
    reason: Reason
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Court:
    """The sources of one answer, read (from `ledger_from` on, the ledger's), and what the customer said."""

    readings: Sequence[Reading]
    ledger_from: int
    said: Reading | None

    def claims(self, sentence: str) -> list[Claim]:
        text = without_own_numbering(normalise(_CITATION.sub("", sentence)))
        reading = read_normalised(text)
        found, earlier = list[Claim](), None
        for unit in reading.clauses:
            whole = reading.sentences[unit.sentence]
            found += [self._figure(one, unit, whole) for one in unit.figures]
            found += [self._state(state, unit, whole) for state in sorted(unit.states)]
            if (
                not unit.states
                and unit.sentence not in reading.mute
                and (claim := self._policy(unit, earlier, whole))
            ):
                found.append(claim)
            earlier = unit if _CONDITION.search(unit.text) else None
        return found + [self._promise(promise) for promise in promises(text)]

    def _figure(self, placed: Placed, unit: Unit, whole: Unit) -> Claim:
        figure, speaks = placed.figure, sum(map(weight, unit.words)) >= _NAMES
        supporting, rivals = list[_Near](), list[_Near]()
        for number, source in enumerate(self.readings):
            for other in source.figured:
                stating = [one for one in other.figures if figure.needs & one.figure.offers]
                rival = [] if stating else [one for one in other.figures if _is_rival(one, placed, unit)]
                if stating or (rival and speaks):
                    same_side = any(one.side == placed.side for one in stating or rival)
                    closeness = _closeness(unit, whole, other, source)
                    near = _Near(closeness, same_side, number, other.sentence)
                    (supporting if stating else rivals).append(near)
        if not supporting:
            theirs = self._is_theirs(placed, unit)
            return Claim(figure.kind, figure.text, theirs, "theirs" if theirs else "not stated")
        best = max(supporting)
        owners = [one for one in rivals if one.closeness - best.closeness >= _OWNED.get(figure.kind, 2)]
        if placed.side and not any(one.same for one in supporting):
            # 满18元, where the source says 满299元 and of 18元 something else
            owners += [one for one in rivals if one.same and _at_least_as_near(one, best)]
        if owners and not placed.is_name:
            return Claim(figure.kind, figure.text, False, "of something else", max(owners).source)
        return Claim(figure.kind, figure.text, True, "stated", best.source)

    def _is_theirs(self, placed: Placed, unit: Unit) -> bool:
        if not self.said or placed.figure.kind in ("link", "identifier"):
            return False
        compared = unit.text.partition(placed.figure.text)[2]
        if not _THEIRS.search(unit.text) and not _COMPARED.match(compared):
            return False
        return any(
            placed.figure.needs & one.figure.offers for said in self.said.figured for one in said.figures
        )

    def _state(self, state: State, unit: Unit, whole: Unit) -> Claim:
        """Of the clauses that speak of such a state, those nearest to the claim decide."""
        near = list[_Near]()
        for number, source in enumerate(self.readings):
            for other in source.stated:
                told = [one for one in other.states if any(like[0] == state[0] for like in implied(one))]
                if told:
                    same = any(state in implied(one) for one in told)
                    near.append(_Near(_nearness(unit, whole, other, source), same, number, other.sentence))
        text = unit.text.strip()
        if not near:
            return Claim("state", text, False, "not stated")
        least = max(near).closeness - _CLOSE_STATE.get(state[0], _CLOSE)
        same_thing = [one for one in near if one.same and one.closeness >= least]
        if same_thing:
            return Claim("state", text, True, "stated", max(same_thing).source)
        reason: Reason = "of something else" if any(one.same for one in near) else "stated otherwise"
        return Claim("state", text, False, reason, max(near).source)

    def _policy(self, unit: Unit, earlier: Unit | None, whole: Unit) -> Claim | None:
        number = contradicted(unit, earlier, whole, self.readings)
        return (
            None if number is None else Claim("policy", unit.text.strip(), False, "stated otherwise", number)
        )

    def _promise(self, promise: Promise) -> Claim:
        for number, source in enumerate(self.readings):
            if promise.action == "act" and number < self.ledger_from:
                continue  # a passage says what is done in general
            if is_grounded(promise, source.text):
                return Claim("promise", promise.text, True, "stated", number)
        missing: Reason = "no ledger entry" if promise.binding == Binding.DONE else "not stated"
        return Claim("promise", promise.text, False, missing)


def _is_rival(one: Placed, placed: Placed, unit: Unit) -> bool:
    """A figure of the same kind that the clause does not state as well."""
    if one.figure.kind != placed.figure.kind or one.is_name:
        return False
    return not any(mine.figure.needs & one.figure.offers for mine in unit.figures)


def _at_least_as_near(rival: _Near, best: _Near) -> bool:
    beside = (rival.source, rival.sentence) == (best.source, best.sentence)
    return beside or rival.closeness >= best.closeness + _ON_SIDE


def _nearness(unit: Unit, whole: Unit, other: Unit, source: Reading) -> float:
    """As `_closeness`, for a state: its own words say nothing of what it is a state of."""
    theirs = source.sentences[other.sentence].words
    about = {word for word in unit.words if word not in _STATE_WORDS}
    own = sum(map(weight, about))
    shared = sum(weight(word) for word in about if word in theirs or word in source.heading)
    return (shared / own if own else 0.0) + _SENTENCE_COUNTS_STATE * _share(whole, theirs, source)


def _closeness(unit: Unit, whole: Unit, other: Unit, source: Reading) -> float:
    """The share of the claim's words that stand around the other one, in its clause or its heading."""
    speaks = sum(map(weight, other.words)) >= _SPEAKS
    theirs = other.words if speaks else source.sentences[other.sentence].words
    if sum(map(weight, unit.words)) < _NAMES:
        return _share(whole, source.sentences[other.sentence].words, source)
    near = _share(unit, theirs, source)
    return near + _SENTENCE_COUNTS * _share(whole, source.sentences[other.sentence].words, source)


def _share(unit: Unit, theirs: Mapping[str, int], source: Reading) -> float:
    total = sum(map(weight, unit.words))
    shared = sum(weight(word) for word in unit.words if word in theirs or word in source.heading)
    return shared / total if total else 0.0
