"""How the assistant gets better: from a conversation to an example, a trained model, and back if need be.

    training = open_training(settings, store, clock, rasa)     # no I/O
    await training.examples.add("钱啥时候退给我", "refund_status", "zh", staff)
    run = await training.examples.export(staff)                # into data/nlu/*.yml, validated first
    run = await training.models.train(staff)                   # in the background, one at a time
    run = await training.models.compare(old, new, staff)
    run = await training.models.activate(new, staff)           # customers notice nothing
    run = await training.models.go_back(staff)
    await training.close()

Whatever cannot be done raises a `Problem` with words for people in both languages, and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from support.settings import Settings
from support.store import Store
from support.training.conversations import Conversations
from support.training.examples import Examples
from support.training.guests import Guests
from support.training.models import Models, ModelServer
from support.training.problems import Problem
from support.training.project import Project
from support.training.runs import Runs

__all__ = ["Problem", "Training", "open_training"]


@dataclass(frozen=True)
class Training:
    """Everything of this package, put together."""

    project: Project
    runs: Runs
    examples: Examples
    conversations: Conversations
    models: Models
    guests: Guests

    async def close(self) -> None:
        """Stop what is running; it is marked as cancelled."""
        await self.runs.close()


def open_training(
    settings: Settings, store: Store, clock: Callable[[], datetime], server: ModelServer
) -> Training:
    """`server` is what a model is brought into use on: Rasa, seen from the gateway."""
    project = Project(settings.dialogue, settings.models)
    runs = Runs(store, clock)
    return Training(
        project=project,
        runs=runs,
        examples=Examples(store, project, runs, clock),
        conversations=Conversations(store, project),
        models=Models(store, project, runs, server),
        guests=Guests(store, clock),
    )
