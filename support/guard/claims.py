"""The claim gate: what an answer states that none of its sources states. Deterministic, no model involved.

    verdict = judge(answer, sources, ledger=lines, said=question)
    verdict.stands, verdict.unsupported, verdict.trimmed

A source is a record or a passage as text, exactly as it was shown to the model; `ledger` are the rows of this
conversation's decisions, which `ledger.entry_in_words` puts into words. The customer's own words are no
source: "you owe me 500" does not make 500 true. A figure of theirs may be repeated as theirs only ("your
budget of 300").

What is checked, each by a module of its own: figures (`figures`, `arithmetic`), that they are said of the
thing of which a source says them (`attachment`), states (`states`, `records`), that no source rules otherwise
(`polarity`) or denies it (`denials`), and promises (`promises`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from support.guard.court import Claim, Court
from support.guard.ledger import Entry, entry_in_words
from support.guard.normalising import normalise, without_own_numbering
from support.guard.reading import Reading, read, read_normalised
from support.guard.sentences import sentences

_CITATION = re.compile(r"\s*\[\d{1,2}\]")
# Begins a sentence that leans on the one before.
_LEANS = re.compile(
    r"\s*(?:但|不过|否则|因此|所以|因为|其中|此外|这|它|否|那|however|but|otherwise|so|therefore|this|"
    r"that|these|those|it|they|then)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`trimmed` is the answer without the sentences that do not stand, None where it is worth nothing
    without them.
    """

    claims: tuple[Claim, ...]
    trimmed: str | None

    @property
    def unsupported(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if not claim.supported)

    @property
    def stands(self) -> bool:
        return not self.unsupported


def judge(answer: str, sources: Sequence[str], *, ledger: Sequence[Entry] = (), said: str = "") -> Verdict:
    """The verdict on every claim of an answer, sentence by sentence."""
    entries = [entry_in_words(one) for one in ledger]
    parts = sentences(answer)
    readings = [_read_own(part) for part in parts]
    court = Court(
        [read(one) for one in (*sources, *entries)], len(sources), read(said) if said else None, readings
    )
    found = [court.claims(reading) for reading in readings]
    trimmed = _trimmed(parts, [all(claim.supported for claim in claims) for claims in found])
    return Verdict(tuple(dict.fromkeys(claim for claims in found for claim in claims)), trimmed)


def _read_own(sentence: str) -> Reading:
    """A sentence of the answer without its citations and its own numbering."""
    return read_normalised(without_own_numbering(normalise(_CITATION.sub("", sentence))))


def unsupported_claims(answer: str, sources: Sequence[str], ledger: Sequence[Entry] = ()) -> list[str]:
    """The claims of `answer` that no source supports, in the answer's words; empty when all are supported."""
    return list(dict.fromkeys(claim.text for claim in judge(answer, sources, ledger=ledger).unsupported))


def _trimmed(parts: Sequence[str], stand: Sequence[bool]) -> str | None:
    """An answer says its point first: without that, or where the rest leans on what is gone, it is none."""
    if all(stand):
        return "".join(parts)
    if not stand[0] or sum(stand) < len(stand) / 2:
        return None
    for before, after, kept in zip(stand, parts[1:], stand[1:], strict=False):
        if kept and not before and _LEANS.match(after):
            return None
    return "".join(one for one, kept in zip(parts, stand, strict=True) if kept).strip()
