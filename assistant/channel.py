"""The channel between the gateway and Rasa, on loopback, by a shared secret.

`POST /webhooks/shopclerk/webhook` with the header `X-Shopclerk-Secret` and
`{sender, text, message_id, metadata, again?}` answers
`{"messages": [{text?, buttons?, image?, custom?}, ...]}`, one object per utterance of an action, kept whole
(Rasa's REST channel would split it). What is uttered later, outside a request, is pushed to the gateway's
`/internal/push`.

A turn is made whole or not at all: where the action server or the database is away, the answer is 503 and the
tracker stays as it was. With `again`, a message that was heard before gets the answer that it got.

Configured in `credentials.yml`: `secret` and `push_url`, both from the environment.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

import aiohttp
import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.shared.core.events import BotUttered, Event, UserUttered
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from assistant.model_sharing import share_models
from assistant.whole_turns import ActionsAway, make_whole

log = logging.getLogger(__name__)

HEADER = "X-Shopclerk-Secret"
_PUSH_TIMEOUT_S = 5


def _message(uttered: dict[str, Any]) -> dict[str, Any]:
    """What the gateway needs of one utterance; empty parts are left out."""
    wanted = ("text", "buttons", "image", "custom")
    return {part: uttered[part] for part in wanted if uttered.get(part)}


class Collected(OutputChannel):
    """Keeps what the bot says while a request is answered."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return ShopclerkInput.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        if _message(message):
            self.messages.append(_message(message))


class Pushed(OutputChannel):
    """Hands what the bot says outside a request to the gateway."""

    def __init__(self, push_url: str, secret: str) -> None:
        self._url, self._secret = push_url, secret

    @classmethod
    def name(cls) -> str:
        return ShopclerkInput.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        body = {"conversation_id": recipient_id, "messages": [_message(message)]}
        timeout = aiohttp.ClientTimeout(total=_PUSH_TIMEOUT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, json=body, headers={HEADER: self._secret}) as answer,
        ):
            answer.raise_for_status()


class ShopclerkInput(InputChannel):
    """Rasa's side of the gateway."""

    @classmethod
    def name(cls) -> str:
        return "shopclerk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ShopclerkInput:
        if not credentials or not credentials.get("secret"):
            cls.raise_missing_credentials_exception()
        assert credentials
        return cls(credentials["secret"], credentials.get("push_url", ""))

    def __init__(self, secret: str, push_url: str) -> None:
        self._secret, self._push_url = secret, push_url

    def get_output_channel(self) -> OutputChannel | None:
        return Pushed(self._push_url, self._secret) if self._push_url else None

    def blueprint(self, _on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("shopclerk_webhook")

        @blueprint.listener("after_server_start")
        async def follow(app: Sanic, _loop: Any) -> None:
            await share_models(app)

        @blueprint.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get(HEADER, "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                return response.json({"error": "wrong secret"}, status=HTTPStatus.FORBIDDEN)
            body = request.json or {}
            if not body.get("sender") or not body.get("text"):
                return response.json({"error": "sender and text are needed"}, status=HTTPStatus.BAD_REQUEST)
            collected = Collected()
            message = UserMessage(
                text=body["text"],
                output_channel=collected,
                sender_id=body["sender"],
                input_channel=self.name(),
                message_id=body.get("message_id"),
                metadata={**(body.get("metadata") or {}), "message_id": body.get("message_id")},
            )
            turn = _turn(request.app.ctx.agent, message, again=body.get("again") is True)
            try:
                # Shielded: a gateway that gives up must not stop an action halfway.
                messages = await asyncio.shield(asyncio.ensure_future(turn))
            except (ActionsAway, LockError, sa.exc.DBAPIError) as error:
                log.warning("a turn was not made: %s", type(error).__name__)
                return response.json({"error": "away"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
            return response.json({"messages": messages})

        return blueprint


async def _turn(agent: Agent, message: UserMessage, again: bool) -> list[dict[str, Any]]:
    """The answer to a message; one at a time in a conversation, in whichever worker."""
    make_whole(agent)
    if not agent.is_ready():
        raise ActionsAway("no model")
    async with agent.lock_store.lock(message.sender_id):
        if again and (earlier := await _earlier_answer(agent, message)) is not None:
            return earlier
        await agent.processor.handle_message(message)
        answer: list[dict[str, Any]] = message.output_channel.messages
        return answer


async def _earlier_answer(agent: Agent, message: UserMessage) -> list[dict[str, Any]] | None:
    """What was said to a message that was heard before; None when it was not."""
    store = agent.tracker_store
    tracker = await store.retrieve_full_tracker(message.sender_id)
    said = said_to(message.message_id, tracker.events if tracker else ())
    if said is not None and store.event_broker:
        # It may have been saved without being published; what review has is not projected twice.
        await store._stream_new_events(store.event_broker, list(tracker.events), message.sender_id)
    return said


def said_to(message_id: str | None, events: Iterable[Event]) -> list[dict[str, Any]] | None:
    """What follows a message, up to the next one; None where the message is not."""
    said: list[dict[str, Any]] | None = None
    for event in events:
        if isinstance(event, UserUttered):
            if said is not None:
                break
            if event.message_id == message_id:
                said = []
        elif isinstance(event, BotUttered) and said is not None and _message(event.message()):
            said.append(_message(event.message()))
    return said
