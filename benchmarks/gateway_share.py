"""What the gateway adds to an answer: the same question through it and straight at Rasa, taking turns.

One caller, two conversations of the same customer that grow alike; straight means the channel that the
gateway itself calls.
"""

from __future__ import annotations

import statistics
import time
import uuid
from dataclasses import dataclass
from typing import Any

import aiohttp

from benchmarks import processes
from benchmarks.load import client
from benchmarks.mix import Customer, endless
from benchmarks.sides import Side, process_of, verify
from tests.stack import Stack

_WARM_UP = 5


@dataclass(frozen=True)
class Share:
    """Milliseconds at the median; `added` is the median of the differences.

    `processor` are those that the gateway works for a turn.
    """

    through: float
    straight: float
    added: float
    processor: float


async def gateway_share(side: Side, stack: Stack, customer: Customer, pairs: int) -> Share:
    """Of so many questions of the mix, each asked both ways."""
    ours, other = uuid.uuid4().hex, uuid.uuid4().hex
    gateway = process_of(stack, "gateway")
    worked = processes.processor_s(gateway)
    await verify(side, [(ours, customer), (other, customer)])
    through: list[float] = []
    straight: list[float] = []
    async with client() as session:
        for number, (_, words) in enumerate(endless(customer, 1, pairs + _WARM_UP)):
            ways = [(through, _through(session, stack, ours, words, customer))]
            ways.insert(number % 2, (straight, _straight(session, stack, other, words, customer)))
            for spent, way in ways:
                begun = time.perf_counter()
                await way
                spent.append((time.perf_counter() - begun) * 1000)
    worked = (processes.processor_s(gateway) - worked) * 1000 / len(through)
    through, straight = through[_WARM_UP:], straight[_WARM_UP:]
    added = statistics.median(one - other for one, other in zip(through, straight, strict=True))
    return Share(statistics.median(through), statistics.median(straight), added, worked)


async def _through(
    session: aiohttp.ClientSession, stack: Stack, conversation_id: str, words: str, customer: Customer
) -> None:
    body = {"conversation_id": conversation_id, "text": words, "language": customer.language}
    await _post(session, f"{stack.gateway_url}/api/chat/messages", body, {})


async def _straight(
    session: aiohttp.ClientSession, stack: Stack, conversation_id: str, words: str, customer: Customer
) -> None:
    message_id = uuid.uuid4().hex
    metadata = {"attachments": [], "channel": "web", "language": customer.language}
    body = {"sender": conversation_id, "text": words, "message_id": message_id, "metadata": metadata}
    headers = {"X-Shopclerk-Secret": stack.settings.channel_secret.get_secret_value()}
    await _post(session, f"{stack.rasa_url}/webhooks/shopclerk/webhook", body, headers)


async def _post(
    session: aiohttp.ClientSession, address: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    async with session.post(address, json=body, headers=headers) as answer:
        answer.raise_for_status()
        if not (await answer.json())["messages"]:
            raise RuntimeError(f"no answer to {body['text']!r}")
