"""What a side did in the conversations of a round: which actions answered, and what that left behind.

Events are read from Rasa's own HTTP API, so that it does not matter how a tracker store keeps them. They show
how far both sides did the same work: where a model takes a message for something else, another action runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from benchmarks import processes
from benchmarks.sides import Side, Talk

# Rasa's own machinery, which answers nobody.
_HIDDEN = frozenset({"action_listen", "action_session_start", "action_extract_slots"})


@dataclass(frozen=True)
class Held:
    """Shares of the turns by what was understood, what ran and what was said.

    `bytes_per_turn` are those of all databases, `memory_mb` is by process.
    """

    responses: Mapping[str, float]
    actions: Mapping[str, float]
    intents: Mapping[str, float]
    events_per_turn: float
    bytes_per_turn: int
    memory_mb: Mapping[str, int]


async def held_by(side: Side, talks: Sequence[Talk], bytes_per_turn: float) -> Held:
    """Of these conversations, as far as they were held."""
    events: list[dict[str, Any]] = []
    async with aiohttp.ClientSession() as session:
        for talk in talks:
            events += await events_of(session, side, talk.conversation_id)
    heard = [event for event in events if event["event"] == "user"]
    actions = Counter(event["name"] for event in events if event["event"] == "action")
    intents = Counter(event["parse_data"]["intent"]["name"] for event in heard)
    said = Counter(event["metadata"].get("utter_action", "") for event in events if event["event"] == "bot")
    return Held(
        _shares(said, len(heard)),
        {name: share for name, share in _shares(actions, len(heard)).items() if name not in _HIDDEN},
        _shares(intents, len(heard)),
        round(len(events) / len(heard), 2),
        round(bytes_per_turn),
        {name: round(processes.memory_mb(pid)) for name, pid in side.processes.items()},
    )


def _shares(counts: Counter[str], turns: int) -> dict[str, float]:
    return {name: round(count / turns, 3) for name, count in counts.most_common()}


async def events_of(session: aiohttp.ClientSession, side: Side, conversation_id: str) -> list[dict[str, Any]]:
    """Everything that Rasa remembers of a conversation."""
    params = {"include_events": "ALL", "token": side.settings.channel_secret.get_secret_value()}
    address = f"{side.rasa_url}/conversations/{conversation_id}/tracker"
    async with session.get(address, params=params) as answer:
        answer.raise_for_status()
        events: list[dict[str, Any]] = (await answer.json())["events"]
        return events
