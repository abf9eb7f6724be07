"""Weighs the claims of one answer, clause by clause, against what its sources say.

Contract: `Court.claims(sentence)` gives every claim of a sentence with its verdict. An objection has grounds:
a figure that no source states and that does not follow from theirs (`arithmetic`), or that stands where the
words belong to another (`attachment`); a state that the records exclude (`states`, `records`); a ruling that
a source turns round (`polarity`) or a statement that it denies (`denials`); a promise that nothing allows
(`promises`). All else stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from support.guard.arithmetic import follows
from support.guard.attachment import Spot, comparable, misplaced, swapped
from support.guard.denials import denied_by
from support.guard.polarity import contradicted, rulings
from support.guard.promises import Binding, Promise, is_grounded, promises
from support.guard.reading import Placed, Reading, Unit, weigh, weight
from support.guard.records import Truth, truths
from support.guard.state_words import Thing
from support.guard.states import State, placed_states, states

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
Reason = Literal[
    "stated", "theirs", "reckoned", "not stated", "of something else", "stated otherwise", "no ledger entry"
]

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
# 请走退货, "please contact us": asked for, not asserted.
_ASKS = re.compile(r"请|麻烦|(?:so |then )?please\b", re.IGNORECASE)
# Said of this customer's thing; without a record, what is said of things in general is not judged.
_PARTICULAR = re.compile(r"[您你这该那]|\d{5}|\b(?:your|yours|this|that|it|i|we)\b|'ve\b", re.IGNORECASE)
_NOW = re.compile(r"还|目前|现在|正在|眼下|\b(?:still|now|currently|at present|is|are)\b", re.IGNORECASE)
_DONE = re.compile(r"已|了|刚|\b(?:has|have|been|was|were|just|already)\b|'ve\b", re.IGNORECASE)
_SOMEBODYS: frozenset[Thing] = frozenset({"order", "refund"})
# By so much more must a record be like the clause to tell that it is of another thing: a word, half said.
_OF_ANOTHER = 0.2
_BEFORE_IT = 0.25
_PLAIN = 2  # the most stages that a line of the past may leave open to tell of one
_NAMES = 1.0  # the weight of words from which on a clause says itself what it is about


@dataclass(frozen=True, slots=True)
class Claim:
    """`source` is the number of the source that decided, the ledger's lines counted after the sources."""

    kind: Kind
    text: str
    supported: bool
    reason: Reason
    source: int | None = None


@dataclass(frozen=True)
class Court:
    """The sources of one answer, read (from `ledger_from` on, the ledger's), and what the customer said."""

    readings: Sequence[Reading]
    ledger_from: int
    said: Reading | None
    answer: Sequence[Reading]

    def claims(self, reading: Reading) -> list[Claim]:
        """All of one sentence; read without its citations."""
        found = list[Claim]()
        for unit in reading.clauses:
            whole = reading.sentences[unit.sentence]
            found += [self._figure(one, unit, whole, reading) for one in unit.figures if one.figure.needs]
            told = [] if unit.sentence in reading.mute else placed_states(unit.text)
            for state in dict.fromkeys(state for state, _, _ in told):
                found.append(self._state(state, _about(unit, told, reading), unit))
        for ruling in rulings(reading):
            if (
                not _ASKS.match(ruling.text)
                and not states(ruling.text)
                and (number := contradicted(ruling, self.readings)) is not None
            ):
                found.append(Claim("policy", ruling.text, False, "stated otherwise", number))
        found += [
            Claim("policy", text, False, "stated otherwise", number)
            for text, number in denied_by(reading, self.readings)
        ]
        # What is said to be done already is a state, where it is one: the records tell.
        return found + [
            self._promise(one)
            for one in promises(reading.text)
            if one.binding < Binding.DONE or one.action == "act" or not (self._truths and states(one.text))
        ]

    def _figure(self, placed: Placed, unit: Unit, whole: Unit, answer: Reading) -> Claim:
        figure = placed.figure
        stated = next(
            (number for number, source in enumerate(self.readings) if figure.needs & source.offers), None
        )
        if stated is None:
            if self._is_theirs(placed, unit):
                return Claim(figure.kind, figure.text, True, "theirs")
            follows_ = follows(placed, unit.text, whole, answer, self.readings)
            return Claim(figure.kind, figure.text, follows_, "reckoned" if follows_ else "not stated")
        if not placed.is_name and (number := self._elsewhere(placed, unit, answer)) is not None:
            return Claim(figure.kind, figure.text, False, "of something else", number)
        return Claim(figure.kind, figure.text, True, "stated", stated)

    def _elsewhere(self, placed: Placed, unit: Unit, answer: Reading) -> int | None:
        """The source whose other value belongs in this place."""
        if (number := misplaced(placed, unit, answer, self.readings)) is not None:
            return number
        for text, other in self.spots:
            if other is placed or not comparable(placed, other, answer.text, text.text):
                continue
            if (number := swapped((answer, placed), (text, other), self.readings)) is not None:
                return number
        return None

    def _is_theirs(self, placed: Placed, unit: Unit) -> bool:
        if not self.said or placed.figure.kind in ("link", "identifier"):
            return False
        compared = unit.text.partition(placed.figure.text)[2]
        if not _THEIRS.search(unit.text) and not _COMPARED.match(compared):
            return False
        return any(
            placed.figure.needs & one.figure.offers for said in self.said.figured for one in said.figures
        )

    def _state(self, state: State, about: Mapping[str, float], unit: Unit) -> Claim:
        """Of the records that tell of such a thing, those nearest to the claim decide."""
        thing, stages = state
        text = unit.text.strip()
        told = [(number, one) for number, one in self._truths if one.thing == thing]
        if not told and thing == "refund" and self._truths and ("N" in stages or _DONE.search(text)):
            told = [(self._truths[0][0], Truth("refund", frozenset("N"), frozenset()))]
        if not told:
            # A passage tells of cases: that it speaks of refunds does not say that this one was made.
            known = not _PARTICULAR.search(text) or (
                not (thing in _SOMEBODYS and _DONE.search(text))
                and any(
                    thing == other and stages & open_
                    for source in self.readings
                    for other, open_ in source.mentioned
                )
            )
            return Claim("state", text, known, "stated" if known else "not stated")
        told_of_then = not _NOW.search(text) and any(
            one.figure.kind == "time" or any(key[0] in ("date", "day") for key in one.figure.needs)
            for one in unit.figures
        )
        agree, by, conflict, against = -1.0, 0, -1.0, 0
        sums = {value for one in unit.figures if one.figure.kind == "amount" for value in one.values}
        for number, one in told:
            if thing == "refund" and sums and not sums & one.words:
                continue  # "the postage of $6.50 isn't refunded"
            likeness = sum(weight(word) * much for word, much in about.items() if word in one.words)
            if stages & one.stages or (
                told_of_then and any(stages & past for past in one.past if len(past) <= _PLAIN)
            ):
                agree, by = max((agree, by), (likeness, number))
            else:
                conflict, against = max((conflict, against), (likeness, number))
        named = any(about[word] == 1 and word in one.words for word in about for _, one in told)
        if agree >= 0 and (conflict - agree < _OF_ANOTHER or not named):
            return Claim("state", text, True, "stated", by)
        if agree < 0 and conflict < 0:
            return Claim("state", text, True, "stated")
        reason: Reason = "of something else" if agree >= 0 else "stated otherwise"
        return Claim("state", text, False, reason, against)

    @cached_property
    def spots(self) -> list[Spot]:
        """Every figure of the answer, with its sentence."""
        return [(part, one) for part in self.answer for unit in part.figured for one in unit.figures]

    @cached_property
    def _truths(self) -> list[tuple[int, Truth]]:
        return [(number, one) for number, source in enumerate(self.readings) for one in truths(source)]

    def _promise(self, promise: Promise) -> Claim:
        for number, source in enumerate(self.readings):
            done = promise.action == "act" or promise.binding == Binding.DONE
            if done and number < self.ledger_from and not truths(source):
                continue  # a passage says what is done in general
            if is_grounded(promise, source.text):
                return Claim("promise", promise.text, True, "stated", number)
        missing: Reason = "no ledger entry" if promise.binding == Binding.DONE else "not stated"
        return Claim("promise", promise.text, False, missing)


def _about(unit: Unit, told: Sequence[tuple[State, int, int]], answer: Reading) -> dict[str, float]:
    """What a state is said of: the words of its clause, and, less so, those before it in its sentence."""
    own = {
        word
        for at, word in answer.tokens
        if unit.start <= at < unit.end and not any(start <= at - unit.start < end for _, start, end in told)
    }
    sentence = [one for one in answer.clauses if one.sentence == unit.sentence]
    earlier = [one for one in sentence if one.start < unit.start]
    own |= {value for one in unit.figures for value in one.values}
    if weigh(own) < _NAMES and earlier:
        own |= earlier[-1].near  # 149 元, 已经售罄
    found = dict.fromkeys(own, 1.0)
    for other in earlier:
        found = dict.fromkeys(other.near, _BEFORE_IT) | found
    return {word: much for word, much in found.items() if weight(word) >= _NAMES}
