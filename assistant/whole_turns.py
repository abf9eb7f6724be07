"""Makes a turn of Rasa whole or nothing: what cannot be done or saved ends it; the message can come again.

    make_whole(agent)       # before each turn, and wherever an agent loads a model

Rasa is built to go on. Where an action cannot be asked, it logs that: what the customer said is in the
tracker then, what the action would have made of it is not, and a form has lost an answer. Where the tracker
cannot be read, it begins an empty one; where it cannot be saved, it keeps it in memory, and nothing reads it
there. `ActionsAway` is no `Exception`, which Rasa would swallow; the tracker store's own errors are let
through.

The connections to the action server stay open from call to call.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import ujson
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from assistant.replaced import replaces

_load_model = Agent.load_model
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


@replaces("rasa.core.agent", "Agent.load_model", "f4c1ab4c5c7a")
def _load_whole(self: Agent, model_path: str | Path, fingerprint: str | None = None) -> None:
    """For the channels that are Rasa's own."""
    _load_model(self, model_path, fingerprint)
    make_whole(self)


class _Actions(EndpointConfig):
    """What `endpoints.yml` names as action endpoint, and its failures for all to see."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        super().__init__()
        self.__dict__.update(vars(endpoint))
        self._open: _Kept | None = None

    def session(self) -> Any:
        """Rasa's request makes a session and leaves it; this one stays open."""
        self._open = self._open or _Kept(self)
        return self._open

    async def request(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().request(*args, **options | {"timeout": _ANSWER_S})
        except ClientResponseError as error:
            if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            raise ActionsAway(f"HTTP {error.status}") from error
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:  # noqa: UP041  (Python 3.10)
            raise ActionsAway(type(error).__name__) from error


class _Kept:
    """A session of aiohttp that does not close when it is left."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        basic = endpoint.basic_auth
        auth = aiohttp.BasicAuth(basic["username"], basic["password"]) if basic else None
        # As many calls at once as there are turns; the customers' number is the gateway's to limit.
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(
            headers=endpoint.headers, auth=auth, connector=connector, json_serialize=ujson.dumps
        )

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        """Stays open."""
