"""The dossier as staff see it: the photos, what was found about each, and the picture that it matches.

What was found stands in the ledger, as it was when the refund was asked for; the pictures are those that are
still there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.services.evidence.findings import Assessment, Finding
from support.store import Attachment, LedgerEntry, Refund, Unit
from support.store.evidence import CATALOGUE

# What the file of a photo says, in the order in which it is shown.
METADATA = ("camera", "software", "taken_at", "has_gps", "format")


@dataclass(frozen=True)
class Shown:
    """A finding; `like` is the customer's picture that it matches, `file` the catalogue's, if it is there."""

    finding: Finding
    like: Attachment | None = None
    file: str = ""


@dataclass(frozen=True)
class Looked:
    """An assessment with the pictures that it is about."""

    assessment: Assessment
    photos: tuple[Attachment, ...]
    shown: tuple[Shown, ...]

    def about(self, photo: Attachment) -> list[Shown]:
        """The gravest first; a file without metadata is no news."""
        mine = [one for one in self.shown if one.finding.picture == photo.attachment_id]
        return sorted(mine, key=lambda one: -one.finding.weight)

    @property
    def others(self) -> list[Shown]:
        """Findings about no single photo."""
        return [one for one in self.shown if not one.finding.picture]

    def metadata(self, photo: Attachment) -> dict[str, str]:
        return {name: str(photo.metadata[name]) for name in METADATA if photo.metadata.get(name)}


def recorded(entries: Sequence[LedgerEntry]) -> dict[str, Assessment]:
    """By refund, what was found when it was asked for."""
    found = {str(one.result.get("refund_id")): Assessment.from_json(one.inputs) for one in entries}
    return {refund_id: assessment for refund_id, assessment in found.items() if assessment}


async def of_refund(unit: Unit, refund: Refund) -> Looked | None:
    """None for a refund that was decided before photos were assessed."""
    assessment = recorded(await unit.ledger.of_order(refund.order_id)).get(refund.refund_id)
    return await of(unit, assessment, refund.evidence) if assessment else None


async def of(unit: Unit, assessment: Assessment, photos: Sequence[str]) -> Looked:
    """`photos` are the ids of the wish's or the refund's evidence."""
    likes = {one.like for one in assessment.findings if one.like}
    rows = {one.attachment_id: one for one in await unit.attachments.get_many([*photos, *sorted(likes)])}
    return Looked(
        assessment,
        tuple(rows[one] for one in photos if one in rows),
        tuple(_shown(one, rows) for one in assessment.findings),
    )


def _shown(finding: Finding, rows: Mapping[str, Attachment]) -> Shown:
    if finding.like.startswith(CATALOGUE):
        return Shown(finding, file=finding.like.removeprefix(CATALOGUE).rpartition(":")[0])
    return Shown(finding, rows.get(finding.like))
