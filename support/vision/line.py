"""A bounded line in front of a few workers, fair between customers.

    line = Line(workers, longest=20, longest_of_one=10)
    worker = await line.take("conversation")     # OcrError "busy" at once when the line is full
    ...
    line.give(worker, "conversation")

Start-time fair queueing: of what waits, the earliest round comes first; a customer's next picture waits one
round longer than the one before, somebody new goes ahead of the round that comes. So who sends ten pictures
delays another one's by the one that is being read, and is himself not held up for ever by those who come new.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from support.vision.errors import OcrError

T = TypeVar("T")


@dataclass(order=True)
class _Waiting(Generic[T]):
    round: float
    number: int
    owner: str = field(compare=False)
    turn: "asyncio.Future[T]" = field(compare=False)


class Line(Generic[T]):
    """Belongs to one event loop. Each owner may have `longest_of_one` in the line."""

    def __init__(self, free: Iterable[T], *, longest: int, longest_of_one: int) -> None:
        self.free = list(free)
        self._longest, self._longest_of_one = longest, longest_of_one
        self._waiting: list[_Waiting[T]] = []
        self._numbers = 0
        self._round = 0.0
        self._last: dict[str, float] = {}  # the round of the newest of each owner who is served or waits
        self._inside: Counter[str] = Counter()

    async def take(self, owner: str) -> T:
        """The next worker that is the owner's; to be given back with `give`."""
        waiting = sum(one.owner == owner for one in self._waiting)
        if not self.free and (len(self._waiting) >= self._longest or waiting >= self._longest_of_one):
            raise OcrError("busy")
        turn: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._numbers += 1
        known = self._last.get(owner)
        round = self._round + 0.5 if known is None else max(self._round, known) + 1
        self._last[owner] = round
        self._inside[owner] += 1
        heapq.heappush(self._waiting, _Waiting(round, self._numbers, owner, turn))
        self._serve()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(turn.result(), owner)
            else:
                self._waiting = [one for one in self._waiting if one.turn is not turn]
                heapq.heapify(self._waiting)
                self._left(owner)
            raise

    def give(self, worker: T, owner: str) -> None:
        """The owner's picture is done."""
        self._left(owner)
        self.free.append(worker)
        self._serve()

    def _serve(self) -> None:
        while self.free and self._waiting:
            first = heapq.heappop(self._waiting)
            if not first.turn.done():
                self._round = max(self._round, first.round)
                first.turn.set_result(self.free.pop())

    def _left(self, owner: str) -> None:
        self._inside[owner] -= 1
        if not self._inside[owner]:
            del self._inside[owner], self._last[owner]
