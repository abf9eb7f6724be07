"""The course of a benchmark with both sides running: rounds that take turns, and what is asked besides."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from benchmarks import mix, processes
from benchmarks.gateway_share import Share, gateway_share
from benchmarks.growth import Growth, growth
from benchmarks.held import Held, held_by
from benchmarks.load import Round, load
from benchmarks.report import BUSY
from benchmarks.sides import Side, Talk, talks
from tests.stack import Stack

# Faster than either side will be: the conversations are made ready before the clock runs.
_CONVERSATIONS_PER_S = 25
_WARM_UP_CALLERS, _WARM_UP_S = 4, 5.0
_PAIRS = 200


class Bench:
    """Asks `ours` and `stock`, one after the other."""

    def __init__(self, ours: Side, stock: Side, stack: Stack) -> None:
        self._sides = (ours, stock)
        self._stack = stack
        self._customers = mix.customers(stack.guide)

    async def warm_up(self) -> None:
        for side in self._sides:
            await self._round(side, 0, _WARM_UP_CALLERS, _WARM_UP_S)

    async def rounds(
        self, loads: Sequence[int], rounds: int, seconds: float
    ) -> dict[int, dict[str, list[Round]]]:
        """By number of callers and side. In a round both are asked the same, and who is first changes."""
        found: dict[int, dict[str, list[Round]]] = {
            callers: {side.name: [] for side in self._sides} for callers in loads
        }
        for number, callers in itertools.product(range(rounds), loads):
            for side in self._sides[:: -1 if number % 2 else 1]:
                made, _ = await self._round(side, number, callers, seconds)
                found[callers][side.name].append(made)
                speed = f"{made.turns_per_s:6.1f} turns/s"
                print(f"round {number + 1}, {callers:2} callers, {side.name:5}: {speed}", flush=True)
        return found

    async def held(self, seconds: float) -> dict[str, Held]:
        """What the conversations of one more round consisted of, by side."""
        found = {}
        for side in self._sides:
            before = side.bytes_on_disk
            made, prepared = await self._round(side, 0, BUSY, seconds)
            grown = side.bytes_on_disk - before
            found[side.name] = await held_by(side, prepared[:BUSY], grown / (made.turns + made.unanswered))
        return found

    async def grown(self, conversations: int) -> dict[str, Growth]:
        found = {}
        for side in self._sides if conversations else ():
            print(f"long conversations, {side.name} ...", flush=True)
            with processes.standing_still(self._others(side)):
                found[side.name] = await growth(side, self._customers, conversations)
        return found

    async def gateway(self) -> Share:
        ours = self._sides[0]
        print("the gateway's share ...", flush=True)
        with processes.standing_still(self._others(ours)):
            return await gateway_share(ours, self._stack, self._customers[0], _PAIRS)

    async def _round(self, side: Side, number: int, callers: int, seconds: float) -> tuple[Round, list[Talk]]:
        enough = callers + round(_CONVERSATIONS_PER_S * seconds)
        prepared = await talks(side, self._customers, range(number * enough, (number + 1) * enough))
        with processes.standing_still(self._others(side)):
            return await load(side, prepared, callers, seconds), prepared

    def _others(self, side: Side) -> list[int]:
        return [pid for other in self._sides if other is not side for pid in other.processes.values()]
