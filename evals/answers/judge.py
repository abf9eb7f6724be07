"""What is right and wrong with one answer, by rules that give the same result every time.

They are the rules that stand between the model and the customers, so that what is measured is what customers
get: an answer that the claim gate would withdraw is worth nothing, however well it reads. Beside them, how
near an answer is to what a person would say is measured by chrF (Popović 2015), which needs no words and so
treats Chinese and English alike.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from evals.answers.rows import Row
from support import prompts
from support.guard import judge as gate
from support.knowledge.text import detect_language

_CITED = re.compile(r"\[(\d{1,2})\]")
# An answer may be so much longer than the reference; short ones get some room besides.
_LONGER, _ROOM = 3, 80
_CHRF_ORDER, _CHRF_BETA = 6, 2


@dataclass(frozen=True)
class Answer:
    """What a model said. `error` is why it said nothing; `cut_off` that it ran out of tokens."""

    text: str
    cut_off: bool = False
    error: str = ""
    first_token_s: float = 0.0
    total_s: float = 0.0


@dataclass(frozen=True)
class Judgement:
    """None where a question does not arise: a refusal cites nothing. `faults` are for people to read."""

    acceptable: bool
    supported: bool
    refusal: bool
    citations: bool | None
    language: bool | None
    length: bool | None
    similarity: float | None
    faults: tuple[str, ...]


def judge(row: Row, answer: Answer) -> Judgement:
    """An answer is acceptable when nothing that applies to it is wrong."""
    refuses = prompts.NO_ANSWER in answer.text
    verdict = gate(answer.text, [*row.passages, *row.records], said=row.question)
    invented = [claim.text for claim in verdict.unsupported]
    given = not refuses and not answer.error
    citing = given and row.answerable and row.passages
    found = {
        "supported": not invented,
        "refusal": not answer.error and refuses != row.answerable,
        "citations": _cites_rightly(row, answer.text) if citing else None,
        "language": detect_language(_CITED.sub("", answer.text)) == row.language if given else None,
        "length": _is_of_sane_length(row, answer) if given else None,
    }
    return Judgement(
        acceptable=all(right is not False for right in found.values()),
        **found,  # type: ignore[arg-type]
        similarity=chrf(_plain(answer.text), _plain(row.reference)) if row.answerable else None,
        faults=tuple(_faults(row, answer, invented, found)),
    )


def _faults(row: Row, answer: Answer, invented: list[str], found: dict[str, bool | None]) -> list[str]:
    if answer.error:
        return [f"no answer ({answer.error})"]
    refusal = "refuses what the data answers" if row.answerable else "answers what the data does not"
    words = {
        "supported": f"states what no source states: {', '.join(invented)}",
        "refusal": refusal,
        "citations": "does not cite the right passage",
        "language": f"is not in the customer's language ({row.language})",
        "length": "is cut off" if answer.cut_off else "is empty or far too long",
    }
    return [words[name] for name, right in found.items() if right is False]


def _cites_rightly(row: Row, text: str) -> bool:
    """One of the passages that the reference cites at least (any, where a person cited none), and none that
    does not exist. Without a citation the customer would not get the answer at all.
    """
    known = set(range(1, len(row.passages) + 1))
    cited, right = (set(map(int, _CITED.findall(words))) for words in (text, row.reference))
    return bool(cited & (right or known)) and cited <= known


def _is_of_sane_length(row: Row, answer: Answer) -> bool:
    length, usual = len(_plain(answer.text)), len(_plain(row.reference))
    return not answer.cut_off and 0 < length <= _LONGER * usual + _ROOM


def _plain(text: str) -> str:
    return _CITED.sub("", text.replace(prompts.NO_ANSWER, "")).strip()


def chrf(text: str, reference: str) -> float:
    """chrF2, from 0 to 1: the F-score, with recall counting double, of the character n-grams up to 6 without
    white space, averaged over those orders that both texts are long enough for.
    """
    scores = []
    for order in range(1, _CHRF_ORDER + 1):
        ours, theirs = _ngrams(text, order), _ngrams(reference, order)
        if not ours or not theirs:
            break
        common = (ours & theirs).total()
        precision, recall = common / ours.total(), common / theirs.total()
        weighted = _CHRF_BETA**2 * precision + recall
        scores.append((1 + _CHRF_BETA**2) * precision * recall / weighted if weighted else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def _ngrams(text: str, order: int) -> Counter[str]:
    letters = re.sub(r"\s", "", text)
    return Counter(letters[start : start + order] for start in range(len(letters) - order + 1))
