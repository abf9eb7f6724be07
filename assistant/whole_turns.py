"""Makes a turn of Rasa whole or nothing: what cannot be done or saved ends it; the message can come again.

    make_whole(agent)       # before each turn: an agent loads a new model beside the one in use

Rasa is built to go on. Where an action cannot be asked, it logs that: what the customer said is in the
tracker then, what the action would have made of it is not, and a form has lost an answer. Where the tracker
cannot be read, it begins an empty one; where it cannot be saved, it keeps it in memory, and nothing reads it
there. `ActionsAway` is no `Exception`, which Rasa would swallow; the tracker store's own errors are let
through.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

# The gateway gives up after that, and a turn that nobody waits for should not hold up the next one.
_ANSWER_S = 22


class ActionsAway(BaseException):
    """The action server is down, too slow, or cannot reach the database."""


def make_whole(agent: Agent) -> None:
    """Take Rasa's safety nets away."""
    if isinstance(agent.tracker_store, FailSafeTrackerStore):
        agent.tracker_store = agent.tracker_store._tracker_store
    processor = agent.processor
    if processor:
        processor.tracker_store = agent.tracker_store
        if processor.action_endpoint and not isinstance(processor.action_endpoint, _Actions):
            processor.action_endpoint = _Actions(processor.action_endpoint)


class _Actions(EndpointConfig):
    """What `endpoints.yml` names as action endpoint, and its failures for all to see."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        super().__init__()
        self.__dict__.update(vars(endpoint))

    async def request(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().request(*args, **options | {"timeout": _ANSWER_S})
        except ClientResponseError as error:
            if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            raise ActionsAway(f"HTTP {error.status}") from error
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:  # noqa: UP041  (Python 3.10)
            raise ActionsAway(type(error).__name__) from error
