"""Whether a source says the opposite of a clause: 支持 for 不支持, "can" for "cannot", 7天后 for 7天内.

Contract: `contradicted(unit, ...)` names the source that comes nearest to the clause and denies it, or None:
what no source speaks of is not judged here. A clause is weighed against every clause and sentence of the
sources by the share of its words that they have, and of those by the ones that only one of the two denies.
Being on the other side of the same figure or event turns a clause round as a denial does, so that "after 7
days you cannot" agrees with "within 7 days you can". Where a source agrees as closely as another one
conflicts, the clause stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from support.guard.figures import Key
from support.guard.reading import Reading, Unit, weight

# 退款超过500元的: of what the next clause speaks.
_TOPIC = re.compile(r"(?:的|的话)\s*$")
# 请走退货, "please contact us": asked for, not asserted.
_ASKS = re.compile(r"\s*(?:请|麻烦|please\b)", re.IGNORECASE)
# From this share of a clause's words on, a source speaks of the same thing.
_SAME_THING = 0.7
_LEAST = 1.0
# A short clause takes its subject from the rest of its sentence.
_SENTENCE_COUNTS = 0.15
_AS_CLOSE = 0.06
# Both deny the verb; what one of them puts before its denial and the other after it is no conflict.
_OUTWEIGHS = 2.0
# 热锅冲冷水会伤涂层 affirms nothing that one should do.
_HARM = re.compile(
    r"会(?:伤|让|使|导致|造成|损|缩|炸|拉)|危险|\b(?:harm|damag|ruin|shrink|"
    r"crack)\w*",
    re.IGNORECASE,
)


def contradicted(unit: Unit, earlier: Unit | None, whole: Unit, sources: Sequence[Reading]) -> int | None:
    """The number of the source; `earlier` is the clause before in the same sentence, often a condition."""
    total = sum(map(weight, unit.words))
    if total < _LEAST or _TOPIC.search(unit.text) or (not unit.denies and _ASKS.match(unit.text)):
        return None
    agrees, conflicts, by = 0.0, 0.0, None
    sides = unit.sides or (earlier.sides if earlier else {})
    # 不是自动通过: of which case, the customer's question tells; a source that speaks of one case may differ.
    bare = not sides and all(sign <= 0 for sign in unit.words.values())
    around = sum(map(weight, whole.words))
    for number, source in enumerate(sources):
        for other, before in _units(source):
            shared = unit.words.keys() & other.words.keys()
            own = sum(map(weight, shared))
            if own < _LEAST:
                continue
            named = sum(map(weight, (unit.words.keys() & source.heading) - shared))
            share = (own + named) / total
            if share < _SAME_THING or (own < 2 and share < 1):
                continue
            against = sum(weight(word) for word in shared if unit.words[word] * other.words[word] < 0)
            least = 0 if other.denies else -1  # 0: the other one both says and denies it
            both = sum(weight(word) for word in shared if unit.words[word] < 0 and other.words[word] <= least)
            if _turned(sides, other.sides or (before.sides if before else {})):
                against, both = own - against, 0.0
            there = source.sentences[other.sentence].words
            context = sum(weight(word) for word in whole.words if word in there) / around
            closeness = share + _SENTENCE_COUNTS * context
            if against > _OUTWEIGHS * both and not (_HARM.search(other.text) or (bare and other.sides)):
                if against >= _LEAST and closeness > conflicts:
                    conflicts, by = closeness, number
            elif both or not unit.denies:
                agrees = max(agrees, closeness - against / total / 4)
    return by if conflicts > agrees + _AS_CLOSE else None


def _units(source: Reading) -> Iterable[tuple[Unit, Unit | None]]:
    for number, unit in enumerate(source.clauses):
        if unit.sentence in source.mute:
            continue
        before = source.clauses[number - 1] if number else None
        yield unit, before if before and before.sentence == unit.sentence else None
    for number, unit in enumerate(source.sentences):
        if number not in source.mute:
            yield unit, None


def _turned(ours: Mapping[Key, int], theirs: Mapping[Key, int]) -> bool:
    """Whether they stand on other sides of what they share."""
    return any(ours[key] * theirs[key] < 0 for key in ours.keys() & theirs.keys())
