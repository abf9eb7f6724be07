"""The evidence dossier: what speaks against a refund's photos, found without telling the customer.

    assessment = await assess(unit, order, wish, now)     # findings, and a risk: low or high
    decision = guarded(decision, assessment)              # high: what policy approves goes to a person
    await keep(unit, refund)                              # later claims are compared with these photos

It never refuses. Before a person is asked, the dialogue may ask for a second photo (`challenge`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from support.model import Decision, Order, Outcome
from support.policy import evidence_risk
from support.services.evidence import challenge, goods, matches, origin
from support.services.evidence.findings import Assessment, Finding
from support.store import Refund, Unit

if TYPE_CHECKING:
    from support.services.refund import Wish

__all__ = ["Assessment", "Finding", "assess", "challenge", "goods", "guarded", "keep"]


async def assess(unit: Unit, order: Order, wish: Wish, now: datetime) -> Assessment:
    """What is found about the photos of the wish, which must be the customer's own already."""
    asked = await unit.evidence.challenges(order.order_id)
    if not wish.evidence:
        return Assessment(tuple(challenge.findings(asked, ())))
    # Two who send the same photo at the same moment: the second one sees the first one's.
    await unit.serialise("evidence")
    photos = await unit.attachments.get_many(wish.evidence)
    return Assessment(
        (
            *await matches.findings(unit, order, wish),
            *(finding for photo in photos for finding in origin.findings(photo, order, now)),
            *await goods.findings(unit, order, wish),
            *challenge.findings(asked, wish.evidence),
        )
    )


def guarded(decision: Decision, assessment: Assessment) -> Decision:
    """Policy's decision, or a person's to make where it rests on photos that leave doubt."""
    rests_on_photos = decision.outcome is Outcome.APPROVE and decision.evidence
    return evidence_risk(decision) if rests_on_photos and assessment.risk == "high" else decision


async def keep(unit: Unit, refund: Refund) -> None:
    """Remember what this refund was asked for with."""
    for photo in refund.evidence:
        await matches.index(unit, photo, refund.refund_id)
