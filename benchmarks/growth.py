"""Whether a turn of a long conversation costs more than one of a short one: the 200th beside the 5th.

Each is the same question, asked by one caller with nothing else going on; the turns between them are of the
mix. Two things are measured: the time to the answer, and the bytes that the action server is sent for it,
which a door between Rasa and the action server counts. Around either turn the question is asked several
times, and the medians over these and over all conversations are compared.

Then Rasa is started again and has to read each conversation from the disk (`cold`): a worker that has not
seen the conversation lately pays that, too.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.load import client, say
from benchmarks.mix import Customer, endless, order_status
from benchmarks.sides import Side, verify

EARLY, LATE = 5, 200
_AROUND = 2  # questions on either side of that turn
_CHUNK = 65536

Held = tuple[str, Customer]  # a conversation, and whose it is


class Door:
    """Passes on what Rasa and the action server say; `sent` are the bytes to the latter, headers included."""

    def __init__(self, actions_port: int) -> None:
        self.sent, self.port, self._actions_port = 0, 0, actions_port

    async def open(self) -> asyncio.Server:
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", self._actions_port)
        # The end of the benchmark cancels connections that Rasa keeps open.
        with suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, to_there, counted=True), self._pump(there, writer))

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, counted: bool = False
    ) -> None:
        while chunk := await source.read(_CHUNK):
            self.sent += len(chunk) if counted else 0
            target.write(chunk)
            await target.drain()
        target.close()


@asynccontextmanager
async def _counting_door(actions_port: int) -> AsyncIterator[Door]:
    door = Door(actions_port)
    async with await door.open():
        yield door


@dataclass
class Cost:
    """Of the questions around one turn: milliseconds to the answer, bytes to the action server."""

    ms: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)


@dataclass
class Growth:
    """`latency`, `sent`, `cold`: how many times the early turn the late one costs.

    `unanswered` turns are in none of them.
    """

    early: Cost = field(default_factory=Cost)
    late: Cost = field(default_factory=Cost)
    early_cold: Cost = field(default_factory=Cost)
    late_cold: Cost = field(default_factory=Cost)
    unanswered: int = 0

    @property
    def latency(self) -> float:
        return statistics.median(self.late.ms) / statistics.median(self.early.ms)

    @property
    def cold(self) -> float:
        return statistics.median(self.late_cold.ms) / statistics.median(self.early_cold.ms)

    @property
    def sent(self) -> float:
        return statistics.median(self.late.sent) / statistics.median(self.early.sent)


async def growth(side: Side, customers: Sequence[Customer], conversations: int) -> Growth:
    """Measured at a Rasa of the side's own kind that keeps these conversations only."""
    found = Growth()
    first, *short = _conversations(customers, conversations + 1)
    long = _conversations(customers, conversations)
    with tempfile.TemporaryDirectory() as scratch:
        async with _counting_door(side.settings.actions_port) as door, client() as session:
            with side.another_rasa(door.port, Path(scratch)) as rasa_url:
                await verify(side, [first, *short, *long], rasa_url)
                asked = Asked(session, rasa_url, door, found)
                await _hold(asked, long)
                await _begin(asked, [first, *short], EARLY - 1)
            with side.another_rasa(door.port, Path(scratch)) as rasa_url:
                asked = Asked(session, rasa_url, door, found)
                await asked.measure(first, Cost())  # what the process itself has to make ready
                for one, other in zip(long, short, strict=True):
                    await asked.measure(other, found.early_cold)
                    await asked.measure(one, found.late_cold)
    return found


@dataclass(frozen=True)
class Asked:
    """Whom the questions go to, and what counts what they cost."""

    session: aiohttp.ClientSession
    rasa_url: str
    door: Door
    found: Growth

    async def say(self, conversation_id: str, words: str) -> bool:
        """Whether there was an answer."""
        answered = bool(await say(self.session, self.rasa_url, conversation_id, words))
        self.found.unanswered += not answered
        return answered

    async def measure(self, held: Held, cost: Cost) -> None:
        conversation_id, customer = held
        sent, begun = self.door.sent, time.perf_counter()
        if await self.say(conversation_id, order_status(customer)):
            cost.ms.append((time.perf_counter() - begun) * 1000)
            cost.sent.append(self.door.sent - sent)

    async def talk(self, held: Held, number: int, turns: int) -> None:
        """Turns of the mix, the last of which leaves no form open."""
        conversation_id, customer = held
        for _, words in endless(customer, number, turns - 1):
            await self.say(conversation_id, words)
        await self.say(conversation_id, customer.stop)


def _conversations(customers: Sequence[Customer], count: int) -> list[Held]:
    return [(uuid.uuid4().hex, customers[number % len(customers)]) for number in range(count)]


async def _hold(asked: Asked, conversations: Sequence[Held]) -> None:
    await _begin(asked, conversations, EARLY - 1 - _AROUND)
    await _around(asked, conversations, asked.found.early)
    async with asyncio.TaskGroup() as group:
        for number, held in enumerate(conversations):
            group.create_task(asked.talk(held, number, LATE - EARLY - 1 - 2 * _AROUND))
    await _around(asked, conversations, asked.found.late)


async def _begin(asked: Asked, conversations: Sequence[Held], turns: int) -> None:
    for number, held in enumerate(conversations):
        await asked.talk(held, number, turns)


async def _around(asked: Asked, conversations: Sequence[Held], cost: Cost) -> None:
    for held in conversations:
        for _ in range(1 + 2 * _AROUND):
            await asked.measure(held, cost)
