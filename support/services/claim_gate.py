"""What of the model's words may be said: all of them, those sentences that stand, or none.

    words = await passed(reply.text, sources, calls, said=question)

Every verdict is logged with its reasons and counted (`shopclerk_claims`), and the call is marked: "trimmed"
where sentences were left out, "withdrawn" where nothing may be said. Where the sources alone do not bear an
answer out, the decisions of this conversation may (`with_ledger`); what they bear out is this customer's
only, so that it may not go into a cache.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from support.guard import Claim, Verdict, judge
from support.services.model_calls import Calls

log = logging.getLogger(__name__)

# A policy's, state's or promise's words may name somebody; the other claims are figures.
_TOLD = frozenset({"date", "time", "percentage", "amount", "period", "number"})


async def passed(
    words: str, sources: Sequence[str], calls: Calls, *, said: str = "", with_ledger: bool = False
) -> str | None:
    """None when the words may not be used. `said`: the customer's own words, which are no source."""
    verdict = judge(words, sources, said=said)
    if not verdict.stands and with_ledger and (entries := await calls.ledger()):
        verdict = judge(words, sources, ledger=[asdict(entry) for entry in entries], said=said)
    outcome = "ok" if verdict.stands else "withdrawn" if verdict.trimmed is None else "trimmed"
    calls.count_claims(verdict.claims)
    level = logging.INFO if verdict.stands else logging.WARNING
    log.log(level, "claim gate: %s; %s", outcome, in_words(verdict))
    if outcome != "ok":
        calls.judge("trimmed" if verdict.trimmed is not None else "withdrawn")
    return verdict.trimmed


def in_words(verdict: Verdict) -> str:
    """The reasons without anybody's data: 3 stated, amount not stated (15元)."""
    good = Counter(claim.reason for claim in verdict.claims if claim.supported)
    parts = [f"{count} {reason}" for reason, count in good.items()]
    parts += [_told(claim) for claim in verdict.unsupported]
    return ", ".join(parts) or "nothing to check"


def _told(claim: Claim) -> str:
    return f"{claim.kind} {claim.reason}" + (f" ({claim.text})" if claim.kind in _TOLD else "")
