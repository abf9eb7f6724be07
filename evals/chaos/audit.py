"""What customers were told, beside what the database and the tracker hold: nothing lost, nothing doubled.

findings = await audit(stand, customers)
findings.lost, findings.doubled      # sentences, one a case
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.chaos.customer import Customer, Sent
from evals.chaos.stand import Stand
from gateway.rasa import Rasa
from support.model import Order, OrderStatus
from support.store import Message, Unit

_PROJECTED_WITHIN_S = 30.0
_ALL = 10_000


@dataclass
class Findings:
    """Each case in a sentence."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


async def audit(stand: Stand, customers: Sequence[Customer]) -> Findings:
    """After the conversations have ended and everything is back."""
    findings = Findings()
    trackers = await _trackers(stand, customers)
    async with stand.shop.store.reading() as unit:
        for customer in customers:
            await _messages(unit, customer, trackers[customer.conversation_id], findings)
            await _money(unit, customer, findings)
            await _rest(unit, stand, customer, findings)
    await _review(stand, trackers, findings)
    return findings


async def _trackers(stand: Stand, customers: Sequence[Customer]) -> dict[str, Counter[str]]:
    """How often each message is in Rasa's tracker, by conversation."""
    settings = stand.stack.settings
    rasa = Rasa(settings.rasa_url, settings.channel_secret.get_secret_value())
    found: dict[str, Counter[str]] = {}
    for customer in customers:
        events = await rasa.events(customer.conversation_id)
        ids = (event.get("message_id") or "" for event in events if event.get("event") == "user")
        found[customer.conversation_id] = Counter(ids)
    await rasa.close()
    return found


async def _messages(unit: Unit, customer: Customer, tracked: Counter[str], findings: Findings) -> None:
    stored = {
        one.message_id: one for one in await unit.conversations.last_messages(customer.conversation_id, _ALL)
    }
    for sent in customer.sent:
        _message(sent, stored.get(sent.message_id), tracked[sent.message_id], findings)
    told = Counter(
        str(event.payload.get("text"))
        for event in await unit.conversations.events(customer.conversation_id, 0)
        if event.kind == "message"
    )
    said = Counter(sent.text for sent in customer.sent)
    for text, times in told.items():
        if times > 1 and times > max(said.values()):
            findings.doubled.append(f"an answer came {times} times as an event: {text[:40]!r}")


def _message(sent: Sent, row: Message | None, tracked: int, findings: Findings) -> None:
    what = f"{sent.text!r} ({sent.message_id[:6]})"
    if row is None or row.reply is None or row.reply.get("pending"):
        findings.lost.append(f"no answer to {what}")
    elif sent.reply is None:
        findings.lost.append(f"the answer to {what} did not reach the customer")
    elif sent.kind == "promise" and sent.final_s is None:
        findings.lost.append(f"what was promised to {what} did not come")
    elif row.reply["messages"] != _bare(sent.reply["messages"]):
        findings.doubled.append(f"two answers to {what}")
    if tracked > 1:
        findings.doubled.append(f"{what} is {tracked} times in the tracker")


def _bare(messages: list[dict[str, object]]) -> list[dict[str, object]]:
    """As they are stored: without the fields that the interface leaves empty."""
    return [{name: value for name, value in one.items() if value is not None} for one in messages]


async def _money(unit: Unit, customer: Customer, findings: Findings) -> None:
    for order in customer.orders.values():
        refunds = await unit.refunds.of_order(order.order_id)
        ledger = await unit.ledger.of_order(order.order_id)
        decided = [entry for entry in ledger if entry.outcome == "approve"]
        if len(refunds) > 1 or len(decided) > 1:
            findings.doubled.append(f"{len(refunds)} refunds, {len(decided)} decisions for {order.order_id}")
        if len(decided) < len(refunds):
            findings.lost.append(f"a refund of {order.order_id} is not in the ledger")
        told = customer.refunds.get(order.order_id)
        if order.status is OrderStatus.DELIVERED and told != (refunds[0].refund_id if refunds else None):
            findings.lost.append(
                f"told {told}, but {order.order_id} has {[one.refund_id for one in refunds]}"
            )
        await _cancelled(unit, customer, order, findings)


async def _cancelled(unit: Unit, customer: Customer, order: Order, findings: Findings) -> None:
    found = await unit.orders.owned(order.order_id, order.customer_id)
    is_cancelled = found is not None and found.status is OrderStatus.CANCELLED
    if is_cancelled != (order.order_id in customer.cancelled):
        findings.lost.append(f"cancelled in the records is {is_cancelled}, the customer heard otherwise")


async def _rest(unit: Unit, stand: Stand, customer: Customer, findings: Findings) -> None:
    if customer.queued and await unit.handovers.current(customer.conversation_id) is None:
        findings.lost.append("a customer who was told to wait is in no queue")
    held = {one.attachment_id for one in await unit.attachments.all_of_conversation(customer.conversation_id)}
    for sent in customer.uploads:
        if sent not in held or await stand.shop.pictures.get(sent) is None:
            findings.lost.append(f"picture {sent[:6]} is gone")


async def _review(stand: Stand, trackers: dict[str, Counter[str]], findings: Findings) -> None:
    """Every message in a tracker is in the review tables once, soon."""
    wanted = {one: sum(counts.values()) for one, counts in trackers.items() if counts}
    end = time.monotonic() + _PROJECTED_WITHIN_S
    while (found := await _reviewed(stand, list(wanted))) != wanted and time.monotonic() < end:
        await asyncio.sleep(0.5)
    for conversation_id, count in wanted.items():
        if (seen := found.get(conversation_id, 0)) < count:
            findings.lost.append(f"review has {seen} of {count} messages of {conversation_id[:6]}")
        elif seen > count:
            async with stand.shop.store.reading() as unit:
                texts = [one.text for one in await unit.review.messages_of(conversation_id)]
            findings.doubled.append(
                f"review has {seen} of {count} messages of {conversation_id[:6]}: {texts}"
            )


async def _reviewed(stand: Stand, conversation_ids: list[str]) -> Counter[str]:
    async with stand.shop.store.reading() as unit:
        known = await unit.review.messages_known(conversation_ids)
    return Counter(str(row["conversation_id"]) for row in known.values())
