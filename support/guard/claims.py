"""The claim gate: what an answer states that none of its sources states. Deterministic, no model involved.

A source is a record or a passage as text, exactly as it was shown to the model. The customer's own words
are no source: "you owe me 500" does not make 500 true.
"""

from __future__ import annotations

from collections.abc import Sequence

from support.guard.figures import Key, figures, normalise, without_own_numbering
from support.guard.promises import grounds, promises


def unsupported_claims(answer: str, sources: Sequence[str]) -> list[str]:
    """The figures and promises of `answer` that no source supports, in the answer's words; empty when all
    do.
    """
    texts = [normalise(source) for source in sources]
    answer = without_own_numbering(normalise(answer))
    return list(dict.fromkeys([*_unsupported_figures(answer, texts), *_unsupported_promises(answer, texts)]))


def _unsupported_figures(answer: str, sources: Sequence[str]) -> list[str]:
    offered: set[Key] = set()
    for source in sources:
        for figure in figures(source):
            offered |= figure.offers
    return [figure.text for figure in figures(answer) if not figure.needs & offered]


def _unsupported_promises(answer: str, sources: Sequence[str]) -> list[str]:
    allowed = set().union(*(grounds(source) for source in sources))
    return [
        promise.text
        for promise in promises(answer)
        if not any(action == promise.action and binding >= promise.binding for action, binding in allowed)
    ]
