"""A customer of the running system who does what the chat page does, and remembers what came of it.

The page keeps a message until it is answered and sends it again under the same id: after a lost connection
soon, after "come again" when that says. An answer that was promised it finds among the events.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from gateway import texts
from support.model import Order, OrderStatus

Kind = Literal["normal", "promise", "queue", "told", "silent"]
Json = dict[str, Any]

_FOLLOWS = {texts.answer_follows("zh")["text"], texts.answer_follows("en")["text"]}
_SORRY = (texts.SORRY["zh"], texts.SORRY["en"])
_SEND_AGAIN_S, _GIVE_UP_S, _LATE_S, _LOOK_S, _REST_S = 0.3, 90.0, 60.0, 0.4, 1.0
_REQUEST_S = 20.0


@dataclass
class Sent:
    """A message and its fate. `kind` is that of the first answer, `first_s` when it came."""

    message_id: str
    text: str
    at: float
    first_s: float | None = None
    final_s: float | None = None
    kind: Kind = "silent"
    reply: Json | None = None
    heard: str = ""


@dataclass
class Customer:
    """`doors` are the gateways; which one is asked changes when one does not answer."""

    client: httpx.AsyncClient
    doors: Sequence[str]
    customer_id: str
    last4: str
    orders: dict[OrderStatus, Order]
    photo: bytes
    conversation_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    sent: list[Sent] = field(default_factory=list)
    refunds: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    uploads: set[str] = field(default_factory=set)
    uploads_refused: int = 0
    queued: bool = False
    begun_again: int = 0
    holder: str = "bot"
    _door: int = 0
    _lines: int = 0  # of the assistant, on the page

    @property
    def is_waiting(self) -> bool:
        """Whether the last message went to the queue, for want of an assistant."""
        return self.holder == "queue"

    async def hears(self, text: str) -> str:
        return "\n".join(str(message.get("text", "")) for message in await self.say(text))

    async def say(self, text: str, *attachments: str) -> list[Json]:
        """What a message is answered in the end; nothing when that did not come in time."""
        one = Sent(uuid.uuid4().hex, text, time.monotonic())
        self.sent.append(one)
        body = {"conversation_id": self.conversation_id, "message_id": one.message_id, "text": text}
        reply = await self._sent(one, body | {"attachments": list(attachments)})
        if reply is None:
            return []
        one.reply, self.holder = reply, reply["holder"]
        messages: list[Json] = reply["messages"]
        self._lines += len(messages)
        if _kind(reply) == "promise":
            messages = await self._late()
        if messages:
            one.final_s = time.monotonic() - one.at
            one.heard = "\n".join(str(message.get("text", "")) for message in messages)
        return messages

    async def get_back(self) -> None:
        """From the queue to the assistant, as the button offers; a moment later."""
        await self.rest()
        if self.holder == "queue":
            await self.say("返回助手")

    async def rest(self) -> None:
        await asyncio.sleep(_REST_S)

    async def upload(self) -> str:
        """The id of a picture that was taken in; empty when it was refused."""
        files = {"file": ("photo.jpg", self.photo, "image/jpeg")}
        form = {"conversation_id": self.conversation_id}
        try:
            response = await self.client.post(
                f"{self.doors[self._door]}/api/chat/attachments", data=form, files=files, timeout=_REQUEST_S
            )
        except httpx.TransportError:
            self._next_door()
            return ""
        if response.status_code != httpx.codes.OK:
            self.uploads_refused += bool(response.json()["error"]["message_zh"])
            return ""
        sent = str(response.json()["id"])
        self.uploads.add(sent)
        return sent

    # --- what it was told --------------------------------------------------------------------------
    def told_refund(self, order: Order, refund_id: str) -> None:
        self.refunds[order.order_id] = refund_id

    def told_cancelled(self, order: Order) -> None:
        self.cancelled.add(order.order_id)

    # --- the wire ------------------------------------------------------------------------------------
    async def _sent(self, one: Sent, body: Json) -> Json | None:
        """Sent until there is an answer."""
        while time.monotonic() - one.at < _GIVE_UP_S:
            try:
                response = await self.client.post(
                    f"{self.doors[self._door]}/api/chat/messages", json=body, timeout=_REQUEST_S
                )
            except httpx.TransportError:
                self._next_door()
                await asyncio.sleep(_SEND_AGAIN_S)
                continue
            if response.status_code == httpx.codes.OK:
                reply: Json = response.json()
                _note(one, _kind(reply))
                return reply
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                raise RuntimeError(f"{response.status_code} to {body['text']!r}: {response.text}")
            _note(one, "told")
            await asyncio.sleep(float(response.headers.get("Retry-After", _SEND_AGAIN_S)))
        return None

    async def _late(self) -> list[Json]:
        """What follows a promise, from the events that the page listens to."""
        end = time.monotonic() + _LATE_S
        while time.monotonic() < end:
            await asyncio.sleep(_LOOK_S)
            try:
                address = f"{self.doors[self._door]}/api/chat/conversations/{self.conversation_id}/messages"
                history = (await self.client.get(address, timeout=_REQUEST_S)).raise_for_status().json()
            except httpx.HTTPError:
                self._next_door()
                continue
            lines = [entry for entry in history["entries"] if entry["sender"] == "assistant"]
            if len(lines) > self._lines:
                late = lines[self._lines - len(lines) :]
                self.holder, self._lines = history["holder"], len(lines)
                return late
        return []

    def _next_door(self) -> None:
        self._door = (self._door + 1) % len(self.doors)


def _note(one: Sent, kind: Kind) -> None:
    """The first answer counts."""
    if one.first_s is None:
        one.first_s, one.kind = time.monotonic() - one.at, kind


def _kind(reply: Json) -> Kind:
    said = [str(message.get("text", "")) for message in reply["messages"]]
    if any(text in _FOLLOWS for text in said):
        return "promise"
    if any(text.startswith(_SORRY) for text in said):
        return "queue"
    return "normal"
