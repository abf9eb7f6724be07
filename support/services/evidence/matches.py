"""Photos that were seen before: in other refunds, or in the shop's own catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from support.model import Order
from support.services.evidence.findings import STOLEN, Finding
from support.store import Claim, Unit
from support.store.evidence import CATALOGUE, Similar
from support.vision.fingerprint import Fingerprint, query_words
from support.vision.sameness import Comparison, Likeness, compare

if TYPE_CHECKING:
    from support.services.refund import Wish

# Copies share dozens of words, different pictures one or two.
_FEWEST_WORDS = 4
_COMPARED = 12


async def findings(unit: Unit, order: Order, wish: Wish) -> list[Finding]:
    """Of all photos of the wish that have a fingerprint."""
    prints = await unit.evidence.fingerprints(wish.evidence)
    found = [one for photo, data in prints.items() for one in await _of(unit, order, wish, photo, data)]
    copied = {one.picture for one in found if one.code == "catalogue_photo"}
    if set(wish.evidence) <= copied:
        return found
    return [
        Finding("catalogue_beside", one.picture, one.like) if one.code == "catalogue_photo" else one
        for one in found
    ]


async def index(unit: Unit, photo: str, refund_id: str) -> None:
    """From now on, others are compared with this photo of a refund."""
    await unit.evidence.add_claim(photo, refund_id)
    prints = await unit.evidence.fingerprints([photo])
    if photo in prints:
        await unit.evidence.index(photo, Fingerprint.from_bytes(prints[photo]).words())


async def _of(unit: Unit, order: Order, wish: Wish, photo: str, data: bytes) -> list[Finding]:
    own = Fingerprint.from_bytes(data)
    words = await asyncio.to_thread(query_words, own)
    similar = await unit.evidence.similar(words, _COMPARED, _FEWEST_WORDS)
    claims = _by_picture(await unit.evidence.claims([one.picture for one in similar]), order, wish)
    meant = [one for one in similar if one.picture in claims or one.picture.startswith(CATALOGUE)]
    # Comparing takes milliseconds each, and other conversations go on meanwhile.
    compared = await asyncio.to_thread(_compared, own, meant)
    return [
        finding
        for one, comparison in compared
        for finding in _findings(photo, order, one, comparison, claims.get(one.picture, []))
    ]


def _by_picture(claims: Sequence[Claim], order: Order, wish: Wish) -> dict[str, list[Claim]]:
    """Without refunds of the same lines: who asks again may send the same photo again."""
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        same_lines = claim.order_id == order.order_id and set(claim.sku_ids) & set(wish.sku_ids)
        if not same_lines:
            found.setdefault(claim.picture, []).append(claim)
    return found


def _compared(own: Fingerprint, others: Sequence[Similar]) -> list[tuple[Similar, Comparison]]:
    return [(one, compare(own, Fingerprint.from_bytes(one.fingerprint))) for one in others]


def _findings(
    photo: str, order: Order, one: Similar, comparison: Comparison, claims: Sequence[Claim]
) -> Iterator[Finding]:
    if comparison.likeness is Likeness.DIFFERENT:
        return
    facts = {"mirrored": "yes"} if comparison.mirrored else {}
    same = comparison.likeness is Likeness.SAME
    if same and one.picture.startswith(CATALOGUE):
        yield Finding("catalogue_photo", photo, one.picture, facts=facts)
    for claim in claims:
        yield Finding(_code(claim, order) if same else "alike", photo, one.picture, claim.refund_id, facts)


def _code(claim: Claim, order: Order) -> str:
    if claim.customer_id != order.customer_id:
        return STOLEN
    return "same_order_photo" if claim.order_id == order.order_id else "own_earlier_photo"
