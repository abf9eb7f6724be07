"""What customers see of answers that are still being written, and what open pages are told but nobody keeps.

    place = Place.of(last_event_id)
    async for line in door.streams.turn(conversation_id, message_id, ask).follow(place): ...

A turn runs here, whether or not its customer still listens: who comes back with the same message id gets the
same turn, and with `Last-Event-ID` only what is missing. The ids say how far the customer's page is:

    0.37     37 characters of the text are shown, after no withdrawal (`1.` after one)
    m2       the second of the final messages
    done

so that any gateway can go on from them: one that has not heard the beginning of the text, because another one
had the customer's connection until now, waits for the final message.

Contract: `message` and `done` come from the stored reply. What the deltas showed is then the text of one of
the messages, or it is withdrawn before they come.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sse_starlette import ServerSentEvent

from gateway.errors import Refusal
from gateway.news import News
from support.streaming import SideChannel, Signal, from_redis

log = logging.getLogger(__name__)

Json = dict[str, Any]
# Asks for the reply; it is given a way to see whether the customer sees the answer's words already.
Ask = Callable[[Callable[[], bool]], Awaitable[Json]]
_TEXT_ID = re.compile(r"(\d{1,9})\.(\d{1,9})")
_MESSAGE_ID = re.compile(r"m(\d{1,9})")


@dataclass
class Place:
    """How far a page is: characters of which edition of the text, and how many of the final messages."""

    edition: int = 0
    length: int = 0
    messages: int = 0
    wants_text: bool = True

    @classmethod
    def of(cls, last_event_id: str) -> Place:
        """An id that is none of ours is the beginning."""
        if match := _TEXT_ID.fullmatch(last_event_id):
            return cls(int(match[1]), int(match[2]))
        if match := _MESSAGE_ID.fullmatch(last_event_id):
            return cls(messages=int(match[1]), wants_text=False)
        return cls(wants_text=last_event_id != "done")

    @property
    def id(self) -> str:
        return f"{self.edition}.{self.length}"


class RunningTurn:
    """One message's turn: the text as it stands now, then the reply."""

    def __init__(self) -> None:
        self._state = ""
        self._text = ""
        self._heard_from = 0  # where in the answer `_text` begins: later than 0 if another gateway began it
        self._edition = 0  # counts the withdrawals
        self._kept = 0  # how much the last of them left standing
        self._reply: Json | None = None
        self._failed = False
        self._changed = asyncio.Event()

    def is_appearing(self) -> bool:
        """Whether words of the answer are on the customer's page."""
        return bool(self._text)

    def hear(self, signal: Signal) -> None:
        """From the action that works on it."""
        match signal.kind:
            case "status":
                self._state = str(signal.data["state"])
            case "delta":
                self._add(int(signal.data["at"]), str(signal.data["text"]))
            case "withdraw":
                self._withdraw(str(signal.data["keep"]))
        self._wake()

    def finish(self, reply: Json) -> None:
        """The last words may still be on their way from the action: they are taken from the message."""
        if self._text:
            texts = [str(message.get("text", ""))[self._heard_from :] for message in reply["messages"]]
            whole = next((text for text in texts if text.startswith(self._text)), "")
            if whole:
                self._text = whole
            else:
                self._withdraw("")
        self._reply = reply
        self._wake()

    def fail(self) -> None:
        self._failed = True
        self._wake()

    async def follow(self, place: Place) -> AsyncIterator[ServerSentEvent]:
        """What is missing at `place`, and what comes, to the end."""
        state = ""
        while True:
            changed = self._changed  # taken before looking: what happens during a yield is seen next time
            if place.wants_text and state != self._state:
                state = self._state
                yield _line("status", {"state": state}, place.id)
            for line in self._news_of_text(place):
                yield line
            if self._failed:
                yield _line("error", Refusal("unavailable").body)
                return
            if self._reply is not None:
                break
            await changed.wait()
        for line in self._final(self._reply, place):
            yield line

    def _news_of_text(self, place: Place) -> Iterator[ServerSentEvent]:
        if not place.wants_text:
            return
        if place.edition < self._edition:
            place.edition = self._edition
            if place.length > self._kept:
                place.length = self._kept
                yield _line("withdraw", {"keep": self._text[: self._kept]}, place.id)
        start = place.length - self._heard_from
        if place.edition == self._edition and 0 <= start < len(self._text):
            place.length = self._heard_from + len(self._text)
            yield _line("delta", {"text": self._text[start:]}, place.id)

    def _final(self, reply: Json, place: Place) -> Iterator[ServerSentEvent]:
        for number, message in enumerate(reply["messages"], 1):
            if number > place.messages:
                yield _line("message", message, f"m{number}")
        yield _line("done", {"holder": reply["holder"]}, "done")

    def _add(self, at: int, text: str) -> None:
        if not self._text:
            self._heard_from = at
        if at == self._heard_from + len(self._text):
            self._text += text

    def _withdraw(self, keep: str) -> None:
        if self._text:
            self._edition += 1
            self._text, self._kept, self._heard_from = keep, len(keep), 0

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Streams:
    """The turns that run here, by conversation and message; and the way to the pages that are open."""

    def __init__(self, news: News, side_channel: SideChannel, redis_url: str = "") -> None:
        self._news, self._side_channel, self._redis_url = news, side_channel, redis_url
        self._turns: dict[tuple[str, str], RunningTurn] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def turn(self, conversation_id: str, message_id: str, ask: Ask) -> RunningTurn:
        """The message's turn; it is begun, by `ask`, unless it runs already."""
        key = (conversation_id, message_id)
        if key not in self._turns:
            self._turns[key] = turn = RunningTurn()
            task = asyncio.create_task(self._run(key, turn, ask))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._turns[key]

    def hear(self, signals: Iterable[Signal]) -> None:
        """Pass signals on to whom they concern; most concern nobody here when there are several gateways."""
        for signal in signals:
            if signal.kind in ("typing", "read"):
                self._news.whisper(signal.conversation_id, signal.kind, signal.data)
            elif turn := self._turns.get((signal.conversation_id, signal.message_id)):
                turn.hear(signal)

    def typing(self, conversation_id: str, name: str) -> None:
        """A person is writing to this customer; the page shows it for some seconds. Nothing is stored."""
        self._tell(Signal(conversation_id, "", "typing", {"name": name}))

    def read(self, conversation_id: str, side: str, message_id: str | None, at: datetime) -> None:
        """A side ("customer" or "staff") has seen everything up to `at`."""
        data = {"side": side, "message_id": message_id, "at": at.isoformat()}
        self._tell(Signal(conversation_id, "", "read", data))

    async def listen(self) -> None:
        """With Redis, hear what reaches any gateway; for ever."""
        if self._redis_url:
            async for signals in from_redis(self._redis_url):
                try:
                    self.hear(signals)
                except (KeyError, TypeError, ValueError):
                    log.exception("a signal through Redis makes no sense")

    def _tell(self, signal: Signal) -> None:
        if self._redis_url:
            self._side_channel.publish(signal)  # it comes back to this gateway too
        else:
            self.hear([signal])

    async def _run(self, key: tuple[str, str], turn: RunningTurn, ask: Ask) -> None:
        try:
            turn.finish(await ask(turn.is_appearing))
        except Refusal:
            turn.fail()
        except Exception:
            log.exception("a turn failed; its message can be sent again")
            turn.fail()
        finally:
            del self._turns[key]
            self._news.wake()  # a turn may have told the page of a new holder


def _line(event: str, data: Mapping[str, Any], id: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=event, id=id)
