"""The side channel: what an action tells the customer's page while it is still at work.

    draft = shop.side_channel.draft(conversation_id, message_id)
    draft.status("searching")
    draft.show("七天")                 # the whole text so far: what is new of it is sent
    draft.show("七天内可以退货")
    draft.withdraw()                   # it was not certain after all

Rasa delivers an action's messages only when the action returns, so words that appear one by one need a way of
their own: a request to the gateway on loopback, or, with `SHOPCLERK_REDIS_URL`, a channel of Redis that every
gateway listens to.

Contract: nothing here raises or waits. What cannot be sent is lost, which costs the customer the sight of the
words appearing and nothing else: the final message comes by Rasa as ever. Signals arrive in order; the first
is sent at once, and what is said while it travels or within a blink after it goes together in the next.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from os.path import commonprefix
from typing import Any, Literal, Protocol

import httpx
from redis import asyncio as redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

State = Literal["thinking", "searching", "picture"]
# The last two concern a conversation, not one of its messages; they come from the people's side.
Kind = Literal["status", "delta", "withdraw", "typing", "read"]

REDIS_CHANNEL = "shopclerk:streams"
_SEND_WITHIN_S = 2.0
# Between two batches: nobody sees it, and many conversations share one request instead of one for each token.
_BLINK_S = 0.02
_CLOSE_WITHIN_S = 1.0
_MOST_WAITING = 1_000
# The gateway takes 16 kB of JSON in any case; a character is at most 4 bytes there.
_CHARACTERS_A_BATCH = 4_000
_CHARACTERS_A_SIGNAL = 200  # its ids and names
_LISTEN_AGAIN_S = 1.0


@dataclass(frozen=True)
class Signal:
    """`data`: status {state}, delta {at, text}, withdraw {keep}, typing {name}, read {who, at, message_id}.

    `at` is how many characters of the text were sent before; `keep` is the beginning that still stands.
    """

    conversation_id: str
    message_id: str
    kind: Kind
    data: Mapping[str, Any]


class Draft:
    """An answer that is being written, as its customer sees it."""

    def __init__(self, send: Callable[[Signal], None], conversation_id: str, message_id: str) -> None:
        self._send, self._conversation_id, self._message_id = send, conversation_id, message_id
        self._shown = ""

    def status(self, state: State) -> None:
        """What the assistant is doing now."""
        self._signal("status", {"state": state})

    def show(self, text: str) -> None:
        """Make `text` what is shown; something else that was shown is withdrawn."""
        if not text.startswith(self._shown):
            self.withdraw()
        if new := text[len(self._shown) :]:
            self._signal("delta", {"at": len(self._shown), "text": new})
            self._shown = text

    def settle(self, text: str) -> None:
        """Make `text` what is shown in the end: of what was shown, the beginning that is still true stays."""
        self.withdraw(keep=commonprefix([self._shown, text]))  # noqa: RUF071 - characters are meant
        self.show(text)

    def withdraw(self, keep: str = "") -> None:
        """Take back what is shown, all but the beginning `keep`; nothing happens if no more is shown."""
        if len(self._shown) > len(keep):
            self._signal("withdraw", {"keep": keep})
            self._shown = keep

    def _signal(self, kind: Kind, data: Mapping[str, Any]) -> None:
        self._send(Signal(self._conversation_id, self._message_id, kind, data))


def silent() -> Draft:
    """A draft that nobody sees."""
    return Draft(lambda _signal: None, "", "")


class Transport(Protocol):
    """Carries signals to the gateways; raises what it likes."""

    async def send(self, signals: Sequence[Signal]) -> None: ...

    async def close(self) -> None: ...


class SideChannel:
    """Sends signals one batch after the other. Connects on first use."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._waiting: deque[Signal] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._failing = False

    def draft(self, conversation_id: str, message_id: str) -> Draft:
        return Draft(self.publish, conversation_id, message_id)

    def publish(self, signal: Signal) -> None:
        """Send it soon; from within a running event loop."""
        if len(self._waiting) >= _MOST_WAITING:
            return  # nobody is listening fast enough; the final message will say it all
        self._waiting.append(signal)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def close(self) -> None:
        if self._sender:
            await asyncio.wait([self._sender], timeout=_CLOSE_WITHIN_S)
            self._sender.cancel()
        await self._transport.close()

    async def _send(self) -> None:
        while self._waiting:
            batch = _next_batch(self._waiting)
            try:
                await asyncio.wait_for(self._transport.send(batch), _SEND_WITHIN_S)
                self._failing = False
            except (httpx.HTTPError, RedisError, OSError, TimeoutError) as error:
                if not self._failing:
                    log.warning("answers do not appear word by word: %s", type(error).__name__)
                self._failing = True
            await asyncio.sleep(_BLINK_S)


def _next_batch(waiting: deque[Signal]) -> list[Signal]:
    """What is sent together: neighbouring deltas of one draft as one, up to the size that a gateway takes."""
    batch = [waiting.popleft()]
    size = _size(batch[0])
    while waiting:
        joined = _joined(batch[-1], waiting[0])
        size += _size(waiting[0]) - (_CHARACTERS_A_SIGNAL if joined else 0)
        if size > _CHARACTERS_A_BATCH:
            break
        signal = waiting.popleft()
        if joined:
            batch[-1] = joined
        else:
            batch.append(signal)
    return batch


def _size(signal: Signal) -> int:
    return _CHARACTERS_A_SIGNAL + sum(len(value) for value in signal.data.values() if isinstance(value, str))


def _joined(one: Signal, next_one: Signal) -> Signal | None:
    same = (one.conversation_id, one.message_id) == (next_one.conversation_id, next_one.message_id)
    if not same or one.kind != "delta" or next_one.kind != "delta":
        return None
    return Signal(
        one.conversation_id,
        one.message_id,
        "delta",
        {"at": one.data["at"], "text": one.data["text"] + next_one.data["text"]},
    )


class ToGateway:
    """Straight to the one gateway, over a connection that is kept open."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._headers = url, {"X-Shopclerk-Secret": secret}
        self._client: httpx.AsyncClient | None = None

    async def send(self, signals: Sequence[Signal]) -> None:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_SEND_WITHIN_S, trust_env=False)
        body = {"signals": [asdict(signal) for signal in signals]}
        (await self._client.post(self._url, json=body, headers=self._headers)).raise_for_status()

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()


class ThroughRedis:
    """To all gateways; the one that holds the customer's connection passes it on."""

    def __init__(self, url: str) -> None:
        self._redis: redis.Redis = redis.from_url(url)

    async def send(self, signals: Sequence[Signal]) -> None:
        words = json.dumps([asdict(signal) for signal in signals], ensure_ascii=False)
        await self._redis.publish(REDIS_CHANNEL, words)

    async def close(self) -> None:
        await self._redis.aclose()


def _signals(words: bytes) -> list[Signal]:
    try:
        return [Signal(**one) for one in json.loads(words)]
    except (TypeError, ValueError):
        log.error("a message of %s makes no sense", REDIS_CHANNEL)
        return []


async def answers(url: str) -> bool:
    """Whether this Redis does."""
    try:
        async with redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(await client.ping())
    except (RedisError, OSError):
        return False


async def from_redis(url: str) -> AsyncIterator[list[Signal]]:
    """What is sent through Redis from now on, batch by batch, for ever; a lost connection is made again."""
    failing = False
    while True:
        try:
            async with redis.from_url(url) as client, client.pubsub() as subscription:
                await subscription.subscribe(REDIS_CHANNEL)
                failing = False
                async for message in subscription.listen():
                    if message["type"] == "message":
                        yield _signals(message["data"])
        except (RedisError, OSError) as error:
            if not failing:
                log.warning("Redis does not answer, answers come whole: %s", type(error).__name__)
            failing = True
            await asyncio.sleep(_LISTEN_AGAIN_S)
