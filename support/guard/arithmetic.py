"""Figures that no source states and that follow from those that are: 一共 248 元, "£15 more".

Contract: `follows(placed, clause, sentence, ...)` says so only where the words speak of such a reckoning and
all that it needs is stated: sums of amounts of one currency where a whole is spoken of, differences where
things are compared, multiples where it says how many, a day so many days after another where it is a limit,
days between two days of a record. Small counts of what no source counts are words, not claims (两款都).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import cast

from support.guard.attachment import counted
from support.guard.figures import Key
from support.guard.reading import Placed, Reading, Unit

_WHOLE = re.compile(
    r"一共|总共|合计|共计|总计|总价|总额|加起来|加上|加在一起|一起|共|全部|都买|两[件个样款只双台条]|"
    r"算下来|再加|含|\b(?:total|altogether|together|in all|sum|comes? to|making|both|combined|overall|"
    r"plus|with|adds? up|including|all)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"贵|便宜|差|多|少|省|高|低|优惠|减|剩|扣|超|不够|还[要需]|再[买凑]|补|折后|"
    r"\b(?:cheaper|dearer|more|less|difference|sav\w*|off|extra|short|left|costlier|over|under|below|"
    r"above|another|away|discount\w*|dropp?\w*|lower|higher|fell|down|remain\w*|after|deduct\w*|minus|"
    r"without|missing|need)\b",
    re.IGNORECASE,
)
_TWICE = re.compile(r"两|双|一半|\b(?:twice|both|pair|double|half)\b", re.IGNORECASE)
_EACH = re.compile(r"每|各|单|一半|\b(?:each|apiece|half|per|every)\b", re.IGNORECASE)
_LIMIT = re.compile(
    r"止|前|截|最晚|最迟|最后|过期|期限|到期|满期|开始|起|发(?:货|出|走)?|"
    r"(?:到|至)\s*(?:\d+\s*月)?\s*\d+\s*[日号]|"
    r"\b(?:until|till|by|before|end(?:s|ed|ing)?|deadline|last day|latest|expire\w*|due|passed|run out|"
    r"ran out|window|leave\w*|dispatch\w*|closes?d?)\b",
    re.IGNORECASE,
)
# A stock or a limit is counted in earnest.
_HELD = re.compile(
    r"(?:库存|剩|仅|只|限|最多|至少|满|每|余)[^\d,。]*$|"
    r"\b(?:stock|only|limit\w*|most|least|up to|per|within|every)\W[^\d,.]*$",
    re.IGNORECASE,
)
_HELD_AFTER = re.compile(r"[^,。.\d]{0,12}\b(?:left|remaining|in stock|per)\b", re.IGNORECASE)
_BESIDE = 12
_SMALL = 4
_LISTED = re.compile(r"^\s*[•·\-*]\s", re.MULTILINE)
_PIECES = re.compile(r" x (\d+)")
_MOST_LISTED, _MOST_AMOUNTS, _MOST_PIECES = 30, 24, 6
_DAY = 1440
_SOME_YEAR = 2024  # for dates without a year: a leap year, as in `figures`


def follows(placed: Placed, clause: str, sentence: Unit, answer: Reading, sources: Sequence[Reading]) -> bool:
    """Whether the figure can be worked out of the sources; see the module."""
    figure = placed.figure
    if figure.kind == "amount":
        return _shown(placed, sentence, answer) or any(
            _reckoned(cast(Decimal, value), clause, sentence, [_amounts(label, one) for one in sources])
            for label, value, *_ in figure.needs
            if label not in ("any", "bare")
        )
    if figure.kind == "number" and _COMPARED.search(clause) and _shown(placed, sentence, answer):
        return True  # 贵 300
    if figure.kind == "number" and _COMPARED.search(clause) and figure.needs & _differences(sources):
        return True  # 多 740 片
    if any(key[0] in ("date", "day") for key in figure.needs):
        spans = _spans(key for one in sentence.figures for key in one.figure.needs)
        if _LIMIT.search(clause):
            spans |= {0} | _spans(_keys(sources, "minute"))
        return bool(figure.needs & _later_days(sources, spans))
    if figure.kind == "period":
        return bool(figure.needs & _days_between(sources)) or _charged(placed, sentence)
    return figure.kind == "number" and _is_a_count(placed, answer, sources)


def _keys(sources: Iterable[Reading], label: str) -> set[Key]:
    return {key for source in sources for key in source.offers if key[0] == label}


# --- amounts -----------------------------------------------------------------------------------------------


def _amounts(currency: object, source: Reading) -> list[Decimal]:
    """What a source states in one currency, as often as it does; a line's "x 2" multiplies."""
    found: list[Decimal] = []
    for unit in source.sentences:
        pieces = _PIECES.search(unit.text)
        times = int(pieces[1]) if pieces and int(pieces[1]) <= _MOST_PIECES else 1
        for one in unit.figures:
            for value in [cast(Decimal, key[1]) for key in one.figure.offers if key[0] == currency]:
                found += [value] if times < 2 else [value, value * times]
    return found[:_MOST_AMOUNTS]


def _reckoned(value: Decimal, clause: str, sentence: Unit, groups: Sequence[list[Decimal]]) -> bool:
    every = {one for group in groups for one in group}
    if _COMPARED.search(clause) and any(value + one in every for one in every):
        return True
    if _WHOLE.search(sentence.text):
        if any(value - one in every for one in every):
            return True
        if any(sum(three) == value for group in groups for three in combinations(group, 3)):
            return True
    halves = bool(_EACH.search(clause))
    return any(
        value == one * times or (halves and value * times == one)
        for one in every
        for times in _multiples(sentence)
    )


def _shown(placed: Placed, sentence: Unit, answer: Reading) -> bool:
    """Whether the answer itself says of what it is the sum, the difference or the product."""
    value = next(cast(Decimal, key[1]) for key in placed.figure.needs if key[0] in ("bare", "any"))
    others = {
        cast(Decimal, key[1])
        for unit in answer.sentences
        for one in unit.figures
        if one.figure.kind == "amount" and one is not placed
        for key in one.figure.needs
        if key[0] == "bare"
    } - {value}
    return any(
        abs(one - other) == value or one + other == value for one, other in combinations(others, 2)
    ) or any(one * times == value for one in others for times in _multiples(sentence))


def _charged(placed: Placed, sentence: Unit) -> bool:
    """Whether the sentence says what so many days cost by the price of one: 6 days at £24 are £144."""
    amounts = [key[1] for one in sentence.figures if one.figure.kind == "amount" for key in one.figure.needs]
    times = {cast(Decimal, key[1]) for key in placed.figure.needs if key[0] == "bare"}
    prices = [one for one in amounts if isinstance(one, Decimal)]
    return any(
        one * many == other for one, other in combinations(sorted(prices), 2) for many in times if many > 1
    )


def _differences(sources: Sequence[Reading]) -> frozenset[Key]:
    """Between two numbers of one sentence of a source that count the same."""
    found: set[Key] = set()
    for source in sources:
        for unit in source.sentences:
            numbers = [one for one in unit.figures if one.figure.kind == "number"]
            for one, other in combinations(numbers, 2):
                if counted(source.text, one) == counted(source.text, other):
                    found.add(("any", abs(_count(one) - _count(other)).normalize()))
    return frozenset(found)


def _count(placed: Placed) -> Decimal:
    return next(cast(Decimal, key[1]) for key in placed.figure.needs if key[0] == "any")


def _multiples(sentence: Unit) -> set[int]:
    """How many pieces or days a sentence speaks of."""
    keys = [
        key
        for one in sentence.figures
        for key in one.figure.needs
        if key[0] in ("any", "bare") and one.figure.kind in ("number", "period")
    ]
    found = {int(cast(Decimal, key[1])) for key in keys if 1 < cast(Decimal, key[1]) <= _MOST_PIECES}
    return found | ({2} if _TWICE.search(sentence.text) else set())


# --- days --------------------------------------------------------------------------------------------------


def _spans(keys: Iterable[Key]) -> set[int]:
    """How many days the periods among these are."""
    minutes = [cast(Decimal, key[1]) for key in keys if key[0] == "minute"]
    return {int(one) // _DAY for one in minutes if one % _DAY == 0}


def _later_days(sources: Sequence[Reading], spans: set[int]) -> frozenset[Key]:
    """Every stated day, so many days later, and the one after it."""
    found: set[Key] = set()
    for day in _days(sources):
        for later in {days for span in spans for days in (span, span + 1)}:
            then = day + timedelta(days=later)
            found |= {("date", None, then.month, then.day), ("day", then.day)}
            found.add(("date", then.year, then.month, then.day))
    return frozenset(found)


def _days_between(sources: Sequence[Reading]) -> frozenset[Key]:
    """Between two days of one source."""
    return frozenset(
        ("minute", Decimal((second - first).days * _DAY).normalize())
        for source in sources
        for first, second in combinations(sorted(_days([source])), 2)
    )


def _days(sources: Iterable[Reading]) -> set[date]:
    """The stated days, each in its own year where it has one, and in some year."""
    found = set()
    for _, year, month, day in _keys(sources, "date"):
        found.add(date(cast(int, year) or _SOME_YEAR, cast(int, month), cast(int, day)))
    return found


# --- counts ------------------------------------------------------------------------------------------------


def _is_a_count(placed: Placed, answer: Reading, sources: Sequence[Reading]) -> bool:
    """Of what the sources list, or a small one of what they do not count; never of a stock or a limit."""
    values = [cast(Decimal, key[1]) for key in placed.figure.needs if key[0] == "any"]
    at = placed.figure.start
    if not values or values[0] != int(values[0]):
        return False
    if _HELD.search(answer.text, max(0, at - _BESIDE), at):
        return False
    if _HELD_AFTER.match(answer.text, at + len(placed.figure.text)):
        return False
    value, thing = int(values[0]), counted(answer.text, placed)
    if value <= _MOST_LISTED and value in _listed(sources):
        return True
    return 0 < value <= _SMALL and not any(
        other.figure.kind == "number" and counted(source.text, other) == thing
        for source in sources
        for unit in source.figured
        for other in unit.figures
    )


def _listed(sources: Sequence[Reading]) -> set[int]:
    """How many sources there are, and how many lines and pieces each lists."""
    found = {len(sources)}
    for source in sources:
        pieces = [int(match[1]) for match in _PIECES.finditer(source.text)]
        lines = len(_LISTED.findall(source.text))
        found |= {lines, lines + sum(pieces) - len(pieces), *range(2, min(lines, _SMALL) + 1)}
    return found
