"""Callers that hold conversations at Rasa's REST channel, and what their turns took.

    round_ = await load(side, talks, callers=20, seconds=10)

Each caller holds one conversation after the other, without pauses. A turn without an answer is counted, not
timed: it would flatter whoever says nothing.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks import processes
from benchmarks.mix import Turn
from benchmarks.sides import Side, Talk

_TIMEOUT = aiohttp.ClientTimeout(total=120)
# After a round a process may still have work of it: what Rasa published is projected a little later.
_SETTLED_SHARE, _SETTLES_WITHIN_S = 0.1, 20


@dataclass
class Round:
    """`times`: seconds of each answered turn, by kind; `processor_s`: of each process, the round's work."""

    callers: int
    seconds: float = 0.0
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    unanswered: int = 0
    processor_s: dict[str, float] = field(default_factory=dict)

    @property
    def turns(self) -> int:
        return sum(len(spent) for spent in self.times.values())

    @property
    def turns_per_s(self) -> float:
        return self.turns / self.seconds

    @property
    def every(self) -> list[float]:
        return [one for spent in self.times.values() for one in spent]

    def percentile_ms(self, percent: int) -> float:
        return statistics.quantiles(self.every, n=100, method="inclusive")[percent - 1] * 1000

    @property
    def processor_ms_per_turn(self) -> dict[str, float]:
        made = self.turns + self.unanswered
        return {name: spent * 1000 / made for name, spent in self.processor_s.items()}


async def load(side: Side, talks: Sequence[Talk], callers: int, seconds: float) -> Round:
    """So many callers for so long; RuntimeError when there are not enough conversations for that."""
    found, waiting = Round(callers), iter(talks)
    before = _processor_s(side)
    async with client() as session:
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(_caller(session, side, waiting, started + seconds, found))
        found.seconds = time.perf_counter() - started
    await _settle(side)
    found.processor_s = {name: spent - before[name] for name, spent in _processor_s(side).items()}
    return found


async def _caller(
    session: aiohttp.ClientSession, side: Side, waiting: Iterator[Talk], until: float, found: Round
) -> None:
    while time.perf_counter() < until:
        talk = next(waiting, None)
        if talk is None:
            raise RuntimeError(f"there are too few conversations for {side.name}")
        for turn in talk.turns:
            if time.perf_counter() >= until:
                return
            await _turn(session, side, talk.conversation_id, turn, found)


async def _turn(
    session: aiohttp.ClientSession, side: Side, conversation_id: str, turn: Turn, found: Round
) -> None:
    kind, words = turn
    begun = time.perf_counter()
    if await say(session, side.rasa_url, conversation_id, words):
        found.times[kind].append(time.perf_counter() - begun)
    else:
        found.unanswered += 1


def client() -> aiohttp.ClientSession:
    """For as many requests at once as there are. It lets go of a connection before Rasa does, after 5 s."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    return aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT)


async def say(
    session: aiohttp.ClientSession, rasa_url: str, conversation_id: str, words: str
) -> list[dict[str, Any]]:
    """What Rasa's REST channel answers."""
    body = {"sender": conversation_id, "message": words, "metadata": {"attachments": [], "channel": "web"}}
    async with session.post(f"{rasa_url}/webhooks/rest/webhook", json=body) as answer:
        answer.raise_for_status()
        messages: list[dict[str, Any]] = await answer.json()
        return messages


def _processor_s(side: Side) -> dict[str, float]:
    return {name: processes.processor_s(pid) for name, pid in side.processes.items()}


async def _settle(side: Side) -> None:
    """Wait until the side rests."""
    end = time.monotonic() + _SETTLES_WITHIN_S
    while time.monotonic() < end:
        before = sum(_processor_s(side).values())
        await asyncio.sleep(1)
        if sum(_processor_s(side).values()) - before < _SETTLED_SHARE:
            return
