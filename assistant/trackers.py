"""A conversation's tracker that costs the same at turn 200 as at turn 5.

Rasa replays all events of a conversation several times in every turn: for a copy before each action, for the
events that count after what was reverted, for the states that a policy looks at. `Tracker` keeps what the
replay would give and goes on from there. Its `events` are all events of the session, as in Rasa.

Right for events that are only ever appended, which is how Rasa treats them; whoever takes some out makes a
tracker anew.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

# A policy of rules looks at two or three states; beyond these there is a slower way.
_STATES_KEPT = 8
_FOLDED_AT = 4 * _STATES_KEPT


class _Checkpoint(NamedTuple):
    """The conversation's state after its first applied events."""

    count: int
    last: Event | None
    state: DialogueStateTracker


class Tracker(DialogueStateTracker):
    """Made by the tracker store. `stored` of its events are in the database, the last as `last_id`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stored = 0
        self.last_id = 0
        self._applied: list[Event] = []
        self._read = 0
        self._loops: set[str] = set()
        self._beginning = _Checkpoint(0, None, self.init_copy())
        self._checkpoint = self._beginning

    def take(self, events: Sequence[Event], last_id: int) -> None:
        """Append events as the database has them."""
        for event in events:
            self.update(event)
        self.stored, self.last_id = len(self.events), last_id

    def copy(self) -> Tracker:
        """As a replay of all events would make it, without one. Events are shared, as in Rasa."""
        twin = _state_of(self)
        twin.events = deque(self.events)
        twin._applied = list(self._applied)
        twin._loops = set(self._loops)
        return twin

    def applied_events(self) -> list[Event]:
        """Rasa's algorithm, gone on with where it stood at the last call."""
        new = self._unread()
        loops = {event.name for event in new if isinstance(event, ActiveLoop) and event.name}
        if loops - self._loops or self._read > len(self.events):
            # A form is known from its first activation on, and Rasa knows it for all events before, too.
            self._loops |= loops
            self._applied, self._read = [], 0
            new = list(self.events)
        for event in new:
            self._apply(event)
        self._read = len(self.events)
        return list(self._applied)

    def _unread(self) -> list[Event]:
        newest = islice(reversed(self.events), max(0, len(self.events) - self._read))
        return list(newest)[::-1]

    def _apply(self, event: Event) -> None:
        """One step of Rasa's `applied_events`."""
        applied = self._applied
        if isinstance(event, (Restarted, SessionStarted)):
            applied.clear()
        elif isinstance(event, ActionReverted):
            self._undo_till_previous(ActionExecuted, applied)
        elif isinstance(event, UserUtteranceReverted):
            self._undo_till_previous(UserUttered, applied)
            self._undo_till_previous(ActionExecuted, applied)
        elif (
            isinstance(event, ActionExecuted)
            and event.action_name in self._loops
            and not self._first_loop_execution_or_unhappy_path(event.action_name, applied)
        ):
            self._undo_till_previous_loop_execution(event.action_name, applied)
        else:
            applied.append(event)

    def recent(self, states: int) -> Recent:
        """What `past_states` needs to tell the last so many states of the conversation."""
        applied = self.applied_events()
        start = self._start(applied)
        if sum(isinstance(event, ActionExecuted) for event in applied[start.count :]) < states:
            start = self._beginning
        return Recent(start.state, applied[start.count :], states)

    def fold(self) -> None:
        """Move the checkpoint forward where many states came after it; no form may be active there."""
        applied = self.applied_events()
        start = self._start(applied)
        ends = [at for at in range(start.count, len(applied)) if isinstance(applied[at], ActionExecuted)]
        if len(ends) < _FOLDED_AT:
            return
        state = _state_of(start.state)
        for at in range(start.count, ends[-_STATES_KEPT]):
            applied[at].apply_to(state)
            if state.active_loop_name is None and isinstance(applied[at], ActionExecuted):
                self._checkpoint = _Checkpoint(at + 1, applied[at], _state_of(state))

    def _start(self, applied: Sequence[Event]) -> _Checkpoint:
        """The checkpoint; the beginning where something before it was reverted."""
        kept = self._checkpoint
        if 0 < kept.count <= len(applied) and applied[kept.count - 1] is kept.last:
            return kept
        self._checkpoint = self._beginning
        return self._beginning


class Recent:
    """The end of a conversation, for `Domain.states_for_tracker_history`."""

    def __init__(self, state: DialogueStateTracker, events: Sequence[Event], states: int) -> None:
        self._state, self._events = state, events
        self._skipped = sum(isinstance(event, ActionExecuted) for event in events) + 1 - states

    def past_states(self, domain: Any, *args: Any, **options: Any) -> list[Any]:
        states: list[Any] = domain.states_for_tracker_history(self, *args, **options)
        return states

    def generate_all_prior_trackers(self) -> Iterator[tuple[DialogueStateTracker, bool]]:
        """The tracker before each of the last actions, and as it is now."""
        tracker = _state_of(self._state)
        actions = 0
        for event in self._events:
            if isinstance(event, ActionExecuted):
                actions += 1
                if actions > self._skipped:
                    yield tracker, event.hide_rule_turn
            event.apply_to(tracker)
        yield tracker, False


def _state_of(tracker: Any) -> Any:
    """The tracker's state in a tracker of its own; the events are still shared."""
    twin = _twin(tracker)
    twin.slots = {name: _twin(slot) for name, slot in tracker.slots.items()}
    if tracker.active_loop:
        twin.active_loop = dataclasses.replace(tracker.active_loop)
    # Rasa's copies do not know of which model they are.
    twin.model_id = twin.assistant_id = None
    return twin


def _twin(one: Any) -> Any:
    """As `copy.copy` copies plain objects, at a tenth of its cost."""
    twin = object.__new__(type(one))
    twin.__dict__.update(one.__dict__)
    return twin
