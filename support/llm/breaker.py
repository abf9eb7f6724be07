"""Keeps calls away from a server that fails, so that a dead one costs a conversation nothing.

Open after `failures` failures in a row, for `open_s` seconds; then it is `due`: one call at a time may try
the server again. A server that has said itself when to come again is only `resting`: calls may start, but
they do better elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from support.llm.reply import ModelUnavailable


class Breaker:
    """The state of one server. `enter` before a call and `leave` after it, whatever came of it."""

    def __init__(self, failures: int, open_s: float, clock: Callable[[], float]) -> None:
        self._limit, self._open_s, self._clock = failures, open_s, clock
        self._failures = 0
        self._open_until: float | None = None
        self._resting_until = 0.0
        self._trial_running = False

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    @property
    def is_due(self) -> bool:
        """Whether one call may try the server again."""
        waited = self._open_until is not None and self._clock() >= self._open_until
        return waited and not self._trial_running

    @property
    def is_resting(self) -> bool:
        return self._clock() < self._resting_until

    def enter(self) -> None:
        """Let a call start, or raise `ModelUnavailable`."""
        if self._open_until is None:
            return
        if not self.is_due:
            raise ModelUnavailable("breaker_open")
        self._trial_running = True

    def succeeded(self) -> None:
        self._failures, self._open_until = 0, None

    def failed(self) -> None:
        self._failures += 1
        if self.is_open or self._failures >= self._limit:
            self._open_until = self._clock() + self._open_s

    def rest(self, seconds: float) -> None:
        """For so long, but at most as long as after failures."""
        self._resting_until = self._clock() + min(seconds, self._open_s)

    def answers_again(self) -> None:
        """Let calls start; as it has written nothing yet, the next failure opens the breaker again."""
        self._failures, self._open_until = self._limit - 1, None

    def leave(self) -> None:
        """A caller who walks away in mid-stream proves nothing either way."""
        self._trial_running = False
