"""One fault under load: what customers got, what the audit found, and how soon all was as before."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from evals.chaos.audit import audit
from evals.chaos.customer import Customer, Sent
from evals.chaos.faults import Fault
from evals.chaos.load import Load, open_client, people
from evals.chaos.stand import Stand

IN_TIME_S = 5.0
BACK_WITHIN_S = 30.0
_CALLERS = 6
_BEFORE_S, _AFTER_S = 3.0, 3.0
_PEOPLE = 240
_NOT_BACK_S = 90.0


@dataclass
class Row:
    """`kinds` are those of first answers: normal, promise (it follows), queue, told (come again), silent.

    `back_s`: from the part's return until /readyz is ok and a customer is answered as ever; None for never.
    """

    fault: str
    part: str
    how: str
    stand: str
    messages: int = 0
    answered_within_5s: int = 0
    slowest_s: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)
    conversations: int = 0
    reached_their_end: int = 0
    begun_again: int = 0
    unfinished: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    back_s: float | None = None
    door_away: bool = False
    measured_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def passed(self) -> bool:
        in_time = self.door_away or self.answered_within_5s == self.messages
        is_back = self.back_s is not None and self.back_s <= BACK_WITHIN_S
        whole = self.reached_their_end == self.conversations
        return in_time and is_back and whole and not self.lost and not self.doubled

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"passed": self.passed}


async def trial(stand: Stand, fault: Fault, callers: int = _CALLERS) -> Row:
    photo = next(iter(sorted((stand.stack.shop_folder / "faults").glob("*.jpg"))))
    row = Row(fault.name, fault.part, fault.how, fault.stand, door_away=fault.door_away)
    async with open_client() as client:
        load = Load(client, stand.doors, await people(stand.shop, client, stand.doors, photo, _PEOPLE))
        load.start(callers)
        await asyncio.sleep(_BEFORE_S)
        async with fault.strikes(stand):
            await asyncio.sleep(fault.seconds)
        row.back_s = await _back(client, stand)
        await asyncio.sleep(_AFTER_S)
        await load.stop()
    _count(row, load)
    findings = await audit(stand, load.begun)
    row.lost, row.doubled = findings.lost, findings.doubled
    return row


def _count(row: Row, load: Load) -> None:
    sent = [one for customer in load.begun for one in customer.sent]
    row.messages = len(sent)
    row.answered_within_5s = sum(_in_time(one) for one in sent)
    row.slowest_s = round(max((one.first_s or _NOT_BACK_S for one in sent), default=0.0), 2)
    row.kinds = dict(Counter(one.kind for one in sent).most_common())
    row.conversations = len(load.finished)
    row.reached_their_end = sum(well for _, _, well in load.finished)
    row.unfinished = [f"{talk}: {_end_of(customer)}" for customer, talk, well in load.finished if not well]
    row.begun_again = sum(customer.begun_again for customer in load.begun)


def _end_of(customer: Customer) -> str:
    """What was said last, for who wants to know why it did not end well."""
    said = [(one.text, one.kind, one.heard[:40]) for one in customer.sent[-4:]]
    return f"{customer.conversation_id[:6]} {said}"


def _in_time(one: Sent) -> bool:
    return one.first_s is not None and one.first_s <= IN_TIME_S


async def _back(client: httpx.AsyncClient, stand: Stand) -> float | None:
    """Seconds from now until every gateway is ready and answers a question as ever."""
    started = time.monotonic()
    while time.monotonic() - started < _NOT_BACK_S:
        if all([await _as_ever(client, door) for door in stand.doors]):
            return round(time.monotonic() - started, 1)
        await asyncio.sleep(0.3)
    return None


async def _as_ever(client: httpx.AsyncClient, door: str) -> bool:
    body = {"conversation_id": uuid.uuid4().hex, "message_id": uuid.uuid4().hex, "text": "运费怎么算"}
    try:
        ready = await client.get(f"{door}/readyz", timeout=IN_TIME_S)
        if ready.status_code != httpx.codes.OK or ready.json()["status"] != "ok":
            return False
        answer = await client.post(f"{door}/api/chat/messages", json=body, timeout=IN_TIME_S)
        return answer.status_code == httpx.codes.OK and bool(answer.json()["messages"][0].get("citations"))
    except (httpx.TransportError, IndexError):
        return False
