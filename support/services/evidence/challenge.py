"""The second photo: another angle, with a code written on paper beside the goods.

Asked for where the first photos leave doubt and policy would otherwise approve. Who has the goods can do it
in a minute, whoever has only a picture of them cannot. Two tries; whatever comes of it, the refund goes on:
with the doubt settled, or to a person. The customer hears the same friendly words in each case.

What it says about an order stays: after a code was asked for, other photos do not make it unasked.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from support.model import Decision, Order, Outcome
from support.services.evidence.findings import Assessment, Finding
from support.store import Attachment, Challenge, Unit
from support.vision.fingerprint import Fingerprint
from support.vision.sameness import Likeness, colours_shared, compare

TRIES = 2
VALID_FOR = timedelta(hours=2)
# Easy to write and to read: no vowels, nothing that looks like something else.
_LETTERS = "CDFHJKLMNPRTVWXY379"
_LENGTH = 4
# What reading takes handwriting for.
_READ_AS = str.maketrans({"0": "D", "O": "D", "Q": "D", "U": "V", "8": "3", "B": "3", "Z": "7", "G": "9"})
# A line of a label is longer: there, four letters in a row are no answer unless they are all right.
_WRITTEN = 8
_SAME_SCENE = 0.15


def needed(decision: Decision, assessment: Assessment, asked: Challenge | None) -> bool:
    """Whether a second photo decides between a person and policy's yes; `decision` is policy's own."""
    would_pay = decision.outcome is Outcome.APPROVE and bool(decision.evidence)
    return would_pay and assessment.risk == "high" and (asked is None or asked.status == "open")


async def of(unit: Unit, conversation_id: str, order_id: str) -> Challenge | None:
    """What this conversation was asked for about the order."""
    return next(
        (one for one in await unit.evidence.challenges(order_id) if one.conversation_id == conversation_id),
        None,
    )


async def ask(unit: Unit, conversation_id: str, order: Order, now: datetime) -> Challenge:
    """The challenge to put to the customer: the one that is open, with a new code if the old one is."""
    asked = await of(unit, conversation_id, order.order_id)
    if asked and (asked.status != "open" or asked.expires_at > now):
        return asked
    fresh = Challenge(conversation_id, order.order_id, _code(), "open", 0, (), now, now + VALID_FOR)
    made = replace(asked, code=fresh.code, expires_at=fresh.expires_at) if asked else fresh
    await unit.evidence.put_challenge(made)
    return made


async def answer(
    unit: Unit, asked: Challenge, first: Sequence[str], photos: Sequence[Attachment], now: datetime
) -> Challenge:
    """What becomes of it with these photos, of which one is enough; an old code costs no try."""
    in_time = now < asked.expires_at and bool(photos)
    good = [one.attachment_id for one in photos if in_time and await _passes(unit, asked, first, one)]
    sent = dict.fromkeys((*asked.pictures, *(one.attachment_id for one in photos)))
    tries = asked.tries + in_time
    answered = replace(
        asked,
        status="passed" if good else "failed" if tries >= TRIES else "open",
        tries=tries,
        pictures=(*(one for one in sent if one not in good), *good),
    )
    await unit.evidence.put_challenge(answered)
    return answered


async def decline(unit: Unit, asked: Challenge) -> Challenge:
    declined = replace(asked, status="declined")
    await unit.evidence.put_challenge(declined)
    return declined


def findings(challenges: Sequence[Challenge], evidence: Sequence[str]) -> Iterator[Finding]:
    """What the challenges about an order, the newest first, say of these photos.

    A passed one counts together with the photo that passed, the last of its pictures. One that was not
    passed counts until one is.
    """
    passed = next((one for one in challenges if one.status == "passed"), None)
    if passed and passed.pictures[-1] in evidence:
        yield Finding("challenge_passed", passed.pictures[-1], facts={"code": passed.code})
    elif challenges and not passed:
        yield Finding(f"challenge_{challenges[0].status}", facts={"code": challenges[0].code})


def shows(code: str, lines: Sequence[str]) -> bool:
    """Whether words that were read from a picture hold the code, one letter misread at most."""
    read = [_plain(line) for line in lines]
    loose = "".join(line for line in read if len(line) < _LENGTH)  # letters written far apart
    wanted = _plain(code)
    return any(wanted in line for line in (*read, loose)) or any(
        _misread(wanted, line) for line in (*read, loose) if len(line) <= _WRITTEN
    )


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper().translate(_READ_AS))


def _misread(wanted: str, line: str) -> bool:
    places = range(len(line) - len(wanted) + 1)
    return any(sum(a != b for a, b in zip(wanted, line[at:], strict=False)) <= 1 for at in places)


async def _passes(unit: Unit, asked: Challenge, first: Sequence[str], photo: Attachment) -> bool:
    """The code can be read, and it is another photo of what the first ones show."""
    if not shows(asked.code, photo.reading.get("lines", ())):
        return False
    prints = await unit.evidence.fingerprints([photo.attachment_id, *first])
    own = prints.pop(photo.attachment_id, None)
    if own is None or not prints:
        return False
    return await asyncio.to_thread(_another_view, own, list(prints.values()))


def _another_view(own: bytes, others: Sequence[bytes]) -> bool:
    """Not one of the others with a code drawn on it, and not of something quite different."""
    photo, before = Fingerprint.from_bytes(own), [Fingerprint.from_bytes(one) for one in others]
    likenesses = [compare(photo, one).likeness for one in before]
    if Likeness.SAME in likenesses:
        return False
    return Likeness.ALIKE in likenesses or any(colours_shared(photo, one) >= _SAME_SCENE for one in before)


def _code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
