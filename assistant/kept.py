"""The trackers of the last conversations, as many as weigh no more than a limit."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

# Events; some 80 MB of them.
_HEAVIEST = 50_000

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A dictionary that forgets what was not used for the longest time."""

    def __init__(self, heaviest: int = _HEAVIEST) -> None:
        self._heaviest = heaviest
        self._weight = 0
        self._values: OrderedDict[str, tuple[Value, int]] = OrderedDict()

    def get(self, key: str) -> Value | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def put(self, key: str, value: Value, weight: int) -> None:
        self.drop(key)
        self._values[key] = (value, weight)
        self._weight += weight
        while self._weight > self._heaviest:
            self.drop(next(iter(self._values)))

    def drop(self, key: str) -> None:
        _, weight = self._values.pop(key, (None, 0))
        self._weight -= weight

    def clear(self) -> None:
        self._values.clear()
        self._weight = 0
