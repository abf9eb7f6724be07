"""What speaks against a refund's photos, and how much: the vocabulary of the evidence dossier.

A finding is a hint with a weight from 0 to 100. From `HIGH` on, one hint or the sum of several makes the risk
high, and high risk means that a person looks: nothing here refuses anything. The words for staff are in
`desk/words/evidence.yml`; the customer is never told of findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

HIGH = 50
# Whatever a second photo shows: the first one is another customer's.
STOLEN = "other_customers_photo"
WEIGHTS: Mapping[str, int] = {
    # copies (`matches`)
    STOLEN: 100,
    "own_earlier_photo": 80,  # of the same customer's refund for another order
    "same_order_photo": 20,  # of another line of this order
    "catalogue_photo": 60,
    "catalogue_beside": 15,  # the shop's picture, sent together with photos
    "alike": 15,  # the same thing, perhaps, but not surely the same photo
    # the file (`origin`)
    "generated": 80,
    "taken_before_order": 60,
    "taken_before_delivery": 40,
    "taken_long_ago": 20,
    "edited": 25,
    "screenshot": 20,
    "no_metadata": 0,  # chat apps strip it
    # the goods (`goods`)
    "other_goods": 50,
    "no_fault_seen": 25,
    "not_compared": 0,
    # the second photo (`challenge`)
    "challenge_open": 50,
    "challenge_failed": 50,
    "challenge_declined": 50,
    "challenge_passed": 0,
}

Risk = Literal["low", "high"]


@dataclass(frozen=True)
class Finding:
    """`picture` is what it is about. `like` is the picture that it matches, and `refund_id` the refund that
    that one was shown for; `facts` are details by name, as text.
    """

    code: str
    picture: str = ""
    like: str = ""
    refund_id: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        return WEIGHTS.get(self.code, 0)

    def as_json(self) -> dict[str, Any]:
        values = {"code": self.code, "picture": self.picture, "like": self.like, "refund_id": self.refund_id}
        return {name: value for name, value in values.items() if value} | (
            {"facts": dict(self.facts)} if self.facts else {}
        )


@dataclass(frozen=True)
class Assessment:
    """What was found about the photos of one wish."""

    findings: tuple[Finding, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(one.code for one in self.findings)

    @property
    def score(self) -> int:
        """Each kind of hint counts once, however many pictures show it."""
        return min(100, sum(WEIGHTS.get(code, 0) for code in self.codes))

    @property
    def risk(self) -> Risk:
        """A second photo that passed outweighs everything but a stolen first one."""
        if STOLEN in self.codes:
            return "high"
        return "high" if self.score >= HIGH and "challenge_passed" not in self.codes else "low"

    def as_json(self) -> dict[str, Any]:
        """For the ledger: `risk`, and the `findings` with what they are about."""
        return {"risk": self.risk, "findings": [one.as_json() for one in self.findings]}

    @classmethod
    def from_json(cls, inputs: Mapping[str, Any]) -> Assessment | None:
        """What the ledger's inputs hold; None where nothing was assessed."""
        if "findings" not in inputs:
            return None
        return cls(tuple(Finding(**one) for one in inputs["findings"]))
