"""Makes an answer false by its words: a state, a negation, a promise, a sentence that nothing bears out.

Each function takes a row and a source of chance, and gives the false answer, or None where no rule applies.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

from evals.trust.claims import wordings
from evals.trust.claims.figures import CLAUSE, known
from evals.trust.claims.rows import Row

_SENTENCE = re.compile(r"[。！\n]|[.!](?=\s|$)")
_LAST_QUESTION = re.compile(r"(?:(?<=[。！.!\n])|(?<=[。！.!\n] ))[^。！.!\n]*[？?]\s*$")
_FRESH = range(13, 98)


def state(row: Row, chance: random.Random) -> str | None:
    if row["kind"] not in ("order", "refund", "product", "mixed"):
        return None
    return _flipped(row["answer"], wordings.STATES[row["language"]], wordings.CONDITIONAL, chance)


def negation(row: Row, chance: random.Random) -> str | None:
    if row["kind"] == "smalltalk":
        return None
    return _flipped(row["answer"], wordings.NEGATIONS[row["language"]], wordings.NO_FLIP, chance)


def _flipped(
    answer: str, flips: Iterable[wordings.Flip], never_in: re.Pattern[str], chance: random.Random
) -> str | None:
    """One of the flips that apply, in one of the sentences in which they may; the first to claim a place."""
    places: list[tuple[int, int, str]] = []
    for pattern, instead in flips:
        for match in pattern.finditer(answer):
            taken = any(start < match.end() and match.start() < end for start, end, _ in places)
            if not taken and not never_in.search(_around(answer, match, never_in is wordings.NO_FLIP)):
                places.append((*match.span(), instead))
    if not places:
        return None
    start, end, instead = chance.choice(places)
    if answer[start].isupper():
        instead = instead[:1].upper() + instead[1:]
    return answer[:start] + instead + answer[end:]


def _around(answer: str, match: re.Match[str], sentence: bool) -> str:
    """The sentence, or the clause, that the match stands in, with the sign that ends it."""
    ends = _SENTENCE if sentence else CLAUSE
    start = max((one.end() for one in ends.finditer(answer, 0, match.start())), default=0)
    end = next((one.end() for one in ends.finditer(answer, match.end())), len(answer))
    return answer[start:end]


def promise(row: Row, chance: random.Random) -> str | None:
    language = row["language"]
    sources = "\n".join(row["sources"])
    strengthened = _flipped(row["answer"], wordings.STRENGTHENED[language], wordings.NO_FLIP, chance)
    if strengthened and wordings.HEDGED.search(sources) and chance.random() < 0.5:
        return strengthened
    done = {entry["action"] for entry in row["ledger"] if entry["outcome"] == "approve"}
    done |= {"refund"} if done else set()
    promises = [
        one.text
        for one in wordings.PROMISES[language]
        if one.about not in done and not re.search(one.unless, sources)
    ]
    return _added(row, chance.choice(promises))


def invented(row: Row, chance: random.Random) -> str | None:
    kind = {"mixed": "policy", "smalltalk": "policy"}.get(row["kind"], row["kind"])
    taken = known(row)
    fresh = [number for number in _FRESH if number not in taken]
    sentence = chance.choice(wordings.INVENTED[row["language"], kind])
    return _added(row, sentence.format(n=chance.choice(fresh)))


def _added(row: Row, sentence: str) -> str:
    """At the end, or before the question that ends the answer."""
    answer = row["answer"]
    question = _LAST_QUESTION.search(answer)
    place = question.start() if question and question.start() else len(answer)
    before, after = answer[:place].rstrip(" "), answer[place:].lstrip(" ")
    gap = "" if row["language"] == "zh" or before.endswith("\n") else " "
    if not before.endswith(("。", "！", ".", "!", "?", "？", "]", "\n", "；")):
        before += "。" if row["language"] == "zh" else "."
    return f"{before}{gap}{sentence}{gap if after else ''}{after}"
