"""Makes a false answer of a true one: one mutation an answer, seeded, the same on every machine.

    mutants = mutated(rows)          # rows as `rows.load` gives them; at most one mutant of each
    mutate(row, "number", random.Random(1))

False by construction: a new number stands in no source, in no form and in no other unit; a flip says the
opposite of what the answer said; a promise is one that neither the sources nor the ledger hold. Which kind an
answer gets is chosen so that all kinds are about equally frequent.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from evals.trust.claims import figures, words
from evals.trust.claims.rows import Row

Kind = Literal["number", "date", "period", "state", "negation", "promise", "identifier", "swap", "invented"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_SEED = 20261120
# How much more it counts that a kind of answer has had a kind of mutation than that the whole set has had it.
_WITHIN = 2
_MUTATIONS: dict[Kind, Callable[[Row, random.Random], str | None]] = {
    "number": figures.number,
    "date": figures.date,
    "period": figures.period,
    "state": words.state,
    "negation": words.negation,
    "promise": words.promise,
    "identifier": figures.identifier,
    "swap": figures.swap,
    "invented": words.invented,
}


@dataclass(frozen=True)
class Mutant:
    """A false answer, from which true one it was made, and how."""

    id: str
    kind: Kind
    answer: str
    row: Row


def mutated(rows: Sequence[Row], seed: int = _SEED) -> list[Mutant]:
    """One mutant of each row, in the order of the rows."""
    counts: Counter[tuple[str, Kind]] = Counter()
    made: dict[str, Mutant] = {}
    order = sorted(rows, key=lambda row: hashlib.sha256(f"{seed}{row['id']}".encode()).hexdigest())
    for row in order:
        possible = {kind: answer for kind in KINDS if (answer := mutate(row, kind, _random(seed, row, kind)))}
        if possible:
            kind: Kind = min(possible, key=lambda one: counts["", one] + _WITHIN * counts[row["kind"], one])
            counts.update([("", kind), (row["kind"], kind)])
            made[row["id"]] = Mutant(f"{row['id']}-{kind}", kind, possible[kind], row)
    return [made[row["id"]] for row in rows if row["id"] in made]


def _random(seed: int, row: Row, kind: Kind) -> random.Random:
    return random.Random(f"{seed} {row['id']} {kind}")


def mutate(row: Row, kind: Kind, chance: random.Random) -> str | None:
    """The answer made false in this way; None where no rule for it applies."""
    answer = _MUTATIONS[kind](row, chance)
    return answer if answer and answer != row["answer"] else None
