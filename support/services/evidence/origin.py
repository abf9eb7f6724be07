"""What a photo's own file says against it: when it was taken, and what it went through. Pure.

Times in EXIF have no zone, and cameras' clocks are set by people: a day is given either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from support.model import Order
from support.services.evidence.findings import Finding
from support.store import Attachment

_SLACK = timedelta(days=1)
_LONG_AGO = timedelta(days=60)
# Programs that change what a picture shows. Those in which a phone's album crops and turns are not meant.
_EDITORS = re.compile(
    r"photoshop|lightroom|gimp|affinity|pixelmator|paint\.net|meitu|美图|醒图|snapseed|picsart|facetune|canva|"
    r"photodirector|fotor|beautycam|b612|faceu|轻颜|polarr",
    re.IGNORECASE,
)
_SAYS_NOTHING = frozenset({"format", "frames"})


def findings(photo: Attachment, order: Order, now: datetime) -> Iterator[Finding]:
    """Of one photo, with its `metadata` as `support.vision.origin` has read it."""
    known = {name: str(text) for name, text in photo.metadata.items() if name not in _SAYS_NOTHING}
    if known.get("generator"):
        yield Finding("generated", photo.attachment_id, facts={"generator": known["generator"]})
    elif _EDITORS.search(known.get("software", "")):
        yield Finding("edited", photo.attachment_id, facts={"software": known["software"]})
    if known.get("screenshot") or (photo.metadata.get("format") == "PNG" and not known.get("camera")):
        yield Finding("screenshot", photo.attachment_id)
    elif not known:
        yield Finding("no_metadata", photo.attachment_id)
    yield from _about_time(photo, order, now, known.get("taken_at", ""))


def _about_time(photo: Attachment, order: Order, now: datetime, written: str) -> Iterator[Finding]:
    taken = _time(written)
    if taken is None:
        return
    code = (
        "taken_before_order"
        if taken < order.placed_at - _SLACK
        else "taken_before_delivery"
        if order.delivered_at and taken < order.delivered_at - _SLACK
        else "taken_long_ago"
        if taken < now - _LONG_AGO
        else ""
    )
    if code:
        yield Finding(code, photo.attachment_id, facts={"taken_at": written})


def _time(written: str) -> datetime | None:
    """EXIF's own form, taken for UTC; None for what is no time, as in 0000:00:00."""
    try:
        return datetime.strptime(written[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
